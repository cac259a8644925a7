"""A run waits for a person while the host dies."""

from tests.faults.host import wait_until


def test_an_approval_waits_through_a_kill(host, call):
    """Days may pass between question and answer, and hosts come and go."""
    host.start()
    url = call.post("/flows/ask_three/runs", json={"input": {}, "background": True}).json()["status_url"]
    wait_until(lambda: len(call.get(url).json()["input_requests"]) == 3)
    host.kill()
    host.start()
    requests = wait_until(lambda: call.get(url).json()["input_requests"])
    for request in requests[:2]:
        taken = call.post(request["answer_url"], json={"value": {"colour": request["id"]}})
        assert taken.status_code == 202
    host.kill()
    host.start()
    last = call.post(requests[2]["answer_url"], json={"value": {"colour": "last"}})
    assert last.status_code == 202
    done = wait_until(lambda: call.get(url).json()["result"])
    assert done == ["q1", "q2", "last"]
