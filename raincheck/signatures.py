"""What a function's parameters are for: which is the input, and which the run's or the step's own handle."""

import ast
import inspect
import re
import types
import typing
from collections.abc import Callable, Iterator
from enum import Enum
from pathlib import Path
from types import SimpleNamespace
from typing import Any

__all__ = [
    "Fit",
    "Unresolved",
    "fit_of",
    "hidden_coroutine",
    "hints_of",
    "innermost",
    "positional",
    "shown",
    "within_class",
]

_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


class Unresolved(Exception):
    """An annotation that is needed can't be resolved; the text says what to write instead."""


class Fit(Enum):
    """Whether a parameter takes a handle, such as the Work: it says so, it may, or it can't."""

    YES = "yes"
    MAYBE = "maybe"
    NO = "no"


def innermost(function: Callable[..., Any]) -> Any:
    """Return the function that decorators stand around (`functools.wraps` tells)."""
    inner: Any = function
    while inspect.isfunction(around := getattr(inner, "__wrapped__", None)):
        inner = around
    return inner


def hidden_coroutine(function: Callable[..., Any]) -> bool:
    """Whether a plain function stands around an async one: it returns a coroutine that nobody awaits."""
    return inspect.iscoroutinefunction(innermost(function)) and not inspect.iscoroutinefunction(function)


def within_class(function: Callable[..., Any]) -> str | None:
    """Return the class in whose body a function was written, or None."""
    outer = innermost(function).__qualname__.rpartition(".")[0]
    return None if not outer or outer.endswith("<locals>") else outer.rpartition(".")[2]


def positional(parameters: list[inspect.Parameter]) -> bool:
    """Whether all can be passed by place."""
    return all(each.kind in _POSITIONAL for each in parameters)


def shown(parameters: list[inspect.Parameter]) -> str:
    """Return them as they were written, but for their types: `(a, b, work)`."""
    return str(inspect.Signature([each.replace(annotation=inspect.Parameter.empty) for each in parameters]))


def hints_of(function: Callable[..., Any], *names: str) -> dict[str, Any]:
    """Return what these parameters are annotated as, and no other's: names for type checkers may stay away.

    Raises:
        Unresolved: a name isn't there when the app runs.
    """
    inner = innermost(function)
    annotations = {**getattr(inner, "__annotations__", {}), **getattr(function, "__annotations__", {})}
    holder = SimpleNamespace(
        __annotations__={name: annotations[name] for name in names if name in annotations},
        __type_params__=getattr(inner, "__type_params__", ()),
    )
    cells = zip(inner.__code__.co_freevars, inner.__closure__ or (), strict=False)
    local = {name: cell.cell_contents for name, cell in cells if _filled(cell)}
    try:
        return typing.get_type_hints(holder, {**inner.__globals__, **local}, include_extras=True)
    except NameError as error:
        raise Unresolved(_advice(inner, str(error.name), error)) from error
    except Exception as error:
        raise Unresolved(f"an annotation can't be resolved: {type(error).__name__}: {error}") from error


def fit_of(function: Callable[..., Any], parameter: inspect.Parameter, handle: str) -> Fit:
    """Say whether a parameter takes a handle of ours: `handle` is `Work` or `Run`."""
    named = parameter.name.strip("_").lower() == handle.lower()
    annotation = parameter.annotation
    if annotation is inspect.Parameter.empty:
        return Fit.MAYBE if named else Fit.NO
    try:
        annotation = hints_of(function, parameter.name).get(parameter.name, annotation)
    except Unresolved:
        said = re.search(rf"\b{handle}\b", str(annotation)) is not None
        return Fit.YES if said else Fit.MAYBE if named else Fit.NO
    parts = list(_parts(annotation))
    if any(_is_handle(part, handle) for part in parts):
        return Fit.YES
    return Fit.MAYBE if named and any(_could_be(part) for part in parts) else Fit.NO


def _parts(annotation: Any) -> Iterator[Any]:
    """Return a type, or those that an Annotated or a union is made of."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _parts(annotation.__origin__)
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            yield from _parts(part)
    else:
        yield annotation


def _is_handle(part: Any, handle: str) -> bool:
    own = (f"{cls.__module__}.{cls.__name__}" for cls in getattr(part, "__mro__", ()))
    return any(name.startswith("raincheck.") and name.endswith(handle) for name in own)


def _could_be(part: Any) -> bool:
    return (
        part in (Any, object)
        or bool(getattr(part, "_is_protocol", False))
        or isinstance(part, typing.TypeVar)
    )


def _filled(cell: Any) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


def _advice(function: Any, name: str, error: NameError) -> str:
    if name in _for_type_checkers(function.__code__.co_filename):
        return (
            f"'{name}' is imported for type checkers only, under TYPE_CHECKING, but its schema is made "
            "when the "
            f"app starts: import {name} outside of that block"
        )
    where = "at the top of the module"
    return f"an annotation can't be resolved: {error}. Import {name} {where}, or define it there"


def _for_type_checkers(file: str) -> set[str]:
    """Return the names that a file imports under `if TYPE_CHECKING:`."""
    try:
        tree = ast.parse(Path(file).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, SyntaxError):
        return set()
    blocks = [
        node for node in ast.walk(tree) if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)
    ]
    imports = [
        node for block in blocks for inner in block.body for node in ast.walk(inner)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]  # fmt: skip
    return {(alias.asname or alias.name).partition(".")[0] for node in imports for alias in node.names}
