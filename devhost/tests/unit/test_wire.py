import asyncio
import socket

import pytest

from raincheck_devhost import wire


def test_a_frame_arrives_as_it_was_sent() -> None:
    """Fields and bytes, blocking side."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(wire.pack({"id": "ü"}, b"\x00body"))
        assert wire.receive_frame(theirs) == ({"id": "ü"}, b"\x00body")


def test_a_closed_channel_is_an_end() -> None:
    """The worker notices that the host is gone."""
    ours, theirs = socket.socketpair()
    with theirs:
        ours.close()
        with pytest.raises(EOFError):
            wire.receive_frame(theirs)


async def test_frames_are_read_one_by_one() -> None:
    """Two frames in one packet, asynchronous side."""
    reader = asyncio.StreamReader()
    reader.feed_data(wire.pack({"n": 1}) + wire.pack({"n": 2}, b"x"))
    assert [await wire.read_frame(reader), await wire.read_frame(reader)] == [
        ({"n": 1}, b""),
        ({"n": 2}, b"x"),
    ]
