"""The response of a stream of events."""

from collections.abc import AsyncGenerator, Callable, Mapping

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from typing_extensions import override

__all__ = ["EventStream"]


class EventStream(StreamingResponse):
    """Sends pieces as they come. However it ends, they are let go at once, and `leave` is called."""

    def __init__(
        self, pieces: AsyncGenerator[bytes], *, headers: Mapping[str, str], leave: Callable[[], None]
    ) -> None:
        super().__init__(pieces, headers=headers, media_type="text/event-stream")
        self._pieces = pieces
        self._leave = leave

    @override
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._leave()
            await self._pieces.aclose()
