"""Pages of a log for readers who are behind its tail: who wants the same at the same time reads it once."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable

from raincheck.events import Position
from raincheck.service.events import EventPage

__all__ = ["SharedPages"]

MOST = 4  # pages that are kept for the next reader


class SharedPages:
    """Reads pages of one log. A page with more behind it never changes; only such ones are kept."""

    def __init__(self) -> None:
        self._pages: OrderedDict[Position, EventPage] = OrderedDict()
        self._under_way: dict[Position, asyncio.Event] = {}

    async def read(
        self, start: Position, read: Callable[[Position], Awaitable[EventPage]]
    ) -> EventPage | None:
        """Return the page that begins at `start`.

        None where another reader has just looked there: it has told the tail what it saw.
        """
        if start in self._pages:
            self._pages.move_to_end(start)
            return self._pages[start]
        if start in self._under_way:
            await self._under_way[start].wait()  # whoever reads it has a limit of its own
            return self._pages.get(start)
        self._under_way[start] = asyncio.Event()
        try:
            page = await read(start)
            if page.more:
                self._pages[start] = page
                if len(self._pages) > MOST:
                    self._pages.popitem(last=False)
            return page
        finally:
            self._under_way.pop(start).set()
