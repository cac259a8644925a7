"""What a cold start spends on imports: `python -X importtime`, summed up by package."""

import os
import re
import statistics
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from raincheck.dev.children import Failed

__all__ = ["ColdImport", "cold_import"]

_STORAGE = "UseDevelopmentStorage=true"  # an address only: nothing is sent there
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \|( +)(\S+)")
_AZURE = ("azure.storage", "azure.data", "azure.durable_functions", "azure.functions", "azure.core")


@dataclass(frozen=True)
class ColdImport:
    """Milliseconds: of the whole, and by package, the costliest first."""

    total: float
    packages: list[tuple[str, float]]


def cold_import(root: Path, times: int = 5) -> ColdImport:
    """Import the app so many times, each in a fresh interpreter; the median one counts."""
    measured = sorted((_once(root) for _ in range(times)), key=lambda one: one.total)
    return ColdImport(statistics.median(one.total for one in measured), measured[times // 2].packages)


def _once(root: Path) -> ColdImport:
    env = {**os.environ, "AZURE_FUNCTIONS_ENVIRONMENT": "Development", "AzureWebJobsStorage": _STORAGE}
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-c", "import function_app"],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if not line.startswith("import time:")]
        raise Failed("function_app can't be imported.\n" + "\n".join(lines[-10:]))
    packages: Counter[str] = Counter()
    total = 0.0
    for own, cumulative, _, name in _LINE.findall(ran.stderr):
        packages[_package(name)] += int(own)
        if name == "function_app":
            total = int(cumulative) / 1000
    return ColdImport(total, [(name, spent / 1000) for name, spent in packages.most_common(10)])


def _package(name: str) -> str:
    azure = next((package for package in _AZURE if name.startswith(package)), None)
    top = name.partition(".")[0]
    return azure or (
        "Python itself" if top.lstrip("_") in sys.stdlib_module_names or top.startswith("_") else top
    )
