"""What crosses the Durable boundary: every payload has a schema version and is decoded in either form.

The SDK hands some values over as objects and some as their JSON text (it encodes `start_new` inputs and
raised events twice); `decoded` takes both. Values that come from callers and steps travel as JSON text
(`sealed`, `opened`): in an object, the SDK would take `{"__class__", "__module__", "__data__"}` for a class
of ours and fail on it.
"""

import json
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from raincheck.models import Progress
from raincheck.outcomes import ErrorDetail

__all__ = [
    "CANCEL_EVENT",
    "COMPLETE_RUN",
    "DELIVER_OUTCOME",
    "END_RUN",
    "RUN_FLOW",
    "STOP_STEPS",
    "TERMINATE_RUN",
    "Completion",
    "CustomStatus",
    "Debt",
    "Ending",
    "RunInput",
    "StepCall",
    "StepReport",
    "StopRequest",
    "decoded",
    "opened",
    "sealed",
]

RUN_FLOW = "run_flow"
END_RUN = "end_run"
STOP_STEPS = "stop_steps"
COMPLETE_RUN = "complete_run"
DELIVER_OUTCOME = "deliver_outcome"
TERMINATE_RUN = "terminate_run"
CANCEL_EVENT = "cancel"

Debt = Literal["callback", "conversation"]


def decoded(value: Any) -> Any:
    """Give the value that `value` is, or is the JSON text of."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def sealed(value: Any) -> str:
    """Give the JSON text of a JSON-ready value.

    Raises:
        ValueError: it isn't JSON after all: it holds NaN, infinity, or half a character.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text.encode()
    return text


def opened(text: str) -> Any:
    """Give the value of a sealed text."""
    return json.loads(text)


class Payload(BaseModel):
    """Anything of ours that Durable stores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1

    def dumped(self) -> dict[str, Any]:
        """Give the JSON-ready form."""
        return self.model_dump(mode="json")


class RunInput(Payload):
    """The input of `run_flow`: a run or a sub-flow. `input_json` is the sealed input."""

    run_id: str
    flow: str
    version: int = 1
    input_json: str = "null"
    owes: list[Debt] = Field(default_factory=list)
    root_flow: str | None = None  # of a sub-flow: the flow of the run that it belongs to
    grace: float = 30.0  # seconds that steps have to stop before the run is terminated


class CustomStatus(Payload):
    """What a running `run_flow` shows. `ending`: the outcome row, if there is one, is the truth."""

    progress: Progress | None = None
    ending: bool = False
    input_requests: list[dict[str, Any]] = Field(default_factory=list)


class StepCall(Payload):
    """The input of a step's activity. `step` is its number in the run, `key` the same over all attempts."""

    run_id: str
    root_flow: str
    step: int
    key: str
    attempt: int
    last: bool  # whether the run will not try again after this attempt
    input_json: str = "null"


class StepReport(Payload):
    """What a step's activity gives back: every ending is a report, none is an exception."""

    kind: Literal["done", "permanent", "transient", "timed_out", "stopped"]
    result_json: str = "null"
    error: ErrorDetail | None = None
    retry_after: float | None = None
    emitted: bool = False


class StopRequest(Payload):
    """The input of `stop_steps`: mark these steps, and cancel these sub-flows with the grace that remains."""

    run_id: str
    steps: list[int]
    flows: list[str]
    grace: float


class Ending(Payload):
    """The input of `end_run` and `terminate_run`: a run whose steps won't stop."""

    run_id: str


class Completion(Payload):
    """The input of `complete_run`: what is owed now that the flow has ended."""

    run_id: str
    flow: str
    outcome_json: str
    close_log: bool
    owes: list[Debt]
    open_steps: bool  # steps are still out: a terminator must end the instance
