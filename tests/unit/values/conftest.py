"""What the tests of values share."""

from datetime import UTC, datetime

import pytest


@pytest.fixture
def now():
    return datetime(2026, 1, 31, tzinfo=UTC)
