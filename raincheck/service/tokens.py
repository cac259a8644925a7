"""Continuation tokens: signed, expiring, URL-safe, for one run and one purpose."""

import hashlib
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from itsdangerous import BadSignature, Signer
from itsdangerous.encoding import base64_decode, base64_encode

from raincheck.errors import RequestError
from raincheck.events import START, Position
from raincheck.run_ids import is_run_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from raincheck.service.ports import Clock

__all__ = ["MAX_LENGTH", "Scope", "Token", "Tokens", "masked"]

Scope = Literal["read", "cancel", "answer"]

MAX_LENGTH = 512  # characters; ours have about 160, and nothing longer is looked at
SHOWN = 24  # characters of a token that a log may show: the day and some digits of the run's id

_SHAPE = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_LENGTH}}}\.[A-Za-z0-9_-]{{43}}\Z")  # payload.signature
_IN_PATH = re.compile(rf"(/runs/[^/?#\s\"']{{{SHOWN}}})[^/?#\s\"']+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """What a good token says: which run, and where in its event log the reader stands."""

    run_id: str
    position: Position
    expires_at: datetime


class Tokens:
    """Issues and reads tokens. The first key signs, every key is accepted, so keys can rotate.

    `keys` newest first; `lifetime` is how long a token is good; `clock` tells the time.
    """

    def __init__(self, keys: "Sequence[str]", *, lifetime: timedelta, clock: "Clock") -> None:
        self._lifetime = lifetime
        self._clock = clock
        oldest_first = list(reversed(keys))  # as itsdangerous wants them
        self._signers: dict[Scope, Signer] = {
            "read": _signer(oldest_first, "read"),
            "cancel": _signer(oldest_first, "cancel"),
            "answer": _signer(oldest_first, "answer"),
        }

    def issue(self, run_id: str, scope: Scope, position: Position = START) -> str:
        """Build a token for one run; its life is a whole number of seconds, rounded up."""
        expires = math.ceil((self._clock() + self._lifetime).timestamp())
        # The first field is the version of this format.
        fields = [1, run_id, expires, position.sequence, position.blob, position.offset]
        payload = base64_encode(json.dumps(fields, separators=(",", ":")))
        return self._signers[scope].sign(payload).decode("ascii")

    def read(self, token: str, scope: Scope) -> Token:
        """Read a token that was issued for `scope`.

        Raises:
            RequestError: 404, the same for everything that is not a token of ours for this; 410 for one of
                ours that has expired.
        """
        fields = self._fields(token, scope)
        if fields is None:
            raise RequestError(404, "not_found", "There is no such run, or the token is not good for it.")
        run_id, expires, *position = fields
        expires_at = datetime.fromtimestamp(expires, UTC)
        if self._clock() >= expires_at:
            raise RequestError(
                410, "token_expired", "This token has expired; start the run again if need be."
            )
        return Token(run_id, Position(*position), expires_at)

    def _fields(self, token: str, scope: Scope) -> tuple[str, int, int, int, int] | None:
        """Return run id, expiry and position; None where anything at all is not right."""
        if len(token) > MAX_LENGTH or not _SHAPE.match(token):
            return None
        signature = token.rpartition(".")[2]
        if base64_encode(base64_decode(signature)).decode("ascii") != signature:
            return None  # another spelling of the same bytes: one run has one token, not four
        try:
            fields = json.loads(base64_decode(self._signers[scope].unsign(token)))
        except (BadSignature, ValueError):
            return None
        match fields:
            case [1, str(run_id), int(expires), int(sequence), int(blob), int(offset)] if is_run_id(run_id):
                return run_id, expires, sequence, blob, offset
            case _:
                return None  # signed by us, but by a version that wrote something else


def masked(text: str) -> str:
    """Cut off the tokens in a path or a line of a log: what is left shows which, and opens nothing."""
    return _IN_PATH.sub(r"\1…", text)


def _signer(keys: list[str], scope: Scope) -> Signer:
    return Signer(
        list(keys),
        salt=f"raincheck.{scope}",
        sep=".",
        key_derivation="hmac",
        digest_method=hashlib.sha256,
    )
