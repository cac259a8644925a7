"""`complete_run`: the outcome first, then every debt, and only then is the run's note crossed out."""

import pytest

from raincheck.errors import StorageUnavailable
from raincheck.models import CallbackRequest
from raincheck.outcomes import Outcome
from raincheck.payloads import Completion
from raincheck.service.completion import CompleteRun
from raincheck.service.runs import RunRow
from tests.unit.web.fakes import (
    NOW,
    FakeConversations,
    FakeLog,
    FakeOrchestrations,
    FakeOutcomes,
    FakeRuns,
    FakeTime,
    FakeUnfinished,
    turns_of,
)

OLDER, RUN, NEXT = ("20261121-" + letter * 32 for letter in "0ab")


class Ended:
    """A run at its end, with a callback and a conversation in which another one waits."""

    def __init__(self):
        self.time = FakeTime()
        self.orchestrations = FakeOrchestrations(self.time)
        self.orchestrations.put(NEXT, "Running")
        self.unfinished, self.outcomes = FakeUnfinished(), FakeOutcomes()
        self.unfinished.notes["run", RUN] = {}
        self.conversations = FakeConversations()
        for number, run_id, state in ((1, RUN, "open"), (2, NEXT, "waiting")):
            self.conversations.put("c", run_id=run_id, sequence=number, state=state)
        self.delivered = []
        self.failure = None
        self.endings = CompleteRun(
            runs=FakeRuns(),
            outcomes=self.outcomes,
            events=FakeLog(),
            markers=None,
            outbox=self,
            turns=turns_of(self.conversations, self.orchestrations, self.time),
            status=None,
            unfinished=self.unfinished,
            orchestrations=self.orchestrations,
        )
        callback = CallbackRequest(url="https://example.com/")
        self.endings.runs.rows[RUN] = RunRow(
            run_id=RUN, flow="greet", version=1, created_at=NOW, conversation_id="c", callback=callback
        )

    async def tell(self, run, event):
        if self.failure:
            raise self.failure
        self.delivered.append(event)

    async def complete(self, *owes):
        completion = Completion(
            run_id=RUN,
            flow="greet",
            outcome_json=Outcome.succeeded(1).model_dump_json(),
            close_log=False,
            owes=list(owes),
            open_steps=False,
        )
        await self.endings.complete(completion)


@pytest.fixture
def ended():
    return Ended()


async def test_a_conversation_goes_on(ended):
    """The turn ends, and the next is woken."""
    await ended.complete("conversation")
    assert ended.conversations.turns["c"][RUN].state == "ended"
    assert [event[:2] for event in ended.orchestrations.events] == [(NEXT, "go")]


async def test_both_debts_are_paid(ended):
    """One does not stand for the other."""
    await ended.complete("callback", "conversation")
    assert ended.delivered == ["run.succeeded"]
    assert ended.conversations.turns["c"][RUN].state == "ended"


async def test_what_is_not_owed_is_not_paid(ended):
    """The input says what was promised, whatever the row has."""
    await ended.complete()
    assert (ended.delivered, ended.orchestrations.events) == ([], [])


async def test_the_note_goes_when_all_is_paid(ended):
    """The sweeper has nothing left to do."""
    await ended.complete("callback", "conversation")
    assert ended.unfinished.notes == {}


async def test_the_note_stays_while_something_is_owed(ended):
    """Whatever fails, the sweeper does it again."""
    ended.failure = StorageUnavailable("tables are away")
    with pytest.raises(StorageUnavailable):
        await ended.complete("callback", "conversation")
    assert ("run", RUN) in ended.unfinished.notes


async def test_the_outcome_stands_before_the_next_one_goes(ended):
    """The next run may look at what came before it."""
    seen = []
    ended.conversations.meanwhile = lambda: seen.append(RUN in ended.outcomes.rows)
    await ended.complete("conversation")
    assert seen == [True]


async def test_a_run_that_was_cleared_away_owes_nothing(ended):
    """Its row has gone, and with it where to call back."""
    ended.endings.runs.rows.clear()
    await ended.complete("callback", "conversation")
    assert (ended.delivered, ended.unfinished.notes) == ([], {})


async def test_a_run_that_never_was_supersedes_nobody(ended):
    """The sweeper ends it like the others, and its turn is given up."""
    ended.outcomes.rows[RUN] = Outcome.failed("not_started", "The run could not be started.")
    ended.conversations.put("c", run_id=OLDER, sequence=0, superseded_by=RUN)
    ended.orchestrations.put(OLDER, "Running")
    await ended.complete("conversation")
    turns = ended.conversations.turns["c"]
    assert (turns[RUN].state, turns[OLDER].superseded_by) == ("not_started", None)
