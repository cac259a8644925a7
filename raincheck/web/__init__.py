"""The HTTP faces: two FastAPI apps, one behind keys, one that tokens open. A protocol is a module or folder."""

from raincheck.web.apps import keyed_app, open_app
from raincheck.web.logs import mask_tokens
from raincheck.web.scope import USE_CASES

__all__ = ["USE_CASES", "keyed_app", "mask_tokens", "open_app"]
