"""Types whose JSON says all there is: for these, looking at a value is enough to know that it comes back.

Most models are such: fields of text, numbers, dates and other models, no aliases that differ, no code of
their own. Every other type is tried there and back with each value, which costs several times as much.
"""

import math
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Flag
from typing import Any
from uuid import UUID

from raincheck.values.same import FIXED_OFFSETS
from raincheck.values.text import is_well_formed

__all__ = ["Check", "check_of"]

Check = Callable[[Any], bool]
_SETTINGS = frozenset(
    {"title", "extra_fields_behavior", "frozen", "validate_by_name", "validate_by_alias", "from_attributes"}
    | {"validate_assignment", "revalidate_instances", "arbitrary_types_allowed", "hide_input_in_errors"}
)
_CHANGES_TEXT = ("strip_whitespace", "to_lower", "to_upper", "coerce_numbers_to_str", "pattern")


class _Unsure(Exception):
    """The type may have more than its JSON says."""


def check_of(schema: Any) -> Check | None:
    """Return what tells whether a value of the type comes back from its JSON; None where only trying does."""
    try:
        return _Checks().of(schema)
    except _Unsure:
        return None


class _Checks:
    def of(self, node: dict[str, Any]) -> Check:
        if "strict" in node or "serialization" in node:
            raise _Unsure
        kind = node["type"]
        if kind in _LEAVES and not any(node.get(change) for change in _CHANGES_TEXT):
            return _LEAVES[kind]
        make = getattr(self, f"_{kind.replace('-', '_')}", None)
        if make is None:
            raise _Unsure
        check: Check = make(node)
        return check

    def __init__(self) -> None:
        self._named: dict[str, Any] = {}
        self._made: dict[str, Check] = {}

    def _definitions(self, node: dict[str, Any]) -> Check:
        self._named |= {one["ref"]: one for one in node["definitions"]}
        return self.of(node["schema"])

    def _definition_ref(self, node: dict[str, Any]) -> Check:
        ref, made = node["schema_ref"], self._made
        if ref not in made:
            made[ref] = lambda _: False  # until it is there: the schema of a tree comes back to itself
            made[ref] = self.of(self._named[ref])
        return lambda value: made[ref](value)  # noqa: PLW0108 - the one that is there then

    def _nullable(self, node: dict[str, Any]) -> Check:
        inner = self.of(node["schema"])
        return lambda value: value is None or inner(value)

    def _default(self, node: dict[str, Any]) -> Check:
        return self.of(node["schema"])

    def _list(self, node: dict[str, Any]) -> Check:
        inner = self.of(node["items_schema"]) if "items_schema" in node else None
        if inner is None:
            raise _Unsure
        return lambda value: type(value) is list and all(map(inner, value))

    def _dict(self, node: dict[str, Any]) -> Check:
        if node.get("keys_schema", {}).get("type") != "str" or "values_schema" not in node:
            raise _Unsure
        key, inner = self.of(node["keys_schema"]), self.of(node["values_schema"])
        return lambda value: type(value) is dict and all(map(key, value)) and all(map(inner, value.values()))

    def _literal(self, node: dict[str, Any]) -> Check:
        if not all(type(value) is str for value in node["expected"]):
            raise _Unsure
        return _LEAVES["str"]

    def _enum(self, node: dict[str, Any]) -> Check:
        cls = node["cls"]
        if issubclass(cls, Flag) or not all(type(member.value) is str for member in node["members"]):
            raise _Unsure
        return lambda value: type(value) is cls

    def _model(self, node: dict[str, Any]) -> Check:
        cls, inner = node["cls"], node["schema"]
        settings = node.get("config", {})
        if (
            any(node.get(name) for name in ("root_model", "custom_init", "post_init", "generic_origin"))
            or not _SETTINGS.issuperset(settings)
            or settings.get("extra_fields_behavior") == "allow"
            or cls.__private_attributes__
            or inner["type"] != "model-fields"
            or "serialization" in inner
            or inner.get("extra_behavior") == "allow"
        ):
            raise _Unsure
        fields = [(name, self._field(name, field)) for name, field in inner["fields"].items()]

        def check(value: Any) -> bool:
            if type(value) is not cls:
                return False
            holds = value.__dict__
            try:
                return all(field(holds[name]) for name, field in fields)
            except KeyError:
                return False

        return check

    def _field(self, name: str, field: dict[str, Any]) -> Check:
        alias = field.get("validation_alias", name)
        if alias != field.get("serialization_alias", name) or field.get("serialization_exclude"):
            raise _Unsure
        if "serialization_exclude_if" in field or not isinstance(alias, str):
            raise _Unsure
        return self.of(field["schema"])


def _text(value: Any) -> bool:
    return type(value) is str and is_well_formed(value)


def _moment(value: Any) -> bool:
    return (
        type(value) is datetime
        and not value.fold
        and (value.tzinfo is None or isinstance(value.tzinfo, FIXED_OFFSETS))
    )


def _is(cls: type) -> Check:
    return lambda value: type(value) is cls


_LEAVES: dict[str, Check] = {
    "str": _text,
    "int": _is(int),
    "bool": _is(bool),
    "none": lambda value: value is None,
    "float": lambda value: type(value) is float and math.isfinite(value),
    "decimal": lambda value: type(value) is Decimal and value.is_finite(),
    "date": _is(date),
    "datetime": _moment,
    "uuid": _is(UUID),
}
