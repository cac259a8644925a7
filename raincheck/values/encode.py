"""Writes any value in JSON so that `decode` builds the same value again: no validator, no alias, no guess.

A text, a number, a list and `null` are themselves; everything else is an object of one key that says what it
is: `{"decimal": "1.50"}`, `{"model": ["orchestrators.order:Order", {…}, null, null, […]]}`.
"""

import dataclasses
import math
from collections import Counter, OrderedDict, defaultdict, deque
from datetime import datetime, time
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr, TypeAdapter
from pydantic.types import Secret
from pydantic_core import PydanticUndefined

from raincheck.values.carried import TEXTS, NotCarried
from raincheck.values.named_classes import NamedClasses
from raincheck.values.same import FIXED_OFFSETS, attributes_of, same
from raincheck.values.text import is_well_formed

__all__ = ["Encoder", "adapter_of"]

_WORDS = {texts.cls: (word, texts.write) for word, texts in TEXTS.items()}
_SEQUENCES: dict[type, str] = {tuple: "tuple", set: "set", frozenset: "frozenset"}
_MAPS: dict[type, str] = {dict: "dict", OrderedDict: "ordered", Counter: "counter"}


@lru_cache(maxsize=256)
def adapter_of(cls: type) -> TypeAdapter[Any]:
    """Return pydantic's own view of a class."""
    return TypeAdapter(cls)


class Encoder:
    """Writes values; `names` knows the classes."""

    def __init__(self, names: NamedClasses) -> None:
        self._names = names

    def write(self, value: Any, where: str = "") -> Any:  # noqa: PLR0911 - a line for each kind
        """Return the JSON-ready form.

        Raises:
            NotCarried: a part of it has no form.
        """
        cls = type(value)
        if value is None or cls in (bool, int):
            return value
        if cls is str:
            return _text(value)
        if cls is float and math.isfinite(value):
            return value
        if cls is list:
            return self._items(value, where)
        if cls in _WORDS:
            return self._worded(value, where)
        if cls in _SEQUENCES:
            return {_SEQUENCES[cls]: self._items(value, where)}
        if cls in _MAPS:
            return {_MAPS[cls]: self._pairs(value, where)}
        return self._composed(value, cls, where)

    def _composed(self, value: Any, cls: type, where: str) -> Any:  # noqa: PLR0911 - a line for each kind
        if cls is deque:
            return {"deque": [value.maxlen, self._items(value, where)]}
        if cls is defaultdict and value.default_factory in (
            None,
            int,
            float,
            str,
            list,
            dict,
            set,
            tuple,
            bool,
        ):
            factory = value.default_factory and value.default_factory.__name__
            return {"defaultdict": [factory, self._pairs(value, where)]}
        if cls in (datetime, time):
            return self._moment(value, where)
        if isinstance(value, Enum):
            return {"enum": [self._name(cls, where), self.write(value.value, where)]}
        if isinstance(value, BaseModel):
            return {"model": self._model(value, where)}
        if dataclasses.is_dataclass(value):
            return {"dataclass": [self._name(cls, where), self._fields(attributes_of(value), where)]}
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return {"namedtuple": [self._name(cls, where), self._items(value, where)]}
        if cls in (SecretStr, SecretBytes, Secret):
            return {"secret": [cls.__name__, self.write(value.get_secret_value(), where)]}
        return self._as_pydantic_has_it(value, cls, where)

    def _name(self, cls: type, where: str) -> str:
        name = self._names.name(cls)
        if name is None:
            raise NotCarried(
                where,
                f"is a {cls.__qualname__}, which can't be found again by its name: "
                "define the class at the top of a module, or name it in the annotation",
            )
        return name

    def _items(self, values: Any, where: str) -> list[Any]:
        return [self.write(inner, f"{where}[{number}]") for number, inner in enumerate(values)]

    def _pairs(self, values: Any, where: str) -> list[Any]:
        return [
            [self.write(key, f"a key of {where or 'it'}"), self.write(inner, _below(where, key))]
            for key, inner in values.items()
        ]

    def _fields(self, values: dict[str, Any], where: str) -> dict[str, Any]:
        return {name: self.write(inner, _below(where, name)) for name, inner in values.items()}

    def _model(self, value: BaseModel, where: str) -> list[Any]:
        cls = type(value)
        fields = {name: value.__dict__[name] for name in cls.model_fields if name in value.__dict__}
        extra, private = value.__pydantic_extra__, value.__pydantic_private__
        set_private = private and {n: v for n, v in private.items() if v is not PydanticUndefined}
        return [
            self._name(cls, where),
            self._fields(fields, where),
            None if extra is None else self._fields(extra, where),
            None if set_private is None else self._fields(set_private, where),
            sorted(value.__pydantic_fields_set__),
        ]

    def _moment(self, value: Any, where: str) -> Any:
        zone = value.tzinfo
        naive = value.replace(tzinfo=None, fold=0).isoformat()
        if zone is None or isinstance(zone, FIXED_OFFSETS):
            offset = value.utcoffset()
            if offset is None and zone is not None:
                offset = zone.utcoffset(None)
            written = None if offset is None else offset.total_seconds()
        elif type(zone) in _WORDS:
            written = self.write(zone, where)
        else:
            raise NotCarried(where, f"has a time zone of {type(zone).__module__}: take zoneinfo.ZoneInfo")
        return {type(value).__name__: [naive, value.fold, written]}

    def _worded(self, value: Any, where: str) -> Any:
        word, write = _WORDS[type(value)]
        try:
            return {word: _text(write(value))}
        except TypeError as error:
            raise NotCarried(where, f"is {error}, which has no form in JSON") from None

    def _as_pydantic_has_it(self, value: Any, cls: type, where: str) -> Any:
        """Let a class that tells pydantic how to read and write it do that, if it comes back so."""
        try:
            name = self._names.name(cls)
            if name is not None:
                adapter = adapter_of(cls)
                written = adapter.dump_python(
                    value, mode="json", by_alias=True, round_trip=True, warnings="error"
                )
                if same(value, adapter.validate_python(written)):
                    return {"as": [name, self.write(written, where)]}
        except Exception:  # noqa: BLE001, S110 - an author's code may raise anything; the sentence below says it
            pass
        raise NotCarried(
            where, f"is a {cls.__qualname__}, which can't be carried: give a model, a dataclass or plain data"
        )


def _text(value: str) -> Any:
    """Return a text as it is; half a surrogate pair in it as its code."""
    return value if is_well_formed(value) else {"halves": value.encode("utf-8", "surrogatepass").hex()}


def _below(where: str, name: Any) -> str:
    """Return the path of what stands under a name: `lines[0].price`; what is no plain name is left out."""
    shown = name if isinstance(name, str) and name.isidentifier() else "…"
    return f"{where}.{shown}" if where else shown
