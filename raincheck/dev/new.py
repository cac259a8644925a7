"""`raincheck new DIR`: an app of one's own, which runs and is green as it comes."""

import argparse
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from raincheck.dev.children import Failed
from raincheck.dev.template_files import HUB, app_files
from raincheck.dev.wheels import DEVHOST, RAINCHECK, pack

__all__ = ["main"]

_MARKS = re.compile(r"\{(raincheck|devhost|title|hub)\}")
_MARKED = {"README.md", "requirements.txt", "requirements-dev.txt"}
_SHORTEST, _LONGEST = 3, 45  # characters of a hub's name


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the app; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="raincheck new",
        description="Make an app of your own: one flow with its step and test, and all that it needs to run.",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where to make it: new, or an empty folder")
    folder: Path = parser.parse_args(arguments).folder
    try:
        make_app(folder)
    except (Failed, OSError) as error:
        sys.stderr.write(f"raincheck new: {error}\n")
        return 1
    sys.stdout.write(
        f"Your app is in {folder}. Two commands, of which the first installs by itself:\n\n"
        f"  cd {shlex.quote(str(folder))}\n"
        f"  make up        # the app on http://localhost:7071, until Ctrl-C\n"
        f"  make check     # its style, types and tests\n"
    )
    return 0


def make_app(folder: Path) -> None:
    """Write the app's files.

    Raises:
        Failed: there is something in the folder already, or Raincheck can't be packed.
    """
    if folder.exists() and not folder.is_dir():
        raise Failed(f"{folder} is a file: take another name.")
    if folder.is_dir() and (there := sorted(path.name for path in folder.iterdir())):
        raise Failed(f"{folder} isn't empty, there is {there[0]} in it: take another folder.")
    wheels = {name: pack(name, folder / "vendor") for name in (RAINCHECK, DEVHOST)}
    title = folder.resolve().name
    hub = hub_name(title)
    words = {
        "raincheck": wheels[RAINCHECK].name,
        "devhost": wheels[DEVHOST].name,
        "title": title,
        "hub": hub,
    }
    for name, text in app_files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if name in _MARKED:
            text = _MARKS.sub(lambda mark: words[mark[1]], text)  # noqa: PLW2901 - the same text, filled in
        elif name == "host.json":
            text = text.replace(HUB, f'"hubName": "{hub}"')  # noqa: PLW2901 - as above
        path.write_text(text, encoding="utf-8")
    sample = (folder / "local.settings.sample.json").read_text(encoding="utf-8")
    (folder / "local.settings.json").write_text(sample, encoding="utf-8")


def hub_name(title: str) -> str:
    """Return a name for the app's state in a storage account: letters and digits, from the folder's name."""
    words = re.findall(r"[A-Za-z0-9]+", title)
    name = "".join(word[0].upper() + word[1:] for word in words)[:_LONGEST].lstrip("0123456789")
    return name if len(name) >= _SHORTEST else "Raincheck"
