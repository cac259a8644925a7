"""What goes over the wire of the native HTTP contract: requests and documents."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from raincheck.outcomes import ErrorDetail, RunStatus

__all__ = [
    "CallbackEvent",
    "CallbackRequest",
    "InputRequest",
    "OnNewer",
    "Progress",
    "StartRequest",
    "StatusDocument",
]

OnNewer = Literal["finish", "enqueue", "reject", "interrupt"]
CallbackEvent = Literal["run.succeeded", "run.failed", "run.canceled", "run.input_required"]
Name = Annotated[str, StringConstraints(min_length=1, max_length=64)]

MAX_METADATA = 16  # entries; names up to 64, values up to 512 characters


class CallbackRequest(BaseModel):
    """Where to post the run's end. `secret` names one of the configured webhook secrets."""

    model_config = ConfigDict(extra="forbid")

    url: Annotated[str, StringConstraints(min_length=1, max_length=2048)]
    secret: Name = "default"  # noqa: S105 - the name of a secret, not one
    events: list[CallbackEvent] = Field(
        default=["run.succeeded", "run.failed", "run.canceled"], min_length=1, max_length=4
    )


class StartRequest(BaseModel):
    """The body of a start; `input` is checked against the flow's own model."""

    model_config = ConfigDict(extra="forbid")

    input: Any = None
    background: bool | None = None
    conversation_id: Annotated[str, StringConstraints(min_length=1, max_length=512)] | None = None
    on_newer: OnNewer | None = None
    channel: Name | None = None
    callback: CallbackRequest | None = None
    metadata: dict[Name, Annotated[str, StringConstraints(max_length=512)]] = Field(
        default_factory=dict, max_length=MAX_METADATA
    )


class Progress(BaseModel):
    """How far a run is, as its flow says."""

    percent: float | None = Field(default=None, ge=0, le=100)
    message: str | None = None


class InputRequest(BaseModel):
    """A question that a run waits for a person to answer. `answer_url` is null where tokens only read."""

    model_config = ConfigDict(serialize_by_alias=True, populate_by_name=True)

    id: str
    prompt: str
    json_schema: dict[str, Any] = Field(alias="schema")
    answer_url: str | None
    expires_at: datetime | None = None


class StatusDocument(BaseModel):
    """A run, as every way of collecting shows it."""

    id: str
    flow: str
    status: RunStatus
    created_at: datetime
    updated_at: datetime
    continuation_token: str | None
    status_url: str
    events_url: str
    cancel_url: str | None
    progress: Progress | None = None
    input_requests: list[InputRequest] = Field(default_factory=list)
    result: Any = None
    error: ErrorDetail | None = None
    conversation_id: str | None = None
    superseded_by: str | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
