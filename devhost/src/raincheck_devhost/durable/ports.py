"""What the durable engine needs of whoever runs Python functions.

Exception
├── FunctionFailed   the function raised: a fact, recorded in the history
└── WorkerLost       the process died while it ran: no fact, the work is given out again
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping


class FunctionFailed(Exception):  # the field's word: "Activity function 'x' failed"
    r"""A function raised.

    `message` as the Python worker puts it into RpcException.message: `RuntimeError: what str(e) says`.
    An orchestrator's ends with `\n\n$OutOfProcData$:{json}` when the SDK raised it.
    `stack` is the traceback as text; `type` the exception's class name, for logs.
    """

    def __init__(self, type: str, message: str, stack: str = "") -> None:  # noqa: A002 - RpcException's word
        super().__init__(message)
        self.type = type
        self.message = message
        self.stack = stack


class WorkerLost(Exception):  # says what happened; it isn't an error of the function
    """The worker process died before it answered; the engine gives the work out again."""


class Functions(Protocol):
    """Runs the app's functions.

    Both mappings go from a name in lower case (`name.casefold()`) to the name as registered: the engine looks
    up case-insensitively and calls with the registered name. They are read at every call, so they may change
    (a reload), but not while a function runs.
    Both calls may be cancelled: the engine doesn't use the answer then.
    """

    @property
    def orchestrators(self) -> Mapping[str, str]:
        """Case-folded name to registered name."""
        ...

    @property
    def activities(self) -> Mapping[str, str]:
        """Case-folded name to registered name."""
        ...

    async def run_orchestrator(self, name: str, payload: str, *, instance_id: str) -> str:
        """Run one episode; `payload` is the orchestration-trigger body; returns the SDK's answer JSON.

        Raises FunctionFailed, WorkerLost.
        """
        ...

    async def run_activity(self, name: str, payload: str, *, instance_id: str, task_id: int) -> str:
        """Run one activity; `payload` is its input as JSON text; returns its result as JSON text.

        `task_id` is the EventId of its TaskScheduled event: (instance_id, task_id) names the call for logs.
        Raises FunctionFailed, WorkerLost.
        """
        ...
