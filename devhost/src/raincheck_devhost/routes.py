"""Route templates as ASP.NET reads them: parameters, constraints, optional parts, catch-alls."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from raincheck_devhost.functions import Function

_PARAMETER = re.compile(
    r"\{(\*{0,2})([^:=?{}]+)((?::(?:[^{}()?=]+(?:\((?:[^()]|\([^()]*\))*\))?))*)(=[^{}?]*)?(\?)?\}"
)
_CONSTRAINT = re.compile(r":([a-zA-Z]+)(?:\(((?:[^()]|\([^()]*\))*)\))?")
_INT32, _INT64 = 2**31, 2**63


class RouteError(ValueError):
    """A route template can't be read."""


def decode_path(raw_path: bytes) -> str:
    """Decode a path as the host does: %2F stays as it is."""
    parts = re.split("(%2[fF])", raw_path.decode("latin-1"))
    return "".join(each if each.lower() == "%2f" else unquote(each, errors="replace") for each in parts)


@dataclass(frozen=True)
class _Parameter:
    name: str
    group: str
    constraints: tuple[Callable[[str], bool], ...]
    default: str | None


class Route:
    """One template, prefix included."""

    def __init__(self, template: str) -> None:
        self.template = template
        self._parameters: list[_Parameter] = []
        pattern = "".join(self._segment(each) for each in template.strip("/").split("/") if each)
        self._pattern = re.compile(pattern + "/?", re.IGNORECASE | re.DOTALL)

    def match(self, path: str) -> dict[str, str] | None:
        """Return the parameters of a decoded path, or None. What matches nothing is absent."""
        hit = self._pattern.fullmatch(path)
        if hit is None:
            return None
        values: dict[str, str] = {}
        for parameter in self._parameters:
            value = hit[parameter.group] or parameter.default
            if not value:
                continue
            if not all(fits(value) for fits in parameter.constraints):
                return None
            values[parameter.name] = value
        return values

    def _segment(self, text: str) -> str:
        pieces: list[str] = []
        at = 0
        whole = _PARAMETER.fullmatch(text)
        for hit in _PARAMETER.finditer(text):
            pieces.append(re.escape(text[at : hit.start()]))
            pieces.append(self._parameter(hit))
            at = hit.end()
        pieces.append(re.escape(text[at:]))
        if "{" in re.sub(_PARAMETER, "", text):
            raise RouteError(f"route {self.template!r}: {text!r} can't be read")
        pattern = "".join(pieces)
        if whole is not None and (whole[1] or whole[4] or whole[5]):
            return f"(?:/{pattern})?"
        return "/" + pattern

    def _parameter(self, hit: re.Match[str]) -> str:
        stars, name, constraints, default, _optional = hit.groups()
        group = f"p{len(self._parameters)}"
        checks = tuple(_check(kind, argument) for kind, argument in _CONSTRAINT.findall(constraints or ""))
        self._parameters.append(_Parameter(name, group, checks, default[1:] if default else None))
        return f"(?P<{group}>.*)" if stars else f"(?P<{group}>[^/]+)"


class Routes:
    """All HTTP functions in the host's order: the first that matches path and method wins."""

    def __init__(self, prefix: str, functions: Iterable[Function]) -> None:
        self.entries = [
            (Route(f"{prefix}/{each.route}"), each)
            for each in functions
            if each.trigger == "httpTrigger" and not reserved(each)
        ]

    def find(self, method: str, path: str) -> tuple[Function, dict[str, str]] | None:
        """Return the function for a request and its route parameters."""
        for route, function in self.entries:
            if function.methods is not None and method not in function.methods:
                continue
            parameters = route.match(path)
            if parameters is not None:
                return function, parameters
        return None


def reserved(function: Function) -> bool:
    """Whether the route conflicts with the host's own: such a function gets none, as on Azure."""
    return function.route.lower().lstrip("/").startswith(("admin", "runtime"))


def _check(kind: str, argument: str) -> Callable[[str], bool]:  # noqa: C901, PLR0911, PLR0912 - a table
    low, _, high = argument.partition(",")
    match kind.lower():
        case "int":
            return lambda text: _number(text, int, -_INT32, _INT32 - 1)
        case "long":
            return lambda text: _number(text, int, -_INT64, _INT64 - 1)
        case "bool":
            return lambda text: text.lower() in ("true", "false")
        case "datetime":
            return _is_datetime
        case "decimal" | "double" | "float":
            return lambda text: _number(text, float)
        case "guid":
            return _is_guid
        case "alpha":
            return lambda text: re.fullmatch("[a-zA-Z]*", text) is not None
        case "length":
            return lambda text: int(low) <= len(text) <= int(high or low)
        case "minlength":
            return lambda text: len(text) >= int(argument)
        case "maxlength":
            return lambda text: len(text) <= int(argument)
        case "min":
            return lambda text: _number(text, int, int(argument))
        case "max":
            return lambda text: _number(text, int, None, int(argument))
        case "range":
            return lambda text: _number(text, int, int(low), int(high))
        case "regex":
            pattern = re.compile(argument.replace("{{", "{").replace("}}", "}"), re.IGNORECASE)
            return lambda text: pattern.search(text) is not None
        case "required":
            return bool
    raise RouteError(f"the route constraint {kind!r} is not known")


def _number(text: str, kind: type[int | float], low: float | None = None, high: float | None = None) -> bool:
    try:
        value = kind(text)
    except ValueError:
        return False
    return (low is None or value >= low) and (high is None or value <= high)


def _is_datetime(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def _is_guid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
