"""JSON Schema 2020-12, as OpenAPI 3.1 has it, down to the schema objects of OpenAPI 3.0.

Where 3.0 has no word for a rule, the rule is left out: a 3.0 reader takes more, never less.
"""

from typing import Any

__all__ = ["schema_30"]

Schema = dict[str, Any]

_NULL: Schema = {"type": "object", "nullable": True, "enum": [None]}  # how 3.0 says: only null
_KEPT = frozenset(
    [
        *(
            "title",
            "description",
            "default",
            "example",
            "deprecated",
            "readOnly",
            "writeOnly",
            "externalDocs",
            "xml",
        ),
        *("format", "pattern", "enum", "minLength", "maxLength", "minimum", "maximum", "multipleOf"),
        *(
            "minItems",
            "maxItems",
            "uniqueItems",
            "minProperties",
            "maxProperties",
            "required",
            "discriminator",
        ),
    ]
)


def schema_30(schema: Any) -> Schema:
    """Convert one schema and all below it."""
    if isinstance(schema, bool):
        return {} if schema else {"not": {}}
    if "$ref" in schema:
        return _reference(schema)
    new = {key: value for key, value in schema.items() if key in _KEPT or key.startswith("x-")}
    if schema.get("examples"):
        new["example"] = schema["examples"][0]
    if "const" in schema:
        new["enum"] = [schema["const"]]
    return _typed(schema, new | _bounds(schema) | _combined(schema) | _properties(schema) | _items(schema))


def _reference(schema: Schema) -> Schema:
    reference = {"$ref": schema["$ref"]}
    others = {key: value for key, value in schema.items() if key != "$ref"}
    if not others:
        return reference
    beside = schema_30(others)  # 3.0 ignores what stands beside a reference
    return {**beside, "allOf": [reference, *beside.get("allOf", [])]}


def _bounds(schema: Schema) -> Schema:
    """In 3.0 `exclusive…` is a flag beside the bound."""
    new: Schema = {}
    for bound, exclusive, tighter in (
        ("minimum", "exclusiveMinimum", max),
        ("maximum", "exclusiveMaximum", min),
    ):
        if exclusive in schema:
            limit = schema[exclusive]
            new[bound] = tighter(limit, schema.get(bound, limit))
            new[exclusive] = new[bound] == limit
    return new


def _combined(schema: Schema) -> Schema:
    new: Schema = {
        key: [schema_30(one) for one in schema[key]] for key in ("allOf", "anyOf", "oneOf") if key in schema
    }
    if "not" in schema:
        new["not"] = schema_30(schema["not"])
    return new


def _properties(schema: Schema) -> Schema:
    new: Schema = {}
    if "properties" in schema:
        new["properties"] = {name: schema_30(one) for name, one in schema["properties"].items()}
    if "patternProperties" in schema:
        new["additionalProperties"] = True
    elif "additionalProperties" in schema:
        others = schema["additionalProperties"]
        new["additionalProperties"] = others if isinstance(others, bool) else schema_30(others)
    return new


def _items(schema: Schema) -> Schema:
    if "prefixItems" not in schema:
        return {"items": schema_30(schema["items"])} if "items" in schema else {}
    first = [schema_30(one) for one in schema["prefixItems"]]
    if schema.get("items") is not False and schema.get("maxItems") != len(first):
        return {"items": {}}
    return {"items": {"anyOf": first} if first else {}, "maxItems": len(first)}


def _typed(schema: Schema, new: Schema) -> Schema:
    """Settle types: 3.0 has one type per schema, and null is a flag that counts only beside a type."""
    given = schema.get("type", [])
    types = [given] if isinstance(given, str) else given
    nullable = "null" in types
    types = [one for one in types if one != "null"]
    if nullable and not types:
        return {**{key: new[key] for key in ("title", "description", "default") if key in new}, **_NULL}
    if len(types) > 1:
        choices: list[Schema] = [_typed({"type": one}, {}) for one in types] + [_NULL] * nullable
        return {**new, "allOf": [*new.get("allOf", []), {"anyOf": choices}]}
    if types:
        new = {**new, "type": types[0]} | ({"nullable": True} if nullable else {})
    if types == ["array"]:
        new.setdefault("items", {})
    return _flattened(new)


def _flattened(new: Schema) -> Schema:
    """`anyOf: [X, null]` with a plain typed X is X with the flag, which client generators like best."""
    match new.get("anyOf"):
        case [{"type": str()} as one, null] if null == _NULL and "type" not in new and "enum" not in one:
            return {**one, **{key: value for key, value in new.items() if key != "anyOf"}, "nullable": True}
    return new
