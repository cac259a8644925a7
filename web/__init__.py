"""The HTTP faces: two FastAPI apps, one behind keys, one that tokens open."""

from web.apps import keyed_app, open_app
from web.logs import mask_tokens
from web.services import ORCHESTRATIONS, Services

__all__ = ["ORCHESTRATIONS", "Services", "keyed_app", "mask_tokens", "open_app"]
