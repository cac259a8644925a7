"""Both apps, made once for all tests: making them takes longer than most tests do."""

from typing import Any

from raincheck.flow import Flow
from raincheck.web import Services, keyed_app, open_app

__all__ = ["CURRENT", "apps_of"]


class Current:
    """Stands for the services of the world that makes a request."""

    services: Services

    def __getattr__(self, name: str) -> Any:
        return getattr(self.services, name)


CURRENT = Current()
_apps: dict[str, tuple[Any, Any]] = {}


def apps_of(settings: dict[str, Any], flows: tuple[Flow[Any, Any], ...]) -> tuple[Any, Any]:
    """Give both apps; they read their settings when they are made, and everything else at each request."""
    key = repr((sorted(settings.items()), [flow.name for flow in flows]))
    if key not in _apps:
        current: Any = CURRENT
        _apps[key] = keyed_app(current), open_app(current)
    return _apps[key]
