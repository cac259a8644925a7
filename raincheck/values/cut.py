"""A subclass where its parent is declared: pydantic shows only what the parent has."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter

from raincheck.values.carried import NotCarried
from raincheck.values.same import attributes_of

__all__ = ["refuse_cut"]


def refuse_cut(adapter: TypeAdapter[Any], classes: Mapping[str, type], value: Any, shown: Any) -> None:
    """Refuse a value that is shown without a part of it.

    Raises:
        NotCarried: a part is of a class that has more than the declared one.
    """
    for where, part, parent in _subclasses(value, frozenset(classes.values()), ""):
        everything = adapter.dump_python(
            value, mode="json", by_alias=True, warnings="none", serialize_as_any=True
        )
        if everything != shown:
            name, declared = type(part).__qualname__, parent.__qualname__
            raise NotCarried(
                where,
                f"is a {name} where {declared} is declared, and would be shown without what only a "
                f"{name} has: declare {name}, or SerializeAsAny[{declared}]",
            )
        return


def _subclasses(value: Any, declared: frozenset[type], where: str) -> Iterator[tuple[str, Any, type]]:
    cls = type(value)
    if isinstance(value, BaseModel) or (dataclasses.is_dataclass(value) and not isinstance(value, type)):
        if cls not in declared and (parent := next((c for c in cls.__mro__[1:] if c in declared), None)):
            yield where, value, parent
        fields = value.__dict__ if isinstance(value, BaseModel) else attributes_of(value)
        for name, inner in fields.items():
            yield from _subclasses(inner, declared, f"{where}.{name}" if where else name)
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _subclasses(inner, declared, f"{where}.…" if where else "…")
    elif isinstance(value, list | tuple | set | frozenset):
        for number, inner in enumerate(value):
            yield from _subclasses(inner, declared, f"{where}[{number}]")
