"""Answers and large questions, in table RaincheckState: partition = the instance that asks.

Row `answer-q1` is what stands for a question; row `question-q1` is a question too large to be shown.
"""

import asyncio
from collections.abc import Sequence

from raincheck.adapters.outcomes import STATE_TABLE
from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Row, Table
from raincheck.errors import StorageUnavailable
from raincheck.payloads import Answer, Question

__all__ = ["TableAnswerRows"]

_ANSWER, _QUESTION = "answer-", "question-"
_AT_ONCE = 16  # rows read
_PIECE = 60_000  # bytes; a binary property holds 64 KiB, a row 1 MiB


class TableAnswerRows:
    """Port Answers on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, STATE_TABLE)

    async def decide(self, run_id: str, question: str, answer: Answer) -> tuple[Answer, bool]:
        """Create the row unless there is one; give what stands, and whether it was created now."""
        row = {
            "PartitionKey": run_id,
            "RowKey": _ANSWER + question,
            "kind": answer.kind,
            "value": answer.value_json.encode(),
        }
        if await self._table.insert(row):
            return answer, True
        standing = await self.get(run_id, question)
        if standing is None:
            raise StorageUnavailable("The answer row vanished while it was read.")
        return standing, False

    async def get(self, run_id: str, question: str) -> Answer | None:
        """Return what stands, or None."""
        row = await self._table.get(run_id, _ANSWER + question)
        if row is None:
            return None
        return Answer.model_validate({"kind": row["kind"], "value_json": row["value"].decode()})

    async def decided(self, run_id: str) -> frozenset[str]:
        """Return the questions for which something stands."""
        condition = "PartitionKey eq @run and RowKey ge @first and RowKey lt @last"
        rows = self._table.query(condition, run=run_id, first=_ANSWER, last=_after(_ANSWER))
        return frozenset([row["RowKey"].removeprefix(_ANSWER) async for row in rows])

    async def keep(self, run_id: str, question: Question) -> None:
        """Store a question, in pieces. Twice is the same as once."""
        content = question.model_dump_json().encode()
        pieces = [content[start : start + _PIECE] for start in range(0, len(content), _PIECE)]
        row: Row = {
            "PartitionKey": run_id,
            "RowKey": _QUESTION + question.id,
            **{f"piece{number:02d}": piece for number, piece in enumerate(pieces)},
        }
        await self._table.insert(row)

    async def kept(self, run_id: str, questions: Sequence[str]) -> Sequence[Question]:
        """Return stored questions; those that aren't there are left out."""
        rows: list[Row | None] = []
        for start in range(0, len(questions), _AT_ONCE):
            some = questions[start : start + _AT_ONCE]
            rows += await asyncio.gather(*(self._table.get(run_id, _QUESTION + one) for one in some))
        return [_question(row) for row in rows if row is not None]


def _question(row: Row) -> Question:
    pieces = [row[name] for name in sorted(row) if name.startswith("piece")]
    return Question.model_validate_json(b"".join(pieces))


def _after(prefix: str) -> str:
    """Return the first key that no key with the prefix reaches."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
