"""How a flow ended, as an outcome fit for its caller."""

import traceback
from types import FrameType
from typing import Any

from raincheck.driver.guards import RULE, line_among
from raincheck.errors import Canceled, FlowBug, OutcomeError, PermanentError
from raincheck.flow_definition import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import to_json
from raincheck.shape import reason_of

__all__ = ["MAX_RESULT", "outcome_of", "place_of"]

MAX_RESULT = 4 * 1024 * 1024  # bytes of JSON, as many as a request may have

_LOOP_LIBRARIES = ("asyncio", "anyio", "sniffio", "trio", "httpcore", "aiohttp")


def outcome_of(
    flow: Flow[Any, Any], value: Any, error: BaseException | None, *, inside: bool = False
) -> Outcome:
    """Build the outcome of what the flow returned or raised.

    Of a foreign exception its caller hears the class: text and place are for the log. Of a broken rule of
    ours the caller hears the place as well: it shows when a flow is tried for the first time. `inside`: of a
    sub-flow, whose parent gets the result as it was; else it is what callers are shown.
    """
    if error is None:
        return _returned(flow, value, inside=inside)
    if isinstance(error, FlowBug | OutcomeError | PermanentError):
        return Outcome.failed(error.code, error.message)
    if isinstance(error, Canceled):  # where the run is cancelled, nobody asks how its flow ended
        return Outcome.failed(
            "flow_bug", f"Canceled was raised at {place_of(error)}, although nobody cancelled the run."
        )
    lines = _lines(error)
    if lines and _package(lines[0][0]) in _LOOP_LIBRARIES:
        return Outcome.failed(
            "not_durable", f"Something that needs an event loop was used at {line_among(lines)}. {RULE}"
        )
    return Outcome.failed("flow_error", f"The flow '{flow.name}' failed: {type(error).__name__}.")


def place_of(error: BaseException) -> str:
    """`orchestrators/order.py:12`: the innermost line of the flow's own that the error went through."""
    return line_among(_lines(error))


def _lines(error: BaseException) -> list[tuple[FrameType, int]]:
    return list(traceback.walk_tb(error.__traceback__))[::-1]


def _returned(flow: Flow[Any, Any], value: Any, *, inside: bool) -> Outcome:
    try:
        result = flow.result.dump(value) if inside else flow.result.show(value)
        size = len(to_json(result).encode())  # what can't be JSON must fail here, not where it is read
    except (ValueError, RecursionError) as wrong:  # pydantic's errors are ValueErrors
        return Outcome.failed(
            "result_invalid",
            f"The flow '{flow.name}' returned something else than its result type "
            f"({type(wrong).__name__}): {reason_of(wrong)}.",
        )
    if size > MAX_RESULT:
        return Outcome.failed(
            "result_too_large",
            f"The flow '{flow.name}' returned {size} bytes; {MAX_RESULT} are the most. Let a step put it "
            "into storage, and return where it is.",
        )
    return Outcome.succeeded(result)


def _package(frame: Any) -> str:
    return str(frame.f_globals.get("__name__", "")).partition(".")[0]
