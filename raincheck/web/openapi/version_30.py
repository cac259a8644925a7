"""OpenAPI 3.1 down to 3.0.3, for importers that know no newer one."""

from typing import Any

from raincheck.web.openapi.schema_30 import schema_30

__all__ = ["as_openapi_30"]


def as_openapi_30(document: dict[str, Any]) -> dict[str, Any]:
    """Build the 3.0.3 document of a 3.1 one of ours."""
    components = document["components"]
    schemas = {name: schema_30(schema) for name, schema in components["schemas"].items()}
    converted: dict[str, Any] = _walked(
        {**document, "openapi": "3.0.3", "components": {**components, "schemas": {}}}
    )
    converted["components"]["schemas"] = schemas
    return converted


def _walked(value: Any) -> Any:
    """Walk what is no schema; everything under the key `schema` is one."""
    if isinstance(value, dict):
        return {key: schema_30(inner) if key == "schema" else _walked(inner) for key, inner in value.items()}
    return [_walked(inner) for inner in value] if isinstance(value, list) else value
