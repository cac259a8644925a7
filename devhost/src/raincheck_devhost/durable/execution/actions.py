"""The SDK's actions, awaited one after another: OutOfProcOrchestrationShim of the extension.

This is where a flow hangs that would hang in Azure: the next action isn't looked at before the one before
has completed.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from raincheck_devhost.durable.execution.tasks import Task, done, when_all, when_any
from raincheck_devhost.durable.protocol.faults import refused_by_extension
from raincheck_devhost.durable.protocol.newtonsoft import compact
from raincheck_devhost.durable.protocol.timestamps import parsed

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable

    from raincheck_devhost.durable.execution.context import ExecutionContext

CALL_ACTIVITY: Final = 0
CALL_ACTIVITY_WITH_RETRY: Final = 1
CALL_SUB_ORCHESTRATOR: Final = 2
CALL_SUB_ORCHESTRATOR_WITH_RETRY: Final = 3
CONTINUE_AS_NEW: Final = 4
CREATE_TIMER: Final = 5
WAIT_FOR_EXTERNAL_EVENT: Final = 6
WHEN_ANY: Final = 11
WHEN_ALL: Final = 12
_REFUSED: Final = {
    7: "call_entity: devhost has no entities; keep the state in an activity",
    8: "call_http: devhost has no durable HTTP; make the request in an activity",
    9: "signal_entity: devhost has no entities; keep the state in an activity",
    10: "signal_entity: devhost has no entities; keep the state in an activity",
}


class ActionsShim:
    """Turns actions into the context's tasks. `warnings` collects what will hang for ever, in words."""

    def __init__(
        self,
        name: str,
        context: ExecutionContext,
        *,
        is_activity: Callable[[str], bool],
        is_orchestrator: Callable[[str], bool],
        parent_instance_id: str | None,
    ) -> None:
        self._name, self._context = name, context
        self._is_activity, self._is_orchestrator = is_activity, is_orchestrator
        self._forbidden_ids = {context.instance_id.casefold(), (parent_instance_id or "").casefold()} - {""}
        self.warnings: list[str] = []

    def await_each(self, actions: Iterable[dict[str, Any]]) -> Generator[Task, None, bool]:
        """Invoke an action, wait for it, take the next; what fails is the SDK's to handle, not ours."""
        for action in actions:
            yield self._invoke(action)
        return True

    def _invoke(self, action: dict[str, Any]) -> Task:
        kind = action.get("actionType")
        if kind in (CALL_ACTIVITY, CALL_ACTIVITY_WITH_RETRY):
            return self._activity(action)
        if kind in (CALL_SUB_ORCHESTRATOR, CALL_SUB_ORCHESTRATOR_WITH_RETRY):
            return self._sub_orchestrator(action)
        if kind == CREATE_TIMER:
            cancelled = bool(action.get("isCanceled"))
            return self._context.start_timer(parsed(str(action["fireAt"])), cancelled=cancelled)
        if kind == WAIT_FOR_EXTERNAL_EVENT:
            return self._context.wait_for_event(str(action["externalEventName"]))
        if kind in (WHEN_ALL, WHEN_ANY):
            tasks = [self._invoke(inner) for inner in action.get("compoundActions") or ()]
            return when_all(tasks) if kind == WHEN_ALL else self._when_any(tasks)
        if kind == CONTINUE_AS_NEW:
            self._context.request_continue_as_new(serialized(action.get("input")))
            return done()
        what = (
            _REFUSED.get(kind, f"an unexpected action type: '{kind}'")
            if isinstance(kind, int)
            else repr(kind)
        )
        raise refused_by_extension(self._name, f"Received {what}.")

    def _when_any(self, tasks: list[Task]) -> Task:
        if not tasks:
            message = "The tasks argument contains no tasks. (Parameter 'tasks')"
            raise refused_by_extension(self._name, message)
        return when_any(tasks)

    def _activity(self, action: dict[str, Any]) -> Task:
        name = str(action["functionName"])
        if not self._is_activity(name):
            return self._hangs(f"The activity '{name}' is not registered")
        payload = activity_payload(action.get("input"))
        return self._called(action, lambda: self._context.schedule_activity(name, payload))

    def _sub_orchestrator(self, action: dict[str, Any]) -> Task:
        name, instance_id = str(action["functionName"]), action.get("instanceId")
        if not self._is_orchestrator(name):
            return self._hangs(f"The orchestrator '{name}' is not registered")
        if instance_id and str(instance_id).casefold() in self._forbidden_ids:
            return self._hangs(f"The sub-orchestration '{name}' has the id of itself or its parent")
        if instance_id and str(instance_id).startswith("@"):
            return self._hangs(f"The id of the sub-orchestration '{name}' starts with @")
        text = serialized(action.get("input"))
        return self._called(action, lambda: self._context.start_sub_orchestration(name, instance_id, text))

    def _hangs(self, why: str) -> Task:
        self.warnings.append(why)
        return done(failed=True)

    def _called(self, action: dict[str, Any], call: Callable[[], Task]) -> Task:
        options = action.get("retryOptions")
        return routine(self._attempts(options, call)) if options else call()

    def _attempts(self, options: dict[str, Any], call: Callable[[], Task]) -> Generator[Task, None, bool]:
        pause = timedelta(milliseconds=options["firstRetryIntervalInMilliseconds"])
        last = int(options["maxNumberOfAttempts"])
        for attempt in range(1, last + 1):
            task = call()
            yield task
            if not task.failed:
                return True
            # The extension sets one more timer after the last attempt, due at once, for old histories' sake.
            yield self._context.start_timer(self._context.now + (pause if attempt < last else timedelta(0)))
        return False


def routine(steps: Generator[Task, None, bool]) -> Task:
    """Run a generator of tasks: it goes on as each completes. Completes with it; False means failed."""
    whole = Task()

    def go_on() -> None:
        while True:
            try:
                task = next(steps)
            except StopIteration as end:
                whole.complete(failed=not end.value)
                return
            if not task.completed:
                task.then(go_on)
                return

    go_on()
    return whole


def activity_payload(text: Any) -> str:
    """Return an activity's input as the function gets it: what the SDK serialized is passed on as it is."""
    return text if isinstance(text, str) else compact(text)


def serialized(text: Any) -> str | None:
    """Serialize an input as the extension does: what the SDK serialized becomes a JSON string of JSON."""
    return None if text is None else compact(text)
