"""Who waits for whom: the flow's mode, the body's `background`, the header's preferences, the limits."""

from dataclasses import dataclass
from typing import Any

from raincheck.flow import Flow
from raincheck.web.native.prefer import Preferences

__all__ = ["ResponseMode", "response_mode"]


@dataclass(frozen=True, slots=True)
class ResponseMode:
    """How a start answers.

    `wait`: seconds that the answer is held back for the run's end. `deadline`: whether the caller wanted to
    wait for the end, so that a 202 after it means that the deadline was exceeded. `applied`: what of the
    header's preferences was followed, for `Preference-Applied`.
    """

    wait: float
    deadline: bool = False
    applied: str | None = None


def response_mode(
    flow: Flow[Any, Any], preferences: Preferences, *, background: bool | None, limit: float
) -> ResponseMode:
    """Decide. The body wins over the header, both over the flow, and `limit` (seconds) over all."""
    if flow.mode != "flexible":  # it decides alone
        by_header = preferences.respond_async and background is None
        return ResponseMode(wait=0, applied="respond-async" if by_header else None)
    if background is not None:
        return ResponseMode(wait=0) if background else ResponseMode(wait=limit, deadline=True)
    asked = None if preferences.wait is None else min(preferences.wait, limit)
    if preferences.respond_async:
        applied = "respond-async" if asked is None else f"respond-async, wait={int(asked)}"
        return ResponseMode(wait=asked or 0, applied=applied)
    if asked is not None:
        return ResponseMode(wait=asked, deadline=True, applied=f"wait={int(asked)}")
    return ResponseMode(wait=min(flow.wait, limit))
