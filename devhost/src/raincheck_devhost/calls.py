"""Invocations of the app's functions: inputs of every binding in, output bindings out, retries between."""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING, Any, Protocol

from raincheck_devhost.durable.ports import FunctionFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from raincheck_devhost.functions import Function
    from raincheck_devhost.processes import Answer
    from raincheck_devhost.worker_pool import Workers

_log = logging.getLogger("raincheck_devhost")


class Outputs(Protocol):
    """Writes what functions give to output bindings."""

    async def write(self, function: Function, outputs: Mapping[str, Any]) -> None:
        """Write typed data by binding name."""
        ...


class Calls:
    """Runs one function after the other's wish. `client_binding` gives the durable client's JSON."""

    def __init__(self, workers: Workers, client_binding: Callable[[], str], outputs: Outputs) -> None:
        self.workers = workers
        self._client_binding = client_binding
        self._outputs = outputs

    def inputs(self, function: Function, trigger: Any) -> dict[str, Any]:
        """Return the typed data of all inputs: the trigger's, and a durable client for each such binding."""
        client = {"string": self._client_binding()} if function.clients else None
        return {function.parameter: trigger, **dict.fromkeys(function.clients, client)}

    async def run(
        self,
        function: Function,
        trigger: Any,
        *,
        invocation: str | None = None,
        front: bool = False,
        retry: bool = True,
        **more: Any,
    ) -> Answer:
        """Run a function, again as its retry policy says. Raises FunctionFailed, WorkerLost."""
        policy = function.retry if retry else None
        delays = policy.delays() if policy else iter(())
        most = policy.count if policy else 0
        for attempt in itertools.count():
            try:
                answer = await self.workers.run(
                    function.name,
                    self.inputs(function, trigger),
                    front=front,
                    invocation=invocation if attempt == 0 else None,
                    retry={"retry_count": attempt, "max_retry_count": most},
                    **more,
                )
            except FunctionFailed:
                delay = next(delays, None)
                if delay is None:
                    raise
                _log.warning("function %s failed; retry %s of %s follows", function.name, attempt + 1, most)
                await asyncio.sleep(delay)
            else:
                break
        await self.write_outputs(function, answer)
        return answer

    async def write_outputs(self, function: Function, answer: Answer) -> None:
        """Write what a function gave to its output bindings."""
        if answer.outputs:
            await self._outputs.write(function, answer.outputs)
