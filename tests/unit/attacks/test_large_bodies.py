"""Bodies made to cost much: counted before anything is made of them, and never the loop's burden."""

import asyncio
import json
import time
from types import SimpleNamespace

import pytest
from pydantic import BaseModel, Field

from raincheck.errors import RequestError
from raincheck.flow import flow
from raincheck.run import Run
from raincheck.shape import MAX_ERRORS, Shape, _failing_fast
from raincheck.values.door import door_of
from raincheck.web.body import MAX_VALUES, read_json
from tests.unit.web.fakes import World

JSON = {"Content-Type": "application/json"}


class Parts(BaseModel):
    model_config = {"extra": "forbid"}

    type: str = "parts"
    tags: list[str] = []
    counts: dict[str, int] = {}
    pairs: list[tuple[int, str]] = Field(default=[], max_length=200_000)
    lists: list[list[int]] = []


@flow
async def sort(run: Run, parts: Parts) -> None:
    return None


@pytest.fixture
def world():
    return World(flows=(sort,))


async def post(world, text):
    return await world.keyed.post("/flows/sort/runs", content=text, headers=JSON)


def items(name, item, count):
    return f'{{"input": {{"{name}": [{",".join([item] * count)}]}}}}'.encode()


HOSTILE = {
    "a million wrong items": items("tags", "1", 1_000_000),
    "1.4 million empty lists": items("lists", "[]", 1_390_000),
    "objects": items("tags", "{}", 1_000_000),
    "members": b'{"input": {"counts": {' + b",".join(b'"%d":1' % n for n in range(300_000)) + b"}}}",
    "strings": items("tags", '""', 1_000_000),
    "no JSON at all": b'"" ' * 1_000_000,
    "quotes that never end": b'{"a": "' + b'\\"' * 2_000_000,
    "words": b"a " * 2_000_000,
    "nothing but commas": b"," * 4_000_000,
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
async def test_a_body_of_very_many_values_costs_next_to_nothing(world, body):
    """The attack: 4 MiB of wrong items took 10 seconds of CPU and 1.8 GiB."""
    began = time.process_time()
    answer = await post(world, body)
    assert answer.status_code in {400, 413}
    assert time.process_time() - began < 1.5
    assert not world.runs.rows


@pytest.mark.parametrize(
    ("name", "item", "path"),
    [
        ("tags", "1", "input.tags.0"),
        ("lists", "[null]", "input.lists.0.0"),
        ("pairs", "[1]", "input.pairs.0.1"),
    ],
)
@pytest.mark.parametrize("count", [3, 25, 1_500, 49_000])
async def test_errors_are_named_up_to_a_number(world, name, item, path, count):
    """Enough to see what is wrong, whatever there is of it."""
    answer = await post(world, items(name, item, count))
    errors = answer.json()["errors"]
    assert answer.status_code == 422
    assert errors[0]["path"] == path
    assert 1 <= len(errors) <= MAX_ERRORS


@pytest.mark.parametrize("place", ["", '"input": '])
async def test_very_many_wrong_names_are_counted(world, place):
    """They belong to no list in which one could stop at the first."""
    members = ",".join(f'"m{n}": 1' for n in range(40_000))
    text = f"{{{members}}}" if not place else f"{{{place}{{{members}}}}}"
    answer = await post(world, text.encode())
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["path"]) == (422, "input" if place else "")
    assert "40000" in error["message"]


async def test_the_loop_goes_on_while_a_large_body_is_looked_at(world):
    """Others' answers and streams must not stand still for it."""
    longest, last = 0.0, time.perf_counter()

    async def tick():
        nonlocal longest, last
        while True:
            await asyncio.sleep(0.005)
            now = time.perf_counter()
            longest, last = max(longest, now - last), now

    ticking = asyncio.create_task(tick())
    began = time.perf_counter()
    answer = await post(world, items("tags", '"a word that is taken as it is"', 90_000))
    whole = time.perf_counter() - began
    ticking.cancel()
    assert answer.status_code == 202
    assert longest < max(0.5, whole * 0.8)


def read(text):
    return read_json(SimpleNamespace(headers={"content-type": "application/json"}), text.encode())


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (1, "[{}]"),  # members of a list, each a value or two
        (1, "[[]]"),
        (1, '["a, [b] {c} \\" \\\\"]'),
        (1, "[-1.5e3]"),
        (2, '[{"a": null}]'),
    ],
)
def test_values_and_names_are_counted_exactly(count, text):
    """The limit is what it says: what stands in a text, or is escaped there, counts for nothing."""
    inner = text[1:-1]
    per_item = {"{}": 1, "[]": 1}.get(inner, 1 if count == 1 else 3)
    fits = (MAX_VALUES - 1) // per_item
    pad = "".join(",1" for _ in range(MAX_VALUES - 1 - fits * per_item))
    whole = "[" + ",".join([inner] * fits) + pad + "]"
    assert len(read(whole)) >= fits
    with pytest.raises(RequestError) as refused:
        read(whole[:-1] + ",1]")
    assert (refused.value.status, refused.value.code) == (413, "too_many_values")


def test_a_schema_that_stops_early_takes_what_the_other_takes():
    """It names fewer errors, and never other ones."""
    shape = Shape(Parts)
    fast = door_of(_failing_fast(shape.core_schema))
    good = {"tags": ["a"] * 2_000, "counts": {"a": 1}, "pairs": [[1, "b"]], "lists": [[1], []]}
    assert fast.validate_json(json.dumps(good)) == shape.parse_strictly(good)
