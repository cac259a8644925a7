"""A type as the three sides of a run see it.

- `parse_strictly`: what a caller sends, exactly as the published schema says.
- `dump` and `parse`: from a flow to a step, from a sub-flow to its parent, from one replay to the next. What
  comes back is what was given, of the same types, whatever aliases, serializers and validators its type has.
- `show`: what a caller is shown, as the published schema says.
"""

import json
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar

from pydantic import TypeAdapter, ValidationError
from pydantic_core import SchemaValidator

from raincheck.errors import RequestError
from raincheck.payloads import to_json
from raincheck.values.carried import MARK, NotCarried
from raincheck.values.core_schema import classes_of, nodes, runs_code, without_code
from raincheck.values.cut import refuse_cut
from raincheck.values.decode import Decoder
from raincheck.values.door import door_of
from raincheck.values.encode import Encoder
from raincheck.values.exact import Check, check_of
from raincheck.values.named_classes import NamedClasses
from raincheck.values.published import PublishedSchema, not_json
from raincheck.values.same import fits, same
from raincheck.values.text import well_formed_json

__all__ = ["Shape", "reason_of", "unfit"]

MAX_ERRORS = 20  # of a request's input that one problem document names
MAX_LISTED = 1_000  # errors that are made into texts at all: each costs microseconds and hundreds of bytes
_COLLECTIONS = frozenset({"list", "tuple", "set", "frozenset", "dict"})
_NO_SCHEMA = frozenset({"default", "expected", "members", "metadata", "serialization"})  # pydantic's own data
_NONE: Any = object()

T_co = TypeVar("T_co", covariant=True)


