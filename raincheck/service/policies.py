"""What becomes of a new run in its conversation, and of those before it: the four policies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from raincheck.errors import RequestError
from raincheck.models import OnNewer
from raincheck.service.turns import Conversation, Turn

__all__ = ["Entrant", "Entry", "entry_of", "policy_for"]

KEPT = 50  # turns of ended runs; with the open ones and a new one they fit into one transaction
_DROPPED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Entrant:
    """A run that is about to enter. `on_newer`: what its request says; `default`: what its flow says."""

    conversation_id: str
    run_id: str
    on_newer: OnNewer | None
    default: OnNewer = "finish"


@dataclass(frozen=True, slots=True)
class Entry:
    """What is written, under the condition that nothing of it has changed since it was read.

    `returning`: the turn was there already, left by a starter that is gone; it keeps its place.
    `interrupts` are the runs that end because of it.
    """

    conversation: Conversation
    turn: Turn
    changed: Sequence[Turn] = ()
    dropped: Sequence[Turn] = ()
    interrupts: Sequence[str] = ()
    returning: bool = False


def policy_for(entrant: Entrant, others: Sequence[Turn]) -> OnNewer:
    """Return the policy: what the request says, else what the newest open run asked for, else the flow's."""
    return entrant.on_newer or (others[-1].on_newer if others else None) or entrant.default


def entry_of(entrant: Entrant, conversation: Conversation, *, limit: int, now: datetime) -> Entry:
    """Decide what to write.

    Raises:
        RequestError: 429, `limit` runs of the conversation are open; 409, one is and the policy is `reject`.
    """
    mine = conversation.turn(entrant.run_id)
    others = [turn for turn in conversation.open_turns if turn is not mine]
    if mine is not None and mine.is_open:
        cut_short = [turn.run_id for turn in others if turn.interrupted_by == mine.run_id]
        turn = replace(mine, claimed_at=now)
        return Entry(conversation, turn, interrupts=cut_short, returning=True)
    if len(others) >= limit:
        raise RequestError(
            429, "too_many_open_runs", f"{limit} runs of this conversation are open.", retry_after=5
        )
    policy = policy_for(entrant, others)
    if others and policy == "reject":
        raise RequestError(
            409, "conversation_busy", "A run of this conversation is still open.", retry_after=5
        )
    turn = Turn(
        run_id=entrant.run_id,
        sequence=conversation.sequence + 1,
        state="waiting" if others and policy == "enqueue" else "open",
        claimed_at=now,
        on_newer=entrant.on_newer,
        etag=mine.etag if mine else "",
    )
    return Entry(
        conversation,
        turn,
        changed=_changed(policy, others, turn.run_id),
        dropped=_dropped(conversation, turn.run_id),
        interrupts=[turn.run_id for turn in others] if policy == "interrupt" else [],
    )


def _changed(policy: OnNewer, others: Sequence[Turn], newer: str) -> list[Turn]:
    if policy == "enqueue":
        return list(others)  # as they were read: should one end meanwhile, the newer need not wait
    superseded = [replace(turn, superseded_by=turn.superseded_by or newer) for turn in others]
    if policy == "interrupt":
        return [replace(turn, interrupted_by=newer) for turn in superseded]
    return superseded


def _dropped(conversation: Conversation, run_id: str) -> list[Turn]:
    over = [turn for turn in conversation.turns if not turn.is_open and turn.run_id != run_id]
    return over[: max(0, len(over) - KEPT)][:_DROPPED_AT_ONCE]
