"""A type as both sides of a JSON boundary see it: parsed coming in, dumped going out, shown as a schema."""

import json
import math
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from raincheck.errors import RequestError

__all__ = ["Shape", "unfit"]

MAX_ERRORS = 20  # of a request's input that one problem document names
MAX_LISTED = 1_000  # errors that are made into texts at all: each costs microseconds and hundreds of bytes

_DATA = frozenset({"default", "const", "enum", "examples"})  # what of a schema is no schema

_COLLECTIONS = frozenset({"list", "tuple", "set", "frozenset", "dict"})
_NO_SCHEMA = frozenset(
    {"default", "expected", "members", "metadata", "serialization"}
)  # data in pydantic's own

T_co = TypeVar("T_co", covariant=True)


class Shape(Generic[T_co]):
    """What pydantic knows of one type, made once: `Shape(Order).parse({"price": 3})`."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self._adapter: TypeAdapter[T_co] = TypeAdapter(annotation)

    def parse(self, value: Any) -> T_co:
        """Build the typed value of what JSON held.

        Raises:
            pydantic.ValidationError: it does not fit; `.errors()` says where.
        """
        return self._adapter.validate_python(value)

    def parse_strictly(self, value: Any) -> T_co:
        """Build the typed value of what a caller sent: as its JSON schema says, `"5"` is no number.

        Raises:
            pydantic.ValidationError: it does not fit; `.errors()` says where. Where very much does not, only
                the first of each list.
        """
        text = json.dumps(value)
        try:
            return self._adapter.validate_json(text, strict=True)
        except ValidationError as error:
            if error.error_count() > MAX_LISTED:
                self._fail_fast.validate_json(text, strict=True)
            raise

    @cached_property
    def _fail_fast(self) -> SchemaValidator:
        schema = _failing_fast(self._adapter.core_schema)
        try:
            return SchemaValidator(schema, _use_prebuilt=False)  # else a model validates as it was built
        except (
            TypeError
        ):  # pydantic's own word, and it may go: then there are more errors, and they are counted
            return SchemaValidator(schema)

    def dump(self, value: object) -> Any:
        """Build the JSON-ready form of a typed value; what is not of the type is refused, not guessed.

        Raises:
            pydantic.ValidationError: the value is not of the type.
            pydantic_core.PydanticSerializationError: the value can't be JSON.
        """
        return self._adapter.dump_python(self._adapter.validate_python(value), mode="json", warnings="error")

    def json_schema(self, mode: Literal["validation", "serialization"] = "validation") -> dict[str, Any]:
        """Return the JSON schema (2020-12): `validation` of what comes in, `serialization` of the rest.

        An endless default, or bound, is none in JSON and left out.

        Raises:
            pydantic.errors.PydanticInvalidForJsonSchema: the type can't be a schema.
        """
        schema: dict[str, Any] = _finite(self._adapter.json_schema(mode=mode))
        return schema


def unfit(error: ValidationError, *prefix: str) -> RequestError:
    """Build the 422 of input that does not fit its model: dotted paths after `prefix`, no values."""
    text = "The request does not fit; `errors` says where."
    if error.error_count() > MAX_LISTED:
        message = f"{error.error_count()} things don't fit here, too many to name them."
        return RequestError(
            422, "invalid_request", text, errors=[{"path": ".".join(prefix), "message": message}]
        )
    listed = error.errors(include_url=False, include_context=False, include_input=False)[:MAX_ERRORS]
    errors = [
        {"path": ".".join(str(part) for part in (*prefix, *each["loc"])), "message": _message(each)}
        for each in listed
    ]
    return RequestError(422, "invalid_request", text, errors=errors)


def _failing_fast(schema: Any) -> Any:
    """Build pydantic's schema of the same type that stops at the first wrong item of each collection."""
    if isinstance(schema, list | tuple):
        return type(schema)(_failing_fast(inner) for inner in schema)
    if not isinstance(schema, dict):
        return schema
    inner = {name: value if name in _NO_SCHEMA else _failing_fast(value) for name, value in schema.items()}
    kind = schema.get("type")  # of a schema; else that of a field of this name
    return {**inner, "fail_fast": True} if isinstance(kind, str) and kind in _COLLECTIONS else inner


def _finite(value: Any) -> Any:
    """Build a schema without members that hold a number that is none in JSON."""
    if isinstance(value, list):
        return [_finite(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    return {
        name: _finite(inner)
        for name, inner in value.items()
        if not _endless(inner) and not (name in _DATA and _holds_endless(inner))
    }


def _endless(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)


def _holds_endless(value: Any) -> bool:
    if isinstance(value, dict | list):
        return any(_holds_endless(inner) for inner in (value.values() if isinstance(value, dict) else value))
    return _endless(value)


def _message(error: Any) -> str:
    if error["type"] in {"model_type", "model_attributes_type", "dataclass_type", "dict_type"}:
        return "Input should be an object"  # pydantic's own names a class of ours
    return str(error["msg"]).removeprefix("Value error, ")
