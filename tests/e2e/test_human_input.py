"""People answer runs on a real host: once, whatever comes at the same time."""

import asyncio

import httpx
import pytest

DEAR = {"employee": "Ada", "model": "X1", "price": 2500}


async def started(api: httpx.AsyncClient, flow: str, **value) -> str:
    """Start a run; give its status URL."""
    answer = await api.post(f"/flows/{flow}/runs", json={"input": value, "background": True})
    assert answer.status_code == 202, answer.text
    return answer.json()["status_url"]


async def until(api: httpx.AsyncClient, url: str, *statuses: str, asked: int | None = None) -> dict:
    """Poll until the run has one of the statuses, and so many open questions."""
    async with asyncio.timeout(60):
        while True:
            document = (await api.get(url, headers={"Prefer": "wait=1"})).json()
            fits = asked is None or len(document["input_requests"]) == asked
            if fits and document["status"] in (statuses or {document["status"]}):
                return document
            assert document["error"] is None or document["status"] in statuses, document
            await asyncio.sleep(0.02)


async def waiting(api: httpx.AsyncClient, url: str, asked: int = 1) -> list[dict]:
    """Poll until the run waits for so many answers; give what it asks."""
    return (await until(api, url, "InputRequired", asked=asked))["input_requests"]


async def answer(api: httpx.AsyncClient, request: dict, value) -> httpx.Response:
    return await api.post(request["answer_url"], json={"value": value})


async def result(api: httpx.AsyncClient, url: str):
    return (await until(api, url, "Succeeded"))["result"]


@pytest.mark.parametrize("approved", [True, False])
async def test_an_approval(api, approved):
    """The example flow: nothing is ordered without a yes, and the order goes on with it."""
    url = await started(api, "order_laptop", **DEAR)
    [request] = await waiting(api, url)
    assert "2,500.00" in request["prompt"]
    assert request["schema"]["required"] == ["approved"]
    assert request["expires_at"] is not None
    taken = await answer(api, request, {"approved": approved})
    assert taken.status_code == 202
    assert taken.json()["status"] != "InputRequired"
    assert (await result(api, url))["placed"] is approved


async def test_a_start_that_waits_is_answered_with_the_question(api):
    """Nothing more will happen without an answer: 200, no token to poll with."""
    document = await api.post("/flows/order_laptop/runs", json={"input": DEAR, "background": False})
    assert document.status_code == 200
    assert document.json()["status"] == "InputRequired"
    assert document.json()["continuation_token"] is None


async def test_what_does_not_fit_is_refused_and_the_run_waits_on(trial):
    """A typing mistake must not end an approval of two days."""
    url = await started(trial, "ask_once")
    [request] = await waiting(trial, url)
    refused = await answer(trial, request, {"colour": 7})
    assert refused.status_code == 422
    assert [error["path"] for error in refused.json()["errors"]] == ["value.colour"]
    assert await waiting(trial, url)
    assert (await answer(trial, request, {"colour": "red"})).status_code == 202
    assert await result(trial, url) == "red"


async def test_two_different_answers_at_once(trial):
    """One stands, the other is told so, and the flow sees the one that stands. 20 times."""

    async def once() -> None:
        url = await started(trial, "ask_once")
        [request] = await waiting(trial, url)
        colours = ("red", "blue")
        answers = await asyncio.gather(*(answer(trial, request, {"colour": each}) for each in colours))
        assert sorted(each.status_code for each in answers) == [202, 409]
        [taken] = [colour for colour, each in zip(colours, answers, strict=True) if each.status_code == 202]
        assert await result(trial, url) == taken

    for _ in range(5):
        await asyncio.gather(*(once() for _ in range(4)))


async def test_the_same_answer_twice(trial):
    """Whoever didn't get our answer may send it again, also when the run has ended."""
    url = await started(trial, "ask_once")
    [request] = await waiting(trial, url)
    both = await asyncio.gather(*(answer(trial, request, {"colour": "red"}) for _ in range(2)))
    assert [each.status_code for each in both] == [202, 202]
    assert await result(trial, url) == "red"
    assert (await answer(trial, request, {"colour": "red"})).status_code == 202
    assert (await answer(trial, request, {"colour": "blue"})).status_code == 409


