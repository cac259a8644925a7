"""The HTTP faces: two FastAPI apps, one behind keys, one that tokens open."""

from raincheck.service.services import ORCHESTRATIONS, Services
from raincheck.web.apps import keyed_app, open_app
from raincheck.web.logs import mask_tokens

__all__ = ["ORCHESTRATIONS", "Services", "keyed_app", "mask_tokens", "open_app"]
