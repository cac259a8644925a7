"""Requests and answers recorded on the genuine host (4.1037, worker 4.34.0), and how they are compared.

Taken out of the recordings: Date and Server, ports, ids. `WORKER` stands for the worker's own address.
"""

import http.client
import json
import re
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "goldens"
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def cases(name: str) -> list[dict[str, Any]]:
    """Return the recorded cases of a file."""
    found: list[dict[str, Any]] = json.loads((_FOLDER / name).read_text())
    return found


def case_id(case: dict[str, Any]) -> str:
    """Name a case in the test report."""
    return f"{case['method']} {case['path']}"


def ask(address: str, case: dict[str, Any]) -> dict[str, Any]:
    """Send a recorded request and give the answer in the recording's form."""
    connection = http.client.HTTPConnection(address, timeout=30)
    body = None if case["body"] is None else case["body"].encode("latin-1")
    own_host = any(name.lower() == "host" for name in case["headers"])
    connection.putrequest(case["method"], case["path"], skip_host=own_host)
    for name, value in case["headers"].items():
        connection.putheader(name, value)
    if body is not None:
        connection.putheader("content-length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    text = answer.read().decode("utf-8", "backslashreplace")
    connection.close()
    headers: dict[str, list[str]] = {}
    for name, value in answer.getheaders():
        headers.setdefault(name.lower(), []).append(value)
    return {"status": answer.status, "headers": headers, "body": comparable(text, address)}


def comparable(text: str, address: str) -> Any:
    """Return a body without ports and ids, JSON parsed, header lists in one order."""
    text = _UUID.sub("UUID", re.sub(r"127\.0\.0\.1:\d+", "WORKER", text.replace(address, "HOST")))
    try:
        body = json.loads(text)
    except ValueError:
        return text
    if isinstance(body, dict) and isinstance(body.get("headers"), list):
        body["headers"] = sorted(body["headers"])
    return body


def comparable_headers(case: dict[str, Any], answer: dict[str, Any]) -> tuple[Any, Any]:
    """Return recorded and actual headers, without those that differ for a reason (README.md says which)."""
    left_out = {"date", "server"}
    if case["method"] == "HEAD":
        left_out.add("transfer-encoding")
    if "content-length" not in case["answer_headers"]:
        left_out.add("content-length")
    wanted = {name: values for name, values in case["answer_headers"].items() if name not in left_out}
    return wanted, {name: values for name, values in answer["headers"].items() if name not in left_out}
