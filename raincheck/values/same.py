"""Whether two values are the same: equal, and of the same types all the way down."""

import dataclasses
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import datetime, time, timezone
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from pydantic_core import TzInfo

__all__ = ["FIXED_OFFSETS", "attributes_of", "fits", "same"]

_PLAIN = frozenset({str, int, bool, type(None), bytes})
_LISTS = (list, tuple, deque)
_MAPS = (dict, OrderedDict, defaultdict, Counter)
FIXED_OFFSETS = (timezone, TzInfo)  # two ways of saying one thing: so many hours from UTC


def same(a: Any, b: Any) -> bool:  # noqa: PLR0911 - a line for each kind
    """Whether nothing tells them apart but that they are two."""
    cls = type(a)
    if cls is not type(b):
        return False
    if cls in _PLAIN:
        return bool(a == b)
    if isinstance(a, BaseModel):
        return _same_models(a, b)
    if dataclasses.is_dataclass(a):
        return _same_maps(attributes_of(a), attributes_of(b))
    if isinstance(a, _LISTS):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, _MAPS):
        return _same_maps(a, b)
    if isinstance(a, set | frozenset):
        return len(a) == len(b) and {(type(x), x) for x in a} == {(type(x), x) for x in b}
    if isinstance(a, datetime | time):
        return (
            a == b and a.fold == b.fold and a.utcoffset() == b.utcoffset() and _same_zones(a.tzinfo, b.tzinfo)
        )
    if isinstance(a, float | complex | Decimal):
        return repr(a) == repr(b)
    return bool(a == b)


def attributes_of(value: Any) -> dict[str, Any]:
    """Return all that a dataclass's instance holds, its fields or not."""
    names = [field.name for field in dataclasses.fields(value)]
    slots = {name: getattr(value, name) for name in names if hasattr(value, name)}
    return slots | getattr(value, "__dict__", {})


def _same_models(a: BaseModel, b: BaseModel) -> bool:
    for name in type(a).model_fields:
        if not same(a.__dict__.get(name), b.__dict__.get(name)):
            return False
    return same(a.__pydantic_extra__, b.__pydantic_extra__) and same(
        a.__pydantic_private__, b.__pydantic_private__
    )


def _same_maps(a: Any, b: Any) -> bool:
    if len(a) != len(b):
        return False
    for (key, inner), (other, outer) in zip(a.items(), b.items(), strict=True):
        if not same(key, other) or not same(inner, outer):
            return False
    return True


def _same_zones(a: Any, b: Any) -> bool:
    fixed = isinstance(a, FIXED_OFFSETS) and isinstance(b, FIXED_OFFSETS)
    return a is b or fixed or (type(a) is type(b) and a == b)


def fits(value: Any, validated: Any) -> bool:
    """Whether a value had the types already that validating it has given: then it may stay as it is."""
    if value is validated:
        return True
    if not isinstance(value, type(validated)):
        return False
    if isinstance(value, _LISTS):
        return len(value) == len(validated) and all(map(fits, value, validated))
    if isinstance(value, dict):
        pairs = zip(value.items(), validated.items(), strict=False)
        return len(value) == len(validated) and all(fits(k, n) and fits(a, b) for (k, a), (n, b) in pairs)
    if isinstance(value, set | frozenset):
        return {type(inner) for inner in value} == {type(inner) for inner in validated}
    return True
