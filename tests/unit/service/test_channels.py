"""Channels: each takes what it wants, delivers by itself, and knows nothing of the others."""

from dataclasses import replace

import pytest

from raincheck.errors import RequestError
from raincheck.service.deliveries import Delivery, PostCall, PostResult, delivery_of
from tests.unit.service.delivering import RUN_ID, World, deliveries


class Chat:
    """A channel to rooms of a chat."""

    def __init__(self):
        self.posted = []

    def target_of(self, request):
        if request.metadata.get("room") == "closed":
            raise RequestError.invalid("metadata.room", "The room is closed.")
        return request.metadata.get("room")

    def events_of(self, run):
        return ["run.succeeded"] if "chat" in run.targets else []

    async def deliver(self, delivery, document, *, run, since):
        self.posted.append((run.targets["chat"], document["result"]))
        return PostResult(delivered=True, final=True, status=None, detail="said")


@pytest.fixture
def world():
    world = World()
    world.run = replace(world.run, targets={"chat": "room 1"})
    return world


@pytest.fixture
def chat():
    return Chat()


@pytest.fixture
def outbox(world, chat):
    outbox = deliveries(world)
    return replace(outbox, channels={**outbox.channels, "chat": chat})


async def test_an_outcome_goes_through_each_channel_that_wants_it(world, outbox):
    """Each by an orchestration of its own, so that one that fails holds up none."""
    await outbox.tell(world.run, "run.succeeded")
    assert [instance_id for _, instance_id, _ in world.started] == [
        f"{RUN_ID}:deliver:run.succeeded",
        f"{RUN_ID}:deliver:run.succeeded@chat",
    ]
    assert [payload.get("channel") for _, _, payload in world.started] == [None, "chat"]


async def test_an_event_that_a_channel_does_not_want_is_not_delivered_there(world, outbox):
    """A callback may want what a chat doesn't."""
    await outbox.tell(world.run, "run.failed")
    assert [delivery_of(instance_id).channel for _, instance_id, _ in world.started] == ["callback"]


async def test_an_attempt_goes_through_its_own_channel(world, outbox, chat):
    """Where to is in the run's row, never in a payload of Durable's."""
    report = await outbox.post(
        PostCall(run_id=RUN_ID, event="run.succeeded", channel="chat", attempt=1, last=False)
    )
    assert (report.kind, chat.posted, world.posted) == ("delivered", [("room 1", 1)], [])


async def test_a_channel_that_is_gone_drops_what_it_had_to_deliver(world):
    """It was switched off; the run must not wait for it for ever."""
    report = await deliveries(world).post(
        PostCall(run_id=RUN_ID, event="run.succeeded", channel="chat", attempt=1, last=False)
    )
    assert report.kind == "dropped"


@pytest.mark.parametrize("request_id", [None, "q1"])
@pytest.mark.parametrize("channel", ["callback", "chat"])
def test_the_id_of_a_delivery_says_all_of_it(request_id, channel):
    """Whoever manages deliveries has only that."""
    delivery = Delivery(RUN_ID, "run.input_required", request_id, channel)
    assert delivery_of(delivery.id) == delivery


def test_a_callback_is_named_as_before_there_were_channels():
    """Deliveries under way go on over an upgrade."""
    delivery = Delivery(RUN_ID, "run.succeeded")
    call = PostCall(run_id=RUN_ID, event="run.succeeded", attempt=1, last=False)
    assert delivery.id == f"{RUN_ID}:deliver:run.succeeded"
    assert "channel" not in call.dumped()
