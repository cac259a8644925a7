"""What crosses the Durable boundary: every payload has a schema version and is decoded in either form.

The SDK hands some values over as objects and some as their JSON text (it encodes `start_new` inputs and
raised events twice); `from_durable` takes both. Values that come from callers and steps travel as JSON text
(`to_json`, `from_json`): in an object, the SDK would take `{"__class__", "__module__", "__data__"}` for a
class of ours and fail on it.
"""

import json
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from raincheck.models import Progress
from raincheck.outcomes import ErrorDetail

__all__ = [
    "CANCEL_EVENT",
    "CLOSE_QUESTION",
    "COMPLETE_RUN",
    "DELIVER_OUTCOME",
    "END_RUN",
    "GO_EVENT",
    "MAY_GO",
    "OPEN_QUESTION",
    "RUN_FLOW",
    "STOP_STEPS",
    "TERMINATE_RUN",
    "Answer",
    "Completion",
    "CustomStatus",
    "Debt",
    "Question",
    "QuestionCall",
    "RunInput",
    "StepCall",
    "StepReport",
    "StopRequest",
    "Termination",
    "TurnCheck",
    "answer_event",
    "from_durable",
    "from_json",
    "to_json",
]

RUN_FLOW = "run_flow"
END_RUN = "end_run"
STOP_STEPS = "stop_steps"
OPEN_QUESTION = "open_question"
CLOSE_QUESTION = "close_question"
COMPLETE_RUN = "complete_run"
DELIVER_OUTCOME = "deliver_outcome"
TERMINATE_RUN = "terminate_run"
CANCEL_EVENT = "cancel"
MAY_GO = "may_go"
GO_EVENT = "go"

Debt = Literal["callback", "input_callback", "conversation"]  # the second: a callback for each question


def from_durable(value: Any) -> Any:
    """Return the value that `value` is, or is the JSON text of."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def to_json(value: Any) -> str:
    """Return the JSON text of a JSON-ready value.

    Raises:
        ValueError: it isn't JSON after all: it holds NaN, infinity, or half a character.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    text.encode()
    return text


def from_json(text: str) -> Any:
    """Return the value of a JSON text."""
    return json.loads(text)


def answer_event(question: str) -> str:
    """Return the name of the event that brings the answer: each question has one of its own."""
    return f"input:{question}"


class Payload(BaseModel):
    """Anything of ours that Durable stores."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    schema_version: Literal[1] = 1

    def dumped(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        return self.model_dump(mode="json")


class RunInput(Payload):
    """The input of `run_flow`: a run or a sub-flow. `input_json` is the input as JSON text."""

    run_id: str
    flow: str
    version: int = 1
    input_json: str = "null"
    owes: list[Debt] = Field(default_factory=list)
    root_flow: str | None = None  # of a sub-flow: the flow of the run that it belongs to
    grace: float = 30.0  # seconds that steps have to stop before the run is terminated
    waits: bool = False  # until the runs before it in its conversation have ended


class Question(Payload):
    """A question that a flow waits with. `id` is `q1`, `q2`, … within its instance, in the order asked.

    `model` (`orchestrators.order_laptop:Approval`) is what the answer must fit: its schema is made from it.
    """

    id: str
    prompt: str
    model: str
    expires_at: datetime | None = None


class CustomStatus(Payload):
    """What a running `run_flow` shows; never more than the 16 KB (UTF-16) that Durable takes.

    `ending`: the outcome row, if there is one, is the truth. `queued`: others of the conversation go first.
    `waiting`: nothing of this instance goes on until somebody answers, itself or its sub-flows. `stored` are
    the numbers of open questions too large to stand here, `flows` those of sub-flows that may have questions,
    both as `1-3,7`.
    """

    progress: Progress | None = None
    ending: bool = False
    queued: bool = False
    waiting: bool = False
    input_requests: list[Question] = Field(default_factory=list)
    stored: str = ""
    flows: str = ""


class Answer(Payload):
    """What stands for a question, in its row and in the event: `value_json` is its JSON text, if any."""

    kind: Literal["answered", "timed_out"]
    value_json: str = "null"


class QuestionCall(Payload):
    """The input of `open_question` and `close_question`.

    `question_json` is the Question where it must be stored; `deliver` the id under which a callback
    is owed.
    """

    run_id: str  # of the instance that asks: a run's, or a sub-flow's
    question: str
    question_json: str | None = None
    deliver: str | None = None


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
    detail: str | None = None  # where the exception came from: for those who manage runs, never for callers

    def dumped(self) -> dict[str, Any]:
        """Return the JSON-ready form; `detail` only where there is one."""
        return self.model_dump(mode="json", exclude={"detail"} if self.detail is None else None)


class TurnCheck(Payload):
    """The input of `may_go`: whether a run may begin that waits for others of its conversation."""

    run_id: str


class StopRequest(Payload):
    """The input of `stop_steps`: mark these steps, and cancel these sub-flows with the grace that remains."""

    run_id: str
    steps: list[int]
    flows: list[str]
    grace: float


class Termination(Payload):
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
