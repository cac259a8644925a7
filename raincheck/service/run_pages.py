"""Pages of runs, newest day first. A page may be short, or empty, and still have a next one."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from raincheck.errors import RequestError
from raincheck.service.ports import RunIndex, RunRow

__all__ = ["RunFilter", "read_page"]

PAGE = 50  # runs of a page
READS = 40  # storage reads that one page may cost


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


async def read_page(
    index: RunIndex, wanted: RunFilter, page: str | None, *, today: datetime
) -> tuple[list[RunRow], str | None]:
    """Return runs, newest first within what was read, and where to read on; None after the last.

    Raises:
        RequestError: 422; `page` is not where another page ended.
    """
    day, start = _place(page) if page else (today, None)
    found: list[RunRow] = []
    for _ in range(READS):
        if day.date() < wanted.since.date():
            return _newest_first(found), None
        read = await index.page(f"{day:%Y%m%d}", start=start, limit=PAGE - len(found))
        found += [row for row in read.rows if wanted.wants(row)]
        start = read.next
        if start is None:
            day -= timedelta(days=1)
        if len(found) >= PAGE:
            break
    if start is None and day.date() < wanted.since.date():
        return _newest_first(found), None
    return _newest_first(found), f"{day:%Y%m%d}.{start or ''}"


def _newest_first(rows: list[RunRow]) -> list[RunRow]:
    return sorted(rows, key=lambda row: row.created_at, reverse=True)


def _place(page: str) -> tuple[datetime, str | None]:
    day, _, start = page.partition(".")
    try:
        return datetime.strptime(f"{day}+0000", "%Y%m%d%z"), start or None
    except ValueError:
        message = "page is not where another page ended."
        raise RequestError(
            422, "invalid_request", message, errors=[{"path": "page", "message": message}]
        ) from None
