"""Both halves of a request wait for each other, but not for ever; what is over leaves nothing behind."""

import asyncio
import json

import pytest

from raincheck.functions.stranded import StrandedError
from raincheck.functions.stranded.waits import bound_waits

TICKS = 3
MODULE = "azure_functions_worker.http_v2"


@pytest.fixture
def mended(worker):
    bound_waits(MODULE, TICKS)
    return worker


async def over_http(coordinator, invocation, request="request"):
    """The half that the worker's web server plays."""
    coordinator.set_http_request(invocation, request)
    return await coordinator.await_http_response_async(invocation)


async def invoked(coordinator, invocation, function):
    """The half that the worker's dispatcher plays, in its order."""
    try:
        coordinator.set_http_response(
            invocation, await function(await coordinator.get_http_request_async(invocation))
        )
    except Exception as error:
        coordinator.set_http_response(invocation, error)
        raise


async def echo(request):
    return f"answer to {request}"


async def test_without_the_mend_both_halves_wait_for_ever(worker, clock):
    """This is what the mend is for; it also shows that the clock of these tests works."""
    halves = [
        asyncio.ensure_future(invoked(worker, "a", echo)),
        asyncio.ensure_future(over_http(worker, "b")),
    ]
    await clock.tick(1000)
    assert not any(half.done() for half in halves)
    assert len(worker._context_references) == 2
    for half in halves:
        half.cancel()


@pytest.mark.parametrize("first", ["request", "invocation"])
async def test_halves_that_come_within_the_ticks_are_paired(mended, clock, first):
    """Whichever is first."""
    halves = [lambda: over_http(mended, "a"), lambda: invoked(mended, "a", echo)]
    if first == "invocation":
        halves.reverse()
    early = asyncio.ensure_future(halves[0]())
    await clock.tick(TICKS - 1)
    results = await asyncio.gather(early, halves[1]())
    assert "answer to request" in results
    assert mended._context_references == {}


async def test_an_invocation_without_request_fails(mended, clock):
    """The host hears of it, and a request that comes after all hears of it too."""
    half = asyncio.ensure_future(invoked(mended, "a", echo))
    await clock.settle()
    await clock.tick(TICKS - 1)
    assert not half.done()
    await clock.tick()
    with pytest.raises(StrandedError, match="no request came for invocation a"):
        await half
    assert isinstance(await over_http(mended, "a"), StrandedError)
    await clock.tick()
    assert mended._context_references == {}


async def test_a_request_without_invocation_is_refused(mended, clock):
    """In words: it carries an id of the caller's own."""
    half = asyncio.ensure_future(over_http(mended, "mine"))
    await clock.settle()
    await clock.tick(TICKS - 1)
    assert not half.done()
    await clock.tick()
    answer = await half
    problem = json.loads(answer.body)
    assert (answer.status_code, problem["status"], problem["code"]) == (400, 400, "bad_request")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "x-ms-invocation-id" in problem["detail"]
    assert mended._context_references == {}


async def test_a_paired_request_has_no_limit(mended, clock):
    """Streams, held polls and slow functions take their time."""
    end = asyncio.Event()

    async def slow(request):
        await end.wait()
        return request

    halves = asyncio.gather(over_http(mended, "a"), invoked(mended, "a", slow))
    await clock.tick(100 * TICKS)
    assert not halves.done()
    end.set()
    assert (await halves)[0] == "request"


async def test_a_loop_that_stood_still_gives_nothing_up(mended, clock):
    """After a stall both halves may be there: only ticks count, not the time on the wall."""
    lone = [asyncio.ensure_future(over_http(mended, "a")), asyncio.ensure_future(invoked(mended, "b", echo))]
    await clock.tick()
    await clock.stall()
    assert not any(half.done() for half in lone)
    await asyncio.gather(*lone, invoked(mended, "a", echo), over_http(mended, "b"))
    assert lone[0].result() == "answer to request"


async def test_an_error_of_the_function_reaches_the_request(mended):
    """As it did."""

    async def boom(request):
        raise ValueError(request)

    answer, raised = await asyncio.gather(
        over_http(mended, "a"), invoked(mended, "a", boom), return_exceptions=True
    )
    assert answer is raised
    assert mended._context_references == {}


async def test_a_function_that_returns_nothing_leaves_nothing(mended):
    """The worker's own error for it stays, and the reference goes."""

    async def nothing(request):
        return None

    answer, _ = await asyncio.gather(
        over_http(mended, "a"), invoked(mended, "a", nothing), return_exceptions=True
    )
    assert isinstance(answer, ValueError)
    assert mended._context_references == {}


async def test_callers_of_one_id_are_all_refused(mended, clock):
    """An id of a caller's own may come again and again; each waits its ticks, and none is left behind."""
    halves = []
    for _ in range(5):
        halves.append(asyncio.ensure_future(over_http(mended, "mine")))
        await clock.tick()
    await clock.tick(TICKS)
    assert [(await half).status_code for half in halves] == [400] * 5
    assert mended._context_references == {}


async def test_a_caller_that_comes_as_another_of_its_id_is_given_up_is_refused(mended, clock):
    """The reference that both share goes with the last of them."""
    halves = [asyncio.ensure_future(over_http(mended, "mine"))]
    await clock.settle()
    await clock.tick(TICKS - 1)
    late = lambda: halves.append(asyncio.ensure_future(over_http(mended, "mine")))  # noqa: E731 - once
    asyncio.get_running_loop().call_soon(late)
    await clock.tick(TICKS + 1)
    assert [(await half).status_code for half in halves] == [400, 400]
    assert mended._context_references == {}


@pytest.mark.parametrize(("mend", "kept"), [(False, 2000), (True, 0)])
async def test_nothing_is_kept_of_a_request(worker, mend, kept):
    """The worker keeps a reference for each request of its life."""
    if mend:
        bound_waits(MODULE, TICKS)
    for number in range(2000):
        await asyncio.gather(over_http(worker, f"{number}"), invoked(worker, f"{number}", echo))
    assert len(worker._context_references) == kept


async def test_nothing_is_kept_of_what_strands(mended, clock):
    """Nor of 2,000 halves that nobody joins."""
    halves = [asyncio.ensure_future(invoked(mended, f"i{number}", echo)) for number in range(1000)]
    halves += [asyncio.ensure_future(over_http(mended, f"r{number}")) for number in range(1000)]
    await clock.tick(TICKS + 2)
    await asyncio.gather(*halves, return_exceptions=True)
    assert mended._context_references == {}
    assert mended.get_http_request_async.__self__._invoked == set()


async def test_mending_twice_is_mending_once(mended, clock):
    """`function_app` may be called again in one process."""
    once = mended.get_http_request_async
    bound_waits(MODULE, 100 * TICKS)
    assert mended.get_http_request_async == once
