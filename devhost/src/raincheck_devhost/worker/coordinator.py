"""Where the two halves of a request meet, under the names that it has in Azure's Python worker.

Azure's worker waits for either half without a limit, and keeps a reference for each request; so does this
one. An app that mends that reaches for the worker's module, and finds this one in its place.
"""

from __future__ import annotations

import asyncio
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

__all__ = ["HttpCoordinator", "http_coordinator", "register"]

_WORKER = "azure_functions_worker" if sys.version_info < (3, 13) else "azure_functions_runtime"


class _Reference:
    """What is there of one request; what comes first waits here for the other."""

    def __init__(self) -> None:
        self.http_request: Any = None
        self.http_response: Any = None
        self.request_came = asyncio.Event()
        self.response_came = asyncio.Event()


class HttpCoordinator:
    """Pairs requests that came over HTTP with invocations that came from the host, by the invocation's id."""

    def __init__(self) -> None:
        self._context_references: dict[str, _Reference] = {}

    def set_http_request(self, invoc_id: str, http_request: Any) -> None:
        """Bring a request."""
        reference = self._reference(invoc_id)
        reference.http_request = http_request
        reference.request_came.set()

    def set_http_response(self, invoc_id: str, http_response: Any) -> None:
        """Bring what the function returned, or the exception it raised. Raises KeyError for an unknown id."""
        reference = self._known(invoc_id)
        reference.http_response = http_response
        reference.response_came.set()

    async def get_http_request_async(self, invoc_id: str) -> Any:
        """Wait for the request of an invocation, for ever if need be."""
        await self._reference(invoc_id).request_came.wait()
        reference = self._known(invoc_id)
        request, reference.http_request = reference.http_request, None
        if request is None:
            raise ValueError(f"No http request found for invocation {invoc_id}")
        return request

    async def await_http_response_async(self, invoc_id: str) -> Any:
        """Wait for the answer to a request, for ever if need be. Raises KeyError for an unknown id."""
        await self._known(invoc_id).response_came.wait()
        reference = self._known(invoc_id)
        response, reference.http_response = reference.http_response, None
        if response is None:
            raise ValueError(f"No http response found for invocation {invoc_id}")
        return response

    def _reference(self, invoc_id: str) -> _Reference:
        return self._context_references.setdefault(invoc_id, _Reference())

    def _known(self, invoc_id: str) -> _Reference:
        if invoc_id not in self._context_references:
            raise KeyError(f"No context reference found for invocation {invoc_id}")
        return self._context_references[invoc_id]


http_coordinator = HttpCoordinator()


def register() -> None:
    """Show the coordinator to the app as Azure's worker does; before the app is imported."""
    package, module = ModuleType(_WORKER), ModuleType(f"{_WORKER}.http_v2")
    package.__doc__ = module.__doc__ = "Stands for Azure's worker, of which an app may mend the waits."
    package.__path__ = []
    for each in (package, module):
        each.__spec__ = ModuleSpec(each.__name__, None, is_package=each is package)
    vars(module).update(HttpCoordinator=HttpCoordinator, http_coordinator=http_coordinator)
    vars(package)["http_v2"] = module
    sys.modules.update({package.__name__: package, module.__name__: module})
