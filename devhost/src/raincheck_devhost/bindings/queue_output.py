"""Queue output bindings: what a function gives becomes messages, re-serialized as the host does it."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from raincheck_devhost.functions import Function


class QueueOutputs:
    """Sends messages; a queue that isn't there is made."""

    def __init__(self, *, base64_encoded: bool) -> None:
        self._base64 = base64_encoded

    async def write(self, function: Function, outputs: Mapping[str, Any]) -> None:
        """Send what a function set, by binding name. Raises NoConnection, azure-core's errors."""
        from raincheck_devhost.bindings.storage import queue_client  # noqa: PLC0415 - imports the storage SDK

        for name, value in outputs.items():
            if name not in function.outputs:
                continue
            async with queue_client(function.outputs[name]) as client:
                for body in messages_of(value):
                    await self._send(client, body)

    async def _send(self, client: Any, body: bytes) -> None:
        text = base64.b64encode(body).decode() if self._base64 else body.decode()
        from azure.core.exceptions import (  # noqa: PLC0415 - as above
            ResourceExistsError,
            ResourceNotFoundError,
        )

        try:
            await client.send_message(text)
        except ResourceNotFoundError:
            with suppress(ResourceExistsError):
                await client.create_queue()
            await client.send_message(text)


def messages_of(value: Mapping[str, Any]) -> list[bytes]:
    """Return the bodies for typed data: a JSON object is indented, a JSON array is several messages."""
    kind, content = next(iter(value.items()))
    if kind == "bytes":
        return [base64.b64decode(content)]
    text = str(content)
    try:
        parsed = json.loads(text)
    except ValueError:
        return [text.encode()]
    if isinstance(parsed, list):
        return [(each if isinstance(each, str) else _indented(each)).encode() for each in parsed]
    return [(_indented(parsed) if isinstance(parsed, dict) else text).encode()]


def _indented(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
