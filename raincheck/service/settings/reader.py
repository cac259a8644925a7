"""Reads settings out of an environment and collects everything that is wrong with them."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from raincheck.errors import ConfigurationError
from raincheck.service.settings.values import items, number

__all__ = ["SettingReader"]

T = TypeVar("T")
D = TypeVar("D")


class SettingReader:
    """Gives values by name; what is wrong is kept until `finish`, so that all of it is told at once."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._problems: list[str] = []

    def text(self, name: str) -> str | None:
        """Return the text of a setting; None where there is none or it is blank."""
        return self._env.get(name, "").strip() or None

    def one(self, name: str, parse: Callable[[str], T], shape: str, example: str, *, default: D) -> T | D:
        """Return one value."""
        text = self.text(name)
        if text is None:
            return default
        try:
            return parse(text)
        except ValueError as error:
            self.problem(name, str(error), shape, example)
            return default

    def each(self, name: str, parse: Callable[[str], T], shape: str, example: str) -> tuple[T, ...]:
        """Return the values of a comma-separated list; empty where there is none."""

        def parse_all(text: str) -> tuple[T, ...]:
            return tuple(parse(item) for item in items(text))

        empty: tuple[T, ...] = ()
        return self.one(name, parse_all, shape, example, default=empty)

    def number(self, name: str, default: float, low: float, high: float, unit: str) -> float:
        """Return a number from `low` to `high`."""
        shape = f"a number of {unit} from {low:g} to {high:g}"
        return self.one(name, number(low, high), shape, f"{default:g}", default=default)

    def problem(self, name: str, what: str, shape: str, example: str) -> None:
        """Note that something is wrong. `what` doesn't repeat the value: it may be a secret."""
        self._problems.append(f"{name} {what}. Expected: {shape}. Example: {example}")

    def finish(self) -> None:
        """Raise what was noted.

        Raises:
            ConfigurationError: a line for each problem.
        """
        if self._problems:
            raise ConfigurationError(
                "\n".join(["The settings are not complete or not right:", *self._problems])
            )
