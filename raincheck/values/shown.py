"""What a step emits, in JSON: by alias, and refused in words where there is no such form."""

import math
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticSerializationError, to_jsonable_python

from raincheck.values.text import well_formed_json

__all__ = ["json_of"]


def json_of(value: Any) -> Any:
    """Return what followers of a run are shown of a value.

    Raises:
        TypeError: JSON has no form for a part of it; the text says which.
    """
    for where, number in _floats(value, ""):
        if not math.isfinite(number):
            raise TypeError(f"work.data can't emit {where or 'it'}: {number} is no number in JSON")
    try:
        return well_formed_json(to_jsonable_python(value, by_alias=True, fallback=_refuse))
    except (PydanticSerializationError, ValueError, RecursionError) as error:
        raise TypeError(f"work.data can't emit it: {error}") from error


def _refuse(value: Any) -> Any:
    raise TypeError(
        f"work.data can't emit a {type(value).__qualname__}: give a model, a dataclass or plain data"
    )


def _floats(value: Any, where: str) -> Iterator[tuple[str, float]]:
    """Return the numbers of plain data; a model says itself what becomes of its own."""
    if isinstance(value, float):
        yield where, value
    elif isinstance(value, BaseModel):
        return
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _floats(inner, f"{where}.{name}" if where else str(name))
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value):
            yield from _floats(inner, f"{where}[{number}]")
