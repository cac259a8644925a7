"""Starting and polling."""

import json

import httpx
import pytest
from pydantic import BaseModel

from raincheck.client import Refused, RunStatus, StillRunning, Unreachable
from tests.unit.client.fake_app import FakeApp, answer, problem


class Story(BaseModel):
    topic: str


async def test_a_start_sends_the_input_and_what_was_asked_for_only() -> None:
    """Options that weren't given are left to the app's own defaults."""
    app = FakeApp(answer("Running"))
    async with app.client() as client:
        run = await client.start("tell_story", Story(topic="rain"), callback="https://x.example/in")
    assert run.continuation_token == "tok-0"
    assert app.requests[0].url == "http://app/api/flows/tell_story/runs"
    assert json.loads(app.requests[0].content) == {
        "input": {"topic": "rain"},
        "callback": {"url": "https://x.example/in"},
    }


async def test_waiting_in_the_background_is_said_by_the_header() -> None:
    """The body's `background` would win over it, and the answer come at once."""
    app = FakeApp(answer("Running"))
    async with app.client() as client:
        await client.start("tell_story", {}, background=True, wait=3)
    assert app.requests[0].headers["prefer"] == "respond-async, wait=3"
    assert "background" not in json.loads(app.requests[0].content)


async def test_the_key_goes_where_a_key_is_needed_only() -> None:
    """What a token opens is called without the function key."""
    app = FakeApp(answer("Running"))
    async with app.client(key="secret") as client:
        await client.start("tell_story", {})
        await client.status("tok-0")
    assert app.requests[0].headers["x-functions-key"] == "secret"
    assert "x-functions-key" not in app.requests[1].headers


async def test_a_base_with_a_path_is_taken_as_it_is() -> None:
    """Apps with another route prefix can be called."""
    app = FakeApp(answer("Running"))
    async with app.client("http://app/agents/") as client:
        await client.status("tok-0")
    assert app.requests[0].url == "http://app/agents/runs/tok-0"


async def test_a_token_can_not_change_the_path() -> None:
    """A token from elsewhere is one segment, whatever it holds."""
    app = FakeApp(problem(404, "not_found"))
    async with app.client() as client:
        with pytest.raises(Refused):
            await client.status("../flows?x")
    assert app.requests[0].url.raw_path == b"/api/runs/..%2Fflows%3Fx"


async def test_polling_waits_as_long_as_the_answers_say() -> None:
    """Retry-After is the app's word on when a look is worth its cost."""
    app = FakeApp(
        answer("NotStarted", retry_after=1),
        answer("Running", retry_after=5),
        answer("Succeeded", result={"text": "x"}),
    )
    async with app.client() as client:
        done = await client.wait("tok-0")
    assert done.result == {"text": "x"}
    assert app.clock.slept == [1, 5]


async def test_waiting_ends_where_a_person_has_to_answer() -> None:
    """InputRequired won't change by waiting."""
    async with FakeApp(answer("InputRequired")).client() as client:
        assert (await client.wait("tok-0")).status is RunStatus.INPUT_REQUIRED


async def test_waiting_has_a_limit() -> None:
    """A run that goes on is told with its last document, and no later than asked."""
    app = FakeApp(answer("Running", retry_after=4))
    async with app.client() as client:
        with pytest.raises(StillRunning) as raised:
            await client.wait("tok-0", limit=10)
    assert raised.value.document.status is RunStatus.RUNNING
    assert app.clock.now == 10


async def test_polling_bears_an_app_that_is_away_for_a_while() -> None:
    """Neither a 503 nor a lost connection is the end of a run."""
    app = FakeApp(
        answer("Running", retry_after=1),
        problem(503, "storage_unavailable"),
        httpx.ReadError("lost"),
        answer("Succeeded"),
    )
    async with app.client() as client:
        assert (await client.wait("tok-0")).status is RunStatus.SUCCEEDED


async def test_polling_gives_an_app_up_that_stays_away() -> None:
    """Everything that waits has a limit."""
    app = FakeApp(httpx.ConnectError("refused"))
    async with app.client() as client:
        with pytest.raises(Unreachable):
            await client.wait("tok-0", patience=30)
    assert app.clock.now <= 32


async def test_a_refusal_names_what_does_not_fit() -> None:
    """The problem document's paths and messages are in the error's text."""
    errors = [{"path": "input.topic", "message": "Field required"}]
    async with FakeApp(problem(422, "invalid_request", errors=errors)).client() as client:
        with pytest.raises(Refused, match=r"422 invalid_request: d\n  input.topic: Field required"):
            await client.start("tell_story", {})


async def test_an_answer_that_is_no_problem_document_is_a_refusal_too() -> None:
    """A proxy's page must not end in a traceback of a JSON parser."""
    async with FakeApp(httpx.Response(502, text="<html>")).client() as client:
        with pytest.raises(Refused) as raised:
            await client.status("tok-0")
    assert raised.value.may_pass


@pytest.mark.parametrize(
    ("error", "may_have"), [(httpx.ConnectError("x"), False), (httpx.ReadError("x"), True)]
)
async def test_a_start_without_an_answer_says_whether_it_may_have_arrived(error, may_have) -> None:
    """Only a connection that was never made is safe to try again."""
    async with FakeApp(error).client() as client:
        with pytest.raises(Unreachable) as raised:
            await client.start("tell_story", {})
    assert raised.value.may_have_arrived is may_have


async def test_a_start_with_a_key_is_sent_again_until_the_answer_is_known():
    """One key starts one run, so a lost answer costs a second request and not a second run."""
    app = FakeApp(
        httpx.ReadError("lost"),
        httpx.Response(409, json={"code": "start_in_progress"}, headers={"Retry-After": "1"}),
        answer("Running"),
    )
    async with app.client() as client:
        run = await client.start("tell_story", {}, idempotency_key="order-7")
    assert run.continuation_token == "tok-0"
    assert [request.headers["idempotency-key"] for request in app.requests] == ["order-7"] * 3


async def test_a_start_without_a_key_is_sent_once():
    """It might start a second run."""
    app = FakeApp(httpx.ReadError("lost"))
    async with app.client() as client:
        with pytest.raises(Unreachable):
            await client.start("tell_story", {})
    assert len(app.requests) == 1


async def test_an_answer_goes_to_the_url_of_its_question():
    """With the value in an object, as the contract has it."""
    app = FakeApp(answer("Running"))
    async with app.client() as client:
        await client.answer("http://app/api/runs/tok-a/answer", Story(topic="rain"))
    assert json.loads(app.requests[0].content) == {"value": {"topic": "rain"}}
