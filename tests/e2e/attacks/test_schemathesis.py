"""Thousands of generated requests against the served OpenAPI: no 5xx, nothing undocumented, nothing wrong.

`--cases 20000` for a longer search, `--seed N` for another one.
"""

import json
import logging
import math
import random
from collections import Counter

import httpx
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.e2e.conftest import FUNCTION_KEY

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SEARCH = {
    "database": None,
    "deadline": None,
    "phases": [Phase.generate],  # a failure says enough without being made small
    "suppress_health_check": list(HealthCheck),
}
FEW = 10  # requests where nothing can be chosen
WITHOUT_KEY, HALF = 0.02, 0.5  # of the requests
STARTS = {
    "tell_story": {"topic": "rain", "pieces": 2, "delay_ms": 0},
    "digest_documents": {"documents": [{"name": "a", "text": "It rains. It pours."}]},
    "order_laptop": {"employee": "Ada", "model": "X1", "price": 5000},
}
ENDING = [(flow, value) for flow, value in STARTS.items() if flow != "order_laptop"]


@pytest.fixture(scope="module")
def base(running, azurite, app, host_option, tmp_path_factory):
    """A host that enforces keys, and holds nobody back for long."""
    if host_option != "dev":
        pytest.skip("Core Tools leave keys open")
    keys = tmp_path_factory.mktemp("keys") / "keys.json"
    keys.write_text(json.dumps({"master": "m" * 20, "host": {"default": FUNCTION_KEY}}))
    limits = {"RAINCHECK_STREAM_LIMIT": "1", "RAINCHECK_WAIT_LIMIT": "0.3"}
    with running(azurite, app, keys=keys, **limits) as url:
        yield url


@pytest.fixture(scope="module")
def tokens(base):
    """Real tokens of each kind: of runs that have ended, and of some that ask somebody."""
    known = {"read": [], "cancel": [], "answer": []}
    with httpx.Client(base_url=base, headers={"x-functions-key": FUNCTION_KEY}, timeout=60) as api:
        for flow, value in [*STARTS.items(), *ENDING * 6]:
            document = api.post(f"/flows/{flow}/runs", json={"input": value, "background": True}).json()
            known["cancel"].append(document["cancel_url"].split("/")[-2])
            while document["status"] in {"NotStarted", "Running"}:
                document = api.get(document["status_url"], headers={"Prefer": "wait=1"}).json()
            known["read"].append(document["status_url"].split("/")[-1])
            known["answer"] += [one["answer_url"].split("/")[-2] for one in document["input_requests"]]
    assert all(known.values())
    return known


@pytest.fixture(scope="module")
def operations(base):
    """The operations of the served document."""
    answer = httpx.get(f"{base}/openapi.json", headers={"x-functions-key": FUNCTION_KEY})
    schema = schemathesis.openapi.from_dict(answer.json())
    return [result.ok() for result in schema.get_all_operations()]


@pytest.mark.timeout(3600)
def test_generated_requests_meet_the_document(base, tokens, operations, request):
    """What a program was told of the API is what it finds."""
    count = request.config.getoption("--cases", default=2000)
    number = request.config.getoption("--seed", default=1)
    taking = [one for one in operations if one.body or list(one.iter_parameters())]
    plan = [(one, GenerationMode.POSITIVE, FEW) for one in operations if one not in taking]
    share = math.ceil((count - len(plan) * FEW) / (2 * len(taking)))
    plan += [(one, mode, share) for one in taking for mode in GenerationMode]
    seen: Counter[str] = Counter()
    choice = random.Random(number)
    with requests.Session() as session:
        for operation, mode, examples in plan:

            @seed(number)
            @settings(max_examples=examples, **SEARCH)
            @given(operation.as_strategy(generation_mode=mode))
            def search(case):
                prepare(case, choice, tokens)
                key = {} if choice.random() < WITHOUT_KEY else {"x-functions-key": FUNCTION_KEY}
                answer = case.call(base.removesuffix("/api"), session=session, headers=key, timeout=30)
                seen[f"{case.operation.label} {answer.status_code}"] += 1
                case.validate_response(answer, checks=CHECKS)

            search()
    logging.getLogger(__name__).info("%s", json.dumps(dict(sorted(seen.items())), indent=1))
    assert sum(seen.values()) >= count * 0.95  # where all has been tried, a search ends by itself
    statuses = {line.rpartition(" ")[2] for line in seen}
    assert {"200", "202", "204", "400", "401", "404", "422"} <= statuses


def prepare(case, choice, tokens):
    """Put a real token where one is wanted, mostly; leave out what other tests send; keep runs short."""
    parameters, body = case.path_parameters, case.body
    for name, value in parameters.items():
        parameters[name] = value if plain(value) and not set(value) & set("/.?#%") else "x"
    if "token" in parameters:
        parameters["token"] = token_for(case, choice, tokens)
    if "flow" in parameters and choice.random() < HALF:
        parameters["flow"] = choice.choice(list(STARTS))
    case.headers = {name: value for name, value in (case.headers or {}).items() if plain(value)}
    if "wait" in (case.query or {}) and choice.random() < HALF:
        case.query["after"] = choice.choice(["0", "1", "9", "99999999"])
    if isinstance(body, dict):
        if choice.random() < HALF:  # what most generated starts fail over
            for name in ("callback", "channel", "metadata"):
                body.pop(name, None)
        shorten(body.get("input"))


def shorten(value):
    """Let what a start asks for be done in no time."""
    if isinstance(value, dict):
        least = {name: 3 for name in ("pieces", "delay_ms") if isinstance(value.get(name), int)}
        value.update({name: min(value[name], most) for name, most in least.items()})
        if isinstance(value.get("documents"), list):
            value["documents"] = value["documents"][:3]


def token_for(case, choice, tokens):
    kind = {"/cancel": "cancel", "/answer": "answer"}.get(case.path[-7:], "read")
    right, other = (choice.choice(tokens[one]) for one in (kind, choice.choice(list(tokens))))
    generated = case.path_parameters["token"]
    return choice.choices([right, other, right[:-1] + "A", generated], [80, 8, 6, 6])[0]


def plain(value):
    """Whether it is a text that every host passes on; what they stumble over has tests of its own."""
    return isinstance(value, str) and value.isascii() and value.isprintable() and value.strip() == value
