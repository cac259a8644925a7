"""How a flow went that a unit test played."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from raincheck.models import Progress
from raincheck.outcomes import Outcome, RunStatus

__all__ = ["Played"]

Out = TypeVar("Out")


@dataclass
class Played(Generic[Out]):
    """How a flow went. `result` raises where there is none, so that a test fails with the reason."""

    outcome: Outcome
    value: Out | None
    steps: list[str] = field(default_factory=list)  # each attempt, in the order they began
    stopped: list[str] = field(default_factory=list)  # steps that were no longer wanted while under way
    questions: list[str] = field(default_factory=list)  # the prompts, in the order asked
    texts: list[str] = field(default_factory=list)  # what the steps emitted
    logs: list[str] = field(default_factory=list)
    progress: Progress | None = None  # the last that the flow showed

    @property
    def result(self) -> Out:
        """What the flow returned."""
        if self.outcome.status != RunStatus.SUCCEEDED:
            raise AssertionError(f"the flow ended {self.outcome.status}: {self.outcome.error}")
        return self.value  # type: ignore[return-value]  # there is one where it succeeded
