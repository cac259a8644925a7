import gc

import pytest

from tests.unit.driver import scripted


@pytest.fixture(autouse=True)
def left():
    """End the episode of every scripted flow, and let Python complain of coroutines that nobody closed."""
    yield
    for flow in scripted.Scripted.made:
        flow.driver.leave()
    scripted.Scripted.made.clear()
    gc.collect(1)  # the young ones only: a full collection takes longer than the test
