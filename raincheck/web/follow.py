"""Following a run: a stream of server-sent events, or a page of them."""

import asyncio
import re
from collections.abc import AsyncIterator

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.events import Position
from raincheck.service.events import RunEvents
from raincheck.service.input_events import InputEvents
from raincheck.service.ports import EventPage
from raincheck.service.services import Services
from raincheck.service.tokens import Token
from raincheck.service.waiting import ClientGone
from raincheck.web.event_frames import COMMENT, RETRY, document, frame, resume_frame, unnumbered_frame

__all__ = ["event_page", "event_stream", "start_of", "wants_page"]

SILENCE = 15.0  # seconds, after which a comment keeps the connection open
FIRST_DELAY, GROWTH, LAST_DELAY = 0.05, 1.5, 1.0  # seconds between two looks at a silent log
AWAY = 10.0  # seconds that a stream bears with storage before it asks the reader to come back


def wants_page(request: Request) -> bool:
    """Whether the caller takes JSON rather than a stream."""
    accept = ",".join(request.headers.getlist("accept")).lower()
    return "application/json" in accept and "text/event-stream" not in accept


def start_of(request: Request, token: Token) -> Position:
    """Return the position to read from: `Last-Event-ID`, else `?after=`, else the token's.

    Raises:
        RequestError: 400; the header or the query is not a position.
    """
    for name, text in (
        ("Last-Event-ID", request.headers.get("last-event-id")),
        ("after", request.query_params.get("after")),
    ):
        if text:
            try:
                return Position.decode(text)
            except ValueError:
                raise RequestError(
                    400, "invalid_position", f"{name} is neither an id of ours nor a sequence number."
                ) from None
    return token.position


async def event_page(
    services: Services, request: Request, events: RunEvents, token: Token, start: Position
) -> Response:
    """Answer with the events from `start` on; `?wait=S` waits for the first for S seconds.

    What the run asks comes last in a page without other events; only `?until=input` doesn't wait then.
    """
    inputs = InputEvents(services, request)
    text = request.query_params.get("wait", "0")
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise RequestError(400, "invalid_wait", "wait is a whole number of seconds.")
    deadline = services.monotonic() + min(int(text), services.settings.wait_limit)
    delay = FIRST_DELAY
    page = await events.read(start)
    while not page.events and not page.closed and (remaining := deadline - services.monotonic()) > 0:
        if inputs.end_there and inputs.of(events.view, page.next):
            break
        if await request.is_disconnected():
            raise ClientGone
        await services.sleep(min(delay, remaining))
        delay = min(delay * GROWTH, LAST_DELAY)
        page = await events.read(start)
    ended = _ends(page)
    asked = None if page.events or ended else inputs.of(events.view, page.next)
    own = [document(services.tokens, token.run_id, event) for event in page.events]
    return JSONResponse(
        {
            "events": own if asked is None else [asked],
            "continuation_token": None if ended else services.tokens.issue(token.run_id, "read", page.next),
        }
    )


async def event_stream(
    services: Services, request: Request, events: RunEvents, token: Token, start: Position
) -> Response:
    """Answer with a stream from `start` on; 204 where nothing will come, so that browsers stop."""
    inputs = InputEvents(services, request)
    began = services.monotonic()
    first = await events.read(start)
    if not first.events and first.closed:
        return Response(status_code=204)
    headers = {"X-Accel-Buffering": "no"}
    if request.method == "HEAD":
        return Response(media_type="text/event-stream", headers=headers)
    limit = services.settings.stream_limit
    ends_at = began + limit - min(5.0, limit / 10)  # the host's limit must never be what ends it
    frames = _frames(services, events, token.run_id, start, first, inputs=inputs, ends_at=ends_at)
    return StreamingResponse(frames, media_type="text/event-stream", headers=headers)


async def _frames(
    services: Services,
    events: RunEvents,
    run_id: str,
    position: Position,
    page: EventPage | None,
    *,
    inputs: InputEvents,
    ends_at: float,
) -> AsyncIterator[bytes]:
    """Return the stream's pieces until the last event, or until it is time to come back."""
    spoke_at = good_at = services.monotonic()
    delay = FIRST_DELAY
    yield RETRY
    while True:
        if page is not None:
            good_at = services.monotonic()
            if page.events:
                yield b"".join(frame(services.tokens, run_id, event) for event in page.events)
                position, spoke_at, delay = page.next, services.monotonic(), FIRST_DELAY
            if _ends(page):
                return
            if not page.events and (asked := inputs.news(events.view, position)) is not None:
                yield unnumbered_frame(asked)
                spoke_at = services.monotonic()
                if inputs.end_there:
                    return
        now = services.monotonic()
        if now >= ends_at or now - good_at >= AWAY:
            yield resume_frame(services.tokens, run_id, position)
            return
        if now - spoke_at >= SILENCE:
            yield COMMENT
            spoke_at = now
        if page is None or not page.events:
            await services.sleep(max(0.0, min(delay, ends_at - now, spoke_at + SILENCE - now)))
            delay = min(delay * GROWTH, LAST_DELAY)
        page = await _read(events, position, within=min(AWAY, max(1.0, ends_at - services.monotonic())))


async def _read(events: RunEvents, position: Position, within: float) -> EventPage | None:
    try:
        async with asyncio.timeout(within):
            return await events.read(position)
    except (StorageUnavailable, TimeoutError):
        return None


def _ends(page: EventPage) -> bool:
    """Whether nothing comes after this page."""
    return page.events[-1].terminal if page.events else page.closed
