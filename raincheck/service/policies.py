"""What becomes of a new run in its conversation, and of those before it: the policies, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from raincheck.errors import RequestError
from raincheck.models import OnNewer
from raincheck.service.conversations import Conversation, Turn

__all__ = ["POLICIES", "Entrant", "Entry", "Policy", "entry_of", "policy_for"]

KEPT = 50  # turns of ended runs; with the open ones and a new one they fit into one transaction
_DROPPED_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Policy:
    """What a newer run does with those of its conversation that are still open.

    `waits`: it begins when they have ended. `supersedes`: their results are old news. `interrupts`: they are
    cancelled. `refuses`: it is not started.
    """

    waits: bool = False
    supersedes: bool = False
    interrupts: bool = False
    refuses: bool = False


POLICIES: Mapping[OnNewer, Policy] = {
    "finish": Policy(supersedes=True),
    "enqueue": Policy(waits=True),
    "reject": Policy(refuses=True),
    "interrupt": Policy(supersedes=True, interrupts=True),
}


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


def policy_for(entrant: Entrant, others: Sequence[Turn]) -> Policy:
    """Return the policy: what the request says, else what the newest open run asked for, else the flow's."""
    return POLICIES[entrant.on_newer or (others[-1].on_newer if others else None) or entrant.default]


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
    if others and policy.refuses:
        raise RequestError(
            409, "conversation_busy", "A run of this conversation is still open.", retry_after=5
        )
    turn = Turn(
        run_id=entrant.run_id,
        sequence=conversation.sequence + 1,
        state="waiting" if others and policy.waits else "open",
        claimed_at=now,
        on_newer=entrant.on_newer,
        etag=mine.etag if mine else "",
    )
    return Entry(
        conversation,
        turn,
        changed=_changed(policy, others, turn.run_id),
        dropped=_dropped(conversation, turn.run_id),
        interrupts=[turn.run_id for turn in others] if policy.interrupts else [],
    )


def _changed(policy: Policy, others: Sequence[Turn], newer: str) -> list[Turn]:
    """Return the others as they are written: even unchanged, so that one that ends meanwhile is noticed."""
    changed = list(others)
    if policy.supersedes:
        changed = [replace(turn, superseded_by=turn.superseded_by or newer) for turn in changed]
    if policy.interrupts:
        changed = [replace(turn, interrupted_by=newer) for turn in changed]
    return changed


def _dropped(conversation: Conversation, run_id: str) -> list[Turn]:
    over = [turn for turn in conversation.turns if not turn.is_open and turn.run_id != run_id]
    return over[: max(0, len(over) - KEPT)][:_DROPPED_AT_ONCE]
