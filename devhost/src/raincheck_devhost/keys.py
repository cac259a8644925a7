"""Keys: open by default, as Core Tools has it locally; with a key file, checked as on Azure."""

from __future__ import annotations

import hmac
import json
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

DURABLE_SYSTEM_KEY = "durabletask_extension"


class Verdict(Enum):
    """What a key opens: the request goes on, or the status of the refusal."""

    GO = 0
    UNAUTHORIZED = 401
    FORBIDDEN = 403


@dataclass(frozen=True, repr=False)
class Keys:
    """The keys of a file: `master` a key, `host` and `system` keys by name, `functions` such by function."""

    enforced: bool = False
    master: str = ""
    host: dict[str, str] = field(default_factory=dict)
    functions: dict[str, dict[str, str]] = field(default_factory=dict)
    system: dict[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path | None) -> Keys:
        """Read a key file; without one nothing is enforced. Raises ValueError if it can't be used."""
        if file is None:
            return cls()
        try:
            raw = json.loads(file.read_text(encoding="utf-8"))
            functions = {name.lower(): dict(keys) for name, keys in raw.get("functions", {}).items()}
            host, system = dict(raw.get("host", {})), dict(raw.get("system", {}))
            return cls(
                enforced=True, master=str(raw["master"]), host=host, functions=functions, system=system
            )
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise ValueError(f"key file {file} can't be used: {type(error).__name__}") from None

    @property
    def durable(self) -> str | None:
        """The key that opens Durable's management API; None while keys aren't enforced."""
        return self.system.get(DURABLE_SYSTEM_KEY) if self.enforced else None

    def check_function(self, name: str, level: str, candidate: str | None) -> Verdict:
        """Judge a call of an HTTP function of level ANONYMOUS, FUNCTION or ADMIN."""
        if not self.enforced or level == "ANONYMOUS":
            return Verdict.GO
        good = [self.master]
        if level != "ADMIN":
            good += [*self.host.values(), *self.functions.get(name.lower(), {}).values()]
        return Verdict.GO if _among(candidate, good) else Verdict.UNAUTHORIZED

    def check_admin(self, candidate: str | None) -> Verdict:
        """Judge a call of the admin API: the master key only."""
        return self._closed(candidate, [self.master])

    def check_durable(self, candidate: str | None) -> Verdict:
        """Judge a call of Durable's webhooks: the extension's system key or the master key."""
        return self._closed(candidate, [self.master, *([self.durable] if self.durable else [])])

    def _closed(self, candidate: str | None, good: Iterable[str]) -> Verdict:
        if not self.enforced or _among(candidate, good):
            return Verdict.GO
        all_keys = [*self.host.values(), *self.system.values()]
        all_keys += [key for keys in self.functions.values() for key in keys.values()]
        return Verdict.FORBIDDEN if _among(candidate, all_keys) else Verdict.UNAUTHORIZED


def key_of(scope: Any) -> str | None:
    """Return the key of a request: the x-functions-key header wins over ?code=."""
    for name, value in scope["headers"]:
        if name == b"x-functions-key":
            return str(value.decode("latin-1"))
    codes = parse_qs(scope["query_string"].decode("latin-1")).get("code")
    return codes[0] if codes else None


def _among(candidate: str | None, good: Iterable[str]) -> bool:
    if candidate is None:
        return False
    return sum(hmac.compare_digest(candidate.encode(), each.encode()) for each in good if each) > 0
