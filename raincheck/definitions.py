"""What steps and flows have in common: a name, a place in the source, and the types of their signature."""

import inspect
import linecache
import re
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

from pydantic.errors import PydanticUserError
from pydantic_core import SchemaError

from raincheck.errors import DefinitionError
from raincheck.shape import Shape
from raincheck.signatures import Unresolved, hints_of, innermost, within_class

__all__ = [
    "Definition",
    "Place",
    "checked_function",
    "checked_name",
    "keeping_made",
    "made_in",
    "place_of",
    "refused",
    "shapes_of",
    "with_source",
]

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}\Z")
_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+): ")
_MOST_LINES = 6  # of source, from the first decorator to the end of the signature


class Place(str):
    """`orchestrators/order.py:12`, for messages."""

    __slots__ = ()


class Definition:
    """A step or a flow. It remembers the module that made it: what no module holds any more is missed."""

    name: str
    place: Place
    function: Callable[..., Any]
    _made: ClassVar["weakref.WeakSet[Definition]"] = weakref.WeakSet()

    def refused(self, text: str) -> DefinitionError:
        """Build the error that names this, where it is, and what is wrong with it."""
        return refused(self.place, f"the {type(self).__name__.lower()} '{self.name}' {text}")

    def check_place(self) -> None:
        """Refuse a function in the body of a class."""
        if owner := within_class(self.function):
            raise self.refused(
                f"stands in the class {owner}, where nothing finds it. Move it out of the class, to the top "
                "level of the module"
            )

    def note_made(self) -> None:
        """Remember the line, and the names of the module, where this was made."""
        frame = _caller_frame()
        self.made_in: dict[str, Any] = frame.f_globals if frame else {}
        Definition._made.add(self)
        if _keeping:
            _kept.append(self)


_kept: list[Definition] = []
_keeping: list[bool] = []


@contextmanager
def keeping_made() -> Iterator[None]:
    """Keep what is made meanwhile, so that a flow whose name is overwritten is missed too."""
    _keeping.append(True)
    try:
        yield
    finally:
        _keeping.pop()
        if not _keeping:
            _kept.clear()


def made_in(names: dict[str, Any]) -> Iterator[Definition]:
    """Return the steps and flows that the module with these names has made, and that are still there."""
    return (each for each in list(Definition._made) if each.made_in is names)  # noqa: SLF001 - the same idea


def place_of(function: Callable[..., Any]) -> Place:
    """Find file and line of a function."""
    code = innermost(function).__code__
    return Place(f"{code.co_filename}:{code.co_firstlineno}")


def refused(place: str, text: str) -> DefinitionError:
    """Build the error that says where, what is wrong and what to write, with the lines of source."""
    return with_source(DefinitionError(f"{place}: {text}"))


def with_source(error: DefinitionError) -> DefinitionError:
    """Return the error with the lines of source that it names, unless they are in it."""
    text = str(error)
    match = _PLACE.match(text)
    if match is None or "\n" in text:
        return error
    source = _source(match["file"], int(match["line"]))
    return DefinitionError("\n    ".join([text, *source]))


def _source(file: str, line: int) -> list[str]:
    """Return a line; of a definition, its decorators and its signature."""
    linecache.checkcache(file)
    text = linecache.getline(file, line).rstrip()
    lines = [text.strip()] if text.strip() else []
    indent = len(text) - len(text.lstrip())
    if lines and lines[0].startswith(("@", "def ", "async def ")):
        while len(lines) < _MOST_LINES and not lines[-1].endswith((":", "...", "pass")):
            text = linecache.getline(file, line + len(lines)).rstrip()
            lines.append(text[indent:] if text[:indent].isspace() else text)
    return [each for each in lines if each]


def checked_function(target: Any, what: str) -> Callable[..., Any]:
    """Refuse what is no function, naming the line that gave it."""
    if inspect.isfunction(target):
        return target
    raise refused(_caller(), f"{what} takes a function, {_instead(target, what)}")


def _instead(target: Any, what: str) -> str:
    if isinstance(target, str):
        return f"not the text {target!r}. Write {what}(name={target!r})"
    if isinstance(target, staticmethod | classmethod | property):
        return (
            f"not a {type(target).__name__}: nothing finds it in a class. Move it out of the class, to "
            "the top "
            "level of the module"
        )
    if isinstance(target, Definition):
        kind = type(target).__name__.lower()
        return f"not {target!r}, which is a {kind} already. " + (
            "Put @flow above @step" if kind == "flow" and what == "@step" else f"Take one {what} away"
        )
    name = getattr(target, "__qualname__", None)
    if inspect.isclass(target):
        return f"not the class {name}. Write an async def that makes or calls it"
    return f"not {name or type(target).__name__}. Write an async def that calls it"


def _caller() -> Place:
    """Find the line outside of this package that led here."""
    frame = _caller_frame()
    return Place(f"{frame.f_code.co_filename}:{frame.f_lineno}" if frame else "unknown:0")


def _caller_frame() -> Any:
    frame = inspect.currentframe()
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("raincheck."):
        frame = frame.f_back
    return frame


def checked_name(name: Any, kind: str, place: Place) -> str:
    """Refuse a name that can't be a function's name on Azure Functions and a part of a URL."""
    if not isinstance(name, str) or not _NAME.match(name):
        raise refused(
            place,
            f"{name!r} can't be the name of a {kind}: a letter of a to z, then letters, digits or _, "
            "64 at most. "
            f'Rename the function, or write @{kind}(name="…")',
        )
    return name


def shapes_of(function: Callable[..., Any], parameter: str, what: str) -> tuple[Shape[Any], Shape[Any]]:
    """Build the shapes of the parameter and of what is returned.

    Raises:
        DefinitionError: an annotation is missing, unknown, or can't be a JSON schema.
    """
    place = place_of(function)
    try:
        hints = hints_of(function, parameter, "return")
    except Unresolved as error:
        raise refused(place, f"{what}: {error}") from error
    shapes: list[Shape[Any]] = []
    for name in (parameter, "return"):
        label = "its result" if name == "return" else f"its parameter {name!r}"
        if name not in hints:
            example = f"{name}: Input" if name == parameter else "-> Result"
            raise refused(place, f"{what}: {label} needs a type annotation: {example}")
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
