"""The JSON schema of a type as callers read it: it says what the door takes, no more and no less."""

import math
from enum import Flag
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from typing_extensions import override

from raincheck.values import patterns
from raincheck.values.text import well_formed

__all__ = ["PublishedSchema", "not_json"]


class PublishedSchema(GenerateJsonSchema):
    """Pydantic's schema, with the form of each text. What is sent out has whatever form it has."""

    @override
    def datetime_schema(self, schema: Any) -> JsonSchemaValue:
        constraint = schema.get("tz_constraint")
        if constraint is None:  # RFC 3339, or without an offset: more than `format` says
            return self._text(super().datetime_schema(schema), patterns.MOMENT, keeps_format=False)
        if constraint == "naive":
            return self._text(super().datetime_schema(schema), patterns.NAIVE, keeps_format=False)
        return self._text(super().datetime_schema(schema), patterns.AWARE)

    @override
    def date_schema(self, schema: Any) -> JsonSchemaValue:
        return self._text(super().date_schema(schema), patterns.DATE)

    @override
    def time_schema(self, schema: Any) -> JsonSchemaValue:
        return self._text(super().time_schema(schema), patterns.TIME, keeps_format=False)

    @override
    def timedelta_schema(self, schema: Any) -> JsonSchemaValue:
        return self._text(super().timedelta_schema(schema), patterns.DURATION, keeps_format=False)

    @override
    def uuid_schema(self, schema: Any) -> JsonSchemaValue:
        return self._text(super().uuid_schema(schema), patterns.UUID)

    @override
    def decimal_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().decimal_schema(schema)
        if self.mode == "validation":
            for choice in made.get("anyOf", []):
                if choice.get("type") == "string":
                    choice.setdefault("pattern", patterns.DECIMAL)
        return made

    @override
    def complex_schema(self, schema: Any) -> JsonSchemaValue:
        return self._text(super().complex_schema(schema), patterns.COMPLEX)

    @override
    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().dict_schema(schema)
        if self.mode == "validation" and schema.get("keys_schema", {}).get("type") == "int":
            made["propertyNames"] = {"pattern": patterns.INTEGER_KEY}
        return made

    @override
    def enum_schema(self, schema: Any) -> JsonSchemaValue:
        made = super().enum_schema(schema)
        if self.mode == "serialization" and issubclass(schema["cls"], Flag):
            made.pop("enum", None)  # any of them together are one, too
        return made

    def _text(self, made: JsonSchemaValue, pattern: str, *, keeps_format: bool = True) -> JsonSchemaValue:
        if self.mode != "validation" or made.get("type") != "string":
            return made
        kept = made if keeps_format else {key: value for key, value in made.items() if key != "format"}
        return {**kept, "pattern": pattern}


def not_json(schema: Any, where: str = "") -> str | None:  # noqa: PLR0911 - a line for each kind
    """Return where a schema is no JSON, and why; None where it is."""
    if isinstance(schema, dict):
        for name, inner in schema.items():
            if not isinstance(name, str) or well_formed(name) != name:
                return f"a name in {where or 'it'} is no text"
            if reason := not_json(inner, f"{where}.{name}" if where else name):
                return reason
        return None
    if isinstance(schema, list | tuple):
        reasons = (not_json(inner, f"{where}[{number}]") for number, inner in enumerate(schema))
        return next((reason for reason in reasons if reason), None)
    if isinstance(schema, float) and not math.isfinite(schema):
        return f"{where} is {schema}"
    if isinstance(schema, str):
        return None if well_formed(schema) == schema else f"{where} holds half a surrogate pair"
    return (
        None
        if schema is None or isinstance(schema, bool | int | float)
        else f"{where} is a {type(schema).__name__}"
    )
