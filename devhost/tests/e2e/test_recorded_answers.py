import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from e2e.host import APPS, Host
from e2e.recorded import ask, case_id, cases, comparable, comparable_headers

_KEYS = {
    "master": "testMasterKey",
    "host": {"default": "testFunctionKey"},
    "system": {"durabletask_extension": "testSystemKey"},
}
_FILES = {
    "http-plain.json": ("plain", False),
    "http-fastapi.json": ("fa", False),
    "http-more.json": ("more", False),
    "http-keys.json": ("plain", True),
}
_ALL = [(name, case) for name in _FILES for case in cases(name)]


@pytest.fixture(scope="module")
def hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Return the running host of a recording, started at its first case."""
    running: dict[str, Host] = {}

    def of(name: str) -> Host:
        if name not in running:
            app, keyed = _FILES[name]
            folder: Path = tmp_path_factory.mktemp(app)
            (folder / "keys.json").write_text(json.dumps(_KEYS))
            options = ("--keys", str(folder / "keys.json")) if keyed else ()
            host = Host(APPS / app, folder / "state", "--no-watch", "--workers", "0", *options)
            running[name] = host.start()
        return running[name]

    yield of
    for host in running.values():
        host.__exit__(None, None, None)


@pytest.mark.parametrize(("name", "case"), _ALL, ids=[f"{name} {case_id(case)}" for name, case in _ALL])
def test_the_answer_is_the_recorded_one(hosts: Any, name: str, case: dict[str, Any]) -> None:
    """What a client of devhost gets is what a client of the genuine host got."""
    address = hosts(name).url.removeprefix("http://").replace("localhost", "127.0.0.1")
    answer = ask(address, case)
    wanted, given = comparable_headers(case, answer)
    recorded = comparable(case["answer"], "HOST")
    assert (answer["status"], given, answer["body"]) == (case["status"], wanted, recorded)
