"""What callers send, taken exactly as the published schema says: `"5"` is no number, and `5.0` is an integer.

Pydantic's strict mode is something else: it refuses `5.0`, takes `true` for an IntEnum, and below a validator
of an author's own it forgets that a date in JSON is a text. So its lax mode reads, and each part is guarded.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic_core import PydanticCustomError, PydanticKnownError, SchemaValidator

from raincheck.values import patterns
from raincheck.values.core_schema import DATA
from raincheck.values.encode import adapter_of

__all__ = ["door_of"]

_CLASSES: dict[str, type] = {
    "datetime_type": datetime,
    "date_type": date,
    "time_type": time,
    "time_delta_type": timedelta,
    "uuid_parsing": UUID,
    "decimal_parsing": Decimal,
}
_CONTEXT: dict[str, dict[str, Any]] = {
    "uuid_parsing": {"error": "8-4-4-4-12 hexadecimal digits"},
}
Guard = Callable[[Any], Any]


def door_of(schema: Any) -> SchemaValidator:
    """Build the validator of what callers send for a type, of pydantic's core schema."""
    return SchemaValidator(_guarded(schema), None, _use_prebuilt=False)


def _guarded(part: Any, *, key: bool = False, exact: bool = False) -> Any:
    """Guard a part and what is below it. `key`: of a dict, always text. `exact`: 5.0 is no integer here."""
    if isinstance(part, list | tuple):  # a choice may be a pair with its label
        return type(part)(_guarded(inner, key=key, exact=exact) for inner in part)
    if not isinstance(part, dict):
        return part
    kind = part.get("type")
    if not isinstance(kind, str):
        return {name: _guarded(inner, key=key, exact=exact) for name, inner in part.items()}
    if kind == "lax-or-strict":
        return _with_ref(part, _guarded(part["strict_schema"], key=key, exact=exact))
    below = kind == "union" and any(_kind_of(choice) in ("float", "decimal") for choice in part["choices"])
    made = {
        name: inner if name in DATA else _guarded(inner, key=name == "keys_schema" or key, exact=below)
        for name, inner in part.items()
        if name != "strict"
    }
    if "config" in made:
        made["config"] = {
            n: value for n, value in made["config"].items() if n not in ("strict", "coerce_numbers_to_str")
        }
    guard = _guard_of(part, key=key, exact=exact)
    if guard is None:
        return made
    ref = made.pop("ref", None)
    outer = {"type": "function-before", "function": {"type": "no-info", "function": guard}, "schema": made}
    return outer if ref is None else {**outer, "ref": ref}


def _with_ref(part: dict[str, Any], made: Any) -> Any:
    return {**made, "ref": part["ref"]} if "ref" in part else made


def _kind_of(choice: Any) -> Any:
    return choice[0]["type"] if isinstance(choice, tuple) else choice["type"]


def _guard_of(part: dict[str, Any], *, key: bool, exact: bool) -> Guard | None:  # noqa: PLR0911 - a line for each kind
    kind = part["type"]
    if kind == "int":
        if key:
            return _texts(patterns.INTEGER_KEY, "int_parsing")
        return _whole if not exact else _integer
    if key and kind in ("float", "bool", "decimal", "enum", "literal"):
        return None
    if kind == "literal":
        return _one_of(part["expected"], "literal_error")
    if kind == "enum":
        return _one_of([member.value for member in part["members"]], "enum")
    if kind == "datetime":
        constraint = {"aware": patterns.AWARE, "naive": patterns.NAIVE}
        return _texts(constraint.get(part.get("tz_constraint", ""), patterns.MOMENT), "datetime_type")
    return _GUARDS.get(kind)


def _whole(value: Any) -> Any:
    if type(value) is float and value.is_integer():
        return int(value)
    return _integer(value)


def _integer(value: Any) -> Any:
    if type(value) is not int:
        raise PydanticKnownError("int_type")
    return value


def _number(value: Any) -> Any:
    if type(value) not in (int, float):
        raise PydanticKnownError("float_type")
    return value


def _boolean(value: Any) -> Any:
    if type(value) is not bool:
        raise PydanticKnownError("bool_type")
    return value


def _string(value: Any) -> Any:
    if not isinstance(value, str):
        raise PydanticKnownError("string_type")
    return value


def _array(value: Any) -> Any:
    if not isinstance(value, list):
        raise PydanticKnownError("list_type")
    return value


def _distinct(value: Any) -> Any:
    seen: list[Any] = _array(value)
    texts = {_canonical(inner) for inner in seen}
    if len(texts) != len(seen):
        raise PydanticCustomError("unique_items", "Input should have no item twice")
    return value


def _decimal(value: Any) -> Any:
    if isinstance(value, str):
        return _texts(patterns.DECIMAL, "decimal_parsing")(value)
    if type(value) not in (int, float):
        raise PydanticKnownError("decimal_type")
    return value


def _texts(pattern: str, error: Any) -> Guard:
    match = re.compile(pattern).match
    cls = _CLASSES.get(error)

    def guard(value: Any) -> Any:
        if not isinstance(value, str) or not match(value):
            raise PydanticKnownError(error, _CONTEXT.get(error))
        return (
            value if cls is None else adapter_of(cls).validate_python(value)
        )  # of a union, it is this choice

    return guard


def _one_of(expected: list[Any], error: Any) -> Guard:
    """Tell 1 from true, which Python takes for equal; 1.0 is 1, as JSON schema has it."""
    wanted = [value for value in expected if isinstance(value, bool | int | float)]
    numbers = [value for value in wanted if not isinstance(value, bool)]
    booleans = [value for value in wanted if isinstance(value, bool)]
    texts = len(wanted) < len(expected)
    shown = ", ".join(map(repr, expected))

    def guard(value: Any) -> Any:
        if isinstance(value, bool):
            refused = bool(wanted) and value not in booleans
        elif isinstance(value, int | float):
            refused = bool(wanted) and value not in numbers
            value = next((number for number in numbers if number == value), value)
        else:
            refused = isinstance(value, str) and not texts
        if refused:
            raise PydanticKnownError(error, {"expected": shown})
        return value

    return guard


def _canonical(value: Any) -> Any:
    if isinstance(value, list):
        return ("list", *map(_canonical, value))
    if isinstance(value, dict):
        return ("dict", *sorted((name, _canonical(inner)) for name, inner in value.items()))
    return (type(value) is bool, value)


_GUARDS: dict[str, Guard] = {
    "float": _number,
    "bool": _boolean,
    "str": _string,
    "bytes": _string,
    "complex": _texts(patterns.COMPLEX, "complex_type"),
    "decimal": _decimal,
    "date": _texts(patterns.DATE, "date_type"),
    "time": _texts(patterns.TIME, "time_type"),
    "timedelta": _texts(patterns.DURATION, "time_delta_type"),
    "uuid": _texts(patterns.UUID, "uuid_parsing"),
    "set": _distinct,
    "frozenset": _distinct,
    "named-tuple": _array,
}
