"""What the two tools say, read: holes, or that there was nobody to ask."""

import json
import re
from dataclasses import dataclass
from typing import Any

__all__ = ["Broken", "Hole", "Unreachable", "holes_of_npm", "holes_of_pip"]

_NO_ANSWER = re.compile(r"requests\.exceptions\.|urllib3\.exceptions\.|ServiceError|Could not connect")


class Unreachable(Exception):
    """The database gave no answer; the text says why."""


class Broken(Exception):
    """The tool failed for another reason, which the text holds."""


@dataclass(frozen=True, order=True, slots=True)
class Hole:
    """A known hole in a pinned package."""

    package: str
    id: str
    more: str

    def __str__(self) -> str:
        """Return it as a line."""
        return f"{self.package}: {self.id} ({self.more})"


def holes_of_pip(out: str, errors: str) -> list[Hole]:
    """Read pip-audit's JSON.

    Raises:
        Unreachable: the database didn't answer, or knows none of the packages: then it is a mirror.
        Broken: there is no JSON for another reason.
    """
    try:
        packages = json.loads(out)["dependencies"]
    except ValueError:
        last = (errors.strip().splitlines() or ["it said nothing"])[-1]
        raise (Unreachable if _NO_ANSWER.search(errors) else Broken)(last) from None
    if all("skip_reason" in package for package in packages):
        raise Unreachable("it knows none of the packages")
    return sorted(
        Hole(f"{package['name']} {package['version']}", hole["id"], _fixed(hole["fix_versions"]))
        for package in packages
        for hole in package.get("vulns", ())
    )


def holes_of_npm(out: str, errors: str) -> list[Hole]:
    """Read the JSON of `npm audit`; a hole is listed once, with the package that it is in.

    Raises:
        Unreachable: the registry didn't answer, or has no audit.
        Broken: npm said something else, or nothing.
    """
    try:
        report = json.loads(out)
    except ValueError:
        raise Broken(errors.strip() or "npm said nothing") from None
    if "vulnerabilities" in report:
        sources = [via for package in report["vulnerabilities"].values() for via in package["via"]]
        return sorted({_npm_hole(via) for via in sources if isinstance(via, dict)})
    if "code" not in report.get("error", {}) and "message" in report:
        raise Unreachable(report["message"])
    raise Broken(report.get("error", {}).get("summary") or out)


def _npm_hole(via: dict[str, Any]) -> Hole:
    return Hole(f"{via['name']} {via['range']}", via["url"].rpartition("/")[2], via["title"])


def _fixed(versions: list[str]) -> str:
    return f"fixed in {', '.join(versions)}" if versions else "not fixed yet"
