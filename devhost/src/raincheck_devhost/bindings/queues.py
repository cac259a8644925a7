"""Queue triggers on real Storage queues: batches, visibility, dequeue counts, the poison queue."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from azure.core.exceptions import AzureError, ResourceExistsError, ResourceNotFoundError

from raincheck_devhost.bindings.storage import queue_client
from raincheck_devhost.durable.ports import FunctionFailed, WorkerLost

if TYPE_CHECKING:
    from datetime import datetime

    from raincheck_devhost.calls import Calls
    from raincheck_devhost.functions import Function
    from raincheck_devhost.settings import QueueSettings

_log = logging.getLogger("raincheck_devhost")
_INVISIBLE_SECONDS = 600
_RENEWED_SECONDS = 300.0
_SHORTEST_POLL, _LONGEST_LOCAL_POLL = 0.1, 2.0


class QueueListener:
    """Follows the queue of one function until its task is cancelled; runs that have begun go on."""

    def __init__(self, function: Function, calls: Calls, settings: QueueSettings) -> None:
        self._function = function
        self._calls = calls
        self._settings = settings
        self._running: set[asyncio.Task[None]] = set()

    async def follow(self) -> None:
        """Fetch and run messages for ever."""
        pause = _SHORTEST_POLL
        longest = min(self._settings.max_polling_seconds, _LONGEST_LOCAL_POLL)
        async with queue_client(self._function.options) as client:
            try:
                while True:
                    if await self._fetch(client):
                        pause = _SHORTEST_POLL
                    else:
                        await asyncio.sleep(pause)
                        pause = min(pause * 2, longest)
                    await self._room()
            finally:
                if self._running:
                    await asyncio.wait(self._running)

    async def _fetch(self, client: Any) -> int:
        count = 0
        try:
            batch = self._settings.batch_size
            async for message in client.receive_messages(
                max_messages=batch, messages_per_page=batch, visibility_timeout=_INVISIBLE_SECONDS
            ):
                count += 1
                task = asyncio.create_task(self._handle(client, message))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
        except ResourceNotFoundError:
            return 0  # the trigger doesn't make its queue
        except AzureError as error:
            _log.warning("queue of %s: %s", self._function.name, str(error).splitlines()[0])
            return 0
        return count

    async def _room(self) -> None:
        while len(self._running) > self._settings.new_batch_threshold:
            await asyncio.wait(self._running, return_when=asyncio.FIRST_COMPLETED)

    async def _handle(self, client: Any, message: Any) -> None:
        try:
            done = await self._run(client, message)
            if done:
                await client.delete_message(message)
            elif message.dequeue_count >= self._settings.max_dequeue_count:
                await self._poison(client, message)
            else:
                seconds = int(self._settings.visibility_seconds)
                await client.update_message(message, visibility_timeout=seconds, content=message.content)
        except AzureError as error:  # it comes back by itself
            _log.warning("message %s of %s: %s", message.id, self._function.name, str(error).splitlines()[0])

    async def _run(self, client: Any, message: Any) -> bool:
        if message.dequeue_count > self._settings.max_dequeue_count:
            return False
        try:
            text = decode_body(message.content, base64_encoded=self._settings.base64)
        except ValueError:
            _log.error("message %s of %s can't be decoded (messageEncoding)", message.id, self._function.name)
            return False
        renewing = asyncio.create_task(_renew(client, message))
        try:
            await self._calls.run(self._function, {"string": text}, metadata=metadata_of(message))
        except (FunctionFailed, WorkerLost, AzureError):
            return False
        else:
            return True
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _poison(self, client: Any, message: Any) -> None:
        name = f"{self._function.options['queueName']}-poison"
        async with queue_client({**self._function.options, "queueName": name}) as poison:
            with suppress(ResourceExistsError):
                await poison.create_queue()
            await poison.send_message(message.content)
        await client.delete_message(message)
        _log.error("message %s of %s has been moved to %s", message.id, self._function.name, name)


def decode_body(content: str, *, base64_encoded: bool) -> str:
    """Return a message's text. Raises ValueError if it isn't base64 or UTF-8."""
    if not base64_encoded:
        return content
    try:
        return base64.b64decode(content, validate=True).decode()
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def metadata_of(message: Any) -> dict[str, Any]:
    """Return the trigger metadata of a message as typed data."""
    return {
        "Id": {"string": message.id},
        "DequeueCount": {"int": message.dequeue_count},
        "ExpirationTime": {"string": _iso(message.expires_on)},
        "InsertionTime": {"string": _iso(message.inserted_on)},
        "NextVisibleTime": {"string": _iso(message.next_visible_on)},
        "PopReceipt": {"string": message.pop_receipt},
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S+00:00")


async def _renew(client: Any, message: Any) -> None:
    while True:
        await asyncio.sleep(_RENEWED_SECONDS)
        with suppress(AzureError):
            fresh = await client.update_message(
                message, visibility_timeout=_INVISIBLE_SECONDS, content=message.content
            )
            message.pop_receipt = fresh.pop_receipt
