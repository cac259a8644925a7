"""The turns of conversations: entering, waiting, going, ending. The rows decide, not who wrote them first."""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.payloads import GO_EVENT
from raincheck.service.conversations import Conversation, Conversations, Turn
from raincheck.service.policies import Entrant, Entry, entry_of, policy_for
from raincheck.service.ports import Clock, Orchestrations, Outcomes
from raincheck.service.runs import Runs

__all__ = ["OPEN_RUNS", "Turns"]

OPEN_RUNS = 20  # of one conversation
_TRIES = 40  # races that a write bears; of N that race one wins each time
_PAUSE, _LONGEST_PAUSE = 0.01, 0.25  # seconds between two tries, growing


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """Moves runs through their conversations. `takeover` is how long a start may take.

    At most `open_runs` (up to 50: all must fit into one transaction) of a conversation are open at a time.
    """

    conversations: Conversations
    runs: Runs
    outcomes: Outcomes
    orchestrations: Orchestrations
    clock: Clock
    takeover: timedelta
    sleep: Callable[[float], Awaitable[None]]
    open_runs: int = OPEN_RUNS

    async def plan(self, entrant: Entrant) -> Entry:
        """See what would become of a new run; nothing is written for it yet.

        Raises:
            RequestError: 409 or 429; the run can't be started now.
        """
        conversation = await self.conversations.read(entrant.conversation_id)
        others = [turn for turn in conversation.open_turns if turn.run_id != entrant.run_id]
        if others and (policy_for(entrant, others).refuses or len(others) >= self.open_runs):
            conversation = await self._settled(conversation, others, seen=True)
        elif others and policy_for(entrant, others).waits:
            conversation = await self._settled(conversation, others)
        return entry_of(entrant, conversation, limit=self.open_runs, now=self.clock())

    async def enter(self, entrant: Entrant, entry: Entry) -> Entry:
        """Write what was planned, or what becomes of it where others were faster; return what was written.

        Raises:
            RequestError: as `plan`; also 409 where others are faster all the time.
        """
        for attempt in range(_TRIES):
            if entry.returning:
                entered = await self.conversations.change(entrant.conversation_id, [entry.turn])
            else:
                entered = await self.conversations.enter(
                    entry.conversation, entry.turn, changed=entry.changed, dropped=entry.dropped
                )
            if entered:
                return entry
            await self._pause(attempt, entrant.run_id)
            entry = await self.plan(entrant)
        raise RequestError(
            409, "conversation_busy", "Too much is said in this conversation at once.", retry_after=1
        )

    def age(self, entry: Entry) -> float:
        """Return the seconds since a turn was claimed: others take it for lost after the start takeover."""
        return (self.clock() - entry.turn.claimed_at).total_seconds()

    async def withdraw(self, entry: Entry) -> None:
        """Take the turn of a run back that was certainly not started, unless it is another starter's now."""
        turn = entry.turn
        await self.give_up(entry.conversation.id, turn.run_id, claimed_at=turn.claimed_at)

    async def give_up(
        self,
        conversation_id: str,
        run_id: str,
        *,
        claimed_at: datetime | None = None,
    ) -> None:
        """Write that a run was never started: it blocks and supersedes nobody, and the next one goes."""
        for attempt in range(_TRIES):
            conversation = await self.conversations.read(conversation_id)
            mine = conversation.turn(run_id)
            if mine is None or not mine.is_open or claimed_at not in (None, mine.claimed_at):
                break
            if await self.conversations.change(conversation_id, _settle(conversation, {run_id})):
                break
            await self._pause(attempt, run_id)
        await self._let_go(conversation_id)

    async def may_begin(self, run_id: str) -> bool:
        """Whether a run that was told to wait may begin; where it has no conversation, at once."""
        row = await self.runs.get(run_id)
        if row is None or row.conversation is None:
            return True  # there is nobody to wait for
        return await self.may_go(row.conversation, row.run_id)

    async def may_go(self, conversation_id: str, run_id: str) -> bool:
        """Whether a waiting run may begin, and then write that it does."""
        for attempt in range(_TRIES):
            conversation = await self.conversations.read(conversation_id)
            mine = conversation.turn(run_id)
            if mine is None or mine.state == "open":
                return True
            ahead = [turn for turn in conversation.open_turns if turn.sequence < mine.sequence]
            conversation = await self._settled(conversation, ahead)
            mine = conversation.turn(run_id) or mine
            if any(turn.sequence < mine.sequence for turn in conversation.open_turns):
                return False
            gone = replace(mine, state="open", claimed_at=self.clock())
            if await self.conversations.change(conversation_id, [gone]):
                return True
            await self._pause(attempt, run_id)
        return False

    async def end(self, conversation_id: str, run_id: str) -> None:
        """Write that a run has ended, and let the next one go that waits. Twice is the same as once."""
        for attempt in range(_TRIES):
            mine = await self.conversations.turn(conversation_id, run_id)
            if mine is None or mine.state == "ended":
                break
            if await self.conversations.change(conversation_id, [replace(mine, state="ended")]):
                break
            await self._pause(attempt, run_id)
        else:
            raise StorageUnavailable("The conversation changed all the time.")
        await self._let_go(conversation_id)

    async def is_interrupted(self, conversation_id: str, run_id: str) -> bool:
        """Whether a newer run wants this one to end."""
        turn = await self.conversations.turn(conversation_id, run_id)
        return turn is not None and turn.interrupted_by is not None

    async def _let_go(self, conversation_id: str) -> None:
        """Wake the first that waits, if nothing is open before it. Should it not hear, it looks by itself."""
        conversation = await self.conversations.read(conversation_id)
        waiting = [turn for turn in conversation.open_turns if turn.state == "waiting"]
        if not waiting:
            return
        ahead = [turn for turn in conversation.open_turns if turn.sequence <= waiting[0].sequence]
        conversation = await self._settled(conversation, ahead)
        first = next(iter(conversation.open_turns), None)
        if first is not None and first.state == "waiting":
            await self.orchestrations.raise_event(first.run_id, GO_EVENT, {})

    async def _settled(
        self,
        conversation: Conversation,
        doubtful: list[Turn],
        *,
        seen: bool = False,
    ) -> Conversation:
        """Write what has become of turns that look open: starts fail, and ends get lost.

        `seen`: also end those whose outcome callers may have seen by now. Whoever was given the answer and
        says something new must not hear that the conversation is busy.
        """
        lost: set[str] = set()
        ended: set[str] = set()
        for turn in doubtful:
            if seen and await self.outcomes.get(turn.run_id) is not None:
                ended.add(turn.run_id)
                continue
            if self.clock() < turn.claimed_at + self.takeover:
                continue
            instance = await self.orchestrations.status(turn.run_id)
            if instance is None:
                lost.add(turn.run_id)
            elif instance.ended:
                ended.add(turn.run_id)
        if not lost and not ended:
            return conversation
        await self.conversations.change(conversation.id, _settle(conversation, lost, ended))
        return await self.conversations.read(conversation.id)  # as written, or as others have written it

    async def _pause(self, attempt: int, run_id: str) -> None:
        spread = 0.5 + int(run_id[-4:], 16) / 0x10000  # so that those who race don't meet again
        await self.sleep(min(_PAUSE * (attempt + 1), _LONGEST_PAUSE) * spread)


def _settle(conversation: Conversation, lost: Collection[str], ended: Collection[str] = ()) -> list[Turn]:
    """Return the turns that change where some runs were never started: nothing was superseded by those."""
    changed: list[Turn] = []
    for turn in conversation.turns:
        new = turn
        if turn.run_id in lost:
            new = replace(new, state="not_started")
        if turn.run_id in ended:
            new = replace(new, state="ended")
        if turn.superseded_by in lost:
            new = replace(new, superseded_by=None)
        if turn.interrupted_by in lost:
            new = replace(new, interrupted_by=None)
        if new != turn:
            changed.append(new)
    return changed
