"""Managing runs: the list, one run, and stopping it."""

from datetime import timedelta

import pytest

from tests.unit.web.fakes import NOW


@pytest.fixture
async def run_ids(world):
    for number in range(5):
        await world.start(background=True, conversation_id=f"c{number % 2}")
    return [run_id for _, run_id, _ in world.orchestrations.started]


async def all_pages(world, **query):
    """Read the list to its end."""
    runs, page = [], None
    for _ in range(100):
        answer = await world.keyed.get("/manage/runs", params={**query, **({"page": page} if page else {})})
        document = answer.json()
        runs += [run["id"] for run in document["runs"]]
        page = document["next_page"]
        if page is None:
            return runs
    raise AssertionError("the list has no end")


async def test_the_pages_together_have_every_run_once(world, run_ids):
    """Nothing is lost or doubled between two pages."""
    assert sorted(await all_pages(world)) == sorted(run_ids)


async def test_filters_choose(world, run_ids):
    """By flow and by conversation."""
    assert len(await all_pages(world, conversation_id="c0")) == 3
    assert await all_pages(world, flow="no_such_flow") == []


async def test_since_leaves_older_runs_out(world, run_ids):
    """Runs made before it are not shown."""
    assert await all_pages(world, since=(NOW + timedelta(seconds=1)).isoformat()) == []


async def test_status_is_read_live_and_results_are_left_out(world, run_ids):
    """A list of results could be many megabytes."""
    [run, *_] = (await world.keyed.get("/manage/runs")).json()["runs"]
    assert run["status"] in {"NotStarted", "Running"}
    assert "result" not in run


@pytest.mark.parametrize(
    "query",
    [
        {"since": "yesterday"},
        {"page": "x"},
        {"page": "99999999.x"},
        {"page": "00010101.", "since": "0001-01-01"},
        {"page": "19991231.", "since": "0001-01-01"},
    ],
)
async def test_a_query_that_does_not_fit_is_422(world, query):
    """It says which part of the query is wrong."""
    answer = await world.keyed.get("/manage/runs", params=query)
    assert (answer.status_code, answer.json()["errors"][0]["path"]) == (422, next(iter(query)))


async def test_one_run_is_shown_by_its_id(world, run_ids):
    """Whoever manages runs needs no token."""
    assert (await world.keyed.get(f"/manage/runs/{run_ids[0]}")).json()["id"] == run_ids[0]


@pytest.mark.parametrize("run_id", ["x", "20260101-" + "0" * 32])
async def test_an_unknown_run_is_404(world, run_id):
    """Also where it has no run id's shape, before storage is asked."""
    assert (await world.keyed.get(f"/manage/runs/{run_id}")).status_code == 404


async def test_cancel_by_id_raises_the_event(world, run_ids):
    """The same as the run's own cancel URL."""
    answer = await world.keyed.post(f"/manage/runs/{run_ids[0]}/cancel")
    assert answer.status_code == 202
    assert [(run_id, name) for run_id, name, _ in world.orchestrations.events] == [(run_ids[0], "cancel")]


async def test_the_open_app_knows_nothing_of_it(world, run_ids):
    """Managing wants a key."""
    assert (await world.open.get("/manage/runs")).status_code == 404


async def test_a_list_from_the_beginning_of_time_ends(world, run_ids):
    """Days are counted back to one before which there was no run, and no further."""
    world.time.seconds = (NOW.replace(year=2000, month=2, day=1) - NOW).total_seconds()
    assert await all_pages(world, since="0001-01-01") == []
