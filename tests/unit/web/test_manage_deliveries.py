"""Managing deliveries: the list, and delivering anew what was given up."""

import pytest

from raincheck.service.deliveries import Delivery, DeliveryRow, delivery_of
from tests.unit.web.fakes import NOW

RUN = "20261121-" + "b" * 32


@pytest.fixture
def rows(world):
    made = []
    for event, state in (("run.failed", "failed"), ("run.succeeded", "delivered")):
        delivery = Delivery(RUN, event)
        made.append(
            DeliveryRow(delivery, created_at=NOW, updated_at=NOW, state=state, attempts=10, status=500)
        )
        world.deliveries.add(made[-1])
    return made


async def test_the_list_is_paged_and_filtered(world, rows):
    """Dead letters are found among many deliveries."""
    first = (await world.keyed.get("/manage/deliveries")).json()
    second = (await world.keyed.get("/manage/deliveries", params={"page": first["next_page"]})).json()
    assert [row["state"] for row in first["deliveries"] + second["deliveries"]] == ["failed", "delivered"]
    assert second["next_page"] is None
    failed = (await world.keyed.get("/manage/deliveries", params={"state": "failed"})).json()
    assert [row["id"] for row in failed["deliveries"]] == [rows[0].delivery.id]


async def test_a_state_that_is_none_is_422(world):
    """It says which there are."""
    answer = await world.keyed.get("/manage/deliveries", params={"state": "lost"})
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, "state")


async def test_what_was_given_up_is_delivered_anew(world, rows):
    """It begins with its first attempt."""
    answer = await world.keyed.post(f"/manage/deliveries/{rows[0].delivery.id}/redeliver")
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")


async def test_what_was_delivered_is_not_delivered_again(world, rows):
    """409: its receiver has it."""
    answer = await world.keyed.post(f"/manage/deliveries/{rows[1].delivery.id}/redeliver")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_given_up")


@pytest.mark.parametrize("name", ["x", f"{RUN}:deliver:run.lost", f"{RUN}:deliver:run.canceled"])
async def test_an_unknown_delivery_is_404(world, rows, name):
    """Whatever its id looks like."""
    assert (await world.keyed.post(f"/manage/deliveries/{name}/redeliver")).status_code == 404


@pytest.mark.parametrize("request_id", [None, "q1"])
def test_an_id_is_read_as_it_was_written(request_id):
    """A delivery of a question has the question in it."""
    delivery = Delivery(RUN, "run.input_required", request_id)
    assert delivery_of(delivery.id) == delivery
