"""The rows of questions: one for what stands for it, one for a question too large to be shown."""

import asyncio
from collections.abc import Sequence

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Row, Storage, Table
from raincheck.errors import StorageUnavailable
from raincheck.payloads import Answer, Question
from raincheck.service.questions import AnswerRows

__all__ = ["TableAnswerRows"]

_AT_ONCE = 16  # rows read
_PIECE = 60_000  # bytes; a binary property holds 64 KiB, a row 1 MiB


class TableAnswerRows(AnswerRows):
    """AnswerRows on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, schema.STATE)

    @override
    async def decide(self, run_id: str, question: str, answer: Answer) -> tuple[Answer, bool]:
        row = {
            "PartitionKey": run_id,
            "RowKey": schema.ANSWER + question,
            "kind": answer.kind,
            "value": answer.value_json.encode(),
        }
        if await self._table.insert(row):
            return answer, True
        standing = await self.get(run_id, question)
        if standing is None:
            raise StorageUnavailable("The answer row vanished while it was read.")
        return standing, False

    @override
    async def get(self, run_id: str, question: str) -> Answer | None:
        row = await self._table.get(run_id, schema.ANSWER + question)
        if row is None:
            return None
        return Answer.model_validate({"kind": row["kind"], "value_json": row["value"].decode()})

    @override
    async def decided(self, run_id: str) -> frozenset[str]:
        condition = "PartitionKey eq @run and RowKey ge @first and RowKey lt @last"
        rows = self._table.query(condition, run=run_id, first=schema.ANSWER, last=_after(schema.ANSWER))
        return frozenset([row["RowKey"].removeprefix(schema.ANSWER) async for row in rows])

    @override
    async def keep(self, run_id: str, question: Question) -> None:
        """Store a question, in pieces: a row holds more than a property does."""
        content = question.model_dump_json().encode()
        pieces = [content[start : start + _PIECE] for start in range(0, len(content), _PIECE)]
        row: Row = {
            "PartitionKey": run_id,
            "RowKey": schema.QUESTION + question.id,
            **{f"piece{number:02d}": piece for number, piece in enumerate(pieces)},
        }
        await self._table.insert(row)

    @override
    async def kept(self, run_id: str, questions: Sequence[str]) -> Sequence[Question]:
        rows: list[Row | None] = []
        for start in range(0, len(questions), _AT_ONCE):
            some = questions[start : start + _AT_ONCE]
            rows += await asyncio.gather(*(self._table.get(run_id, schema.QUESTION + one) for one in some))
        return [_question(row) for row in rows if row is not None]


def _question(row: Row) -> Question:
    pieces = [row[name] for name in sorted(row) if name.startswith("piece")]
    return Question.model_validate_json(b"".join(pieces))


def _after(prefix: str) -> str:
    """Return the first key that no key with the prefix reaches."""
    return prefix[:-1] + chr(ord(prefix[-1]) + 1)
