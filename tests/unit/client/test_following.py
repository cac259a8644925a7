"""Following through lost connections."""

import httpx
import pytest

from raincheck.client import BrokenStream, Refused, Unreachable
from tests.unit.client.fake_app import FakeApp, event, problem, stream


async def followed(app: FakeApp) -> list[tuple[int | None, str]]:
    async with app.client() as client:
        return [(each.sequence_number, each.type) async for each in client.follow("tok-0")]


START, END = event(0, "run.started"), event(3, "run.succeeded", result={})
WHOLE = [
    (0, "run.started"),
    (1, "output.text.delta"),
    (2, "output.text.delta"),
    (3, "run.succeeded"),
]


async def test_a_stream_is_read_to_its_terminal_event() -> None:
    """The plain case: every event, in order, then the end."""
    assert await followed(FakeApp(stream(START, event(1), event(2), END))) == WHOLE


def places(app: FakeApp) -> list[tuple[str, str | None]]:
    return [(request.url.path, request.headers.get("last-event-id")) for request in app.requests]


async def test_a_lost_connection_goes_on_with_the_own_token_after_the_last_event() -> None:
    """Resuming: the tokens of events only read, and a question that comes later wants more."""
    app = FakeApp(stream(START, event(1), lost=True), stream(event(2), END))
    assert await followed(app) == WHOLE
    assert places(app) == [("/api/runs/tok-0/events", None), ("/api/runs/tok-0/events", "after-1")]


async def test_a_token_that_expires_meanwhile_is_followed_by_the_newest() -> None:
    """A run may go on for longer than the token that it was started with."""
    app = FakeApp(stream(START, event(1), lost=True), problem(410, "token_expired"), stream(event(2), END))
    assert await followed(app) == WHOLE
    assert places(app)[-1] == ("/api/runs/tok-2/events", None)


async def test_tokens_that_have_all_expired_are_an_error() -> None:
    """Each is tried once."""
    app = FakeApp(stream(START, lost=True), problem(410, "token_expired"))
    with pytest.raises(Refused, match="410"):
        await followed(app)
    assert len(app.requests) == 3


async def test_an_event_cut_in_half_is_read_again_whole() -> None:
    """A piece of an event is not given, and not lost."""
    app = FakeApp(stream(START, event(1)[:25], lost=True), stream(event(1), event(2), END))
    assert await followed(app) == WHOLE


async def test_what_was_seen_before_is_not_given_twice() -> None:
    """A server may send more than was asked for."""
    app = FakeApp(stream(START, event(1), lost=True), stream(START, event(1), event(2), END))
    assert await followed(app) == WHOLE


async def test_a_gap_that_closes_is_healed() -> None:
    """A missing event is asked for again, and nothing after it is given before it."""
    assert await followed(FakeApp(stream(START, event(2)), stream(event(1), event(2), END))) == WHOLE


async def test_a_gap_that_stays_is_an_error() -> None:
    """A loss is never silent."""
    with pytest.raises(BrokenStream, match="Event 1 is missing"):
        await followed(FakeApp(stream(START), stream(event(2), END)))


async def test_a_stream_that_asks_to_come_back_is_resumed() -> None:
    """`stream.resume` belongs to the connection, not to the run: it isn't given."""
    resume = event(None, "stream.resume", continuation_token="tok-r")
    app = FakeApp(stream(START, event(1), resume), stream(event(2), END))
    assert await followed(app) == WHOLE
    assert places(app)[1] == ("/api/runs/tok-0/events", "after-1")


async def test_a_long_silence_does_not_use_up_the_patience() -> None:
    """Comments are signs of life: after four quiet minutes a stream may still end and be resumed."""

    def quiet(request: httpx.Request) -> httpx.Response:
        app.clock.now += 240
        return stream(b": the run goes on\n\n", event(None, "stream.resume"))(request)

    app = FakeApp(stream(START, event(1), lost=True), quiet, stream(event(2), END))
    assert await followed(app) == WHOLE


async def test_a_stream_that_only_ever_begins_uses_up_the_patience() -> None:
    """`retry:` is what every connection begins with: where nothing follows, the app is away."""

    def begins(request: httpx.Request) -> httpx.Response:
        app.clock.now += 30
        return stream(b"retry: 1000\n")(request)

    app = FakeApp(*[begins] * 20)
    with pytest.raises(Unreachable):
        await followed(app)


async def test_nothing_more_to_come_ends_it() -> None:
    """204 is the end: a reader at the end of the log isn't kept waiting."""
    assert await followed(FakeApp(httpx.Response(204))) == []


async def test_bytes_may_be_split_anywhere() -> None:
    """Neither a multi-byte character nor a line end has to arrive in one piece."""
    whole = b"".join([START, event(1, text="ü\u2028é"), event(2).replace(b"\n", b"\r\n"), END])
    assert await followed(FakeApp(stream(*(whole[i : i + 1] for i in range(len(whole)))))) == WHOLE


async def test_line_separators_of_unicode_stay_in_the_text() -> None:
    """JSON may hold U+2028 and U+0085 unescaped: they end no line of a stream."""
    app = FakeApp(stream(event(0, "output.text.delta", text="a\u2028b\x85c"), event(1, "run.succeeded")))
    async with app.client() as client:
        texts = [each.fields.get("text") async for each in client.follow("tok-0")]
    assert texts[0] == "a\u2028b\x85c"


async def test_a_bad_token_is_refused_at_once() -> None:
    """404 won't pass: no second try."""
    app = FakeApp(problem(404, "not_found"))
    with pytest.raises(Refused):
        await followed(app)
    assert len(app.requests) == 1


async def test_an_app_that_stays_away_is_given_up() -> None:
    """Everything that waits has a limit."""
    app = FakeApp(httpx.ConnectError("refused"))
    with pytest.raises(Unreachable):
        await followed(app)
    assert 60 <= app.clock.now < 90


async def test_an_app_that_is_away_for_a_while_is_borne() -> None:
    """A restart of the host is not the end of a stream."""
    away = [httpx.ConnectError("refused")] * 3
    assert await followed(FakeApp(stream(START, event(1), lost=True), *away, stream(event(2), END))) == WHOLE
