"""The SQL. Every function runs on a connection of `Database`, inside its transaction."""

from __future__ import annotations

import json
from dataclasses import astuple
from typing import TYPE_CHECKING

from raincheck_devhost.durable.protocol.payload import event_text
from raincheck_devhost.durable.storage.records import ActivityItem, Commit, Instance, Message, TimerItem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from sqlite3 import Connection

    from raincheck_devhost.durable.protocol.events import Event


def instance(db: Connection, instance_id: str) -> Instance | None:
    """Find an instance."""
    row = db.execute("SELECT * FROM instances WHERE instance_id = ?", (instance_id,)).fetchone()
    return Instance(*row) if row else None


def history(db: Connection, instance_id: str) -> list[str]:
    """Return the event texts of the current execution, in order."""
    rows = db.execute("SELECT event FROM history WHERE instance_id = ? ORDER BY seq", (instance_id,))
    return [text for (text,) in rows]


def put_instance(db: Connection, row: Instance) -> None:
    """Insert or replace an instance."""
    db.execute("INSERT OR REPLACE INTO instances VALUES (?,?,?,?,?,?,?,?,?,?)", astuple(row))


def put_messages(db: Connection, messages: Iterable[Message]) -> None:
    """Insert messages."""
    rows = [(m.message_id, m.instance_id, m.execution_id, event_text(m.event)) for m in messages]
    db.executemany("INSERT INTO messages VALUES (?,?,?,?)", rows)


def drop_messages(db: Connection, message_ids: Iterable[int]) -> None:
    """Delete messages that were consumed or are for nobody."""
    db.executemany("DELETE FROM messages WHERE message_id = ?", [(each,) for each in message_ids])


def apply(db: Connection, commit: Commit) -> None:
    """Write all that a work item changed."""
    instance_id = commit.instance.instance_id
    drop_messages(db, commit.consumed)
    if commit.rewrite:
        db.execute("DELETE FROM history WHERE instance_id = ?", (instance_id,))
    rows = [(instance_id, seq, text) for seq, text in enumerate(commit.texts, commit.first_seq)]
    db.executemany("INSERT INTO history VALUES (?,?,?)", rows)
    put_instance(db, commit.instance)
    db.executemany(
        "INSERT INTO activities VALUES (?,?,?,?,?,?,NULL)", [astuple(item) for item in commit.activities]
    )
    db.executemany("INSERT INTO timers VALUES (?,?,?,?,?,?,?)", [astuple(item) for item in commit.timers])
    put_messages(db, commit.messages)
    if commit.instance.ended:
        db.execute("DELETE FROM timers WHERE instance_id = ?", (instance_id,))


def finish_activity(db: Connection, item_id: int, message: Message) -> None:
    """Replace an activity by the message with what came of it."""
    db.execute("DELETE FROM activities WHERE item_id = ?", (item_id,))
    put_messages(db, [message])


def start_activity(db: Connection, item_id: int, at: str) -> None:
    """Note that an activity was handed to a worker."""
    db.execute("UPDATE activities SET started_at = ? WHERE item_id = ?", (at, item_id))


def fire_timer(db: Connection, item_id: int, message: Message) -> None:
    """Replace a timer by the message that it fired."""
    db.execute("DELETE FROM timers WHERE item_id = ?", (item_id,))
    put_messages(db, [message])


def forget(db: Connection, instance_id: str) -> None:
    """Delete an instance; an activity that still runs is left alone, its result will be for nobody."""
    for table in ("instances", "history", "messages", "timers"):
        db.execute(f"DELETE FROM {table} WHERE instance_id = ?", (instance_id,))  # noqa: S608 - our own names


def waiting_messages(db: Connection) -> list[Message]:
    """Return all messages, oldest first."""
    rows = db.execute("SELECT message_id, instance_id, execution_id, event FROM messages ORDER BY message_id")
    return [Message(number, to, execution, read_event(text)) for number, to, execution, text in rows]


def waiting_activities(db: Connection) -> list[tuple[ActivityItem, str | None]]:
    """Return all activities, oldest first, with when they were handed out (None: never)."""
    rows = db.execute(
        "SELECT item_id, instance_id, execution_id, task_id, name, payload, started_at"
        " FROM activities ORDER BY item_id"
    )
    return [(ActivityItem(*row[:6]), row[6]) for row in rows]


def waiting_timers(db: Connection) -> list[TimerItem]:
    """Return all timers that have not fired."""
    return [TimerItem(*row) for row in db.execute("SELECT * FROM timers ORDER BY item_id")]


def highest_id(db: Connection) -> int:
    """Return the highest id of messages, activities and timers: new ones go on from there."""
    query = (
        "SELECT max((SELECT ifnull(max(message_id), 0) FROM messages),"
        " (SELECT ifnull(max(item_id), 0) FROM activities), (SELECT ifnull(max(item_id), 0) FROM timers))"
    )
    return int(db.execute(query).fetchone()[0])


def read_event(text: str) -> Event:
    """Read an event text."""
    event: Event = json.loads(text)
    return event
