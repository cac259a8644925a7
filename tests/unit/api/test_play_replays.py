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


def test_a_sub_flow_that_decides_otherwise_fails():
    """Each run of a play is replayed with its own history, and named."""

    @flow
    async def restless(run: Run, value: str) -> str:
        await run.step(note, value)
        return await run.step(note, uuid.uuid4().hex)

    @flow
    async def calm(run: Run, value: None) -> tuple[str, str]:
        return await run.gather(run.flow(restless, "a"), run.step(note, "b"))

    with pytest.raises(AssertionError, match="flow 'restless' does something else when it is replayed"):
        play(calm, None)
    assert play(calm, None, flows={restless: "x"}).result == ("x", "b")


def test_a_flow_that_gives_its_sub_flow_another_input_fails():
    """It would be held against the other's history in the cloud."""

    @flow
    async def calm(run: Run, value: str) -> str:
        return await run.step(note, value)

    @flow
    async def restless(run: Run, value: None) -> str:
        return await run.flow(calm, uuid.uuid4().hex)

    with pytest.raises(AssertionError, match=r"'restless' does something else .*: first flow calm"):
        play(restless, None)


@pytest.mark.parametrize("cancel_after", [None, 1, 3, timedelta(minutes=1), note])
def test_sub_flows_are_replayed_alike(cancel_after):
    """In step with each other, given up, and cancelled; each run has ids of its own, and the common time."""

    @flow
    async def inner(run: Run, value: str) -> list[str]:
        seen = [run.uuid(), run.now.isoformat()]
        try:
            await run.sleep(timedelta(hours=len(value)))
            return [*seen, run.uuid(), run.now.isoformat(), await run.step(note, value)]
        except Canceled:
            await run.step(note, f"clean {run.now.isoformat()}")
            raise

    @flow
    async def outer(run: Run, value: None) -> list[str]:
        ids = [run.uuid()]
        await run.step(note, "begin")
        both = await run.gather(run.flow(inner, "a"), run.flow(inner, "a"))
        await run.first(run.flow(inner, "abc"), run.sleep(timedelta(minutes=5)))
        first = await run.first(run.flow(inner, "a"), run.flow(inner, "b"))
        await run.step(note, f"{first.which} {run.now.isoformat()}")
        return [*ids, *(text for texts in both for text in (texts[0], texts[2]))]

    played = play(outer, None, cancel_after=cancel_after)

    assert cancel_after is not None or len(set(played.result)) == len(played.result) == 5


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
