"""Tokens that take longer than a call to storage may."""

import asyncio

import pytest

from raincheck.adapters.storage.credential import PatientCredential


class Slow:
    """A credential whose token comes when the test says so."""

    def __init__(self) -> None:
        self.asked = 0
        self.ready = asyncio.Event()
        self.error: Exception | None = None
        self.closed = False

    async def get_token(self, *scopes: str, **options: object) -> str:
        self.asked += 1
        await self.ready.wait()
        if self.error:
            raise self.error
        return f"token for {scopes[0]}"

    async def close(self) -> None:
        self.closed = True


async def test_who_gives_up_does_not_end_what_the_next_waits_for():
    """Otherwise a slow first token would never come."""
    slow = Slow()
    credential = PatientCredential(slow)
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(credential.get_token("storage"), 0.01)
    slow.ready.set()
    assert await credential.get_token("storage") == "token for storage"
    assert slow.asked == 1


async def test_many_at_once_ask_once():
    """Identity endpoints throttle."""
    slow = Slow()
    credential = PatientCredential(slow)
    waiting = [asyncio.create_task(credential.get_token("storage", tenant_id="t")) for _ in range(5)]
    await asyncio.sleep(0)
    slow.ready.set()
    assert set(await asyncio.gather(*waiting)) == {"token for storage"}
    assert slow.asked == 1


async def test_a_failure_is_told_and_the_next_asks_again():
    """An identity may be assigned a moment later."""
    slow = Slow()
    slow.error = RuntimeError("no identity")
    slow.ready.set()
    credential = PatientCredential(slow)
    with pytest.raises(RuntimeError):
        await credential.get_token("storage")
    slow.error = None
    assert await credential.get_token("storage") == "token for storage"


async def test_closing_ends_what_is_still_asked_for():
    """A worker that stops leaves nothing open."""
    slow = Slow()
    credential = PatientCredential(slow)
    waiting = asyncio.create_task(credential.get_token("storage"))
    await asyncio.sleep(0)
    await credential.close()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert slow.closed
