"""Lists and purges by filter, page by page, in the order of the ids."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from raincheck_devhost.durable.protocol.timestamps import written
from raincheck_devhost.durable.storage import store
from raincheck_devhost.durable.storage.records import ENDED, Instance

if TYPE_CHECKING:
    from datetime import datetime
    from sqlite3 import Connection

_PAGE = 100
_AFTER_ALL_IDS = "\U0010ffff"


@dataclass(frozen=True)
class InstanceQuery:
    """Which instances: all that is given must hold. `created_from` and `created_to` are inclusive."""

    prefix: str = ""
    statuses: frozenset[str] = frozenset()
    created_from: datetime | None = None
    created_to: datetime | None = None
    top: int = _PAGE
    token: str = ""


@dataclass(frozen=True)
class Page:
    """Instances, and the token for more; empty at the end."""

    instances: list[Instance]
    token: str


def find_page(db: Connection, query: InstanceQuery) -> Page:
    """Return one page. A token that is none means an empty one."""
    first = _first_id(query.token)
    if first is None:
        return Page([], "")
    where, values = _conditions(query, first)
    rows = db.execute(
        f"SELECT * FROM instances WHERE {where} ORDER BY instance_id LIMIT ?",  # noqa: S608 - conditions are ours
        (*values, query.top + 1),
    ).fetchall()
    matches = [Instance(*row) for row in rows]
    more = matches[query.top].instance_id if len(matches) > query.top else None
    return Page(matches[: query.top], base64.b64encode(more.encode()).decode() if more else "")


def forget_matching(db: Connection, query: InstanceQuery) -> list[str]:
    """Delete what matches and has ended; return the ids."""
    where, values = _conditions(query, "")
    matches = db.execute(f"SELECT instance_id, status FROM instances WHERE {where}", values)  # noqa: S608 - as above
    ended = [instance_id for instance_id, status in matches.fetchall() if status in ENDED]
    for instance_id in ended:
        store.forget(db, instance_id)
    return ended


def _conditions(query: InstanceQuery, first: str) -> tuple[str, list[str]]:
    where, values = ["instance_id >= ?"], [max(first, query.prefix)]
    if query.prefix:
        where.append("instance_id < ?")
        values.append(query.prefix + _AFTER_ALL_IDS)
    if query.statuses:
        where.append(f"status IN ({','.join('?' * len(query.statuses))})")
        values.extend(sorted(query.statuses))
    # Written times drop trailing zeros, so they compare as texts only without their Z.
    if query.created_from is not None:
        where.append("rtrim(created_at, 'Z') >= ?")
        values.append(written(query.created_from).rstrip("Z"))
    if query.created_to is not None:
        where.append("rtrim(created_at, 'Z') <= ?")
        values.append(written(query.created_to).rstrip("Z"))
    return " AND ".join(where), values


def _first_id(token: str) -> str | None:
    try:
        return base64.b64decode(token, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
