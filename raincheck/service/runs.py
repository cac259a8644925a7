"""The runs: a row each, written before the run starts, and the pages that list them, newest day first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from raincheck.errors import RequestError
from raincheck.models import CallbackRequest
from raincheck.run_ids import is_run_id, new_run_id

__all__ = ["RunFilter", "RunIndex", "RunList", "RunPage", "RunRow", "Runs"]

PAGE = 50  # runs of a page
READS = 40  # storage reads that one page may cost
FIRST_DAY = date(2000, 1, 1)  # no run is older, and no page begins before it


@dataclass(frozen=True, slots=True)
class RunRow:
    """What is known of a run before it starts. Where its outcome goes stays here: a URL may be signed."""

    run_id: str
    flow: str
    version: int
    created_at: datetime
    conversation_id: str | None = None
    principal: str | None = None  # whose conversations it is among; None: there is no telling callers apart
    channel: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    callback: CallbackRequest | None = field(default=None, repr=False)
    base_url: str | None = None  # what the URLs of its callbacks begin with
    targets: dict[str, Any] = field(default_factory=dict, repr=False)
    """Where else its outcome goes, by channel, JSON-ready."""

    @property
    def conversation(self) -> str | None:
        """What the conversation is kept under: callers that can be told apart share none."""
        if self.conversation_id is None or self.principal is None:
            return self.conversation_id
        return f"{self.principal}\n{self.conversation_id}"


class Runs(Protocol):
    """Port: the rows of the runs, partitioned by day."""

    async def create(self, row: RunRow) -> None:
        """Write the row of a new run."""
        ...

    async def get(self, run_id: str) -> RunRow | None:
        """Return the row of a run, or None."""
        ...


@dataclass(frozen=True, slots=True)
class RunPage:
    """Rows read in one go, in no order. `next` is where to read on, or None at the end of the day."""

    rows: Sequence[RunRow]
    next: str | None


class RunIndex(Protocol):
    """Port: the rows of the runs, day by day, for whoever manages them."""

    async def page(self, day: str, *, start: str | None = None, limit: int = 100) -> RunPage:
        """Return rows of a day (`20261121`), from the start of it or from where another page ended."""
        ...

    async def days(self, *, before: str) -> Sequence[str]:
        """Return the days before this one that have rows, oldest first; at most a hundred."""
        ...

    async def delete(self, run_id: str) -> None:
        """Delete the row of a run: the last thing to go."""
        ...


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs are wanted; None stands for all."""

    flow: str | None
    conversation_id: str | None
    since: datetime

    def wants(self, row: RunRow) -> bool:
        """Whether a row is one of them."""
        return (
            self.flow in (None, row.flow)
            and self.conversation_id in (None, row.conversation_id)
            and row.created_at >= self.since
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RunList:
    """Finds runs by id, and page by page. A page may be short, or empty, and still have a next one."""

    runs: Runs
    index: RunIndex

    async def find(self, run_id: str) -> RunRow:
        """Return the row of a run.

        Raises:
            RequestError: 404; there is none.
        """
        row = await self.runs.get(run_id) if is_run_id(run_id) else None
        if row is None:
            raise RequestError(404, "run_not_found", "There is no run of that id.")
        return row

    async def probe(self, now: datetime) -> None:
        """Look for a run that isn't there: one read, that fails where storage is away."""
        await self.runs.get(new_run_id(now))

    async def page(
        self, wanted: RunFilter, page: str | None, *, today: datetime
    ) -> tuple[list[RunRow], str | None]:
        """Return runs, newest first within what was read, and where to read on; None after the last.

        Raises:
            RequestError: 422; `page` is not where another page ended.
        """
        day, start = _place(page) if page else (today, None)
        last_day = max(wanted.since.date(), FIRST_DAY)
        rows: list[RunRow] = []
        for _ in range(READS):
            if day.date() < last_day:
                return _newest_first(rows), None
            read = await self.index.page(f"{day:%Y%m%d}", start=start, limit=PAGE - len(rows))
            rows += [row for row in read.rows if wanted.wants(row)]
            start = read.next
            if start is None:
                day -= timedelta(days=1)
            if len(rows) >= PAGE:
                break
        if start is None and day.date() < last_day:
            return _newest_first(rows), None
        return _newest_first(rows), f"{day:%Y%m%d}.{start or ''}"


def _newest_first(rows: list[RunRow]) -> list[RunRow]:
    return sorted(rows, key=lambda row: row.created_at, reverse=True)


def _place(page: str) -> tuple[datetime, Any]:
    day, _, start = page.partition(".")
    try:
        begin = datetime.strptime(f"{day}+0000", "%Y%m%d%z")
    except ValueError:
        begin = None
    if begin is None or begin.date() < FIRST_DAY:
        raise RequestError.invalid("page", "page is not where another page ended.")
    return begin, start or None
