"""Builds the value again that `encode` wrote."""

import dataclasses
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr
from pydantic.types import Secret
from pydantic_core import PydanticUndefined

from raincheck.values.carried import TEXTS
from raincheck.values.encode import adapter_of
from raincheck.values.named_classes import NamedClasses

__all__ = ["Decoder"]

_SEQUENCES: dict[str, Callable[[Any], Any]] = {"tuple": tuple, "set": set, "frozenset": frozenset}
_MAPS: dict[str, Callable[[Any], Any]] = {"dict": dict, "ordered": OrderedDict, "counter": Counter}
_FACTORIES = {cls.__name__: cls for cls in (int, float, str, list, dict, set, tuple, bool)}
_SECRETS: dict[str, Callable[[Any], Any]] = {cls.__name__: cls for cls in (SecretStr, SecretBytes, Secret)}
_MOMENTS: dict[str, type[datetime] | type[time]] = {"datetime": datetime, "time": time}


class Decoder:
    """Builds values; `names` knows the classes."""

    def __init__(self, names: NamedClasses) -> None:
        self._names = names

    def read(self, written: Any) -> Any:
        """Build the value.

        Raises:
            ValueError: nothing of ours was written there, or a class has changed meanwhile.
        """
        if isinstance(written, list):
            return [self.read(inner) for inner in written]
        if not isinstance(written, dict):
            return written
        try:
            ((word, says),) = written.items()
            return self._worded(word, says)
        except (TypeError, KeyError, IndexError, AttributeError, ArithmeticError) as error:
            raise ValueError("not a carried value") from error

    def _worded(self, word: str, says: Any) -> Any:
        if word in TEXTS:
            return TEXTS[word].read(self.read(says))
        if word in _SEQUENCES:
            return _SEQUENCES[word](self.read(says))
        if word in _MAPS:
            return _MAPS[word](self._pairs(says))
        if word in _MOMENTS:
            return self._moment(_MOMENTS[word], *says)
        if word == "halves":
            return bytes.fromhex(says).decode("utf-8", "surrogatepass")
        return self._composed(word, says)

    def _composed(self, word: str, says: Any) -> Any:  # noqa: PLR0911 - a line for each kind
        first, *rest = says
        if word == "deque":
            return deque(self.read(rest[0]), first)
        if word == "defaultdict":
            return defaultdict(first and _FACTORIES[first], self._pairs(rest[0]))
        if word == "secret":
            return _SECRETS[first](self.read(rest[0]))
        cls: Any = self._names.find(first)
        if word == "enum":
            return cls(self.read(rest[0]))
        if word == "model":
            return self._model(cls, *rest)
        if word == "dataclass":
            return self._dataclass(cls, self._fields(rest[0]))
        if word == "namedtuple":
            return cls._make(self.read(rest[0]))
        if word == "as":
            return adapter_of(cls).validate_python(self.read(rest[0]))
        raise ValueError(f"nothing is known of {word!r}")

    def _pairs(self, says: Any) -> dict[Any, Any]:
        return {self.read(key): self.read(inner) for key, inner in says}

    def _fields(self, says: dict[str, Any]) -> dict[str, Any]:
        return {name: self.read(inner) for name, inner in says.items()}

    def _moment(self, cls: Any, naive: str, fold: int, zone: Any) -> Any:
        value = cls.fromisoformat(naive)
        if isinstance(zone, int | float):
            zone = timezone(timedelta(seconds=zone)) if zone else UTC
        return value.replace(tzinfo=self.read(zone) if isinstance(zone, dict) else zone, fold=fold)

    def _model(
        self, cls: type[BaseModel], fields: Any, extra: Any, private: Any, fields_set: list[str]
    ) -> BaseModel:
        """Build a model as unpickling does; what its class has got meanwhile gets its default."""
        says = self._fields(fields)
        for name, field in cls.model_fields.items():
            if name not in says:
                if field.is_required():
                    raise ValueError(f"{cls.__name__} needs {name} by now")
                says[name] = field.get_default(call_default_factory=True, validated_data=says)
        model = cls.__new__(cls)
        kept = {name: says[name] for name in cls.model_fields}
        object.__setattr__(model, "__dict__", kept)
        object.__setattr__(
            model, "__pydantic_fields_set__", {name for name in fields_set if name in kept or extra}
        )
        object.__setattr__(model, "__pydantic_extra__", None if extra is None else self._fields(extra))
        object.__setattr__(model, "__pydantic_private__", self._private(cls, private))
        return model

    def _private(self, cls: type[BaseModel], says: Any) -> dict[str, Any] | None:
        if not cls.__private_attributes__:
            return None
        private = self._fields(says or {})
        for name, attribute in cls.__private_attributes__.items():
            if name not in private and (default := attribute.get_default()) is not PydanticUndefined:
                private[name] = default
        return {name: value for name, value in private.items() if name in cls.__private_attributes__}

    def _dataclass(self, cls: Any, says: dict[str, Any]) -> Any:
        value = object.__new__(cls)
        for field in dataclasses.fields(cls):
            if field.name in says:
                continue
            if field.default is not dataclasses.MISSING:
                says[field.name] = field.default
            elif field.default_factory is not dataclasses.MISSING:
                says[field.name] = field.default_factory()
            elif field.init:
                raise ValueError(f"{cls.__name__} needs {field.name} by now")
        for name, inner in says.items():
            object.__setattr__(value, name, inner)
        return value
