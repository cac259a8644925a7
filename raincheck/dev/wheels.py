"""Wheels of what is installed here, packed again from its files: no registry and no builder is needed."""

import base64
import hashlib
import json
import re
import tomllib
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from raincheck.dev.children import Failed

__all__ = ["DEVHOST", "RAINCHECK", "name_and_version", "pack"]

RAINCHECK = "raincheck"
DEVHOST = "raincheck-devhost"
_FILE = re.compile(r"(?P<name>[a-z_]+)-(?P<version>[^-]+)-py3-none-any\.whl")
_TIME = (2020, 2, 2, 0, 0, 0)  # the same files make the same wheel, whenever
_OF_THE_INSTALLATION = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json"}
_MISSING = {
    RAINCHECK: "Raincheck isn't installed as a package here: install its wheel, or its folder.",
    DEVHOST: "The local host isn't installed beside Raincheck: install the folder devhost/ of Raincheck, "
    "or its wheel raincheck_devhost-….whl; no package of a like name is it.",
}


def name_and_version(wheel: str) -> tuple[str, str] | None:
    """Return which of our distributions the wheel's file name means, and its version; None for any other."""
    match = _FILE.fullmatch(wheel)
    name = match["name"].replace("_", "-") if match else ""
    return (name, match["version"]) if match and name in _MISSING else None


def pack(name: str, folder: Path) -> Path:
    """Write the wheel of an installed distribution into the folder; return its path.

    Raises:
        Failed: it isn't installed, or not by a tool that writes down what it installs.
    """
    try:
        installed = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise Failed(_MISSING[name]) from None
    source = _source(installed)
    files = _of_record(installed) if source is None else _of_source(source) | _of_record(installed)
    if not any(path.endswith("/METADATA") for path in files) or not any(
        path.endswith(".py") for path in files
    ):
        raise Failed(f"{name} can't be packed: what installed it kept no list of its files.")
    wheel = folder / f"{name.replace('-', '_')}-{installed.version}-py3-none-any.whl"
    folder.mkdir(parents=True, exist_ok=True)
    _write(wheel, files)
    return wheel


def _source(installed: metadata.Distribution) -> Path | None:
    """Return the folder that it is used from, where it was installed so (`pip install -e`)."""
    origin: dict[str, Any] = json.loads(installed.read_text("direct_url.json") or "{}")
    if not origin.get("dir_info", {}).get("editable"):
        return None
    return Path(unquote(urlsplit(origin["url"]).path))


def _of_record(installed: metadata.Distribution) -> dict[str, bytes]:
    """Return the files that an installer wrote into site-packages, the dist-info's among them."""
    names = {path.as_posix(): path for path in installed.files or ()}
    return {
        name: Path(str(installed.locate_file(path))).read_bytes()
        for name, path in names.items()
        if not name.startswith(("..", "/", "_"))  # scripts, and what points to a source folder
        and not name.endswith((".pyc", ".pth"))
        and path.name not in _OF_THE_INSTALLATION
    }


def _of_source(source: Path) -> dict[str, bytes]:
    """Return the files that the builder would take from the source folder."""
    project = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    target: Mapping[str, Any] = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    files: dict[str, bytes] = {}
    for package in target["packages"]:
        root = source / package
        for path in sorted(root.rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                files[path.relative_to(root.parent).as_posix()] = path.read_bytes()
    for origin, name in target.get("force-include", {}).items():
        files[name] = (source / origin).read_bytes()
    return files


def _write(wheel: Path, files: Mapping[str, bytes]) -> None:
    info = next(path.partition("/")[0] for path in files if path.endswith("/METADATA"))
    record = f"{info}/RECORD"
    lines = [f"{path},{_digest(content)},{len(content)}\n" for path, content in sorted(files.items())]
    listed = "".join([*lines, f"{record},,\n"]).encode()
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in [*sorted(files.items(), key=_dist_info_last), (record, listed)]:
            entry = zipfile.ZipInfo(path, _TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, content)


def _dist_info_last(file: tuple[str, bytes]) -> tuple[bool, str]:
    return ".dist-info/" in file[0], file[0]


def _digest(content: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
