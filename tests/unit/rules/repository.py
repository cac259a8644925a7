"""The repository's own files."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[3]
TEXT = {".py", ".md", ".toml", ".json", ".txt", ".sh", ".yml", ".yaml", ".sql", ".html", ".js", ".css", ""}
FOREIGN = {"package-lock.json", "LICENSE"}


def files(*suffixes: str) -> list[Path]:
    """Give the files under version control; recordings of the genuine extension aside."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    paths = [ROOT / name for name in listed.decode().split("\0") if name and "/goldens/" not in name]
    return [p for p in paths if p.is_file() and p.suffix in (suffixes or TEXT) and p.name not in FOREIGN]


def name(path: Path) -> str:
    """Give its path as a reader of the repository knows it."""
    return path.relative_to(ROOT).as_posix()
