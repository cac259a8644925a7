"""How a flow ended, as an outcome fit for its caller."""

import traceback
from typing import Any

from raincheck.driver.guards import RULE, line_among
from raincheck.errors import Canceled, FlowBug, OutcomeError, PermanentError
from raincheck.flow_definition import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import to_json

__all__ = ["MAX_RESULT", "outcome_of"]

MAX_RESULT = 4 * 1024 * 1024  # bytes of JSON, as many as a request may have

_LOOP_LIBRARIES = ("asyncio", "anyio", "sniffio", "trio", "httpcore", "aiohttp")


def outcome_of(flow: Flow[Any, Any], value: Any, error: BaseException | None) -> Outcome:
    """Build the outcome of what the flow returned or raised. The text of a foreign exception is not shown."""
    if error is None:
        return _returned(flow, value)
    if isinstance(error, FlowBug | OutcomeError | PermanentError):
        return Outcome.failed(error.code, error.message)
    lines = list(traceback.walk_tb(error.__traceback__))[::-1]
    where = line_among(lines)
    if isinstance(error, Canceled):  # where the run is cancelled, nobody asks how its flow ended
        return Outcome.failed(
            "flow_bug", f"Canceled was raised at {where}, although nobody cancelled the run."
        )
    if lines and _package(lines[0][0]) in _LOOP_LIBRARIES:
        return Outcome.failed(
            "not_durable", f"Something that needs an event loop was used at {where}. {RULE}"
        )
    return Outcome.failed("flow_error", f"The flow '{flow.name}' failed: {type(error).__name__} at {where}.")


def _returned(flow: Flow[Any, Any], value: Any) -> Outcome:
    try:
        result = flow.result.dump(value)
        size = len(to_json(result).encode())  # what can't be JSON must fail here, not where it is read
    except (ValueError, RecursionError) as wrong:  # pydantic's errors are ValueErrors
        return Outcome.failed(
            "result_invalid",
            f"The flow '{flow.name}' returned something else than its result type ({type(wrong).__name__}).",
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
