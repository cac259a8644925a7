"""Flows made at random: trees of everything that a flow may do with its awaits."""

import itertools
from typing import Any

from hypothesis import strategies as st

from raincheck import Canceled, Run
from tests.unit.driver.scripted import Scripted, failed, work

LEAVES = st.sampled_from([("step",), ("step",), ("step",), ("sleep",), ("fail",), ("pass",)])


def _larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=4).map(tuple)
    return (
        st.tuples(st.just("gather"), several, st.integers(1, 3))
        | st.tuples(st.just("first"), several)
        | st.tuples(st.just("sequence"), several)
        | st.tuples(st.just("shared"), several)
        | st.tuples(st.just("cleaned"), inner, inner)
        | st.tuples(st.just("caught"), inner, inner)
        | st.tuples(st.just("stubborn"), inner, inner)
    )


PROGRAMS = st.recursive(LEAVES, _larger, max_leaves=12)
MOVES = st.lists(
    st.tuples(st.sampled_from(["end", "end", "end", "fail", "both", "cancel"]), st.integers(0, 9))
)


def body_of(program: Any) -> Any:  # noqa: C901 - as below
    """Make a flow of a program."""

    async def do(run: Run, what: Any) -> Any:  # noqa: C901, PLR0911, PLR0912 - one branch a kind
        match what:
            case ("step",):
                return await run.step(work, next(numbers))
            case ("sleep",):
                return await run.sleep(60)
            case ("fail",):
                raise ValueError("made to fail")
            case ("gather", parts, limit):
                return await run.gather([do(run, part) for part in parts], limit=limit)
            case ("first", parts):
                return (await run.first(*[do(run, part) for part in parts])).which
            case ("sequence", parts):
                return [await do(run, part) for part in parts]
            case ("shared", parts):
                shared = run.gather(do(run, part) for part in parts)
                return await run.gather(shared, run.first(shared, run.sleep(5)), shared)
            case ("cleaned", inner, after):
                try:
                    return await do(run, inner)
                finally:
                    await do(run, after)
            case ("caught", inner, after):
                try:
                    return await do(run, inner)
                except Exception:  # noqa: BLE001 - what flows do
                    return await do(run, after)
            case ("stubborn", inner, after):
                try:
                    return await do(run, inner)
                except Canceled:
                    return await do(run, after)
        return None

    async def body(run: Run) -> Any:
        nonlocal numbers
        numbers = itertools.count()  # anew in every episode
        return await do(run, program)

    numbers = itertools.count()
    return body


def played(program: Any, moves: Any) -> Scripted:
    """Drive a program by these moves, and then to its end."""
    flow = Scripted(body_of(program))
    for kind, number in moves:
        _move(flow, kind, number)
    for _ in range(1_000):
        if flow.driver.ended:
            return flow
        flow.end(flow.under_way[0])
    raise AssertionError("it never ends")


def _move(flow: Scripted, kind: str, number: int) -> None:
    if flow.driver.ended:
        return
    if kind == "cancel":
        flow.cancel()
        return
    waits = flow.driver.outstanding
    chosen = waits[number % len(waits)]
    if kind == "both":
        flow.end(*{task.label: None for task in (chosen, waits[0]) if task.call})
    else:
        flow.end_task(chosen, failed("made to fail") if kind == "fail" and chosen.call else None)
