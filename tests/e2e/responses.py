"""The exchanges that docs/responses.md shows: each row of the contract's tables, made with a real host."""

from collections.abc import AsyncIterator

import httpx

from tests.e2e.wire import Exchange, shown

__all__ = [
    "answers_late",
    "asking",
    "collecting",
    "conversing",
    "once",
    "refusals",
    "who_waits",
    "without_callbacks",
]

JSON = {"Content-Type": "application/json"}
SHORT, LONG = {"seconds": 0.1, "size": 3}, {"seconds": 2.5, "size": 3}


async def start(api: httpx.AsyncClient, flow: str, body: dict, **options) -> httpx.Response:
    return await api.post(f"/flows/{flow}/runs", json=body, **options)


async def who_waits(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    yield shown(
        "The flow decides: done in time",
        "Nothing said: the answer is held back for the flow's own `wait` (5 seconds unless declared).",
        await start(api, "flow_slow", {"input": SHORT}),
    )
    yield shown(
        "The flow decides: not done in time",
        "A token at the end of the flow's own `wait`; this flow waits for a second only.",
        await start(api, "flow_impatient", {"input": LONG}),
    )
    yield shown(
        "Background, by the body",
        "A token at once.",
        await start(api, "flow_slow", {"input": LONG, "background": True}),
    )
    yield shown(
        "Background, by the header",
        "The same, as RFC 7240 says it.",
        await start(api, "flow_slow", {"input": LONG}, headers={"Prefer": "respond-async"}),
    )
    yield shown(
        "Background, after a moment",
        "Waits N seconds first: a short run needs no second request.",
        await start(api, "flow_slow", {"input": SHORT}, headers={"Prefer": "respond-async, wait=2"}),
    )
    yield shown(
        "In the foreground, by the body",
        "Waits to the limit of the caller's profile.",
        await start(api, "flow_slow", {"input": SHORT, "background": False}),
    )
    yield shown(
        "In the foreground, by the header",
        "Waits for N seconds.",
        await start(api, "flow_slow", {"input": SHORT}, headers={"Prefer": "wait=2"}),
    )
    yield shown(
        "The body wins over the header",
        "The header would wait.",
        await start(api, "flow_slow", {"input": LONG, "background": True}, headers={"Prefer": "wait=2"}),
    )
    yield shown(
        "A flow that is always in the background",
        "It decides alone, whatever the caller would like.",
        await start(api, "flow_background", {"input": SHORT, "background": False}),
    )
    yield shown(
        "An immediate flow",
        "Nobody waits for its result.",
        await start(api, "flow_immediate", {"input": SHORT, "background": False}),
    )
    yield shown(
        "Callers that take only 200",
        "The same answer under another status.",
        await api.post("/flows/flow_slow/runs?accepted_status=200", json={"input": LONG, "background": True}),
    )
    yield shown(
        "A run that failed",
        "The request was fine, so it is 200; the document says what came of the run.",
        await start(api, "flow_refused", {"input": SHORT, "background": False}),
    )


async def answers_late(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    yield shown(
        "Past the caller's limit",
        "The answer leaves before the caller hangs up, and the run goes on. Never a 5xx: clients would "
        "start it again. (Here `RAINCHECK_WAIT_LIMIT` is 1 second.)",
        await start(api, "flow_slow", {"input": LONG, "background": False}),
    )


async def without_callbacks(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    yield shown(
        "An environment without asynchronous responses",
        "`RAINCHECK_ASYNC_RESPONSES=off`: as good as completed for the caller; the run goes on by itself.",
        await start(api, "flow_slow", {"input": LONG, "background": True}),
    )


async def collecting(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    started = (await start(api, "flow_slow", {"input": LONG, "background": True})).json()
    for _ in range(50):  # until it has begun: that would be a change too
        if (await api.get(started["status_url"])).json()["status"] == "Running":
            break
    yield shown("While it runs", "Ask again after `Retry-After`.", await api.get(started["status_url"]))
    yield shown(
        "Until something changes",
        "Held back until the run has changed or N seconds have passed.",
        await api.get(started["status_url"], headers={"Prefer": "wait=20"}),
    )
    document = (await api.get(started["status_url"], headers={"Prefer": "wait=20"})).json()
    yield shown("When it is done", "No token any more.", await api.get(started["status_url"]))
    yield shown(
        "Its events, as a stream",
        "Starts after the token's position. A run whose steps emit nothing has a start and an end.",
        await api.get(document["events_url"], headers={"Accept": "text/event-stream"}),
    )
    yield shown(
        "After the last event",
        "204, so that a browser stops reconnecting.",
        await api.get(document["events_url"], headers={"Last-Event-ID": "1"}),
    )
    yield shown(
        "A token that is none",
        "Bad, foreign and forged tokens get one and the same answer.",
        await api.get("/runs/WzEsInJ1biJd.0123456789012345678901234567890123456789012"),
    )
    late = (await start(api, "flow_slow", {"input": LONG, "background": True})).json()
    yield shown("Cancel", "The run learns of it at once.", await api.post(late["cancel_url"]))
    await api.get(late["status_url"], headers={"Prefer": "wait=20"})
    while (await api.get(late["status_url"])).status_code == 202:
        await api.get(late["status_url"], headers={"Prefer": "wait=5"})
    yield shown("Cancel what has ended", "Nothing changes.", await api.post(late["cancel_url"]))


async def once(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    key = {"Idempotency-Key": "order-4711"}
    yield shown(
        "The first request under a key",
        "It starts the run.",
        await start(api, "flow_slow", {"input": SHORT}, headers=key),
    )
    yield shown(
        "The same request again",
        "The same run, also after its end: nothing runs twice.",
        await start(api, "flow_slow", {"input": SHORT}, headers=key),
    )
    yield shown(
        "Another request under the same key",
        "422.",
        await start(api, "flow_slow", {"input": LONG}, headers=key),
    )


async def conversing(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    def turn(conversation: str, policy: str | None = None) -> dict:
        newer = {} if policy is None else {"on_newer": policy}
        return {"input": LONG, "background": True, "conversation_id": conversation, **newer}

    first = (await start(api, "flow_slow", turn("c1"))).json()
    yield shown(
        "A newer message: `finish`",
        "The default. It is answered without waiting for the older run, which goes on to its end.",
        await start(api, "flow_slow", turn("c1")),
    )
    yield shown(
        "The older run",
        "Its result is old news: `superseded_by` says so.",
        await api.get(first["status_url"]),
    )
    await start(api, "flow_slow", turn("c2"))
    yield shown(
        "A newer message: `enqueue`",
        "Its run waits until those before it have ended.",
        await start(api, "flow_slow", turn("c2", "enqueue")),
    )
    await start(api, "flow_slow", turn("c3"))
    yield shown("A newer message: `reject`", "409.", await start(api, "flow_slow", turn("c3", "reject")))
    older = (await start(api, "flow_slow", turn("c4"))).json()
    yield shown(
        "A newer message: `interrupt`",
        "The older run is cancelled, the newer one starts at once.",
        await start(api, "flow_slow", turn("c4", "interrupt")),
    )
    while (await api.get(older["status_url"])).status_code == 202:
        await api.get(older["status_url"], headers={"Prefer": "wait=5"})
    yield shown("The interrupted run", "Canceled.", await api.get(older["status_url"]))


async def asking(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    asked = await start(api, "flow_asks", {"input": LONG, "background": False})
    yield shown("A run that asks", "It waits for a person, so there is no token to poll with.", asked)
    answer_url = asked.json()["input_requests"][0]["answer_url"]
    yield shown(
        "An answer that does not fit",
        "422, and the run keeps waiting.",
        await api.post(answer_url, json={"value": {"approved": "perhaps"}}),
    )
    yield shown("An answer", "202.", await api.post(answer_url, json={"value": {"approved": True}}))
    yield shown(
        "The same answer again",
        "Nothing changes.",
        await api.post(answer_url, json={"value": {"approved": True}}),
    )
    yield shown(
        "Another answer",
        "409: the first one stands.",
        await api.post(answer_url, json={"value": {"approved": False}}),
    )
    while (await api.get(asked.json()["status_url"])).json()["status"] in {"Running", "InputRequired"}:
        await api.get(asked.json()["status_url"], headers={"Prefer": "wait=5"})
    yield shown("When it is done", "With what was approved.", await api.get(asked.json()["status_url"]))


async def refusals(api: httpx.AsyncClient) -> AsyncIterator[Exchange]:
    post = "/flows/flow_slow/runs"
    yield shown("Not JSON", "400.", await api.post(post, content=b"{", headers=JSON))
    yield shown("No such flow", "404.", await start(api, "nothing", {}))
    yield shown("A wrong method", "405.", await api.put("/flows"))
    yield shown(
        "Not JSON by its type",
        "415.",
        await api.post(post, content=b"x", headers={"Content-Type": "text/csv"}),
    )
    yield shown("Input that does not fit", "422.", await start(api, "flow_slow", {"input": {"seconds": "x"}}))
    yield shown("An option that does not fit", "422.", await start(api, "flow_slow", {"colour": "red"}))
    yield shown(
        "A channel that takes no callbacks",
        "422.",
        await start(
            api, "flow_slow", {"channel": "m365_copilot", "callback": {"url": "http://127.0.0.1:9/hook"}}
        ),
    )
    yield shown(
        "A callback that leads where it must not",
        "422.",
        await start(api, "flow_slow", {"callback": {"url": "https://169.254.169.254/latest"}}),
    )
