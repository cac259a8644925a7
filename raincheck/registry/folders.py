"""Folders and files that Python's own search for modules passes over without a word."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from raincheck.definitions import refused

__all__ = ["folders_without_init"]

_OURS = re.compile(rb"^[ \t]*(?:from|import)[ \t]+raincheck(?!\.testing)\b", re.MULTILINE)


def folders_without_init(path: Sequence[str]) -> Iterator[str]:
    """Return the folders in a package's path that are packages but for their `__init__.py`.

    Raises:
        DefinitionError: a file or folder can't be imported because of its name; the text says how to mend it.
    """
    for folder in map(Path, path):
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            if entry.name.startswith(("_", ".")):
                continue
            if entry.is_dir():
                if _check_folder(entry):
                    yield entry.name
            elif entry.suffix.lower() == ".py":
                _check_file(entry)


def _check_file(file: Path) -> None:
    if file.suffix != ".py":
        raise refused(f"{file}:1", f"Python imports .py only, not {file.suffix}: rename it to {file.stem}.py")
    if "." in file.stem:
        better = f"{file.stem.replace('.', '_')}.py"
        raise refused(f"{file}:1", f"a file with a dot in its name can't be imported: rename it to {better}")


def _check_folder(folder: Path) -> bool:
    """Return whether it is to be looked into although it has no `__init__.py`."""
    is_package = (folder / "__init__.py").is_file()
    flows = next(_files_of_ours(folder), None) if not is_package else folder / "__init__.py"
    if flows is None:
        return False
    twin = folder.with_name(f"{folder.name}.py")
    if twin.is_file():
        raise refused(
            f"{twin}:1", f"the folder {folder.name} beside it has the same name, and only one can be imported"
            ": rename one of them"
        )  # fmt: skip
    if "." in folder.name or not (is_package or folder.name.isidentifier()):
        better = re.sub(r"\W", "_", folder.name)
        raise refused(
            f"{flows}:1",
            f"the folder {folder.name} can't be imported because of its name: rename it to {better}",
        )
    return not is_package


def _files_of_ours(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.rglob("*.py")):
        if not any(part.startswith(("_", ".")) for part in file.relative_to(folder).parts):
            try:
                content = file.read_bytes()
            except OSError:
                continue
            if _OURS.search(content):
                yield file
