"""Watches the app's files: any Python file of it, host.json and local.settings.json."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import awatch

if TYPE_CHECKING:
    import asyncio

_SETTINGS = {"host.json", "local.settings.json"}
_NOT_CODE = {"node_modules", "__pycache__", "venv", "env", "site-packages", "tests"}
_OWN = Path(__file__).resolve().parent


def is_source(path: Path, root: Path) -> bool:
    """Whether a change of this file calls for a reload."""
    if not _holds_code(path.parent, root):
        return False
    return path.suffix == ".py" or (path.parent == root and path.name in _SETTINGS)


async def edits_into(queue: asyncio.Queue[set[Path]], root: Path, stop: asyncio.Event) -> None:
    """Put the files of each edit into a queue, until `stop` is set. New folders are followed."""

    def wanted(_change: object, path: str) -> bool:
        return is_source(Path(path), root) or (Path(path).is_dir() and _holds_code(Path(path), root))

    while not stop.is_set():
        changes = awatch(
            *_folders(root), watch_filter=wanted, stop_event=stop, recursive=False, step=50, debounce=400
        )
        async for batch in changes:
            paths = {Path(path) for _change, path in batch}
            files = {each for each in paths if is_source(each, root)}
            fresh = {each for each in paths if each.is_dir()}
            if files or any(file.suffix == ".py" for folder in fresh for file in folder.iterdir()):
                queue.put_nowait(files | fresh)
            if fresh:
                break


def _folders(root: Path) -> list[Path]:
    folders = [root]
    for folder in folders:
        folders += [each for each in folder.iterdir() if each.is_dir() and _holds_code(each, root)]
    return folders


def _holds_code(folder: Path, root: Path) -> bool:
    if folder.is_relative_to(_OWN):
        return False
    parts = folder.relative_to(root).parts
    return not any(part.startswith(".") or part in _NOT_CODE for part in parts)
