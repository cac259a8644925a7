"""Who waits: each row of the contract's table, by the time that passed and what was answered."""

import pytest

from tests.unit.web.fakes import World

FLOW_WAIT, LIMIT = 5, 100


@pytest.mark.parametrize(
    ("body", "prefer", "waited", "deadline", "applied"),
    [
        ({}, None, FLOW_WAIT, False, None),
        ({"background": None}, None, FLOW_WAIT, False, None),
        ({"background": True}, None, 0, False, None),
        ({"background": False}, None, LIMIT, True, None),
        ({}, "respond-async", 0, False, "respond-async"),
        ({}, "respond-async, wait=7", 7, False, "respond-async, wait=7"),
        ({}, "wait=7, respond-async", 7, False, "respond-async, wait=7"),
        ({}, "wait=9", 9, True, "wait=9"),
        ({}, "wait=0", 0, True, "wait=0"),
        ({}, "WAIT=9; a=b", 9, True, "wait=9"),
        ({}, "wait=5000", LIMIT, True, "wait=100"),
        ({}, "wait=soon", FLOW_WAIT, False, None),
        ({}, "return=minimal", FLOW_WAIT, False, None),
        ({"background": True}, "wait=9", 0, False, None),
        ({"background": False}, "respond-async", LIMIT, True, None),
        ({"channel": "bot"}, "wait=60", 13, True, "wait=13"),
        ({"channel": "bot", "background": False}, None, 13, True, None),
        ({"channel": "copilot_studio", "background": False}, None, LIMIT, True, None),
    ],
)
async def test_the_table_of_who_waits(world, body, prefer, waited, deadline, applied):  # noqa: PLR0917 - a row
    """The body wins over the header, both over the flow, the profile's limit over all."""
    answer = await world.start(headers={"Prefer": prefer} if prefer else None, **body)
    assert answer.status_code == 202
    assert world.time.seconds == pytest.approx(waited)
    assert answer.headers.get("raincheck-deadline") == ("exceeded" if deadline else None)
    assert answer.headers.get("preference-applied") == applied


@pytest.mark.parametrize("flow", ["nightly", "fire"])
@pytest.mark.parametrize("background", [None, False])
@pytest.mark.parametrize("prefer", ["wait=20", "return=minimal"])
async def test_always_background_and_immediate_flows_never_wait(world, flow, background, prefer):
    """Such a flow decides alone."""
    body = {"input": None if flow == "nightly" else {}, "background": background}
    answer = await world.start(flow, headers={"Prefer": prefer}, **body)
    assert (answer.status_code, world.time.seconds) == (202, 0)
    assert "raincheck-deadline" not in answer.headers


async def test_the_setting_limits_every_wait():
    """RAINCHECK_WAIT_LIMIT is the most seconds that a caller may wait, the flow's own wait included."""
    world = World(settings={"wait_limit": 2})
    await world.start()
    assert world.time.seconds == pytest.approx(2)


async def test_several_prefer_headers_count_as_one(world):
    """RFC 7240 lets a client spread them over lines."""
    headers = [("Prefer", "respond-async"), ("Prefer", "wait=3"), ("Content-Type", "application/json")]
    answer = await world.keyed.post("/flows/greet/runs", content=b'{"input":{"name":"A"}}', headers=headers)
    assert answer.headers["preference-applied"] == "respond-async, wait=3"
