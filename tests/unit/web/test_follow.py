"""Following a run: streams and pages, from a log and from the status alone."""

import json
from dataclasses import replace

import pytest

from raincheck.errors import StorageUnavailable
from raincheck.events import START, Position
from raincheck.outcomes import Outcome
from tests.unit.web.fakes import World

PAGE = {"Accept": "application/json"}


def parse(text):
    """Read server-sent events as a browser does: (id, data) of each.

    Each has data: clients in wide use take a `retry:` or a comment with an empty line after it for an event.
    """
    events = []
    *blocks, _begun = text.split("\n\n")
    for block in blocks:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        assert fields.keys() <= {"id", "data", "retry"}
        events.append((fields.get("id"), json.loads(fields["data"])))
    return events


async def stream(world, run_id, position=START, query="", **headers):
    answer = await world.open.get(f"/runs/{world.token(run_id, position)}/events{query}", headers=headers)
    return answer, parse(answer.text) if answer.status_code == 200 else None


@pytest.fixture
def told(world):
    """A run that ended, with a log of four lines."""
    run_id = world.run()
    world.log.add(run_id, "run.started", flow="greet")
    world.log.add(run_id, "output.text.delta", text="Hel")
    world.log.add(run_id, "output.text.delta", text="lo\n\nü")
    world.log.add(run_id, "run.succeeded", result={"text": "Hello\n\nü"})
    world.orchestrations.finish(
        run_id, Outcome.succeeded({"text": "Hello\n\nü"}).model_copy(update={"logged": True})
    )
    return run_id


async def test_a_stream_has_every_event_once_and_ends_with_the_terminal_one(world, told):
    """Numbers from 0 without gaps; the last is the end."""
    answer, events = await stream(world, told)
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert [data["sequence_number"] for _, data in events] == [0, 1, 2, 3]
    assert events[-1][1]["type"] == "run.succeeded"
    assert events[-1][1]["continuation_token"] is None
    assert "".join(data.get("text", "") for _, data in events) == "Hello\n\nü"


async def test_the_id_of_an_event_leads_to_the_next_one(world, told):
    """Last-Event-ID after each event gives exactly the rest."""
    _, events = await stream(world, told)
    for number, (event_id, _) in enumerate(events[:-1]):
        _, rest = await stream(world, told, **{"Last-Event-ID": event_id})
        assert [data["sequence_number"] for _, data in rest] == list(range(number + 1, 4))


async def test_the_token_of_an_event_leads_to_the_next_one(world, told):
    """The same for those who keep tokens."""
    _, events = await stream(world, told)
    answer = await world.open.get(f"/runs/{events[1][1]['continuation_token']}/events")
    assert [data["sequence_number"] for _, data in parse(answer.text)] == [2, 3]


async def test_starting_points_by_precedence(world, told):
    """Last-Event-ID wins over ?after, and both over the token."""
    start = Position(3, 0, 30)
    assert (await stream(world, told, start))[1][0][1]["sequence_number"] == 3
    assert (await stream(world, told, start, "?after=1"))[1][0][1]["sequence_number"] == 2
    assert (await stream(world, told, start, "?after=1", **{"Last-Event-ID": "0"}))[1][0][1][
        "sequence_number"
    ] == 1


@pytest.mark.parametrize("after", ["3", "4", "99999999"])
async def test_from_the_end_or_later_it_is_204(world, told, after):
    """A browser reconnects for ever until it gets one."""
    answer, _ = await stream(world, told, query=f"?after={after}")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("text", ["x", "-1", "1.5", "W10", "9" * 40])
