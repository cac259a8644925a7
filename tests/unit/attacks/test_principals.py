"""Callers that the platform tells apart share neither idempotency keys nor conversations."""

import pytest

from tests.unit.web.fakes import World

KEY = {"Idempotency-Key": "order-42"}
ADA, GRACE = (
    {"X-MS-CLIENT-PRINCIPAL-ID": name, "X-MS-CLIENT-PRINCIPAL-IDP": "aad"} for name in ("ada", "grace")
)


@pytest.fixture
def behind():
    return World(settings={"app_service_auth": True})


async def test_a_key_is_its_callers_own(behind):
    """The attack: whoever guessed a key got the run, or the refusal, of somebody else."""
    mine = await behind.start(headers={**KEY, **ADA})
    others = await behind.start(headers={**KEY, **GRACE}, input={"name": "Grace"})
    again = await behind.start(headers={**KEY, **ADA})
    assert others.status_code == 202
    assert mine.json()["id"] == again.json()["id"] != others.json()["id"]


async def test_a_conversation_is_its_callers_own(behind):
    """Nobody interrupts, or keeps busy, what another one talks about under the same id."""
    mine = (await behind.start(headers=ADA, conversation_id="c1")).json()
    others = await behind.start(headers=GRACE, conversation_id="c1", on_newer="reject")
    assert (others.status_code, others.json()["conversation_id"]) == (202, "c1")
    assert (await behind.start(headers=ADA, conversation_id="c1", on_newer="reject")).status_code == 409
    assert mine["superseded_by"] is None


async def test_a_caller_that_nobody_knows_is_one_of_its_own(behind):
    """Where some get past: no id of theirs is that of a caller who is known."""
    await behind.start(headers=ADA, conversation_id="c1")
    for conversation in ("c1", "aad ada\nc1", "ada\nc1"):
        assert (await behind.start(conversation_id=conversation, on_newer="reject")).status_code == 202


async def test_its_run_ends_its_own_turn(behind):
    """A run finds its conversation again by its row."""
    await behind.start(headers=ADA, conversation_id="c1")
    [row] = behind.runs.rows.values()
    assert (row.principal, row.conversation) == ("aad ada", "aad ada\nc1")
    assert await behind.conversations.turn(row.conversation, row.run_id)


async def test_without_the_setting_the_header_is_anybodys_word(world):
    """It would let a caller choose whose keys to use."""
    first = await world.start(headers={**KEY, **ADA})
    assert first.json()["id"] == (await world.start(headers={**KEY, **GRACE})).json()["id"]
