"""What an answer must fit: pydantic models, found again by name wherever an answer comes in."""

import importlib
import sys
from functools import lru_cache
from typing import Any

from pydantic import BaseModel

__all__ = ["model_named", "name_of_model", "schema_of"]


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
def schema_of(name: str) -> dict[str, Any]:
    """Return the JSON schema (2020-12) of the model of that name; one that takes anything if it is gone."""
    model = model_named(name)
    return {} if model is None else model.model_json_schema(mode="validation")


def _at(module: Any, path: str) -> Any:
    value = module
    for part in path.split("."):
        value = getattr(value, part, None)
    return value
