"""Checks a function's parameters against its bindings and says how each is converted.

The rules and messages are the Azure worker's: what it refuses to index is refused here.
"""

from __future__ import annotations

import collections.abc
import inspect
import typing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from raincheck_devhost.worker import converters

if TYPE_CHECKING:
    from collections.abc import Callable


class FunctionLoadError(RuntimeError):
    """A function can't be indexed; with it the whole app isn't, as on Azure."""

    def __init__(self, function: str, message: str) -> None:
        super().__init__(f"cannot load the {function} function: {message}")


@dataclass(frozen=True)
class Parameter:
    """How a value crosses the border: the binding type that converts it, and the Python type asked for."""

    binding: str
    pytype: Any = None


@dataclass(frozen=True)
class Signature:
    """What a function takes and gives."""

    inputs: dict[str, Parameter]
    outputs: dict[str, Parameter]
    returns: Parameter | None
    takes_context: bool


def read_signature(name: str, func: Callable[..., Any], bindings: list[Any]) -> Signature:
    """Match parameters with bindings. Raises FunctionLoadError with the worker's words."""
    parameters = dict(inspect.signature(func).parameters)
    hints = typing.get_type_hints(func)
    bound: dict[str, Any] = {}
    explicit: str | None = None
    implicit: str | None = None
    for binding in bindings:
        if binding.name == "$return":
            explicit = binding.type
            continue
        bound[binding.name] = binding
        if converters.has_implicit_output(binding.type):
            implicit = binding.type
    takes_context = _takes_context(name, parameters, bound, hints)
    _same_names(name, set(parameters), set(bound))
    inputs: dict[str, Parameter] = {}
    outputs: dict[str, Parameter] = {}
    for parameter in parameters:
        out = converters.is_out(bound[parameter])
        (outputs if out else inputs)[parameter] = _parameter(name, parameter, bound[parameter], hints)
    return Signature(inputs, outputs, _returns(name, explicit, implicit, hints), takes_context)


def _takes_context(
    name: str, parameters: dict[str, Any], bound: dict[str, Any], hints: dict[str, Any]
) -> bool:
    if "context" not in parameters or "context" in bound:
        return False
    del parameters["context"]
    hint = hints.get("context")
    if "context" in hints and (not isinstance(hint, type) or hint.__name__ != "Context"):
        raise FunctionLoadError(
            name, f'the "context" parameter is expected to be of type azure.functions.Context, got {hint!r}'
        )
    return True


def _same_names(name: str, declared: set[str], bound: set[str]) -> None:
    if declared - bound:
        raise FunctionLoadError(
            name,
            f"the following parameters are declared in Python but not in function.json: {declared - bound!r}",
        )
    if bound - declared:
        raise FunctionLoadError(
            name,
            f"the following parameters are declared in function.json but not in Python: {bound - declared!r}",
        )


def _is_generic(hint: Any) -> bool:
    if isinstance(hint, type):
        return issubclass(hint, typing.Generic)
    aliases = (typing._GenericAlias, typing._SpecialGenericAlias)  # type: ignore[attr-defined]  # noqa: SLF001 - typing names no public ones
    return isinstance(hint, aliases) and typing.get_origin(hint) not in (
        typing.Union,
        tuple,
        collections.abc.Callable,
    )


def _parameter(name: str, parameter: str, binding: Any, hints: dict[str, Any]) -> Parameter:
    out = converters.is_out(binding)
    if parameter not in hints:
        return Parameter(binding.type)
    hint = hints[parameter]
    origin = typing.get_origin(hint) or hint
    hinted_out = isinstance(origin, type) and origin.__name__ == "Out"
    if hinted_out:
        arguments = typing.get_args(hint)
        if len(arguments) != 1:
            raise FunctionLoadError(name, f"binding {parameter} has invalid Out annotation {hint!r}")
        pytype = arguments[0]
    else:
        pytype = hint
    if not (isinstance(pytype, type) and typing.get_origin(pytype) is None) and not _is_generic(pytype):
        raise FunctionLoadError(name, f"binding {parameter} has invalid non-type annotation {hint!r}")
    if out and not hinted_out:
        raise FunctionLoadError(
            name,
            f'binding {parameter} is declared to have the "out" direction, but its annotation in Python '
            "is not a subclass of azure.functions.Out",
        )
    if hinted_out and not out:
        raise FunctionLoadError(
            name,
            f'binding {parameter} is declared to have the "in" direction in function.json, but its '
            "annotation is azure.functions.Out in Python",
        )
    generic = pytype in (str, bytes) and not converters.has_implicit_output(binding.type)
    kind = "generic" if generic else binding.type
    check = converters.accepts_output if out else converters.accepts_input
    if not check(kind, pytype):
        raise FunctionLoadError(
            name,
            f'type of {parameter} binding in function.json "{binding.type}" does not match its Python '
            f'annotation "{getattr(pytype, "__name__", pytype)}"',
        )
    return Parameter(kind, pytype)


def _returns(
    name: str, explicit: str | None, implicit: str | None, hints: dict[str, Any]
) -> Parameter | None:
    kind = explicit or implicit
    if kind is None:
        return None
    if "return" not in hints:
        return Parameter(kind)
    pytype = hints["return"]
    if explicit is None:
        return Parameter(kind, pytype)
    if not isinstance(pytype, type):
        raise FunctionLoadError(name, f"has invalid non-type return annotation {pytype!r}")
    if not converters.accepts_output(explicit, pytype):
        raise FunctionLoadError(
            name, f'Python return annotation "{pytype.__name__}" does not match binding type "{explicit}"'
        )
    return Parameter(explicit, pytype)
