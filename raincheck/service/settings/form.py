"""The form of one setting: how its text is read, and what a message says that was expected."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from raincheck.service.settings.values import between

__all__ = ["Form", "number"]


@dataclass(frozen=True, slots=True)
class Form:
    """Stands in a field's annotation. Text is parsed; what is typed already is taken as it is."""

    parse: Callable[[str], object]
    """Raises ValueError, whose text follows the setting's name and never repeats the value."""
    shape: str
    example: str | None = None
    """None: the default is one."""
    development: Callable[[str], object] | None = None
    """Parses instead, where `development` is on: more is taken there."""

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """Put the parser before the check of the field's type."""
        return core_schema.with_info_before_validator_function(self._read, handler(source))

    def _read(self, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, str):
            return value
        lenient = self.development if info.data.get("development") else None
        return (lenient or self.parse)(value)


def number(unit: str, low: float, high: float) -> Form:
    """Build the form of a number from `low` to `high`, both included."""
    return Form(between(low, high), f"a number of {unit} from {low:g} to {high:g}")
