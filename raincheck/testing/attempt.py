"""One attempt of a step, here and now: the step is really called, or what a test puts in its place."""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Final

from raincheck.outcomes import ErrorDetail
from raincheck.payloads import StepCall, StepReport, from_json, to_json
from raincheck.step import Step
from raincheck.step_failures import report_of
from raincheck.work import QuietWork

__all__ = ["TIMES_OUT", "Replacement", "TimesOut", "attempt"]


class TimesOut(Enum):
    """The type of TIMES_OUT."""

    TIMES_OUT = "times out"


TIMES_OUT: Final = TimesOut.TIMES_OUT
"""In the place of a step: each attempt runs into the step's time limit."""

Replacement = Callable[[Any], Any] | Exception | TimesOut


async def attempt(
    step: Step[Any, Any], call: StepCall, replacement: Replacement | None = None
) -> tuple[StepReport, list[str]]:
    """Call a step as its activity does; return its report and the text that it emitted, if it did well."""
    if replacement is TIMES_OUT:
        error = ErrorDetail(code="step_timed_out", message=f"The step '{step.name}' ran into its time limit.")
        return StepReport(kind="timed_out", error=error), []
    value = step.input.parse(from_json(call.input_json))
    work = QuietWork(step=step.name, run_id=call.run_id, attempt=call.attempt)
    work.idempotency_key = call.key
    try:
        if isinstance(replacement, Exception):
            raise replacement  # noqa: TRY301 - as if the step had raised it
        result = await step.contained(value, work) if replacement is None else replacement(value)
        if isinstance(result, Awaitable):
            result = await result
        return StepReport(kind="done", result_json=to_json(step.result.dump(result))), work.texts
    except Exception as error:  # noqa: BLE001 - as the activity does
        return report_of(error, step.name), []
