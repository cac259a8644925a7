"""Durable's client as the port `Orchestrations`: with limits, and with errors that say what happened."""

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from raincheck.errors import AlreadyStarted, NothingStarted, StorageUnavailable
from raincheck.service.ports import InstanceStatus, Orchestrations

if TYPE_CHECKING:
    from azure.durable_functions import DurableOrchestrationClient

__all__ = ["DurableOrchestrations"]

LIMIT = 10  # seconds that any call may take; "start once" counts on it

_AWAY = "The durable engine can't be reached."


class DurableOrchestrations(Orchestrations):
    """Wraps the client that the durable client binding gives. It talks to the extension on this machine.

    The SDK raises bare `Exception`s, told apart by their text here and nowhere else.
    """

    def __init__(self, client: "DurableOrchestrationClient") -> None:
        self._client = client

    @override
    async def start(self, orchestrator: str, instance_id: str, payload: dict[str, Any]) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                await self._client.start_new(orchestrator, instance_id, payload)
        except Exception as error:
            if "already exists" in str(error):
                raise AlreadyStarted(f"There is an orchestration {instance_id} already.") from error
            if _never_sent(error):
                raise NothingStarted(_AWAY) from error
            if _unanswered(error):
                raise StorageUnavailable(_AWAY) from error
            # The extension answered and said no; what it wrote before that is in its table, or nowhere.
            if await self.status(instance_id) is None:
                raise NothingStarted(_AWAY) from error

    @override
    async def status(self, instance_id: str) -> InstanceStatus | None:
        # The SDK leaves a False out of the query, and the extension's default is to send the input.
        show_input: Any = "false"
        try:
            async with asyncio.timeout(LIMIT):
                answer = await self._client.get_status(instance_id, show_input=show_input)
        except Exception as error:
            raise StorageUnavailable(_AWAY) from error
        if answer.runtime_status is None or answer.created_time is None:
            if getattr(answer, "message", None) == "":  # what the SDK makes of a 404
                return None
            raise StorageUnavailable(_AWAY)  # what it makes of a 500
        return InstanceStatus(
            runtime_status=str(answer.runtime_status.value),
            created_at=_utc(answer.created_time),
            updated_at=_utc(answer.last_updated_time or answer.created_time),
            custom_status=answer.custom_status,
            output=answer.output,
        )

    @override
    async def raise_event(self, instance_id: str, name: str, value: Any) -> bool:
        """Raise an event. It arrives as JSON text: the SDK encodes it twice."""
        try:
            async with asyncio.timeout(LIMIT):
                await self._client.raise_event(instance_id, name, value)
        except Exception as error:
            if "is gone" in str(error) or "No instance" in str(error):
                return False
            raise StorageUnavailable(_AWAY) from error
        return True

    @override
    async def terminate(self, instance_id: str, reason: str) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                await self._client.terminate(instance_id, reason)
        except Exception as error:
            if "No instance" in str(error):
                return
            raise StorageUnavailable(_AWAY) from error

    @override
    async def purge(self, instance_id: str) -> None:
        try:
            async with asyncio.timeout(LIMIT):
                await self._client.purge_instance_history(instance_id)
        except Exception as error:
            if "412" in str(error):  # it has not ended
                return
            raise StorageUnavailable(_AWAY) from error


def _never_sent(error: BaseException) -> bool:
    """Whether no connection came about, so that the extension never saw the call."""
    from aiohttp import ClientConnectorError  # noqa: PLC0415 - the SDK has it, and only failures need it

    return isinstance(error, ClientConnectorError)


def _unanswered(error: BaseException) -> bool:
    """Whether the extension may have seen the call and gave no answer, or none that can be read."""
    from aiohttp import ClientError  # noqa: PLC0415 - as above

    return isinstance(error, ClientError | OSError | ValueError)


def _utc(time: datetime) -> datetime:
    return time.astimezone(UTC) if time.tzinfo else time.replace(tzinfo=UTC)
