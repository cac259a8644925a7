"""What a run shows while it runs: bounded, whatever its flow asks and says."""

from raincheck.driver.room import ROOM_FOR_MESSAGE, ROOM_FOR_RANGES, size_of
from raincheck.driver.state import RunState
from raincheck.models import Progress
from raincheck.number_ranges import covering, fitting
from raincheck.payloads import CustomStatus
from raincheck.values.text import well_formed

__all__ = ["status_of"]

SURELY_SHORT = 80  # characters of a message, which take six units each at most


def status_of(state: RunState) -> CustomStatus:
    """Build what a run shows. Cheap where nothing is asked: it is made anew at every step of a replay."""
    progress, questions = _shortened(state.progress), state.questions
    outstanding = len(state.driver.outstanding)
    if not outstanding or not (questions.idle or questions.flows):  # waits for nothing: the flow is over
        return CustomStatus(progress=progress)
    return CustomStatus(
        progress=progress,
        waiting=outstanding == len(questions.idle) + len(questions.flows),
        input_requests=questions.inline,
        stored=fitting(questions.stored, ROOM_FOR_RANGES),
        flows=covering(questions.flows, ROOM_FOR_RANGES),
    )


def _shortened(progress: Progress | None) -> Progress | None:
    """Cut a message that has no room."""
    if progress is None or progress.message is None:
        return progress
    progress = progress.model_copy(update={"message": well_formed(progress.message)})
    if len(progress.message or "") < SURELY_SHORT or size_of(progress) <= ROOM_FOR_MESSAGE:
        return progress
    message = (progress.message or "")[:ROOM_FOR_MESSAGE]
    while size_of(cut := progress.model_copy(update={"message": f"{message}…"})) > ROOM_FOR_MESSAGE:
        message = message[: len(message) * 9 // 10]
    return cut
