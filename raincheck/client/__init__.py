"""What a caller of flows imports: start a run, keep its token, collect the result later.

async with Client("http://localhost:7071") as client:
    run = await client.start("tell_story", {"topic": "rain"}, background=True)
    async for event in client.follow(run.continuation_token):
        ...
"""

from raincheck.client.callbacks import Callback, verify_callback
from raincheck.client.client import Client
from raincheck.client.errors import (
    BrokenStore,
    BrokenStream,
    ClientError,
    NotGenuine,
    Refused,
    StillRunning,
    Unreachable,
)
from raincheck.client.events import RunEvent
from raincheck.client.token_store import Kept, TokenStore
from raincheck.models import StatusDocument
from raincheck.outcomes import RunStatus

__all__ = [
    "BrokenStore",
    "BrokenStream",
    "Callback",
    "Client",
    "ClientError",
    "Kept",
    "NotGenuine",
    "Refused",
    "RunEvent",
    "RunStatus",
    "StatusDocument",
    "StillRunning",
    "TokenStore",
    "Unreachable",
    "verify_callback",
]
