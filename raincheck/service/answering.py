"""AnswerRows: the row decides what stands for a question, and an event brings it to the flow.

The row is created once, by the first answer or by the time-out. An answer is noted before that and crossed
out after its event was raised, so that a sweeper can raise an event that a crash has swallowed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from raincheck.payloads import Answer, Question, answer_event
from raincheck.service.ports import Orchestrations, Unfinished, UnfinishedRow

__all__ = ["ANSWER_NOTES", "MAX_ANSWER", "AnswerRows", "Answering"]

MAX_ANSWER = 60_000  # bytes of JSON in UTF-8: what a row and an event have room for
ANSWER_NOTES = "answer"
"""The kind of the notes in Unfinished."""


class AnswerRows(Protocol):
    """Port: what stands for the questions of an instance (a run or a sub-flow), and questions too large."""

    async def decide(self, run_id: str, question: str, answer: Answer) -> tuple[Answer, bool]:
        """Create the row unless there is one; give what stands, and whether it was created now."""
        ...

    async def get(self, run_id: str, question: str) -> Answer | None:
        """Return what stands, or None."""
        ...

    async def decided(self, run_id: str) -> frozenset[str]:
        """Return the questions for which something stands."""
        ...

    async def keep(self, run_id: str, question: Question) -> None:
        """Store a question that is too large to be shown. Twice is the same as once."""
        ...

    async def kept(self, run_id: str, questions: Sequence[str]) -> Sequence[Question]:
        """Return stored questions; those that aren't there are left out."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answering:
    """Takes answers."""

    answers: AnswerRows
    unfinished: Unfinished

    async def take(
        self, orchestrations: Orchestrations, run_id: str, question: str, value_json: str
    ) -> Answer | None:
        """Let the answer stand unless something does; give what stands, None where it came too late.

        Whoever comes second raises the event of what stands: the first may have died before it did.
        """
        key = f"{run_id}|{question}"
        await self.unfinished.add(ANSWER_NOTES, key)
        proposed = Answer(kind="answered", value_json=value_json)
        standing, created = await self.answers.decide(run_id, question, proposed)
        live = await _raise(orchestrations, run_id, question, standing)
        await self.unfinished.remove(ANSWER_NOTES, key)
        return standing if live or not created else None

    async def again(self, note: UnfinishedRow, orchestrations: Orchestrations) -> None:
        """Raise the event of a note that was left behind, and cross it out."""
        run_id, _, question = note.key.partition("|")
        standing = await self.answers.get(run_id, question)
        if standing is not None:
            await _raise(orchestrations, run_id, question, standing)
        await self.unfinished.remove(note.kind, note.key)


async def _raise(orchestrations: Orchestrations, run_id: str, question: str, standing: Answer) -> bool:
    """Raise the event; False where the instance has ended. A time-out is known to the flow that made it."""
    if standing.kind == "timed_out":
        return True
    return await orchestrations.raise_event(run_id, answer_event(question), standing.dumped())
