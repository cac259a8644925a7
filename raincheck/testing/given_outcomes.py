"""What a unit test gives in the place of a sub-flow: a result, a failure, or a function of its input."""

from collections.abc import Awaitable
from typing import Any

from raincheck.errors import FlowCanceled, OutcomeError
from raincheck.flow import Flow
from raincheck.outcomes import Outcome
from raincheck.payloads import RunInput, from_json

__all__ = ["given_outcome"]


async def given_outcome(flow: Flow[Any, Any], start: RunInput, given: Any) -> str:
    """Return the outcome, as a sub-flow gives it to its parent.

    Raises:
        AssertionError: what the test gives is no result of that flow.
    """
    try:
        if callable(given):
            given = given(flow.input.parse(from_json(start.input_json)))
            if isinstance(given, Awaitable):
                given = await given
        if isinstance(given, Exception):
            raise given  # noqa: TRY301 - as if the flow had raised it
    except FlowCanceled as error:
        return Outcome.canceled(error.message).model_dump_json()
    except OutcomeError as error:
        return Outcome.failed(error.code, error.message).model_dump_json()
    except Exception as error:  # noqa: BLE001 - as a flow that raises it
        text = f"The flow '{flow.name}' failed: {type(error).__name__}."
        return Outcome.failed("flow_error", text).model_dump_json()
    try:
        return Outcome.succeeded(flow.result.dump(given)).model_dump_json()
    except ValueError as error:
        raise AssertionError(f"what flows= gives for '{flow.name}' is not of its type: {error}") from error
