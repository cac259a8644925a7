"""The wheels that `raincheck new` packs are those that the builder makes."""

import subprocess
import sys
import zipfile

import pytest

from raincheck.dev.wheels import DEVHOST, RAINCHECK, name_and_version, pack
from tests.dev.upped import ROOT

FOLDERS = {RAINCHECK: ROOT, DEVHOST: ROOT / "devhost"}


def contents(wheel):
    """Give each file of a wheel; its RECORD as a set of lines, whose order means nothing."""
    with zipfile.ZipFile(wheel) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    record = next(name for name in files if name.endswith("/RECORD"))
    return files | {record: set(files[record].decode().splitlines())}


def but_for_the_readme(files):
    """Leave out what an installation from the folder took from README.md when it was made."""
    return {
        name: content.split(b"\n\n", 1)[0] if name.endswith("/METADATA") else content
        for name, content in files.items()
        if not name.endswith("/RECORD")
    }


@pytest.mark.parametrize("name", FOLDERS)
def test_a_packed_wheel_is_the_built_one(name, tmp_path):
    """Installed from its folder or from a wheel: what is packed again installs, and is the same."""
    command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", tmp_path / "built", FOLDERS[name]]
    subprocess.run(command, check=True, capture_output=True, timeout=100)
    built = next((tmp_path / "built").glob("*.whl"))
    packed = pack(name, tmp_path / "packed")
    assert packed.name == built.name
    assert but_for_the_readme(contents(packed)) == but_for_the_readme(contents(built))

    site = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", site, packed]
    subprocess.run(install, check=True, capture_output=True, timeout=100)
    again = pack_from(site, name, tmp_path / "again")
    assert contents(again) == contents(packed)


def pack_from(site, name, folder):
    """Pack what is installed in another folder, by a Python that sees that first."""
    script = f"""
import sys
sys.path[:0] = [{str(site)!r}]
from pathlib import Path
from raincheck.dev.wheels import pack
print(pack({name!r}, Path({str(folder)!r})))
"""
    command = [sys.executable, "-P", "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60, cwd=folder.parent)
    return folder.parent / done.stdout.strip()


@pytest.mark.parametrize(
    ("file", "meant"),
    [
        ("raincheck-0.1.0-py3-none-any.whl", ("raincheck", "0.1.0")),
        ("raincheck_devhost-1.2rc1-py3-none-any.whl", ("raincheck-devhost", "1.2rc1")),
        ("devhost-0.1.0-py3-none-any.whl", None),
        ("raincheck-0.1.0.tar.gz", None),
    ],
)
def test_only_our_wheels_are_taken(file, meant):
    """A package with a like name is somebody else's."""
    assert name_and_version(file) == meant
