"""The answers that a unit test gives to what a flow asks; see `raincheck.testing`."""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, Final

from pydantic import BaseModel

from raincheck.answer_models import model_named, shape_of
from raincheck.answer_models import standing as standing_of
from raincheck.payloads import Answer, Question, to_json

__all__ = ["NO_ANSWER", "Answers", "GivenAnswers", "NoAnswer", "Unanswered"]

SHOWN = 80  # characters of a prompt


class NoAnswer(Enum):
    """The type of NO_ANSWER."""

    NO_ANSWER = "no answer"


NO_ANSWER: Final = NoAnswer.NO_ANSWER
"""Nobody answers: the question times out, if it has a timeout, or loses its race."""

Answers = (
    Sequence[Any] | Mapping[str | type[BaseModel], Any] | Callable[[str, type[BaseModel]], Any]
)  # each answer is a model, its JSON-ready form, or NO_ANSWER


class Unanswered(AssertionError):
    """The flow asked something that no answer is there for; `model` is what it must fit."""

    def __init__(self, prompt: str, model: type[BaseModel]) -> None:
        super().__init__(
            f"the flow asked {_shown(prompt)} ({model.__name__}), and the test gives no answer: "
            "play(..., answers=[...])"
        )
        self.prompt = _shown(prompt)
        self.model = model


class GivenAnswers:
    """Finds the answer to each question: in order, by prompt, by model, or by asking a function."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._taken = 0

    def to(self, question: Question) -> Answer | None:
        """Return the answer; None where nobody answers.

        Raises:
            Unanswered: there is none.
            AssertionError: it does not fit.
        """
        model = model_named(question.model)
        assert model is not None, f"{question.model} can't be found"  # noqa: S101 - run.ask has looked
        value = self._find(question.prompt, model)
        if value is NO_ANSWER:
            return None
        try:
            if isinstance(value, BaseModel):
                standing = shape_of(model).dump(value)
            else:
                standing = standing_of(model, value)
        except ValueError as error:
            raise AssertionError(f"the answer to {_shown(question.prompt)} does not fit: {error}") from error
        return Answer(kind="answered", value_json=to_json(standing))

    def _find(self, prompt: str, model: type[BaseModel]) -> Any:
        if isinstance(self._answers, Mapping):
            for key in (prompt, model):
                if key in self._answers:
                    return self._answers[key]
        elif callable(self._answers):
            return self._answers(prompt, model)
        elif self._taken < len(self._answers):
            self._taken += 1
            return self._answers[self._taken - 1]
        raise Unanswered(prompt, model)


def _shown(prompt: str) -> str:
    return repr(prompt if len(prompt) <= SHOWN else f"{prompt[:SHOWN]}…")
