"""Following a run through lost connections: each event once, in order, none left out."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Iterator
from contextlib import AbstractAsyncContextManager

import httpx

from raincheck.client.errors import BrokenStream, ClientError, Refused, Unreachable
from raincheck.client.events import EventReader, RunEvent

__all__ = ["follow"]

_TRIES_AT_A_GAP = 3
_FIRST_PAUSE, _LAST_PAUSE = 0.2, 10.0  # seconds

Connect = Callable[[str, str | None], AbstractAsyncContextManager[httpx.Response]]


async def follow(
    connect: Connect,
    token: str,
    *,
    patience: float,
    sleep: Callable[[float], Awaitable[None]],
    monotonic: Callable[[], float],
) -> AsyncGenerator[RunEvent, None]:
    """Return the events from the token on, to the end of the run.

    `connect` opens the stream of a token after the event of an id; `patience` is how many seconds to try
    without getting anything. One's own token is what is shown first: those in events may only read.

    Raises:
        Refused: the token is not good (404), or has expired (410).
        Unreachable: no connection could be made for as long as `patience`.
        BrokenStream: events are missing.
    """
    reading = _Reading(token)
    pause, good_at = _FIRST_PAUSE, monotonic()
    while True:
        trouble: ClientError = Unreachable(httpx.ReadError("the stream ended"))
        try:
            async with connect(reading.token, reading.after) as response:
                if response.status_code == httpx.codes.NO_CONTENT:
                    return
                reader = EventReader()
                async for chunk in response.aiter_bytes():
                    if _shows_life(chunk):
                        good_at = monotonic()
                    for event in reading.news(reader.read(chunk)):
                        pause = _FIRST_PAUSE
                        yield event
                        if event.terminal:
                            return
        except (httpx.TransportError, Refused, ValueError) as error:
            trouble = reading.borne(error)
        if monotonic() - good_at >= patience:
            raise trouble
        await sleep(pause)
        pause = min(pause * 2, _LAST_PAUSE)


def _shows_life(chunk: bytes) -> bool:
    """Whether it is more than what every connection begins with: an app that then always breaks is away."""
    return any(line and not line.startswith(b"retry:") for line in chunk.splitlines())


class _Reading:
    """Where a reader stands: the token and id to go on with, and the number that has to come next."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.after: str | None = None
        self._newest: str | None = None
        self._expected: int | None = None
        self._gaps = 0

    def news(self, events: Iterable[RunEvent]) -> Iterator[RunEvent]:
        """Return those that were not given before; each moves on as it is given.

        Raises:
            ValueError: one is missing.
        """
        for event in events:
            number = event.sequence_number
            if number is not None and self._expected is not None:
                if number < self._expected:
                    continue
                if number > self._expected:
                    raise ValueError(f"Event {self._expected} is missing: {number} came in its place.")
            if number is not None:
                self._expected, self._gaps = number + 1, 0
            self.after = event.id or self.after
            self._newest = event.continuation_token or self._newest
            if event.type != "stream.resume":
                yield event

    def borne(self, error: httpx.TransportError | Refused | ValueError) -> ClientError:
        """Return the error that it is for the caller if it lasts; raise what won't pass."""
        if isinstance(error, httpx.TransportError):
            return Unreachable(error)
        if isinstance(error, Refused):
            if error.status == httpx.codes.GONE and self._newest is not None:  # the newest is good for longer
                self.token, self.after, self._newest = self._newest, None, None
            elif not error.may_pass:
                raise error
            return error
        self._gaps += 1
        broken = BrokenStream(str(error))
        if self._gaps >= _TRIES_AT_A_GAP:
            raise broken from None
        return broken
