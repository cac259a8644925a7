"""The activities of the golden app. `slow` sleeps on the test's clock."""

ATTEMPTS = {}


def echo(payload):
    return payload


def flaky(payload):
    n = ATTEMPTS[payload["key"]] = ATTEMPTS.get(payload["key"], 0) + 1
    if n <= payload["fail"]:
        raise RuntimeError(f"flaky attempt {n}")
    return {"attempts": n}


def blob(payload):
    return ("é0123456789" * (payload["n"] // 11 + 1))[: payload["n"]]


def work(payload):
    if payload["attempt"] <= payload["input"]["fail"]:
        return {"transient": True, "retry_after": 1}
    return {"ok": payload["input"]["key"][:2], "attempt": payload["attempt"]}


ACTIVITIES = {"echo": echo, "flaky": flaky, "blob": blob, "work": work}
