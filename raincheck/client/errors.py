"""Every error that the client raises.

ClientError
├── Refused          the API said no; `retry_after` says whether it may say yes later
├── Unreachable      no answer: a read may be tried again; a start may have been carried out
├── StillRunning     the run has not ended in the time that was given; its token is still good
├── BrokenStream     the stream of events has a gap that does not close: never a silent loss
├── BrokenStore      the file of kept tokens holds something else
└── NotGenuine       a callback's signature does not fit, or is too old: answer 401, believe nothing
"""

from datetime import UTC, datetime
from typing import Any

import httpx

from raincheck.errors import RaincheckError
from raincheck.models import StatusDocument
from raincheck.server_waits import wait_of

__all__ = [
    "BrokenStore",
    "BrokenStream",
    "ClientError",
    "NotGenuine",
    "Refused",
    "StillRunning",
    "Unreachable",
]

_LONGEST_WAIT = 86_400.0  # seconds
_MAY_PASS = frozenset({429, 502, 503, 504})


class ClientError(RaincheckError):
    """The root of what the client raises."""


class Refused(ClientError):
    """The API answered with a problem document. `errors` is a list of `{"path", "message"}`."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[dict[str, str]],
        retry_after: float | None,
    ) -> None:
        places = "".join(f"\n  {error.get('path')}: {error.get('message')}" for error in errors)
        super().__init__(f"{status} {code}: {detail}{places}")
        self.status = status
        self.code = code
        self.detail = detail
        self.errors = errors
        self.retry_after = retry_after

    @property
    def may_pass(self) -> bool:
        """Whether the same request may be answered later."""
        return self.status in _MAY_PASS

    @classmethod
    def of(cls, response: httpx.Response) -> "Refused":
        """Read a problem document; an answer of something in between (a proxy) is one too."""
        try:
            given: Any = response.json()
        except ValueError:
            given = None
        problem: dict[str, Any] = given if isinstance(given, dict) else {}
        errors = problem.get("errors")
        return cls(
            response.status_code,
            str(problem.get("code") or "refused"),
            str(problem.get("detail") or problem.get("title") or response.reason_phrase),
            errors=[error for error in errors if isinstance(error, dict)] if isinstance(errors, list) else [],
            retry_after=retry_after(response),
        )


class Unreachable(ClientError):
    """The app gave no answer. `may_have_arrived`: the request may have been carried out all the same."""

    def __init__(self, error: httpx.TransportError) -> None:
        super().__init__(f"No answer from the app ({type(error).__name__}).")
        self.may_have_arrived = not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)


class StillRunning(ClientError):
    """The run goes on. `document` is how it stood at last."""

    def __init__(self, document: StatusDocument) -> None:
        super().__init__(f"The run {document.id} is still {document.status}.")
        self.document = document


class BrokenStream(ClientError):
    """Events are missing between two that came, and asking again did not bring them."""


class BrokenStore(ClientError):
    """The file of kept tokens can't be read. It is left as it is."""


class NotGenuine(ClientError):
    """A callback that was not signed with a secret of ours, or is too old."""


def retry_after(response: httpx.Response) -> float | None:
    """Return the seconds that an answer asks to wait."""
    seconds = wait_of(response.headers, datetime.now(UTC))
    return seconds if seconds is None else min(seconds, _LONGEST_WAIT)
