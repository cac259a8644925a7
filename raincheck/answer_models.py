"""What an answer must fit: pydantic models, found again by name wherever an answer comes in."""

import importlib
import sys
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

from raincheck.shape import Shape

__all__ = ["model_named", "name_of_model", "schema_of", "sent_of", "shape_of", "standing", "value_of"]

_FROZEN = "raincheck.answer"


def name_of_model(model: type[BaseModel]) -> str | None:
    """Return `orchestrators.order_laptop:Approval`; None where the model can't be found by that name."""
    name = f"{model.__module__}:{model.__qualname__}"
    return name if _at(sys.modules.get(model.__module__), model.__qualname__) is model else None


def model_named(name: str) -> type[BaseModel] | None:
    """Return the model of that name; None where the app no longer has it."""
    module, _, path = name.partition(":")
    try:
        model = _at(importlib.import_module(module), path)
    except ImportError:
        return None
    return model if isinstance(model, type) and issubclass(model, BaseModel) else None


@lru_cache(maxsize=256)
def shape_of(model: type[BaseModel]) -> Shape[Any]:
    """Return the shape of a model.

    Raises:
        ValueError: its schema can't be shown to anybody; the text says why.
    """
    shape = Shape[Any](model)
    if reason := shape.unpublishable():
        raise ValueError(reason)
    return shape


@lru_cache(maxsize=256)
def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of the model of that name; one that takes anything if it is gone."""
    model = model_named(name)
    return {} if model is None else shape_of(model).json_schema("validation")


def _at(module: Any, path: str) -> Any:
    value = module
    for part in path.split("."):
        value = getattr(value, part, None)
    return value


def standing(model: type[BaseModel], sent: Any) -> Any:
    """Return what stands for an answer: what was sent; beside it the value, where that can't make it again.

    Raises:
        pydantic.ValidationError: it does not fit.
        NotCarried: it would come back as another one.
    """
    shape = shape_of(model)
    value = shape.freeze(sent, shape.parse_strictly(sent))
    return sent if value is sent and not _is_frozen(sent) else {_FROZEN: [sent, value]}


def sent_of(answer: Any) -> Any:
    """Return what was sent."""
    return answer[_FROZEN][0] if _is_frozen(answer) else answer


def value_of(answer: Any) -> Any:
    """Return what the model's shape parses."""
    return answer[_FROZEN][1] if _is_frozen(answer) else answer


def _is_frozen(answer: Any) -> bool:
    return isinstance(answer, dict) and len(answer) == 1 and _FROZEN in answer
