"""Storage is away: at start, for a while, and back again. Callers get answers within seconds."""

import time

import httpx
import pytest

from tests.faults.host import wait_until

WITHIN = 10.0  # seconds that any answer may take


def timed(call, *args, **options):
    """Make a call; give the answer, which must come in time."""
    before = time.monotonic()
    answer = call(*args, **options)
    assert time.monotonic() - before < WITHIN
    return answer


def test_nothing_is_started_while_storage_is_away_and_all_is_well_when_it_is_back(host, call, storage):
    """503 with Retry-After, a problem document, no address in it; the same host serves again afterwards."""
    storage.stop()
    host.start(healthy=503)
    answer = timed(call.post, "/flows/flow_slow/runs", json={"input": {}})
    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/problem+json")
    assert int(answer.headers["retry-after"]) > 0
    assert "127.0.0.1" not in answer.text
    storage.start()
    wait_until(lambda: call.get("/health").status_code == 200)
    again = call.post("/flows/flow_slow/runs", json={"input": {"size": 2}, "background": False})
    assert again.json()["result"] == "xx"


def test_a_collect_while_storage_is_away_is_503_and_the_run_is_not_lost(host, call, storage):
    """The caller asks again and gets what it came for."""
    host.start()
    done = call.post("/flows/flow_slow/runs", json={"input": {"size": 2}, "background": False}).json()
    storage.stop()
    answer = timed(call.get, done["status_url"])
    assert (answer.status_code, "retry-after" in answer.headers) == (503, True)
    storage.start()
    assert wait_until(lambda: collected(call, done["status_url"]))["result"] == "xx"


def collected(call, url):
    """Give the document, or None while there is none."""
    answer = call.get(url)
    return answer.json() if answer.status_code == 200 else None


def test_a_stream_survives_storage_that_is_away_in_the_middle(host, call, storage):
    """The step tries on, or is tried again: in the end the text is whole, in the result and in the log."""
    host.start()
    value = {"input": 6.0, "background": True}
    started = call.post("/flows/tells_for_a_while/runs", json=value).json()
    wait_until(lambda: deltas(call, started["events_url"]))
    storage.stop()
    storage.start()

    def ended():
        document = collected(call, started["status_url"])
        return document if document and document["status"] not in {"NotStarted", "Running"} else None

    document = wait_until(ended, 120)
    assert document["status"] == "Succeeded", document
    page = call.get(document["events_url"], headers={"Accept": "application/json"}).json()
    numbers = [event["sequence_number"] for event in page["events"]]
    assert numbers == list(range(len(numbers)))
    last_attempt = max(n for n, event in enumerate(page["events"]) if event["type"] == "step.started")
    text = "".join(event.get("text", "") for event in page["events"][last_attempt:])
    assert text == document["result"]


def deltas(call, url):
    """Whether text has arrived."""
    try:
        events = call.get(url, headers={"Accept": "application/json"}).json().get("events", [])
    except (httpx.HTTPError, ValueError):
        return False
    return any(event["type"] == "output.text.delta" for event in events)


@pytest.mark.parametrize("path", ["/flows", "/openapi.json"])
def test_what_needs_no_storage_goes_on(host, call, storage, path):
    """An agent can still be told what there is."""
    storage.stop()
    host.start(healthy=503)
    assert timed(call.get, path).status_code == 200