class Shape(Generic[T_co]):
    """What pydantic knows of one type, made once: `Shape(Order).parse({"price": 3})`."""

    def __init__(self, annotation: Any) -> None:
        self.annotation = annotation
        self._adapter: TypeAdapter[T_co] = TypeAdapter(annotation)

    def parse_strictly(self, value: Any) -> T_co:
        """Build the typed value of what a caller sent: as its JSON schema says, `"5"` is no number.

        Raises:
            pydantic.ValidationError: it does not fit; `.errors()` says where. Where very much does not, only
                the first of each list.
        """
        text = json.dumps(value)
        try:
            made: T_co = self._door.validate_json(text, by_alias=True, by_name=False)
        except ValidationError as error:
            if error.error_count() > MAX_LISTED:
                door_of(_failing_fast(self.core_schema)).validate_json(text, by_alias=True, by_name=False)
            raise
        return made

    def dump(self, value: object) -> Any:
        """Build the JSON-ready form that `parse` builds the same value of; it is made of the type if need be.

        Raises:
            pydantic.ValidationError: the value is not of the type.
            NotCarried: the value would come back as another one.
        """
        return self.carry(self._typed(value))

    def carry(self, value: object) -> Any:
        """As `dump`, of a value that is of the type: no validator sees it again.

        Raises:
            NotCarried: the value would come back as another one.
        """
        if self._exact is not None and self._exact(value) and not _is_marked(exact := self._written(value)):
            return exact
        if not self._runs_code and (plain := self._plain(value)) is not _NONE:
            return plain
        try:
            return {MARK: self._encoder.write(value)}
        except (NotCarried, RecursionError):
            if self._runs_code and (plain := self._plain(value)) is not _NONE:
                return plain
            raise

    def parse(self, value: Any) -> T_co:
        """Build the value that `dump` was given, or that any JSON of the type says.

        Raises:
            ValueError: it does not fit (a pydantic.ValidationError, mostly).
        """
        if _is_marked(value):
            carried: T_co = self._decoder.read(value[MARK])
            return carried
        if self._exact is not None:
            return self._adapter.validate_python(value, by_alias=True, by_name=True)
        return self._adapter.validate_json(to_json(value), by_alias=True, by_name=True)

    def freeze(self, sent: Any, value: object) -> Any:
        """Return the JSON that a value was made of, or what carries it where that makes another each time.

        Raises:
            NotCarried: the value would come back as another one.
        """
        try:
            if not self._runs_code and not _is_marked(sent) and same(value, self.parse(sent)):
                return sent
        except ValueError:
            pass
        return self.carry(value)

    def show(self, value: object) -> Any:
        """Build what a caller is shown: by alias, as the schema of what is sent out says.

        Raises:
            pydantic.ValidationError: the value is not of the type.
            pydantic_core.PydanticSerializationError: the value can't be JSON.
            NotCarried: a part of it would be left out.
        """
        typed: Any = self._typed(value)
        shown = self._adapter.dump_python(typed, mode="json", by_alias=True, warnings="error")
        refuse_cut(self._adapter, self._classes, typed, shown)
        return well_formed_json(shown)

    def json_schema(self, mode: Literal["validation", "serialization"] = "validation") -> dict[str, Any]:
        """Return the JSON schema (2020-12): `validation` of what a caller sends, `serialization` of the rest.

        Raises:
            pydantic.errors.PydanticInvalidForJsonSchema: the type can't be a schema.
        """
        return self._adapter.json_schema(mode=mode, schema_generator=PublishedSchema)

    def unpublishable(self) -> str | None:
        """Return why the schemas can't be shown to a caller, in words; None where they can.

        Raises:
            pydantic.errors.PydanticInvalidForJsonSchema: the type can't be a schema.
        """
        for mode in ("validation", "serialization"):
            if reason := not_json(self.json_schema(mode)):
                return reason
        return None

    @property
    def read_once(self) -> bool:
        """Whether a part of the type is read by reading it, such as `Iterable[int]`."""
        return any(node["type"] == "generator" for node in nodes(self.core_schema))

    @property
    def core_schema(self) -> Any:
        """Pydantic's own schema of the type."""
        self._adapter.rebuild(raise_errors=True)
        return self._adapter.core_schema

    def _typed(self, value: object) -> Any:
        """Return a value of the type: the very one, where it is of the type already."""
        if self._runs_code and self._is_typed(value):
            return value
        try:
            validated = self._adapter.validate_python(value)
        except Exception as error:
            if self._plain(value) is not _NONE:  # what a type is made of, such as the text of a Json[…], is
                return value
            if isinstance(error, ValueError):
                raise
            raise NotCarried("", f"makes its own validator raise {type(error).__name__}") from error
        return value if fits(value, validated) else validated

    def _is_typed(self, value: Any) -> bool:
        """Whether a value is of the type as it stands; no author's validator sees it."""
        try:
            return fits(value, self._types.validate_python(value, strict=True))
        except ValueError:
            return False

    def _written(self, value: Any) -> Any:
        return self._adapter.dump_python(value, mode="json", by_alias=True, round_trip=True, warnings="error")

    def _plain(self, value: Any) -> Any:
        """Return the form that pydantic has for it, if that comes back as it was."""
        try:
            plain = self._written(value)
            to_json(plain)
            if _is_marked(plain) or not same(value, self.parse(plain)):
                return _NONE
        except Exception:  # noqa: BLE001 - an author's validators may raise anything; then it doesn't come back
            return _NONE
        return plain

    @cached_property
    def _door(self) -> SchemaValidator:
        return door_of(self.core_schema)

    @cached_property
    def _types(self) -> SchemaValidator:
        return SchemaValidator(without_code(self.core_schema), None, _use_prebuilt=False)

    @cached_property
    def _exact(self) -> Check | None:
        return check_of(self.core_schema)

    @cached_property
    def _runs_code(self) -> bool:
        return runs_code(self.core_schema)

    @cached_property
    def _classes(self) -> dict[str, type]:
        return classes_of(self.core_schema)

    @cached_property
    def _encoder(self) -> Encoder:
        return Encoder(NamedClasses(self._classes))

    @cached_property
    def _decoder(self) -> Decoder:
        return Decoder(NamedClasses(self._classes))


def reason_of(error: Exception) -> str:
    """Return why a value does not fit, with its field and no value: for authors, and fit for callers."""
    if isinstance(error, NotCarried):
        return str(error)
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        own = first["type"] in (
            "value_error",
            "assertion_error",
        )  # its text is the author's: it may hold values
        why = "is refused by its validator" if own else f"does not fit: {_message(first)}"
        return f"{where or 'it'} {why}"
    return f"it can't be JSON ({type(error).__name__})"


def _is_marked(value: Any) -> bool:
    return isinstance(value, dict) and len(value) == 1 and MARK in value


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


def _message(error: Any) -> str:
    if error["type"] in {"model_type", "model_attributes_type", "dataclass_type", "dict_type"}:
        return "Input should be an object"  # pydantic's own names a class of ours
    return str(error["msg"]).removeprefix("Value error, ")
