"""`deliver_outcome` through the genuine SDK, episode by episode: every one replays the ones before."""

from raincheck.durable.deliver_outcome import deliver_outcome
from raincheck.service.deliveries import SCHEDULE, DeliveryInput
from tests.durable.histories import RUN_ID, Instance

FAILED = {"kind": "failed", "status": 500, "detail": "the receiver answered 500"}


def delivery() -> Instance:
    order = DeliveryInput(run_id=RUN_ID, event="run.succeeded").dumped()
    return Instance(deliver_outcome, order, instance_id=f"{RUN_ID}:deliver:run.succeeded", latched=False)


def test_a_delivery_that_takes_some_attempts_replays_alike():
    """Pauses are made of the context only; `Instance` fails where an episode asks for something else."""
    run = delivery()
    run.end("post_callback", result={**FAILED, "retry_after": 60.0})
    run.fire(early=1.0)
    run.fail("post_callback")
    run.fire()
    run.end("post_callback", result={"kind": "delivered", "status": 204})

    assert run.completed
    assert (run.output["delivered"], run.output["attempts"]) == (True, 2)


def test_72_hours_of_failures_end_as_a_failure():
    """No timer is left, so the instance completes."""
    run = delivery()
    for _ in SCHEDULE:
        run.end("post_callback", result=FAILED)
        run.fire()
    run.end("post_callback", result=FAILED)

    assert run.completed
    assert run.output == {"delivered": False, "attempts": 10, "status": 500, "detail": FAILED["detail"]}


def test_a_delivery_keeps_to_its_channel():
    """What is owed to a chat must not go to the callback."""
    order = DeliveryInput(run_id=RUN_ID, event="run.succeeded", channel="chat").dumped()
    run = Instance(deliver_outcome, order, instance_id=f"{RUN_ID}:deliver:run.succeeded@chat", latched=False)

    assert run.find("post_callback").input["channel"] == "chat"
    assert "channel" not in delivery().find("post_callback").input
