"""Schemas for the OpenAPI document: of the contract's own models, and of each flow."""

from typing import Any

from pydantic import BaseModel

from raincheck.flow import Flow
from raincheck.models import StartRequest, StatusDocument
from raincheck.web.problem_responses import Problem

__all__ = ["PROBLEM", "flow_schemas", "ref", "shared_schemas", "start_name", "status_name"]

PROBLEM, STATUS = "Problem", "StatusDocument"
Schemas = dict[str, Any]

_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "An event of a run; further properties depend on `type`.",
    "properties": {
        "sequence_number": {"type": "integer", "minimum": 0},
        "type": {"type": "string"},
        "continuation_token": {"type": ["string", "null"]},
    },
    "required": ["type", "continuation_token"],
    "additionalProperties": True,
}
_EVENT_PAGE: dict[str, Any] = {
    "type": "object",
    "properties": {
        "events": {"type": "array", "items": {"$ref": "#/components/schemas/Event"}},
        "continuation_token": {
            "type": ["string", "null"],
            "description": "Where to read on; null after the end.",
        },
    },
    "required": ["events", "continuation_token"],
}


def ref(name: str) -> dict[str, str]:
    """Point to a schema of the document."""
    return {"$ref": f"#/components/schemas/{name}"}


def start_name(flow: Flow[Any, Any]) -> str:
    """Return the name of the schema of a flow's start."""
    return f"start_{flow.name}"


def status_name(flow: Flow[Any, Any]) -> str:
    """Return the name of the schema of a flow's status document."""
    return f"status_{flow.name}"


def shared_schemas() -> Schemas:
    """Return the schemas that don't depend on a flow, by name."""
    return {
        "Event": _EVENT,
        "EventPage": _EVENT_PAGE,
        **_named(PROBLEM, _of(Problem)),
        **_named(STATUS, _of(StatusDocument)),
        **_named("StartRequest", StartRequest.model_json_schema()),
    }


def flow_schemas(flow: Flow[Any, Any]) -> Schemas:
    """Return a flow's own: its start with its input, its status document with its result."""
    given = _named(f"{flow.name}_input", flow.input.json_schema("validation"))
    result = _named(f"{flow.name}_result", flow.result.json_schema("serialization"))
    start = _named("StartRequest", StartRequest.model_json_schema())["StartRequest"]
    start["title"] = start_name(flow)
    start["properties"]["input"] = ref(f"{flow.name}_input")
    if not _takes_nothing(flow):
        start["required"] = ["input"]
    status = _named(STATUS, _of(StatusDocument))[STATUS]
    status["title"] = status_name(flow)
    status["properties"]["flow"] = {"type": "string", "const": flow.name}
    status["properties"]["result"] = {"anyOf": [ref(f"{flow.name}_result"), {"type": "null"}]}
    return {**given, **result, start_name(flow): start, status_name(flow): status}


def _of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="serialization")


def _named(name: str, schema: dict[str, Any]) -> Schemas:
    """Return a schema its name, and its definitions names below that."""
    definitions = schema.pop("$defs", {})
    named = {name: schema, **{f"{name}.{key}": inner for key, inner in definitions.items()}}
    return {key: _moved(inner, f"#/components/schemas/{name}.") for key, inner in named.items()}


def _moved(value: Any, place: str) -> Any:
    """Let references to definitions point to where they are now, those of discriminators too."""
    if isinstance(value, dict):
        return {key: _moved(inner, place) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, place) for inner in value]
    if isinstance(value, str) and value.startswith("#/$defs/"):
        return place + value.removeprefix("#/$defs/")
    return value


def _takes_nothing(flow: Flow[Any, Any]) -> bool:
    try:
        flow.input.parse_strictly(None)
    except Exception:  # noqa: BLE001 - an author's validator may raise anything
        return False
    return True
