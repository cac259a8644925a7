"""The questions of one run, and what the run shows of them: bounded, whatever is asked."""

from datetime import datetime
from typing import TYPE_CHECKING

from pydantic import BaseModel

from raincheck.driver.tasks import Task
from raincheck.models import Progress
from raincheck.number_ranges import covering, fitting
from raincheck.payloads import CustomStatus, Question, to_json

if TYPE_CHECKING:
    from raincheck.run import Run

__all__ = ["MAX_PROMPT", "Questions", "status_of"]

MAX_PROMPT = 100_000  # characters; a stored question has room in one table row, whatever they are

# Durable takes 8,192 UTF-16 units of JSON. These are shares of that, in the same unit; the rest is frame.
ROOM_FOR_QUESTIONS = 6_000
ROOM_FOR_MESSAGE = 600
ROOM_FOR_SPANS = 300

SURELY_SHORT = 80  # characters of a message, which take six units each at most


class Questions:
    """Numbers questions in the order asked; lists them while somebody waits for the answers."""

    def __init__(self) -> None:
        self.idle: set[Task] = set()  # what the flow waits for while it waits for a person
        self.flows: set[int] = set()  # the sub-flows it waits for
        self._asked = 0
        self._inline: dict[str, int] = {}  # what it takes to show them, from when they are asked
        self._listed: dict[str, Question] = {}

    def ask(self, prompt: str, model: str, expires_at: datetime | None) -> tuple[Question, bool]:
        """Build the next question, and tell whether it must be stored because there is no room to show it."""
        self._asked += 1
        question = Question(id=f"q{self._asked}", prompt=whole(prompt), model=model, expires_at=expires_at)
        size = _size(question) + 1
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


def status_of(run: "Run") -> CustomStatus:
    """Build what a run shows. Cheap where nothing is asked: it is made anew at every step of a replay."""
    progress, asked = shortened(run.driver.progress), run.questions
    outstanding = len(run.driver.outstanding)
    if not outstanding or not (asked.idle or asked.flows):  # where nothing is waited for, the flow is over
        return CustomStatus(progress=progress)
    return CustomStatus(
        progress=progress,
        waiting=outstanding == len(asked.idle) + len(asked.flows),
        input_requests=asked.inline,
        stored=fitting(asked.stored, ROOM_FOR_SPANS),
        flows=covering(asked.flows, ROOM_FOR_SPANS),
    )


def shortened(progress: Progress | None) -> Progress | None:
    """Cut a message that has no room."""
    if progress is None or progress.message is None:
        return progress
    progress = progress.model_copy(update={"message": whole(progress.message)})
    if len(progress.message or "") < SURELY_SHORT or _size(progress) <= ROOM_FOR_MESSAGE:
        return progress
    message = (progress.message or "")[:ROOM_FOR_MESSAGE]
    while _size(cut := progress.model_copy(update={"message": f"{message}…"})) > ROOM_FOR_MESSAGE:
        message = message[: len(message) * 9 // 10]
    return cut


def whole(text: str) -> str:
    """Replace halves of surrogate pairs, which are no characters and go into no JSON."""
    return text.encode("utf-8", "replace").decode()


def _size(value: BaseModel) -> int:
    """Count the UTF-16 units that a value takes in what Durable keeps; it escapes three that JSON needn't."""
    text = to_json(value.model_dump(mode="json"))
    escaped = sum(text.count(mark) for mark in "\x85\u2028\u2029")
    return len(text.encode("utf-16-le")) // 2 + 5 * escaped
