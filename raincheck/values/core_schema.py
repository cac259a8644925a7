"""What pydantic's own schema of a type tells: the classes that it names, and the functions that it calls."""

import sys
from collections.abc import Iterator
from typing import Any

__all__ = ["DATA", "classes_of", "name_of", "nodes", "runs_code", "without_code"]

DATA = frozenset({"metadata", "default", "expected", "serialization", "members", "config", "function"})
"""The keys of a part under which no further part stands."""
_PYDANTIC = ("pydantic.", "pydantic_core.", "pydantic_extra_types.")
_LOOKS_AROUND = frozenset({"validate_file", "validate_directory", "validate_new", "validate_socket"})


def nodes(schema: Any) -> Iterator[dict[str, Any]]:
    """Return every part of a core schema that is a schema itself."""
    pending = [schema]
    while pending:
        part = pending.pop()
        if isinstance(part, dict):
            is_schema = isinstance(part.get("type"), str)
            if is_schema:
                yield part
            pending.extend(inner for key, inner in part.items() if not (is_schema and key in DATA))
        elif isinstance(part, list | tuple):
            pending.extend(part)


def name_of(cls: type) -> str:
    """Return `orchestrators.order:Order`."""
    return f"{cls.__module__}:{cls.__qualname__}"


def classes_of(schema: Any) -> dict[str, type]:
    """Return the classes that a schema names, by name; without those that share one."""
    classes: dict[str, type] = {}
    shared: set[str] = set()
    for node in nodes(schema):
        cls = node.get("cls")
        if isinstance(cls, type) and classes.setdefault(name_of(cls), cls) is not cls:
            shared.add(name_of(cls))
    return {name: cls for name, cls in classes.items() if name not in shared}


def runs_code(schema: Any) -> bool:
    """Whether validating calls an author's function, or looks at clock or disk: it may change its mind."""
    return any(_runs(node) for node in nodes(schema))


def without_code(part: Any) -> Any:
    """Return a schema that only looks at types and bounds: what `runs_code` tells of is left out.

    A function that alone says what the type is (a PlainValidator) stays.
    """
    if isinstance(part, list | tuple):
        return type(part)(map(without_code, part))
    if not isinstance(part, dict):
        return part
    is_schema = isinstance(part.get("type"), str)
    made = {
        key: inner if is_schema and key in DATA else without_code(inner)
        for key, inner in part.items()
        if not (is_schema and key == "now_op")
    }
    if is_schema and _runs(part) and "schema" in made:
        inner = made["schema"]
        return {**inner, "ref": part["ref"]} if "ref" in part else inner
    return made


def _runs(node: dict[str, Any]) -> bool:
    return "now_op" in node or (node["type"].startswith("function-") and not _is_pydantics(node["function"]))


def _is_pydantics(function: Any) -> bool:
    called = function.get("function") if isinstance(function, dict) else function
    called = getattr(called, "func", called)  # of a partial
    module = str(getattr(called, "__module__", ""))
    if isinstance(called, type):
        return f"{module}.".startswith(_PYDANTIC) or module in sys.stdlib_module_names
    name = getattr(called, "__name__", "")
    return f"{module}.".startswith(_PYDANTIC) and name not in _LOOKS_AROUND
