"""Answers in memory."""

from collections.abc import Callable, Sequence

from raincheck.payloads import Answer, Question


class FakeAnswers:
    """Answer rows and stored questions. `meanwhile` happens before each decision."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], Answer] = {}
        self.stored: dict[tuple[str, str], Question] = {}
        self.meanwhile: Callable[[], object] = lambda: None

    async def decide(self, run_id: str, question: str, answer: Answer) -> tuple[Answer, bool]:
        self.meanwhile()
        standing = self.rows.setdefault((run_id, question), answer)
        return standing, standing is answer

    async def get(self, run_id: str, question: str) -> Answer | None:
        return self.rows.get((run_id, question))

    async def decided(self, run_id: str) -> frozenset[str]:
        return frozenset(question for run, question in self.rows if run == run_id)

    async def keep(self, run_id: str, question: Question) -> None:
        self.stored[run_id, question.id] = question

    async def kept(self, run_id: str, questions: Sequence[str]) -> list[Question]:
        return [self.stored[run_id, one] for one in questions if (run_id, one) in self.stored]
