"""The command: exit 0 where nothing is known or nobody could be asked, 1 where there is a hole."""

import argparse
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from textwrap import shorten

from audit.reports import Broken, Hole, Unreachable, holes_of_npm, holes_of_pip

ACCEPTED: dict[str, str] = {}
"""Ids of holes that are known and do no harm here, each with the reason; out again once they are mended."""

_LIMIT = 120.0  # seconds for one tool
_CONNECT = 5  # seconds


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock, and who is asked about it."""

    file: str
    command: Sequence[str]
    holes: Callable[[str, str], list[Hole]]

    def line(self) -> tuple[bool, str]:
        """Ask; return whether that is fine, and what to say."""
        try:
            done = subprocess.run(  # noqa: S603 - the commands below, and nothing of a stranger
                self.command, capture_output=True, text=True, check=False, timeout=_LIMIT
            )
            holes = self.holes(done.stdout, done.stderr)
        except subprocess.TimeoutExpired:
            return True, f"{self.file}: not checked, the database didn't answer in {_LIMIT:.0f} s"
        except Unreachable as why:
            reason = shorten(str(why), 140, placeholder="…")
            return True, f"{self.file}: not checked, the database can't be reached ({reason})"
        except (Broken, OSError) as why:
            return False, f"{self.file}: the check failed: {why}"
        lines = [f"  {hole}" for hole in holes if hole.id not in ACCEPTED]
        if lines:
            return False, "\n".join([f"{self.file}: known holes, {len(lines)}", *lines])
        return True, f"{self.file}: no known holes"


def main() -> int:
    """Check both locks at once."""
    parser = argparse.ArgumentParser(prog="python -m audit", description=__doc__)
    parser.add_argument("--osv-url", help="another database of Python's holes, with OSV's interface")
    parser.add_argument("--npm-registry", help="another registry for npm's")
    options = parser.parse_args()
    python = [sys.executable, "-m", "pip_audit", "--requirement", "requirements-dev.txt", "--disable-pip"]
    python += ["--require-hashes", "--format", "json", "--desc", "off", "--progress-spinner", "off"]
    python += ["--timeout", str(_CONNECT), "--vulnerability-service", "osv"]
    python += ["--osv-url", options.osv_url] if options.osv_url else []
    npm = ["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0"]
    npm += [f"--fetch-timeout={_CONNECT * 1000}"]
    npm += ["--registry", options.npm_registry] if options.npm_registry else []
    locks = [
        Lock("requirements-dev.txt", python, holes_of_pip),
        Lock("package-lock.json", npm, holes_of_npm),
    ]
    with ThreadPoolExecutor() as pool:
        results = list(pool.map(Lock.line, locks))
    sys.stdout.write("\n".join(line for _, line in results) + "\n")
    return 0 if all(fine for fine, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main())
