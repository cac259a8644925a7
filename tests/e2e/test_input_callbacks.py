"""Callbacks that tell of questions, on a real host."""

import httpx
import pytest

from tests.e2e.test_callbacks import Receiver, serving, started, until
from tests.e2e.test_human_input import answer, result, waiting

EVENTS = ["run.input_required", "run.succeeded"]


@pytest.fixture
async def receiver():
    receiver = Receiver()
    async with serving(receiver):
        yield receiver


async def asking(api: httpx.AsyncClient, receiver: Receiver, flow: str, **value) -> dict:
    return await started(api, receiver, flow, value, events=EVENTS)


async def test_a_receiver_is_told_of_the_question_and_of_the_end(trial, receiver):
    """What comes may only read, and so may all that its URLs open; who started the run can answer."""
    run = await asking(trial, receiver, "ask_once", size=20)
    await until(lambda: receiver.got)
    [told] = receiver.documents()
    assert (told["type"], told["data"]["status"]) == ("run.input_required", "InputRequired")
    [request] = told["data"]["input_requests"]
    assert (request["id"], request["answer_url"]) == ("q1", None)
    [shown] = (await trial.get(told["data"]["status_url"])).json()["input_requests"]
    assert (shown["id"], shown["answer_url"]) == ("q1", None)
    [open_request] = (await trial.get(run["status_url"])).json()["input_requests"]
    await answer(trial, open_request, {"colour": "red"})
    await until(lambda: len(receiver.got) >= 2)
    assert receiver.documents()[1]["data"]["result"] == "red"
    assert [headers["webhook-id"] for headers, _ in receiver.got] == [
        f"msg_{run['id']}_run.input_required_q1",
        f"msg_{run['id']}_run.succeeded",
    ]


async def test_reminders_come_until_somebody_answers(trial, receiver):
    """Each under an id of its own, so that receivers don't take it for one they have had."""
    run = await asking(trial, receiver, "ask_once", remind=2)
    await until(lambda: len(receiver.got) >= 3)
    [request] = await waiting(trial, run["status_url"])
    await answer(trial, request, {"colour": "red"})
    assert await result(trial, run["status_url"]) == "red"
    ids = [headers["webhook-id"].rpartition("_")[2] for headers, _ in receiver.got]
    assert ids[:3] == ["q1", "q1-r1", "q1-r2"]


async def test_each_of_several_questions_is_told(trial, receiver):
    """Large ones and those of sub-flows too."""
    await asking(trial, receiver, "ask_three", size=50_000)
    await asking(trial, receiver, "ask_below")
    await until(lambda: len(receiver.got) >= 5)
    ids = {headers["webhook-id"].rpartition("_")[2] for headers, _ in receiver.got}
    assert ids == {"q1", "q2", "q3", "1:q1", "2:q1"}


async def test_who_asked_for_the_end_only_is_told_of_the_end_only(trial, receiver):
    """Questions are for those who asked for them."""
    run = await started(trial, receiver, "ask_once", {}, events=["run.succeeded"])
    [request] = await waiting(trial, run["status_url"])
    await answer(trial, request, {"colour": "red"})
    await until(lambda: receiver.got)
    assert [document["type"] for document in receiver.documents()] == ["run.succeeded"]
