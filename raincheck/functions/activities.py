"""The activities: one a step, and those of the orchestrators' own. All take a payload and give one."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from raincheck.payloads import (
    CLOSE_QUESTION,
    COMPLETE_RUN,
    MAY_GO,
    OPEN_QUESTION,
    STOP_STEPS,
    TERMINATE_RUN,
    Completion,
    Ending,
    QuestionCall,
    StepCall,
    StopRequest,
    TurnCheck,
    from_durable,
)
from raincheck.registry import Registry
from raincheck.service.completion import Endings
from raincheck.service.conversations import Turns
from raincheck.service.deliveries import POST_CALLBACK, PostCall
from raincheck.service.ports import EventLog, Orchestrations, Runs, StopMarkers
from raincheck.service.post_callback import CallbackDeliveries
from raincheck.service.questions import Questions
from raincheck.service.step_attempt import attempt_step
from raincheck.step import Step

__all__ = ["register", "register_steps"]

_Do = Callable[[Any, Orchestrations], Awaitable[dict[str, Any]]]


class Activity(Protocol):
    """An activity function, as the worker calls it: by the name of its parameter."""

    __name__: str

    async def __call__(self, payload: dict) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        """Return a StepReport for a StepCall."""
        ...


def register_steps(app: Any, registry: Registry, *, events: EventLog, markers: StopMarkers) -> None:
    """Add an activity for every step of the registry, under the step's own readable name."""
    for step in registry.steps.values():
        activity = _activity(step, events, markers)
        app.function_name(name=step.name)(app.activity_trigger(input_name="payload")(activity))


def _activity(step: Step[Any, Any], events: EventLog, markers: StopMarkers) -> Activity:
    async def activity(payload: dict) -> dict:  # type: ignore[type-arg]  # as above
        call = StepCall.model_validate(from_durable(payload))
        report = await attempt_step(step, call, events=events, markers=markers)
        return report.dumped()

    activity.__name__ = step.name
    activity.__qualname__ = step.name
    return activity


def register(
    app: Any,
    *,
    endings: Endings,
    questions: Questions,
    deliveries: CallbackDeliveries,
    runs: Runs,
    turns: Turns,
    orchestrations_of: Callable[[Any], Orchestrations],
) -> None:
    """Add the activities that the orchestrators call; each has a durable client."""

    async def stop_steps(request: StopRequest, orchestrations: Orchestrations) -> dict[str, Any]:
        await endings.stop_steps(request, orchestrations)
        return {"done": True}

    async def complete_run(completion: Completion, orchestrations: Orchestrations) -> dict[str, Any]:
        await endings.complete_run(completion, orchestrations)
        return {"done": True}

    async def terminate_run(ending: Ending, orchestrations: Orchestrations) -> dict[str, Any]:
        return {"open": await endings.terminate_run(ending, orchestrations)}

    async def open_question(call: QuestionCall, orchestrations: Orchestrations) -> dict[str, Any]:
        await questions.open(call, orchestrations)
        return {"done": True}

    async def close_question(call: QuestionCall, _: Orchestrations) -> dict[str, Any]:
        return (await questions.close(call)).dumped()

    async def post_callback(call: PostCall, orchestrations: Orchestrations) -> dict[str, Any]:
        return (await deliveries.post(call, orchestrations)).dumped()

    async def may_go(check: TurnCheck, orchestrations: Orchestrations) -> dict[str, Any]:
        row = await runs.get(check.run_id)
        if row is None or row.conversation_id is None:
            return {"go": True}  # there is nobody to wait for
        return {"go": await turns.may_go(row.conversation_id, row.run_id, orchestrations)}

    kinds: list[tuple[str, type[Any], _Do]] = [
        (STOP_STEPS, StopRequest, stop_steps),
        (COMPLETE_RUN, Completion, complete_run),
        (TERMINATE_RUN, Ending, terminate_run),
        (OPEN_QUESTION, QuestionCall, open_question),
        (CLOSE_QUESTION, QuestionCall, close_question),
        (POST_CALLBACK, PostCall, post_callback),
        (MAY_GO, TurnCheck, may_go),
    ]
    for name, payload_type, do in kinds:
        activity = _with_client(name, payload_type, do, orchestrations_of)
        with_trigger = app.activity_trigger(input_name="payload")(activity)
        app.function_name(name=name)(app.durable_client_input(client_name="client")(with_trigger))


def _with_client(
    name: str, payload_type: type[Any], do: _Do, orchestrations_of: Callable[[Any], Orchestrations]
) -> Any:
    async def activity(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        return await do(payload_type.model_validate(from_durable(payload)), orchestrations_of(client))

    activity.__name__ = name
    activity.__qualname__ = name
    return activity
