"""Frames between the host and its worker processes: a JSON object and, beside it, raw bytes.

A frame is two 32-bit big-endian lengths, the JSON text (UTF-8) and the bytes. Nothing is ever unpickled.
"""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import asyncio
    import socket

_HEAD = struct.Struct("!II")


class Frame(NamedTuple):
    """One message: `fields` as sent, `blob` the bytes that came with it (a body, mostly)."""

    fields: dict[str, Any]
    blob: bytes = b""


def pack(fields: dict[str, Any], blob: bytes = b"") -> bytes:
    """Return the bytes of one frame. Raises TypeError if `fields` isn't JSON."""
    text = json.dumps(fields, separators=(",", ":")).encode()
    return _HEAD.pack(len(text), len(blob)) + text + blob


async def read_frame(reader: asyncio.StreamReader) -> Frame:
    """Read one frame; raises asyncio.IncompleteReadError when the other side is gone."""
    text_size, blob_size = _HEAD.unpack(await reader.readexactly(_HEAD.size))
    text = await reader.readexactly(text_size)
    blob = await reader.readexactly(blob_size) if blob_size else b""
    return Frame(json.loads(text), blob)


def receive_frame(channel: socket.socket) -> Frame:
    """As `read_frame`, blocking; raises EOFError when the other side is gone."""
    text_size, blob_size = _HEAD.unpack(_receive(channel, _HEAD.size))
    return Frame(json.loads(_receive(channel, text_size)), _receive(channel, blob_size))


def _receive(channel: socket.socket, size: int) -> bytes:
    data = bytearray(size)
    view = memoryview(data)
    done = 0
    while done < size:
        got = channel.recv_into(view[done:])
        if not got:
            raise EOFError
        done += got
    return bytes(data)
