"""The waits of the worker's coordinator, bounded; what it keeps of a request is dropped when that is over."""

import asyncio
import inspect
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.responses import Response

__all__ = ["StrandedError", "bound_waits"]

_TICK = 1.0  # seconds
_PARAMETERS = {
    "get_http_request_async": 1,
    "await_http_response_async": 1,
    "set_http_request": 2,
    "set_http_response": 2,
}


class StrandedError(Exception):
    """The host invoked a function for a request, and the request never came."""


def bound_waits(module: str, ticks: int) -> None:
    """Bound the two waits of the coordinator in the worker's module of this name.

    Raises:
        AttributeError, LookupError, TypeError: it looks different; nothing was touched.
    """
    coordinator = sys.modules[module].http_coordinator
    if isinstance(getattr(coordinator.get_http_request_async, "__self__", None), _BoundedWaits):
        return
    for name, count in _PARAMETERS.items():
        _check(name, getattr(coordinator, name), count)
    waits = _BoundedWaits(coordinator, ticks)
    coordinator.get_http_request_async = waits.request
    coordinator.await_http_response_async = waits.response


def _check(name: str, method: Any, count: int) -> None:
    awaited = name.endswith("_async")
    if inspect.iscoroutinefunction(method) != awaited or len(inspect.signature(method).parameters) != count:
        raise TypeError(f"{name} is called in another way")


class _BoundedWaits:
    """Each half of a request waits for the other for some ticks; once they are paired there is no limit.

    A tick counts only while the event loop runs: after a stall both halves may be there at once, and none
    is given up because the loop hasn't come round to the other.
    """

    def __init__(self, coordinator: Any, ticks: int) -> None:
        references = coordinator._context_references  # noqa: SLF001 - no other way
        if not isinstance(references, dict):
            raise TypeError("the coordinator keeps its references in another way")
        self._references: dict[str, Any] = references
        self._wait_for_request = coordinator.get_http_request_async
        self._wait_for_response = coordinator.await_http_response_async
        self._set_request = coordinator.set_http_request
        self._ticks = ticks
        self._invoked: set[str] = set()  # what the function was invoked for, and isn't answered yet
        self._requests: Counter[str] = Counter()  # those that wait; an id of a caller's own may come twice

    async def request(self, invocation_id: str) -> Any:
        """Return the request of an invocation. Raises StrandedError."""
        self._invoked.add(invocation_id)
        wait = asyncio.ensure_future(self._wait_for_request(invocation_id))
        comes = await self._comes(wait)
        text = f"no request came for invocation {invocation_id} in {self._ticks} s"
        error = wait.exception() if comes else StrandedError(text)
        if error is None:
            return wait.result()
        wait.cancel()
        # The worker puts the error where the answer belongs, so there must be such a place until then.
        if invocation_id not in self._references:
            self._set_request(invocation_id, None)
        asyncio.get_running_loop().call_later(_TICK, self._drop, invocation_id)
        raise error

    async def response(self, invocation_id: str) -> Any:
        """Return the answer to a request; one that no invocation belongs to is refused."""
        self._requests[invocation_id] += 1
        wait = asyncio.ensure_future(self._wait_for_response(invocation_id))
        try:
            comes = await self._comes(wait, or_invoked=invocation_id)
            if comes:
                await asyncio.wait({wait})  # for as long as the function takes
        finally:
            wait.cancel()
            self._requests[invocation_id] -= 1
        self._drop(invocation_id)
        return wait.result() if comes else _refusal()

    async def _comes(self, wait: "asyncio.Future[Any]", or_invoked: str | None = None) -> bool:
        for _ in range(self._ticks):
            await asyncio.wait({wait}, timeout=_TICK)
            if wait.done() or or_invoked in self._invoked:
                return True
        return False

    def _drop(self, invocation_id: str) -> None:
        if self._requests[invocation_id] > 0:
            return
        del self._requests[invocation_id]
        self._invoked.discard(invocation_id)
        self._references.pop(invocation_id, None)


def _refusal() -> "Response":
    from raincheck.errors import RequestError  # noqa: PLC0415 - rarely needed, as the next one
    from raincheck.web.problem_responses import answer  # noqa: PLC0415 - what is of the web is slow to import

    detail = "No invocation belongs to this request. Leave out the header x-ms-invocation-id."
    response = answer(RequestError(400, "bad_request", detail))
    response.headers["Cache-Control"] = "no-store"
    return response
