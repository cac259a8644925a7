"""Listening sockets."""

from __future__ import annotations

import socket


def listen(host: str, port: int) -> socket.socket:
    """Open a listening socket without Nagle's delay, which connections inherit. Raises OSError.

    asyncio turns the delay off only for sockets that name TCP as their protocol; these don't.
    """
    listener = socket.create_server((host, port), backlog=2048)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