async def test_answer_and_time_out_at_once(trial):
    """Both sides agree, whoever is faster. 24 times, at moments around the time-out."""

    async def once(number: int) -> tuple[int, str]:
        url = await started(trial, "ask_once", seconds=3)
        [request] = await waiting(trial, url)
        await asyncio.sleep(2.2 + number * 0.1)
        taken = await answer(trial, request, {"colour": "red"})
        came = await result(trial, url)
        assert (taken.status_code, came) in {(202, "red"), (410, "answer_timed_out")}
        return taken.status_code, came

    for _ in range(2):
        came = await asyncio.gather(*(once(number) for number in range(12)))
    assert {status for status, _ in came} == {202, 410}


async def test_nobody_answers(trial):
    """The flow decides what that means; the answer comes too late."""
    url = await started(trial, "ask_once", seconds=1)
    [request] = await waiting(trial, url)
    assert await result(trial, url) == "answer_timed_out"
    late = await answer(trial, request, {"colour": "red"})
    assert (late.status_code, late.json()["code"]) == (410, "question_closed")


async def test_three_questions_at_once(trial):
    """Each is answered by its own URL, in any order; the run waits until the last."""
    url = await started(trial, "ask_three")
    requests = await waiting(trial, url, asked=3)
    assert [request["id"] for request in requests] == ["q1", "q2", "q3"]
    await answer(trial, requests[1], {"colour": "two"})
    left = await waiting(trial, url, asked=2)
    assert [request["id"] for request in left] == ["q1", "q3"]
    await asyncio.gather(
        answer(trial, requests[2], {"colour": "three"}), answer(trial, requests[0], {"colour": "one"})
    )
    assert await result(trial, url) == ["one", "two", "three"]


async def test_a_prompt_of_50_kb(trial):
    """It doesn't fit into Durable's custom status, and is shown whole."""
    url = await started(trial, "ask_three", size=50_000)
    requests = await waiting(trial, url, asked=3)
    assert [len(request["prompt"]) for request in requests] == [50_000] * 3
    await asyncio.gather(*(answer(trial, request, {"colour": request["prompt"][0]}) for request in requests))
    assert await result(trial, url) == ["a", "b", "c"]


async def test_sub_flows_ask(trial):
    """A run waits where all of its sub-flows do; each question has an id and a URL of its own."""
    url = await started(trial, "ask_below")
    requests = await waiting(trial, url, asked=2)
    assert [request["id"] for request in requests] == ["1:q1", "2:q1"]
    await answer(trial, requests[1], {"colour": "second"})
    await waiting(trial, url, asked=1)
    await answer(trial, requests[0], {"colour": "first"})
    assert await result(trial, url) == ["first", "second"]


async def test_cancel_while_waiting(trial):
    """The flow cleans up, and the question is closed."""
    url = await started(trial, "ask_and_tidy")
    [request] = await waiting(trial, url)
    document = (await trial.get(url)).json()
    assert (await trial.post(document["cancel_url"])).status_code == 202
    await until(trial, url, "Canceled", asked=0)
    assert (await answer(trial, request, {"colour": "red"})).status_code == 410


async def test_a_question_that_lost_its_race_is_closed(trial):
    """It disappears, and what comes in for it is refused."""
    url = await started(trial, "ask_first")
    requests = await waiting(trial, url, asked=2)
    await answer(trial, requests[0], {"colour": "red"})
    [third] = await waiting(trial, url, asked=1)
    assert third["id"] == "q3"
    assert (await answer(trial, requests[1], {"colour": "blue"})).status_code == 410
    await answer(trial, third, {"colour": "green"})
    assert await result(trial, url) == ["red", "green"]


async def test_a_stream_tells_what_is_asked_and_stays(trial):
    """One event a set of questions, without a number; then the run's end."""
    url = await started(trial, "ask_first")
    lines: list[str] = []
    async with trial.stream("GET", f"{url}/events", headers={"Accept": "text/event-stream"}) as stream:
        async for line in stream.aiter_lines():
            lines.append(line)
            if '"run.input_required"' in line:
                asked = httpx.Response(200, text=line.removeprefix("data: ")).json()
                assert "sequence_number" not in asked
                await answer(trial, asked["input_requests"][0], {"colour": "red"})
    kinds = [line.split('"type":"')[1].split('"')[0] for line in lines if '"type":"' in line]
    assert kinds == ["run.started", "run.input_required", "run.input_required", "run.succeeded"]


async def test_a_stream_may_end_with_the_question(trial):
    """For readers that show the question to somebody and come back later."""
    url = await started(trial, "ask_once")
    headers = {"Accept": "text/event-stream"}
    text = (await trial.get(f"{url}/events", params={"until": "input"}, headers=headers)).text
    assert text.strip().splitlines()[-1].startswith('data: {"type":"run.input_required"')
