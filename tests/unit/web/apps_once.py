"""Both apps, made once for all tests: making them takes longer than most tests do."""

from functools import cache
from typing import Any

from raincheck.web.apps import keyed_app, open_app

__all__ = ["apps_of"]


@cache
def apps_of(cors_origins: tuple[str, ...]) -> tuple[Any, Any]:
    """Both apps; everything but the origins comes with each request."""
    return keyed_app(), open_app(cors_origins)
