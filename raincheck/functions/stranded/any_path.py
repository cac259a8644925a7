"""Lets every path reach the function that the host chose: the extension's web app answers none by itself."""

import functools
import re
from collections.abc import Callable
from typing import Any

__all__ = ["serve_any_path"]

_CATCH_ALL = "/{path:path}"
_ANY_PATH = re.compile(r"/(?P<path>.*)", re.DOTALL)  # the extension's own leaves out line feeds
_MENDED = "_raincheck_serves_any_path"

Attempt = Callable[[str, Callable[[], None]], None]


def serve_any_path(attempt: Attempt) -> None:
    """Have each web app of the extension serve its one route only, and for any path.

    FastAPI's /docs, /redoc and /openapi.json go: they would come before the route.

    Raises:
        AttributeError, ImportError: the extension looks different.
    """
    from azurefunctions.extensions.http.fastapi import WebApp  # noqa: PLC0415 - only a worker needs it

    web_app: Any = WebApp
    get_app = web_app.get_app
    if hasattr(get_app, _MENDED):
        return

    @functools.wraps(get_app)
    def with_any_path(self: Any) -> Any:
        app = get_app(self)
        attempt("the route of the worker's web app", functools.partial(_widen, app))
        return app

    setattr(with_any_path, _MENDED, True)
    web_app.get_app = with_any_path


def _widen(app: Any) -> None:
    routes: list[Any] = app.router.routes
    catch_alls = [route for route in routes if getattr(route, "path", None) == _CATCH_ALL]
    if len(catch_alls) != 1 or not isinstance(getattr(catch_alls[0], "path_regex", None), re.Pattern):
        raise LookupError("it has no single catch-all route")
    catch_alls[0].path_regex = _ANY_PATH
    routes[:] = catch_alls
