"""A credential for callers who wait less long than a first token may take."""

import asyncio
from typing import Any

__all__ = ["PatientCredential"]


class PatientCredential:
    """Asks for a token once for all who want it now, and goes on when they give up.

    A call to storage is cut after seconds; an identity that is asked for the first time may take longer, and
    would never get there if every cut ended its work. The next call then finds the token.
    """

    def __init__(self, credential: Any) -> None:
        self._credential = credential
        self._requests: dict[tuple[Any, ...], asyncio.Task[Any]] = {}

    async def get_token(self, *scopes: str, **options: Any) -> Any:
        """Return a token, as any async credential of azure-identity does."""
        key = (scopes, *sorted(options.items()))
        task = self._requests.get(key)
        if task is None:
            task = asyncio.create_task(self._credential.get_token(*scopes, **options))
            self._requests[key] = task
            task.add_done_callback(lambda ended: self._forget(key, ended))
        return await asyncio.shield(task)

    async def close(self) -> None:
        """End the requests that are on their way, and close the credential."""
        for task in list(self._requests.values()):
            task.cancel()
        await self._credential.close()

    def _forget(self, key: tuple[Any, ...], task: "asyncio.Task[Any]") -> None:
        self._requests.pop(key, None)
        if not task.cancelled():
            task.exception()  # whoever still waits gets it; nobody may
