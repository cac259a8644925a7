"""The `Prefer` header (RFC 7240): what a caller would like, as far as we know what it means."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

__all__ = ["Preferences"]

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - a token of RFC 9110, not a secret
_WORD = rf'(?:"(?:[^"\\]|\\.)*"|{_TOKEN})'
_PREFERENCE = re.compile(rf"\s*({_TOKEN})\s*(?:=\s*({_WORD})?)?\s*(?:;.*)?\Z", re.DOTALL)
MAX_LENGTH = 1024  # characters; a longer header is no preference of ours


@dataclass(frozen=True, slots=True)
class Preferences:
    """`respond_async`: don't wait for the end. `wait`: seconds that the caller is ready to wait."""

    respond_async: bool = False
    wait: int | None = None

    @classmethod
    def parse(cls, headers: Iterable[str]) -> Self:
        """Read the header's lines. What is unknown or malformed is ignored; the first of a name counts."""
        known: dict[str, str] = {}
        text = ",".join(headers)
        for part in _parts(text) if len(text) <= MAX_LENGTH else ():
            match = _PREFERENCE.match(part)
            if match:
                known.setdefault(match[1].lower(), _unquoted(match[2] or ""))
        wait = known.get("wait", "")
        return cls(
            respond_async=known.get("respond-async") == "",
            wait=int(wait) if re.fullmatch(r"[0-9]{1,9}", wait) else None,
        )


def _parts(text: str) -> list[str]:
    """Split at the commas that are not in a quoted string."""
    parts, start, quoted, escaped = [], 0, False, False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif quoted and character == "\\":
            escaped = True
        elif character == '"':
            quoted = not quoted
        elif character == "," and not quoted:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _unquoted(word: str) -> str:
    return re.sub(r"\\(.)", r"\1", word[1:-1]) if word.startswith('"') else word
