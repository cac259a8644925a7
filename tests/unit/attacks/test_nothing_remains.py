"""What is refused, or fails before Durable is asked, leaves nothing: no run, no turn, no key, no note."""

import json
import math
from typing import Any

import pytest
from pydantic import BaseModel, Field

from raincheck.errors import StorageUnavailable
from raincheck.flow import flow
from raincheck.run import Run
from tests.unit.web.fakes import World

JSON = {"Content-Type": "application/json"}
KEY = {"Idempotency-Key": "order-42"}
LARGE = "9" * 310  # a number in JSON, and none in binary64


class Measured(BaseModel):
    size: float = 0
    bound: float = Field(default_factory=lambda: math.inf)  # a plain default is refused at the start


@flow
async def measure(run: Run, what: Measured) -> None:
    return None


@flow
async def take(run: Run, what: dict[str, Any]) -> None:
    return None


class Loose(BaseModel):
    size: float = 0


@flow
async def weigh(run: Run, what: Loose) -> None:
    return None


@pytest.fixture
def world():
    return World(flows=(measure, take, weigh))


def nothing_remains(world):
    rows = [row for row in world.keys.rows.values() if row.state != "released"]
    turns = [turn for turns in world.conversations.turns.values() for turn in turns.values() if turn.is_open]
    left = (world.runs.rows, rows, turns, world.unfinished.notes, world.orchestrations.started)
    return not any(left)


def body(value, **more):
    extra = "".join(f', "{name}": {text}' for name, text in more.items())
    callback = '{"url": "https://good.example/hook"}'
    return f'{{"input": {value}, "conversation_id": "c1", "callback": {callback}{extra}}}'


async def post(world, flow, text):
    return await world.keyed.post(f"/flows/{flow}/runs", content=text, headers={**JSON, **KEY})


@pytest.mark.parametrize("number", [LARGE, f"-{LARGE}", "9" * 400, "1e400", "-1e400", f"{LARGE}.5"])
@pytest.mark.parametrize("flow", ["weigh", "take"])
async def test_a_number_that_no_float_holds_is_refused(world, flow, number):
    """The attack: 310 digits were taken for a number, became infinite, and failed as 500 after the writes."""
    for text in (body(f'{{"size": {number}}}'), body(f'{{"size": [{{"deep": [{number}]}}]}}')):
        answer = await post(world, flow, text)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_json")
    assert nothing_remains(world)
    assert not world.keys.rows


@pytest.mark.parametrize("more", [{"metadata": f'{{"a": {LARGE}}}'}, {"background": LARGE}])
async def test_nor_beside_the_input(world, more):
    """Wherever it stands."""
    assert (await post(world, "take", body("{}", **more))).status_code == 400
    assert nothing_remains(world)


@pytest.mark.parametrize(
    "number", ["-0", "-0.0", "1e308", "9" * 308, "1e-400", "123456789012345678901234567890"]
)
async def test_a_number_that_a_float_holds_is_taken(world, number):
    """However it is written."""
    assert (await post(world, "take", body(f'{{"size": {number}}}'))).status_code == 202


async def test_a_default_that_is_no_json_comes_to_the_flow(world):
    """The attack: a model's own `inf` came in where the caller left it out, and failed after the writes."""
    answer = await post(world, "measure", body('{"size": 1}'))
    assert answer.status_code == 202
    [(_, _, payload)] = world.orchestrations.started
    assert measure.input.parse(json.loads(payload["input_json"])) == Measured(size=1, bound=math.inf)


async def test_a_default_that_is_no_json_does_not_hide_the_other_flows(world):
    """The description of the app is whole."""
    assert (await world.keyed.get("/flows")).status_code == 200
    assert (await world.keyed.get("/openapi.json")).status_code == 200


class Broken(Exception):
    """None of ours."""


@pytest.mark.parametrize("error", [Broken, StorageUnavailable])
@pytest.mark.parametrize(
    "call", ["runs.create", "unfinished.add", "conversations.read", "conversations.enter", "keys.put"]
)
@pytest.mark.parametrize("written", [False, True], ids=["before", "after"])
async def test_whatever_fails_before_durable_is_asked_is_taken_back(world, monkeypatch, call, error, written):
    """Also where a write was made and its answer lost: nothing blocks, and the next try starts a run."""
    port, method = call.split(".")
    real = getattr(getattr(world, port), method)
    calls = iter([True])

    async def failing(*args, **options):
        if port == "keys" and args[0].state != "starting":
            return await real(*args, **options)  # the claim itself
        if next(calls, False):
            if written:
                await real(*args, **options)
            raise error("lost")
        return await real(*args, **options)

    monkeypatch.setattr(getattr(world, port), method, failing)
    answer = await post(world, "take", body("{}"))
    assert answer.status_code in {500, 503}
    assert not world.orchestrations.started
    if not (port == "keys" and written):  # the key is another's for all that is known: the takeover decides
        assert nothing_remains(world)
        assert (await post(world, "take", body("{}"))).status_code == 202
