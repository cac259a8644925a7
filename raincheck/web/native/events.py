"""Following a run: a stream of server-sent events, or a page of them."""

import re
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError
from raincheck.events import Position
from raincheck.service.events import EventPage
from raincheck.service.following.follow import Asked, Update
from raincheck.service.tokens import Token
from raincheck.service.use_cases import UseCases
from raincheck.web.native.event_frames import RETRY, EventFrames
from raincheck.web.native.event_stream import EventStream
from raincheck.web.scope import gone, uses_of
from raincheck.web.urls import documents_of

__all__ = ["routes"]

SLOW = 10.0  # seconds that a reader may take for a piece before it is sent away
Until = Annotated[Literal["input"] | None, Query()]
routes = APIRouter()


@routes.api_route("/runs/{token}/events", methods=["GET", "HEAD"])
async def follow(
    token: str, request: Request, wait: str = "0", after: str | None = None, until: Until = None
) -> Response:
    """Follow the run from the token's position on; `until=input` ends where it waits for a person."""
    uses = uses_of(request)
    began = uses.monotonic()
    opened, row = await uses.follow.open(token)
    start = _start(request, opened, after)
    until_input = until is not None
    with ExitStack() as seat:
        following = seat.enter_context(uses.follow.run(row))
        frames = EventFrames(uses.tokens, documents_of(request), opened, following)
        if _wants_page(request):
            seconds = min(_seconds(wait), uses.settings.wait_limit)
            return _page(
                frames,
                await following.page(start, wait=seconds, until_input=until_input, gone=gone(request)),
            )
        first = await following.first(start, until_input=until_input)
        if not first.events and first.closed:
            return Response(status_code=204)  # nothing will come, and browsers stop
        headers = {"X-Accel-Buffering": "no"}
        if request.method == "HEAD":
            return Response(media_type="text/event-stream", headers=headers)
        updates = following.updates(first, start, until_input=until_input, began=began)
        return EventStream(_stream(uses, frames, updates), headers=headers, leave=seat.pop_all().close)


async def _stream(
    uses: UseCases, frames: EventFrames, updates: AsyncGenerator[Update]
) -> AsyncGenerator[bytes]:
    """Return the pieces of a stream. A reader that is slow to take one is asked to come back."""
    yield RETRY
    async with aclosing(updates):
        async for update in updates:
            sent_at = uses.monotonic()
            for piece in frames.frames(update):
                yield piece.data
                if piece.position is not None:
                    if uses.monotonic() - sent_at > SLOW:
                        yield frames.come_back(piece.position)
                        return
                    sent_at = uses.monotonic()


def _page(frames: EventFrames, page: EventPage | Asked) -> Response:
    if isinstance(page, Asked):
        return _json([frames.asked(page)], frames.cursor(page.position))
    token = None if page.ends else frames.cursor(page.next)
    return _json([frames.document(event) for event in page.events], token)


def _json(events: list[dict[str, object]], token: str | None) -> Response:
    return JSONResponse({"events": events, "continuation_token": token})


def _wants_page(request: Request) -> bool:
    """Whether the caller takes JSON rather than a stream."""
    accept = ",".join(request.headers.getlist("accept")).lower()
    return "application/json" in accept and "text/event-stream" not in accept


def _start(request: Request, token: Token, after: str | None) -> Position:
    """Return the position to read from: `Last-Event-ID`, else `?after=`, else the token's.

    Raises:
        RequestError: 400; the header or the query is not a position.
    """
    for name, text in (("Last-Event-ID", request.headers.get("last-event-id")), ("after", after)):
        if text:
            try:
                return Position.decode(text)
            except ValueError:
                message = f"{name} is neither an id of ours nor a sequence number."
                raise RequestError(400, "invalid_position", message) from None
    return token.position


def _seconds(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise RequestError(400, "invalid_wait", "wait is a whole number of seconds.")
    return int(text)
