"""All Python on the pages is what mypy and pyright take, both strict, as an author's editor does."""

import json
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from mypy import api

ROOT = Path(__file__).parents[2]
ROOMS = ("orchestrators", "activities")
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(
    r"^(?:`(?P<path>\S+\.py)`:\n\n)?(?P<indent> *)```python\n(?P<code>.*?)^(?P=indent)```",
    re.MULTILINE | re.DOTALL,
)
FLOW = re.compile(r"^async def (\w+)\(run: Run", re.MULTILINE)
NAMES = """\
from pydantic import BaseModel

from activities import stories
from activities.laptops import LaptopOrder, Receipt, place_order
from orchestrators.order_laptop import OrderResult
from raincheck import Canceled, OutcomeError, Run, StepFailed, flow, step

class Document(BaseModel):
    url: str

class Digest(BaseModel):
    words: int

class Trip(BaseModel):
    legs: list[str]

class Booking(BaseModel):
    number: str

@step
async def fetch(document: Document) -> str: ...
@step
async def digest(text: str) -> Digest: ...
@step
async def reserve(order: LaptopOrder) -> None: ...
@step
async def pay(order: LaptopOrder) -> None: ...
@step(name="release_order")
async def release_order(order: LaptopOrder) -> None: ...
@step
async def place_elsewhere(order: LaptopOrder) -> Receipt: ...
@step
async def book(leg: str) -> Booking: ...
@step
async def release(booking: Booking) -> None: ...

__all__ = ["Canceled", "OrderResult", "OutcomeError", "Run", "StepFailed", "flow", "place_order", "stories"]
"""
"""What the parts of flows on the pages take for granted."""


def whole(path, code):
    """Return where a block that stands for itself belongs; None for a part of a flow."""
    if path:
        return path
    if not re.match(r"(?:from|import) ", code):
        return None
    if "def test_" in code:
        return f"tests/{re.search(r'def (test_[a-z_]+)', code)[1]}.py"
    found = FLOW.search(code)
    return f"orchestrators/{found[1]}.py" if found else "function_app.py"


def part(code):
    """Make a module of a part of a flow: what awaits at its top stands in an async function."""
    try:
        compile(code, "block", "exec")
    except SyntaxError:
        pass
    else:
        return f"{NAMES}\n{code}"
    code = code.replace("run.step(release, order)", "run.step(release_order, order)")
    return (
        f"{NAMES}\nasync def part(run: Run, order: LaptopOrder, docs: list[Document]) -> None:\n"
        + textwrap.indent(code, "    ")
    )


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An app of all the examples, beside the flows of the repository."""
    folder = tmp_path_factory.mktemp("docs")
    for room in ROOMS:
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "*.toml"))
    (folder / "tests").mkdir()
    count = 0
    for page in PAGES:
        for block in BLOCK.finditer(page.read_text(encoding="utf-8")):
            code = textwrap.dedent(block["code"])
            count += 1
            path = whole(block["path"], code)
            (folder / (path or f"part_{count}.py")).write_text(code if path else part(code), encoding="utf-8")
    assert count >= 12
    return folder


def test_mypy_takes_all_examples(app):
    """Strictly."""
    config = app / "mypy.ini"
    config.write_text(
        f"[mypy]\nstrict = true\nmypy_path = {app}:{ROOT}\nexplicit_package_bases = true\n"
        "disable_error_code = empty-body\nfollow_imports_for_stubs = true\n"
        "[mypy-raincheck.*]\nfollow_imports = silent\n[mypy-azure.*]\nignore_missing_imports = true\n"
        "follow_untyped_imports = true\n[mypy-azurefunctions.*]\nignore_missing_imports = true\n",
        encoding="utf-8",
    )
    out, err, code = api.run(
        [
            "--config-file",
            str(config),
            "--no-error-summary",
            "--cache-dir",
            str(app / ".mypy_cache"),
            str(app),
        ]
    )

    assert (code, out + err) == (0, "")


def test_pyright_takes_all_examples(app):
    """Strictly, too."""
    assert shutil.which("node"), "pyright needs Node.js, as Azurite does: install 20 or newer"
    settings = {
        "typeCheckingMode": "strict", "extraPaths": [str(ROOT)], "reportMissingTypeStubs": False,
        "reportUnusedVariable": False, "reportUnusedFunction": False, "reportUnusedImport": False,
        "include": ["."],
        "ignore": [str(Path(room, file.name)) for room in ROOMS for file in (ROOT / room).glob("*.py")],
    }  # fmt: skip
    (app / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", app],
        cwd=app, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    report = json.loads(done.stdout)
    problems = [f"{one['file']}:{one['range']['start']['line'] + 1}: {one['message']}"
                for one in report["generalDiagnostics"] if one["severity"] == "error"]  # fmt: skip

    assert report["summary"]["filesAnalyzed"] >= 12
    assert problems == []
