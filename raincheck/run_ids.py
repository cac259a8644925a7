"""Run ids: the day is readable from the id, so that a run's row is found without an index.

`20261121-9f3c…` (32 hex digits, 128 random bits); a sub-flow's is its parent's and a number: `…:1`.
"""

import re
import uuid
from datetime import datetime

__all__ = [
    "day_of",
    "is_run_id",
    "new_run_id",
    "number_of",
    "reminded_of",
    "reminder_id",
    "request_id",
    "root_of",
]

_RUN_ID = re.compile(r"[0-9]{8}-[0-9a-f]{32}(:[0-9]{1,6})*\Z")


def new_run_id(now: datetime) -> str:
    """Build an id that nobody can guess, for a run that starts at `now` (UTC)."""
    return f"{now:%Y%m%d}-{uuid.uuid4().hex}"


def is_run_id(text: str) -> bool:
    """Whether `text` has the shape of a run's or sub-flow's id."""
    return _RUN_ID.match(text) is not None


def root_of(run_id: str) -> str:
    """Return the id of the run that a sub-flow belongs to (a run's own id is its root)."""
    return run_id.partition(":")[0]


def request_id(run_id: str, question: str) -> str:
    """Return a question's id within its whole run: `q1`, or `2:q1` where the sub-flow `…:2` asks."""
    return f"{run_id}:{question}".partition(":")[2]


def reminder_id(request: str, number: int) -> str:
    """Return the id of a reminder of a question: `q1-r3`."""
    return f"{request}-r{number}"


def reminded_of(request: str) -> str:
    """Return the question's own id, of a reminder's too."""
    return request.partition("-")[0]


def number_of(run_id: str) -> int:
    """Return the number of a sub-flow among those of its parent."""
    return int(run_id.rpartition(":")[2])


def day_of(run_id: str) -> str:
    """`20261121`: the partition of the run's row."""
    return run_id[:8]
