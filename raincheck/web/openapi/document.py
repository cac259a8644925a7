"""The OpenAPI document: one typed operation per flow, so that an agent can take each as a tool."""

from collections.abc import Iterable
from typing import Any

from raincheck import __version__
from raincheck.flow import Flow
from raincheck.web.openapi.components import (
    PROBLEM,
    flow_schemas,
    ref,
    shared_schemas,
    start_name,
    status_name,
)

__all__ = ["openapi_document"]

_PREFER = {
    "name": "Prefer",
    "in": "header",
    "description": "RFC 7240: `respond-async` for a token at once, `wait=N` to wait for N seconds.",
    "schema": {"type": "string"},
    "example": "respond-async, wait=5",
}
_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "However often a request is sent with the same key and body, it starts one run.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
_ACCEPTED = {
    "name": "accepted_status",
    "in": "query",
    "description": "The status of an answer that is not the end yet, for callers that take only 200.",
    "schema": {"type": "integer", "enum": [200, 202], "default": 202},
}
_AFTER = {
    "name": "after",
    "in": "query",
    "description": "The last event seen: an id of the stream, or a sequence number.",
    "schema": {"type": "string"},
}
_LAST_EVENT_ID = {
    "name": "Last-Event-ID",
    "in": "header",
    "description": "The same, as browsers send it; it wins.",
    "schema": {"type": "string"},
}
_WAIT = {
    "name": "wait",
    "in": "query",
    "description": "Seconds that a page is held back for an event, at most the app's own limit.",
    "schema": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "default": 0},
}
_UNTIL = {
    "name": "until",
    "in": "query",
    "description": "`input` ends it where the run waits for a person.",
    "schema": {"type": "string", "enum": ["input"]},
}
_FLOW = {"name": "flow", "in": "path", "required": True, "schema": {"type": "string"}}
_ANYTHING = {"type": "object", "additionalProperties": True}
_KEYLESS = {"401": {"description": "The function key is missing or wrong. The host says so, without a body."}}
_TOKEN = {
    "name": "token",
    "in": "path",
    "required": True,
    "description": "The continuation token: it is the key.",
    "schema": {"type": "string"},
}


def openapi_document(flows: Iterable[Flow[Any, Any]], *, base: str, prefix: str) -> dict[str, Any]:
    """Build the document (OpenAPI 3.1). `base` is scheme and host, `prefix` what every path begins with."""
    schemas = shared_schemas()
    paths: dict[str, Any] = {}
    for flow in flows:
        schemas |= flow_schemas(flow)
        paths[f"{prefix}/flows/{flow.name}/runs"] = {"post": _start(flow)}
    paths |= {prefix + path: operations for path, operations in _fixed().items()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Raincheck",
            "version": __version__,
            "description": "Starts long work, answers at once or with a token, and gives the result later.",
        },
        "servers": [{"url": base}],
        "security": [{"function_key": []}],
        "tags": [{"name": "flows"}, {"name": "runs"}, {"name": "service"}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "responses": {
                "Problem": _response("What is wrong (RFC 9457).", ref(PROBLEM), "application/problem+json")
            },
            "securitySchemes": {
                "function_key": {"type": "apiKey", "in": "header", "name": "x-functions-key"}
            },
        },
    }


def _start(flow: Flow[Any, Any]) -> dict[str, Any]:
    lines = flow.description.strip().splitlines()
    return {
        "operationId": f"start_{flow.name}",
        "summary": lines[0] if lines else f"Start {flow.name}",
        "description": flow.description or f"Start {flow.name}.",
        "tags": ["flows"],
        "parameters": [_IDEMPOTENCY_KEY, _PREFER, _ACCEPTED],
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(start_name(flow))}}},
        "responses": {
            "200": _response("It is done, one way or another.", ref(status_name(flow))),
            "202": {
                **_response("It goes on. Collect it at the status URL.", ref(status_name(flow))),
                "headers": {
                    "Location": {"description": "The status URL.", "schema": {"type": "string"}},
                    "Operation-Location": {"description": "The same.", "schema": {"type": "string"}},
                    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}},
                    "Preference-Applied": {"description": "RFC 7240.", "schema": {"type": "string"}},
                },
            },
            **_KEYLESS,
            **_problems("400", "404", "409", "410", "413", "415", "422", "429", "503"),
        },
    }


