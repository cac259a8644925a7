"""The questions of one run: numbered as they are asked, listed while somebody waits for the answers."""

from datetime import datetime

from raincheck.driver.room import ROOM_FOR_QUESTIONS, size_of
from raincheck.driver.tasks import Task
from raincheck.payloads import Question
from raincheck.values.text import well_formed

__all__ = ["MAX_PROMPT", "Questions"]

MAX_PROMPT = 100_000  # characters; a stored question has room in one table row, whatever they are


class Questions:
    """Numbers questions in the order asked; lists them while somebody waits for the answers."""

    def __init__(self) -> None:
        self.idle: set[Task] = set()  # what the flow waits for while it waits for a person
        self.flows: set[int] = set()  # the sub-flows it waits for
        self._count = 0
        self._inline: dict[str, int] = {}  # what it takes to show them, from when they are asked
        self._listed: dict[str, Question] = {}

    def ask(self, prompt: str, model: str, expires_at: datetime | None) -> tuple[Question, bool]:
        """Build the next question; also whether it must be stored because there is no room to show it."""
        self._count += 1
        question = Question(
            id=f"q{self._count}", prompt=well_formed(prompt), model=model, expires_at=expires_at
        )
        size = size_of(question) + 1
        if sum(self._inline.values()) + size > ROOM_FOR_QUESTIONS:
            return question, True
        self._inline[question.id] = size
        return question, False

    def show(self, question: Question) -> None:
        """Show the question from now on."""
        self._listed[question.id] = question

    def close(self, question: Question) -> None:
        """Show it no longer. Twice is the same as once."""
        self._inline.pop(question.id, None)
        self._listed.pop(question.id, None)

    @property
    def inline(self) -> list[Question]:
        """The open questions that there is room for."""
        return [question for question in self._listed.values() if question.id in self._inline]

    @property
    def stored(self) -> list[int]:
        """The numbers of the other open questions."""
        return [int(question[1:]) for question in self._listed if question not in self._inline]
