"""What steps and flows have in common: a name, a place in the source, and the types of their signature."""

import inspect
import re
import typing
from collections.abc import Callable
from typing import Any

from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from raincheck.errors import DefinitionError
from raincheck.shape import Shape

__all__ = ["Place", "checked_function", "checked_name", "place_of", "shapes_of"]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")


class Place(str):
    """`orchestrators/order.py:12`, for messages."""

    __slots__ = ()


def place_of(function: Callable[..., Any]) -> Place:
    """Find file and line of a function."""
    code = inspect.unwrap(function).__code__
    return Place(f"{code.co_filename}:{code.co_firstlineno}")


def checked_function(target: Any, what: str) -> Callable[..., Any]:
    """Refuse what is no function, naming the line that gave it."""
    if not inspect.isfunction(target):
        kind = getattr(target, "__qualname__", type(target).__name__)
        raise DefinitionError(f"{_caller()}: {what} takes a function, not {kind}")
    return target


def _caller() -> Place:
    """Find the line outside of this package that led here."""
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("raincheck."):
        frame = frame.f_back
    return Place(f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "unknown")


def checked_name(name: str, kind: str, place: Place) -> str:
    """Refuse a name that can't be a function's name on Azure Functions and a part of a URL."""
    if not _NAME.match(name):
        raise DefinitionError(
            f"{place}: {name!r} can't be the name of a {kind}: "
            "a letter, then letters, digits or _, 64 at most"
        )
    return name


def shapes_of(function: Callable[..., Any], parameter: str, what: str) -> tuple[Shape[Any], Shape[Any]]:
    """Build the shapes of the parameter and of what is returned.

    Raises:
        DefinitionError: an annotation is missing, unknown, or can't be a JSON schema.
    """
    place = place_of(function)
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except Exception as error:
        raise DefinitionError(f"{place}: {what}: an annotation can't be resolved: {error}") from error
    shapes: list[Shape[Any]] = []
    for name in (parameter, "return"):
        label = "its result" if name == "return" else f"its parameter {name!r}"
        if name not in hints:
            raise DefinitionError(f"{place}: {what}: {label} needs a type annotation")
        try:
            shape = Shape[Any](hints[name])
            reason = shape.unpublishable()
        except (PydanticUserError, SchemaError) as error:
            reason = str(error).splitlines()[0]
            raise DefinitionError(
                f"{place}: {what}: {label} has a type that can't be a JSON schema: {reason}"
            ) from error
        if reason:
            raise DefinitionError(
                f"{place}: {what}: {label} has a schema that is no JSON: {reason}. Give that field another "
                "default, example, description or json_schema_extra"
            )
        if shape.read_once:
            raise DefinitionError(
                f"{place}: {what}: {label} has a type that can be read only once (Iterable, Generator): "
                "take list[…] or tuple[…, ...]"
            )
        shapes.append(shape)
    return shapes[0], shapes[1]
