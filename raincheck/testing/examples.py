"""An example of what a JSON schema takes, for a command that a person will fill in."""

from typing import Any

__all__ = ["example_of"]

DEEPEST = 8  # levels; a schema may hold itself
TEXTS = {
    "date": "2030-01-01",
    "date-time": "2030-01-01T00:00:00Z",
    "duration": "PT1H",
    "email": "ada@example.com",
    "time": "00:00:00",
    "uri": "https://example.com",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


def example_of(schema: dict[str, Any]) -> Any:
    """Build a value with what the schema requires, and nothing else."""
    return _example(schema, schema.get("$defs", {}), 0)


def _example(schema: dict[str, Any], models: dict[str, Any], depth: int) -> Any:
    if depth > DEEPEST:
        return None
    if "$ref" in schema:
        return _example(models.get(schema["$ref"].rpartition("/")[2], {}), models, depth + 1)
    for word in ("const", "default"):
        if word in schema:
            return schema[word]
    for word in ("examples", "enum"):
        if schema.get(word):
            return schema[word][0]
    for word in ("anyOf", "oneOf", "allOf"):
        if schema.get(word):
            return _example(schema[word][0], models, depth + 1)
    return _plain(schema, models, depth)


def _plain(schema: dict[str, Any], models: dict[str, Any], depth: int) -> Any:
    match schema.get("type"):
        case "object":
            fields = schema.get("properties", {})
            return {
                name: _example(fields.get(name, {}), models, depth + 1) for name in schema.get("required", ())
            }
        case "array":
            items = schema.get("items", {})
            return [_example(items, models, depth + 1)] * max(1, schema.get("minItems", 1))
        case "string":
            text: str = TEXTS.get(schema.get("format", ""), "text")
            return text.ljust(schema.get("minLength", 0), ".")[: schema.get("maxLength")]
        case "integer" | "number":
            return max(1, schema.get("minimum", 1), schema.get("exclusiveMinimum", 0) + 1)
        case "boolean":
            return True
        case _:
            return None