def _fixed() -> dict[str, Any]:
    status = ref("StatusDocument")
    return {
        "/flows": {"get": _keyed(_get("list_flows", "List the flows", "flows", _ANYTHING))},
        "/flows/{flow}": {
            "get": {
                **_keyed(_get("show_flow", "Show a flow", "flows", _ANYTHING, "404")),
                "parameters": [_FLOW],
            }
        },
        "/runs/{token}": {
            "get": {
                **_get(
                    "collect_run",
                    "Collect a run",
                    "runs",
                    status,
                    "404",
                    "410",
                    "422",
                    "503",
                    accepted=status,
                ),
                "parameters": [_TOKEN, _PREFER, _ACCEPTED],
                "security": [],
            }
        },
        "/runs/{token}/events": {
            "get": {
                "operationId": "follow_run",
                "summary": "Follow a run",
                "tags": ["runs"],
                "parameters": [_TOKEN, _AFTER, _LAST_EVENT_ID, _WAIT, _UNTIL],
                "security": [],
                "responses": {
                    "200": {
                        "description": "Events: as a stream, or as a page.",
                        "content": {
                            "text/event-stream": {
                                "schema": {"description": "The `data` of each is an Event."}
                            },
                            "application/json": {"schema": ref("EventPage")},
                        },
                    },
                    "204": {"description": "The run has ended, and all of its events were read."},
                    **_problems("400", "404", "410", "422", "429", "503"),
                },
            }
        },
        "/runs/{token}/cancel": {
            "post": {
                **_get(
                    "cancel_run", "Cancel a run", "runs", status, "404", "410", "422", "503", accepted=status
                ),
                "parameters": [_TOKEN, _ACCEPTED],
                "security": [],
            }
        },
        "/runs/{token}/answer": {
            "post": {
                **_answer(status),
                "parameters": [_TOKEN, _ACCEPTED],
                "security": [],
            }
        },
        "/health": {"get": _health()},
    }


def _health() -> dict[str, Any]:
    operation = _get("health", "Tell whether all is well", "service", _ANYTHING)
    operation["responses"]["503"] = _response("Storage can't be reached.", _ANYTHING)
    return {**operation, "security": []}


def _keyed(operation: dict[str, Any]) -> dict[str, Any]:
    return {**operation, "responses": {**operation["responses"], **_KEYLESS}}


def _answer(status: dict[str, Any]) -> dict[str, Any]:
    value = {"description": "Fits the schema of the question."}
    body = {
        "type": "object",
        "properties": {"value": value},
        "required": ["value"],
        "additionalProperties": False,
    }
    problems = ("400", "404", "409", "410", "413", "415", "422", "503")
    return {
        "operationId": "answer_question",
        "summary": "Answer a question",
        "tags": ["runs"],
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            "200": _response("The answer stands, for callers that take only 200.", status),
            "202": _response("The answer stands.", status),
            **_problems(*problems),
        },
    }


def _get(
    operation: str,
    summary: str,
    tag: str,
    schema: dict[str, Any],
    *problems: str,
    accepted: dict[str, Any] | None = None,
) -> dict[str, Any]:
    responses = {"200": _response("As asked.", schema)}
    if accepted is not None:
        responses["202"] = _response("The run goes on.", accepted)
    return {
        "operationId": operation,
        "summary": summary,
        "tags": [tag],
        "responses": responses | _problems(*problems),
    }


def _response(
    description: str, schema: dict[str, Any], media_type: str = "application/json"
) -> dict[str, Any]:
    return {"description": description, "content": {media_type: {"schema": schema}}}


def _problems(*statuses: str) -> dict[str, Any]:
    return {status: {"$ref": "#/components/responses/Problem"} for status in statuses}
