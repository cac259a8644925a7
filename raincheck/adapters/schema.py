"""Everything that Raincheck stores, on one page: tables with their keys, containers, a queue.

| Table                  | Partition              | Row             | Holds                                  |
|------------------------|------------------------|-----------------|----------------------------------------|
| RaincheckRuns          | day of the run         | run id          | a run as it was started                |
| RaincheckState         | run or sub-flow id     | `outcome`       | how it ended, or where its blob is     |
|                        |                        | `stop-000001`   | that step 1 is no longer wanted        |
|                        |                        | `answer-q1`     | what stands for question q1            |
|                        |                        | `question-q1`   | a question too large to be shown       |
| RaincheckStarts        | SHA-256 of the key     | `start`         | an Idempotency-Key in use, and its run |
| RaincheckConversations | SHA-256 of the id      | `pointer`       | the number of the newest turn          |
|                        |                        | `turn-{run id}` | a run's place in the conversation      |
| RaincheckDeliveries    | day of the run         | delivery id     | how the delivery of a callback stands  |
| RaincheckPending       | kind of what was begun | its own key     | what a sweeper finishes after a crash  |

| Container              | Blob                    | Holds                                                   |
|------------------------|-------------------------|---------------------------------------------------------|
| raincheck-events       | `{run id}/000000.jsonl` | the event log, an event a line; 000001 where it goes on |
| raincheck-outcomes     | `{run id}/{hex}.json`   | an outcome too large for its row                        |

Queue `raincheck-dead-letters`: a message for operators for each delivery that failed for good.

Runs in flight and runs of a month ago are read by these names: they never change.
A day is `20261121`, a delivery id `{run id}:deliver:{event}`, with `:{question}` where one question is told,
and `@{channel}` where it is not a callback.
"""

import hashlib

from raincheck.run_ids import day_of
from raincheck.service.deliveries import Delivery

__all__ = [
    "ANSWER",
    "CONVERSATIONS",
    "DEAD_LETTERS",
    "DELIVERIES",
    "EVENTS",
    "KEYS",
    "KEY_ROW",
    "OUTCOMES",
    "OUTCOME_ROW",
    "POINTER_ROW",
    "QUESTION",
    "RUNS",
    "STATE",
    "TURN",
    "UNFINISHED",
    "conversation_partition",
    "delivery_keys",
    "event_blob",
    "run_keys",
    "stop_row",
]

# Tables
RUNS = "RaincheckRuns"
STATE = "RaincheckState"
KEYS = "RaincheckStarts"
CONVERSATIONS = "RaincheckConversations"
DELIVERIES = "RaincheckDeliveries"
UNFINISHED = "RaincheckPending"

# Containers and the queue
EVENTS = "raincheck-events"
OUTCOMES = "raincheck-outcomes"
DEAD_LETTERS = "raincheck-dead-letters"

# Row keys; those that end with a dash go on with an id
OUTCOME_ROW = "outcome"
ANSWER = "answer-"
QUESTION = "question-"
KEY_ROW = "start"
POINTER_ROW = "pointer"
TURN = "turn-"


def run_keys(run_id: str) -> tuple[str, str]:
    """Return partition and row of a run."""
    return day_of(run_id), run_id


def delivery_keys(delivery: Delivery) -> tuple[str, str]:
    """Return partition and row of a delivery."""
    return day_of(delivery.run_id), delivery.id


def stop_row(step: int) -> str:
    """Return the row that marks a step, by its number in the run."""
    return f"stop-{step:06d}"


def conversation_partition(conversation_id: str) -> str:
    """Return the partition of a conversation: its id is its caller's, and may hold anything."""
    return hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()


def event_blob(run_id: str, index: int) -> str:
    """Return the name of a blob of a run's event log: 0, 1, … as the log goes on."""
    return f"{run_id}/{index:06d}.jsonl"
