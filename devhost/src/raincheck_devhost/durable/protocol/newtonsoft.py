"""JSON as Newtonsoft.Json writes it: what the extension puts into histories and answers."""

from __future__ import annotations

import json
import math
import re
from typing import Any

_ESCAPED_TOO = re.compile("[\x85\u2028\u2029\ud800-\udfff]")
_EXPONENT_FROM, _EXPONENT_BELOW = 15, -4


def compact(value: Any) -> str:
    """Write without blanks, non-ASCII as it is: `JToken.ToString(Formatting.None)`."""
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{_text(str(k))}:{compact(v)}" for k, v in value.items()) + "}"
    return "[" + ",".join(compact(v) for v in value) + "]"


def reprinted(text: str) -> str:
    """Read JSON and write it compact; raises ValueError if it is none.

    Fast for what holds no floats, which is nearly everything.
    """
    floats: list[str] = []

    def seen(number: str) -> float:
        floats.append(number)
        return float(number)

    value = json.loads(text, parse_float=seen, parse_constant=seen)
    if floats:
        return compact(value)
    return _ESCAPED_TOO.sub(_escaped, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def indented(value: Any, level: int = 0) -> str:
    """Write with two blanks per level, as in the payload of an orchestration trigger."""
    if isinstance(value, dict) and value:
        lines = [f"{_text(str(k))}: {indented(v, level + 1)}" for k, v in value.items()]
        return _block("{", lines, "}", level)
    if isinstance(value, list) and value:
        return _block("[", [indented(v, level + 1) for v in value], "]", level)
    return compact(value)


def _block(start: str, lines: list[str], end: str, level: int) -> str:
    pad = "  " * (level + 1)
    return start + "\n" + ",\n".join(pad + line for line in lines) + "\n" + "  " * level + end


def _text(value: str) -> str:
    return _ESCAPED_TOO.sub(_escaped, json.dumps(value, ensure_ascii=False))


def _escaped(match: re.Match[str]) -> str:
    return "\ufffd" if match[0] >= "\ud800" else f"\\u{ord(match[0]):04x}"


def _number(value: float) -> str:
    if not math.isfinite(value):
        return '"NaN"' if math.isnan(value) else '"Infinity"' if value > 0 else '"-Infinity"'
    if value == 0:
        return "-0.0" if math.copysign(1, value) < 0 else "0.0"
    mantissa, _, exponent_text = f"{value!r}".partition("e")
    digits = mantissa.lstrip("-").replace(".", "").strip("0")
    sign = "-" if value < 0 else ""
    exponent = _decimal_exponent(mantissa, int(exponent_text or 0))
    if exponent >= _EXPONENT_FROM or exponent < _EXPONENT_BELOW:
        head = digits[0] + ("." + digits[1:] if len(digits) > 1 else "")
        return f"{sign}{head}E{'+' if exponent >= 0 else '-'}{abs(exponent):02d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    whole, fraction = digits[: exponent + 1].ljust(exponent + 1, "0"), digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction or '0'}"


def _decimal_exponent(mantissa: str, exponent: int) -> int:
    whole, _, fraction = mantissa.lstrip("-").partition(".")
    if whole.strip("0"):
        return len(whole.lstrip("0")) - 1 + exponent
    return -(len(fraction) - len(fraction.lstrip("0"))) - 1 + exponent