@pytest.mark.parametrize("place", ["header", "query"])
async def test_a_bad_position_is_400(world, told, text, place):
    """Starting somewhere else silently would lose or double words."""
    query, headers = (f"?after={text}", {}) if place == "query" else ("", {"Last-Event-ID": text})
    answer, _ = await stream(world, told, query=query, **headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_position")


async def test_a_live_stream_gives_events_as_they_come(world):
    """Without waiting for the end, and without a pause that grows while text flows."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    world.log.add(run_id, "run.started", flow="greet")
    for second in (1, 2, 3):
        world.time.at(second, lambda n=second: world.log.add(run_id, "output.text.delta", text=str(n)))
    world.time.at(4, lambda: world.log.add(run_id, "run.succeeded", result=None))
    _, events = await stream(world, run_id)
    assert "".join(data.get("text", "") for _, data in events) == "123"
    assert world.time.seconds < 6


async def test_silence_is_broken_by_a_comment_every_15_seconds(world):
    """Proxies cut what is silent."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    world.time.at(47, lambda: world.orchestrations.finish(run_id, Outcome.succeeded(1)))
    answer, _ = await stream(world, run_id)
    assert sum(line.startswith(":") for line in answer.text.splitlines()) == 3


async def test_a_stream_ends_itself_before_the_limit_with_the_token_to_go_on_with():
    """The host's limit would cut it in the middle of a word."""
    world = World(settings={"stream_limit": 20})
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    world.log.add(run_id, "run.started", flow="greet")
    _, events = await stream(world, run_id)
    event_id, last = events[-1]
    assert world.time.seconds < 20
    assert (event_id, last["type"], "sequence_number" in last) == (None, "stream.resume", False)
    assert world.tokens.read(last["continuation_token"], "read").position == Position(1, 0, 10)


async def test_a_run_without_a_log_has_its_start_and_its_end(world):
    """A run that emits nothing costs no blob, and can be followed all the same."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    world.time.at(3, lambda: world.orchestrations.finish(run_id, Outcome.failed("c", "m")))
    _, events = await stream(world, run_id)
    assert [(data["sequence_number"], data["type"]) for _, data in events] == [
        (0, "run.started"),
        (1, "run.failed"),
    ]
    assert events[1][1]["error"] == {"code": "c", "message": "m"}
    assert run_id not in world.log.lines


@pytest.mark.parametrize(("after", "expected"), [("0", [1]), ("1", None)])
async def test_a_run_without_a_log_resumes_like_any_other(world, after, expected):
    """Its two numbers are real ones."""
    run_id = world.run()
    world.orchestrations.finish(run_id, Outcome.succeeded(1))
    _, events = await stream(world, run_id, query=f"?after={after}")
    assert (events and [data["sequence_number"] for _, data in events]) == expected


async def test_a_reader_closes_the_open_log_of_an_ended_run(world):
    """Whoever was to do it may have died."""
    run_id = world.run()
    world.log.add(run_id, "run.started", flow="greet")
    world.log.add(run_id, "output.text.delta", text="a")
    world.orchestrations.finish(run_id, Outcome.succeeded(1).model_copy(update={"logged": True}))
    _, events = await stream(world, run_id)
    assert [data["type"] for _, data in events] == ["run.started", "output.text.delta", "run.succeeded"]
    assert world.log.lines[run_id][-1].type == "run.succeeded"


async def test_a_log_that_may_still_come_is_closed_before_it_is_told_ended(world):
    """A step that is out could write on behind a reader's back."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Terminated")
    _, events = await stream(world, run_id)
    assert [data["type"] for _, data in events] == ["run.started", "run.canceled"]
    assert [line.type for line in world.log.lines[run_id]] == ["run.started", "run.canceled"]


async def test_a_seal_that_is_seen_before_the_last_line_does_not_end_the_stream(world, told):
    """Azurite answers so while both are being written; the terminal event must not get lost."""
    original, early = world.log.read, iter([True])

    async def racing(run_id, start, **options):
        page = await original(run_id, start, **options)
        if start.sequence == 3 and next(early, False):
            return replace(page, events=[], next=start)
        return page

    world.log.read, world.log.page = racing, 3
    _, events = await stream(world, told)
    assert events[-1][1]["type"] == "run.succeeded"


async def test_a_result_too_large_for_the_log_is_filled_in(world):
    """The reader gets it where every other result stands."""
    run_id = world.run()
    world.log.add(run_id, "run.started", flow="greet")
    world.log.add(run_id, "run.succeeded", result_omitted=True)
    world.orchestrations.finish(run_id, Outcome.succeeded("x" * 300_000))
    _, events = await stream(world, run_id)
    assert events[-1][1]["result"] == "x" * 300_000
    assert "result_omitted" not in events[-1][1]


async def test_an_event_cannot_forge_number_type_or_token(world, told):
    """Fields of events come from steps."""
    world.log.lines[told][1].fields.update(sequence_number=99, type="run.failed", continuation_token="x")
    _, events = await stream(world, told)
    assert events[1][1]["sequence_number"] == 1
    assert events[1][1]["continuation_token"] != "x"


async def test_a_page_has_the_events_and_where_to_go_on(world, told):
    """For clients that don't stream."""
    world.log.page = 2
    first = (await stream_page(world, told)).json()
    second = (await world.open.get(f"/runs/{first['continuation_token']}/events", headers=PAGE)).json()
    numbers = [event["sequence_number"] for event in first["events"] + second["events"]]
    assert (numbers, second["continuation_token"]) == ([0, 1, 2, 3], None)


async def stream_page(world, run_id, query=""):
    return await world.open.get(f"/runs/{world.token(run_id)}/events{query}", headers=PAGE)


async def test_a_page_from_the_end_is_empty_and_final(world, told):
    """A poller sees that it has everything."""
    assert (await stream_page(world, told, "?after=3")).json() == {"events": [], "continuation_token": None}


async def test_a_page_waits_for_the_first_event(world):
    """A long poll, for as long as asked and allowed."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    world.log.add(run_id, "run.started", flow="greet")
    world.time.at(5, lambda: world.log.add(run_id, "output.text.delta", text="a"))
    assert len((await stream_page(world, run_id, "?after=0&wait=20")).json()["events"]) == 1
    assert 5 <= world.time.seconds <= 6


async def test_a_page_without_news_comes_after_its_seconds(world):
    """And leads on from the same place."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    page = (await stream_page(world, run_id, "?after=0&wait=2")).json()
    assert world.time.seconds == pytest.approx(2)
    assert world.tokens.read(page["continuation_token"], "read").position.sequence == 1


async def test_a_wait_that_is_no_number_is_400(world, told):
    """As a position that is none."""
    assert (await stream_page(world, told, "?wait=soon")).status_code == 400


async def test_head_of_a_stream_has_no_body(world, told):
    """And doesn't run the stream."""
    answer = await world.open.head(f"/runs/{world.token(told)}/events")
    assert (answer.status_code, answer.content) == (200, b"")
    assert answer.headers["content-type"].startswith("text/event-stream")


async def test_storage_away_at_the_beginning_is_503(world, told):
    """A problem document, not a stream that breaks."""
    world.log.away = True
    assert (await stream(world, told))[0].status_code == 503


async def test_storage_away_in_the_middle_ends_the_stream_with_where_to_go_on(world):
    """A short outage is borne; a long one must not look like silence."""
    run_id = world.run()
    world.orchestrations.put(run_id, "Running")
    world.log.add(run_id, "run.started", flow="greet")
    world.time.at(1, lambda: setattr(world.log, "away", True))
    _, events = await stream(world, run_id)
    assert events[-1][1]["type"] == "stream.resume"
    assert world.time.seconds < 20


async def test_a_short_outage_in_the_middle_is_not_noticed(world, told):
    """The stream goes on where it was."""
    world.log.page = 1
    world.time.at(0.01, lambda: None)
    original, failures = world.log.read, iter([False, True, True])

    async def flaky(*args, **options):
        if next(failures, False):
            raise StorageUnavailable("away")
        return await original(*args, **options)

    world.log.read = flaky
    _, events = await stream(world, told)
    assert [data["sequence_number"] for _, data in events] == [0, 1, 2, 3]
