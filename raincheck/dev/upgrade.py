"""`raincheck upgrade`: a newer Raincheck for the app in this folder. Its code stays as it is."""

import argparse
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from raincheck.dev.changelog import newer, sections_between
from raincheck.dev.children import Failed
from raincheck.dev.template_files import CHANGELOG, CONSTRAINTS
from raincheck.dev.wheels import DEVHOST, RAINCHECK, name_and_version, pack

__all__ = ["main"]

_BUILDS_WITHIN = 300  # seconds
_REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")


def main(arguments: Sequence[str] | None = None) -> int:
    """Take it; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="raincheck upgrade",
        description="Put a newer Raincheck into vendor/ and the requirements files; say what changed.",
    )
    parser.add_argument(
        "sources",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="its wheels, a folder of them, or Raincheck's own folder (default: what is installed here)",
    )
    parser.add_argument("--app", type=Path, default=Path(), metavar="DIR", help="default: this folder")
    options = parser.parse_args(arguments)
    try:
        sys.stdout.write(upgrade(options.app, options.sources))
    except (Failed, OSError, subprocess.TimeoutExpired, zipfile.BadZipFile) as error:
        sys.stderr.write(f"raincheck upgrade: {error}\n")
        return 1
    return 0


def upgrade(app: Path, sources: Sequence[Path]) -> str:
    """Replace the wheels in vendor/; return what to tell.

    Raises:
        Failed: there is no app, nothing newer, or a source holds no Raincheck.
    """
    vendor = app / "vendor"
    vendored = _ours(vendor.glob("*.whl"))
    if RAINCHECK not in vendored:
        raise Failed(
            f"There is no vendor/{RAINCHECK}-….whl in {app.resolve()}: run this in the app's folder."
        )
    with tempfile.TemporaryDirectory(prefix="raincheck-upgrade-") as folder:
        wheels = _ours(_wheels(sources, Path(folder)))
        if RAINCHECK not in wheels:
            raise Failed(f"There is no wheel of Raincheck in {', '.join(map(str, sources))}.")
        old, new = _version(vendored[RAINCHECK]), _version(wheels[RAINCHECK])
        if newer(old, new):
            raise Failed(f"The app has {old} already, which is newer than {new}.")
        if old == new and not sources:
            return (
                f"The app has {old}, as it is installed here. For a newer one, name its wheels or folder.\n"
            )
        changelog, constraints = _read(wheels[RAINCHECK], CHANGELOG), _read(wheels[RAINCHECK], CONSTRAINTS)
        contents = {path.name: path.read_bytes() for path in wheels.values()}
    for name, content in contents.items():
        (vendor / name).write_bytes(content)
    (vendor / "constraints.txt").write_text(constraints, encoding="utf-8")
    for name in wheels:
        _name_in_requirements(app, name, wheels[name].name)
    for name, path in vendored.items():
        if name in wheels and path.name not in contents:
            path.unlink()
    return _told(old, new, changelog, sorted(contents), missing=DEVHOST not in wheels)


def _told(old: str, new: str, changelog: str, names: Sequence[str], *, missing: bool) -> str:
    """Return what changed, and what to do next."""
    if old == new:  # pip takes the same version for the same thing
        return f"vendor/ holds {', '.join(names)} anew. Next: make clean check\n"
    changes = sections_between(changelog, old, new) or "The changelog says nothing of it."
    host = "The local host is the one from before: its wheel wasn't among these.\n" if missing else ""
    return (
        f"Raincheck {old} → {new}: vendor/ holds {', '.join(names)}.\n{host}\n{changes}\n\nNext: make check\n"
    )


def _wheels(sources: Sequence[Path], folder: Path) -> Iterable[Path]:
    """Find the wheels in the sources, or make them in `folder`."""
    if not sources:
        yield from (pack(name, folder) for name in (RAINCHECK, DEVHOST))
    for source in sources:
        if source.is_file():
            yield source
        elif (source / "pyproject.toml").is_file():
            yield from _built(source, folder)
        elif source.is_dir():
            yield from source.glob("*.whl")
        else:
            raise Failed(f"{source} isn't there.")


def _built(source: Path, folder: Path) -> Iterable[Path]:
    """Build the wheels of a source folder, the local host's with it."""
    projects = [path for path in (source, source / "devhost") if (path / "pyproject.toml").is_file()]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--wheel-dir", str(folder), *(str(path.resolve()) for path in projects)]
    built = subprocess.run(  # noqa: S603 - pip
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_BUILDS_WITHIN,
        check=False,
    )
    if built.returncode:
        raise Failed(f"{source} can't be built:\n{built.stdout.strip()}")
    return folder.glob("*.whl")


def _ours(paths: Iterable[Path]) -> dict[str, Path]:
    """Return the newest wheel of each of our distributions."""
    wheels: dict[str, Path] = {}
    for path in paths:
        known = name_and_version(path.name)
        if known and (known[0] not in wheels or newer(known[1], _version(wheels[known[0]]))):
            wheels[known[0]] = path
    return wheels


def _version(wheel: Path) -> str:
    known = name_and_version(wheel.name)
    return known[1] if known else ""


def _read(wheel: Path, name: str) -> str:
    with zipfile.ZipFile(wheel) as archive:
        try:
            return archive.read(name).decode()
        except KeyError:
            raise Failed(f"{wheel.name} lacks {name}: it isn't a wheel as Raincheck makes it.") from None


def _name_in_requirements(app: Path, name: str, wheel: str) -> None:
    """Change the file name of a vendored wheel, and nothing else."""
    pattern = re.compile(rf"\bvendor/{name.replace('-', '_')}-[^\s\[\]]+\.whl")
    for file in (app / requirements for requirements in _REQUIREMENTS):
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            file.write_text(pattern.sub(f"vendor/{wheel}", text), encoding="utf-8")
