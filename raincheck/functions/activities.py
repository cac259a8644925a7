"""The activities: one a step, and those of the orchestrators' own. All take a payload and return one."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from raincheck.payloads import (
    CLOSE_QUESTION,
    COMPLETE_RUN,
    MAY_GO,
    OPEN_QUESTION,
    STOP_STEPS,
    TERMINATE_RUN,
    Completion,
    Payload,
    QuestionCall,
    StepCall,
    StopRequest,
    Termination,
    TurnCheck,
    from_durable,
)
from raincheck.service.deliveries import POST_CALLBACK, PostCall
from raincheck.step import Step

if TYPE_CHECKING:
    from raincheck.registry import Registry
    from raincheck.service.use_cases import UseCases, Wiring

__all__ = ["NAMES", "register"]

Bind = Callable[[Any], "UseCases"]
"""Wires the use cases to the client that a durable client binding passes in."""


def register(app: Any, registry: "Registry", wiring: Callable[[], "Wiring"], bind: Bind) -> None:
    """Add an activity for every step, under its own readable name, and those that orchestrators call."""
    for step in registry.steps.values():
        _add(app, step.name, _step(step, wiring))
    for name, payload_type, activity in _ACTIVITIES:
        bound = app.durable_client_input(client_name="client")
        _add(app, name, _with_client(payload_type, activity, bind), bound)


def _add(app: Any, name: str, activity: Any, bound: Callable[[Any], Any] = lambda function: function) -> None:
    activity.__name__ = activity.__qualname__ = name
    app.function_name(name=name)(bound(app.activity_trigger(input_name="payload")(activity)))


def _step(step: Step[Any, Any], wiring: Callable[[], "Wiring"]) -> Any:
    async def activity(payload: dict) -> dict:  # type: ignore[type-arg]  # the worker casts by annotation
        call = StepCall.model_validate(from_durable(payload))
        return (await wiring().step_attempts.attempt(step, call)).dumped()

    return activity


def _with_client(payload_type: type[Payload], activity: "_Activity", bind: Bind) -> Any:
    async def with_client(payload: dict, client: Any) -> dict:  # type: ignore[type-arg]  # as above
        return await activity(bind(client), payload_type.model_validate(from_durable(payload)))

    return with_client


async def _stop_steps(uses: "UseCases", request: StopRequest) -> dict[str, Any]:
    await uses.completion.stop_steps(request)
    return {"done": True}


async def _complete_run(uses: "UseCases", completion: Completion) -> dict[str, Any]:
    await uses.completion.complete(completion)
    return {"done": True}


async def _terminate_run(uses: "UseCases", termination: Termination) -> dict[str, Any]:
    return {"open": await uses.completion.terminate(termination)}


async def _open_question(uses: "UseCases", call: QuestionCall) -> dict[str, Any]:
    await uses.answers.open(call)
    return {"done": True}


async def _close_question(uses: "UseCases", call: QuestionCall) -> dict[str, Any]:
    return (await uses.answers.close(call)).dumped()


async def _post_callback(uses: "UseCases", call: PostCall) -> dict[str, Any]:
    return (await uses.outbox.post(call)).dumped()


async def _may_go(uses: "UseCases", check: TurnCheck) -> dict[str, Any]:
    return {"go": await uses.turns.may_begin(check.run_id)}


_Activity = Callable[["UseCases", Any], Awaitable[dict[str, Any]]]
_ACTIVITIES: list[tuple[str, type[Payload], _Activity]] = [
    (STOP_STEPS, StopRequest, _stop_steps),
    (COMPLETE_RUN, Completion, _complete_run),
    (TERMINATE_RUN, Termination, _terminate_run),
    (OPEN_QUESTION, QuestionCall, _open_question),
    (CLOSE_QUESTION, QuestionCall, _close_question),
    (POST_CALLBACK, PostCall, _post_callback),
    (MAY_GO, TurnCheck, _may_go),
]
NAMES = frozenset(name for name, _, _ in _ACTIVITIES)
