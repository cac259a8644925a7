"""What a unit test plays is also replayed: a flow that decides otherwise fails there, not in the cloud."""

import itertools
import uuid
from datetime import timedelta

import pytest
from pydantic import BaseModel, PrivateAttr

from raincheck import AnswerTimedOut, Canceled, Run, TransientError, flow, step
from raincheck.testing import NO_ANSWER, play


class Traced(BaseModel):
    name: str
    _trace: str = PrivateAttr(default_factory=lambda: uuid.uuid4().hex)


class Approval(BaseModel):
    approved: bool
    _seen: str = PrivateAttr(default_factory=lambda: uuid.uuid4().hex)


@step
async def note(text: str) -> str:
    return text


@step
async def trace(name: str) -> Traced:
    return Traced(name=name)


def test_what_a_model_makes_by_itself_is_made_once():
    """In the input, in a step's result and in an answer: the same in each replay."""

    @flow
    async def tracing(run: Run, value: Traced) -> list[str]:
        made = await run.step(trace, "x")
        answer = await run.ask("?", Approval)
        texts = [value._trace, made._trace, answer._seen]
        return [await run.step(note, text) for text in texts]

    played = play(tracing, Traced(name="x"), answers=[{"approved": True}])

    assert len(set(played.result)) == 3


def random_input(run):
    return run.step(note, uuid.uuid4().hex)


COUNTER = itertools.count()


def other_call(run):
    return run.step(note, "a") if next(COUNTER) % 2 else run.sleep(5)


@pytest.mark.parametrize("operation", [random_input, other_call])
def test_a_flow_that_decides_otherwise_fails(operation):
    """With what it did first, and what then."""

    @flow
    async def restless(run: Run, value: None) -> None:
        await operation(run)
        await run.step(note, "end")

    with pytest.raises(
        AssertionError, match=r"restless' does something else when it is replayed: first .*, then"
    ):
        play(restless, None)


def test_a_flow_that_returns_otherwise_fails():
    """The last episode alone makes the result, but a sweep or a retry makes it anew."""

    @flow
    async def restless(run: Run, value: None) -> str:
        await run.step(note, "a")
        return uuid.uuid4().hex

    with pytest.raises(AssertionError, match="it ends with something else"):
        play(restless, None)


def test_all_that_a_flow_may_do_is_replayed_alike():
    """Retries, time, races, questions, a cancelled run and its clean-up."""
    failing = iter([TransientError("busy"), None, None])

    def busy(text: str) -> str:
        if error := next(failing):
            raise error
        return text

    @flow
    async def busily(run: Run, value: str) -> list[str]:
        await run.step(note, run.uuid())
        await run.gather(run.step(note, "a"), run.step(note, "b"))
        await run.first(run.sleep(timedelta(days=3)), run.step(note, "c"))
        try:
            await run.ask("?", Approval, timeout=timedelta(days=1), remind_every=timedelta(hours=5))
        except AnswerTimedOut as error:
            return [type(error).__name__, run.now.isoformat()]
        return []

    @flow
    async def cleaning(run: Run, value: None) -> None:
        try:
            await run.step(note, "a")
            await run.sleep(5)
        except Canceled:
            await run.step(note, "clean")
            raise

    @flow
    async def trying(run: Run, value: None) -> str:
        return await run.step(note, "a")

    assert play(busily, "x", answers=[NO_ANSWER]).result[0] == "AnswerTimedOut"
    assert play(cleaning, None, cancel_after=1).steps == ["note", "note"]
    assert play(trying, None, steps={note: busy}).result == "a"
