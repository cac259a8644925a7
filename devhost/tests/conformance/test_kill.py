"""SIGKILL at any moment: the state file stays whole, nothing recorded runs again, nothing is lost."""

import asyncio
import json
import random
import signal
import sqlite3
import sys
from collections import Counter
from pathlib import Path

import pytest

_TESTS = Path(__file__).parents[1]
_INSTANCES, _EVENTS, _KILLS = 8, 40, 3
_TASK_COMPLETED = 5


async def _victim(state_file, journal):
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conformance.app.victim",
        str(state_file), str(journal), str(_INSTANCES), str(_EVENTS),
        cwd=_TESTS,
    )  # fmt: skip


def _lines(journal):
    return journal.read_text().splitlines() if journal.exists() else []


async def _more_lines(journal, count):
    """Wait until the journal has so many lines more, or the program has ended."""
    goal = len(_lines(journal)) + count
    async with asyncio.timeout(30):
        while len(lines := _lines(journal)) < goal and not any(map(_is_last, lines)):  # noqa: ASYNC110 - it is another process that writes
            await asyncio.sleep(0.002)


def _is_last(line):
    return line.startswith("ended collect")


def _runs(journal):
    return Counter(line for line in _lines(journal) if line.startswith("ran "))


def _recorded(state_file):
    """Return the journal lines of all activities whose result is in a history or on its way into one."""
    with sqlite3.connect(state_file) as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = db.execute("SELECT instance_id, event FROM history").fetchall()
        rows += db.execute("SELECT instance_id, event FROM messages").fetchall()
    db.close()
    events = [(instance_id, json.loads(text)) for instance_id, text in rows]
    ended = [(i, event) for i, event in events if event["EventType"] == _TASK_COMPLETED]
    return {f"ran {instance_id} {event['TaskScheduledId']}" for instance_id, event in ended}


@pytest.mark.timeout(90)
@pytest.mark.parametrize("seed", [1, 2])
async def test_killed_again_and_again(tmp_path, seed):
    """Whatever the moment of the kill, every instance ends as if there had been none."""
    state_file, journal = tmp_path / "state.db", tmp_path / "journal"
    chance = random.Random(seed)
    for _ in range(_KILLS):
        process = await _victim(state_file, journal)
        await _more_lines(journal, chance.randint(1, 40))
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        await asyncio.wait_for(process.wait(), 30)
        before, recorded = _runs(journal), _recorded(state_file)
        process = await _victim(state_file, journal)
        await _more_lines(journal, 5)
        process.send_signal(signal.SIGKILL)
        await asyncio.wait_for(process.wait(), 30)
        assert {line for line in recorded if _runs(journal)[line] > before[line]} == set()
    process = await _victim(state_file, journal)
    assert await asyncio.wait_for(process.wait(), 30) == 0
    ended = {line for line in _lines(journal) if line.startswith("ended ")}
    expected = {f"ended steps-{i} Completed {15 + 46 + 5}" for i in range(_INSTANCES)}
    assert ended == {*expected, f"ended collect Completed [{','.join(map(str, range(_EVENTS)))}]"}
