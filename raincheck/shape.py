"""A type as both sides of a JSON boundary see it: parsed coming in, dumped going out, shown as a schema."""

import json
from typing import Any, Generic, Literal, TypeVar

from pydantic import TypeAdapter

__all__ = ["Shape"]

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
            pydantic.ValidationError: it does not fit; `.errors()` says where.
        """
        return self._adapter.validate_json(json.dumps(value), strict=True)

    def dump(self, value: object) -> Any:
        """Build the JSON-ready form of a typed value; what is not of the type is refused, not guessed.

        Raises:
            pydantic.ValidationError: the value is not of the type.
            pydantic_core.PydanticSerializationError: the value can't be JSON.
        """
        return self._adapter.dump_python(self._adapter.validate_python(value), mode="json", warnings="error")

    def json_schema(self, mode: Literal["validation", "serialization"] = "validation") -> dict[str, Any]:
        """Return the JSON schema (2020-12): `validation` of what comes in, `serialization` of the rest.

        Raises:
            pydantic.errors.PydanticInvalidForJsonSchema: the type can't be a schema.
        """
        return self._adapter.json_schema(mode=mode)
