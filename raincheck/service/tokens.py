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

Scope = Literal["read", "view", "cancel", "answer"]
"""What a token is for. `read` collects a run, and hands out the URLs to act on it; `view` collects it too,
and all that it hands out is `view`. docs/decisions has the record on it: scopes only shrink."""

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
    scope: Scope = "read"

    @property
    def may_act(self) -> bool:
        """Whether what it opens hands out the URLs to act on the run."""
        return self.scope == "read"


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
            "view": _signer(oldest_first, "view"),
            "cancel": _signer(oldest_first, "cancel"),
            "answer": _signer(oldest_first, "answer"),
        }

    def issue(
        self, run_id: str, scope: Scope, position: Position = START, *, expires_at: datetime | None = None
    ) -> str:
        """Build a token for one run; its life, a whole one from now unless told, ends at a whole second."""
        expires = math.ceil((expires_at or self._clock() + self._lifetime).timestamp())
        # The first field is the version of this format.
        fields = [1, run_id, expires, position.sequence, position.blob, position.offset]
        payload = base64_encode(json.dumps(fields, separators=(",", ":")))
        return self._signers[scope].sign(payload).decode("ascii")

    def renewal(self, opened: Token | None, ended_at: datetime | None) -> datetime | None:
        """Return when a token ends that is made for who came with `opened`; None: a whole life from now.

        Once the run has ended no renewal outlives the longer of what they have and a life after the end.
        """
        if opened is None or ended_at is None:
            return None
        return max(opened.expires_at, min(ended_at, self._clock()) + self._lifetime)

    def read(self, token: str, scope: Scope) -> Token:
        """Read a token that was issued for `scope`; `view` is good where `read` is.

        Raises:
            RequestError: 404, the same for everything that is not a token of ours for this; 410 for one of
                ours that has expired.
        """
        fields = self._fields(token, scope)
        if fields is None and scope == "read":
            scope = "view"
            fields = self._fields(token, scope)
        if fields is None:
            raise RequestError(404, "not_found", "There is no such run, or the token is not good for it.")
        run_id, expires, *position = fields
        expires_at = datetime.fromtimestamp(expires, UTC)
        if self._clock() >= expires_at:
            raise RequestError(
                410, "token_expired", "This token has expired; start the run again if need be."
            )
        return Token(run_id, Position(*position), expires_at, scope)

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
