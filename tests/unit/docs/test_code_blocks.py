"""Python on the pages for flow authors can be taken as it stands."""

import ast
import re
import sys
import textwrap
import types

import pytest

from raincheck.flow import Flow
from tests.unit.rules.repository import ROOT

PAGES = ["README.md", "docs/writing-flows.md"]
BLOCK = re.compile(r"^([ ]*)```python\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
BLOCKS = [
    textwrap.dedent(block) for page in PAGES for _, block in BLOCK.findall((ROOT / page).read_text("utf-8"))
]
WHOLE = [block for block in BLOCKS if "@flow" in block and re.match(r"(?:from|import) ", block)]


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_block_is_python(block):
    """A block that is a part of a flow may await at its top."""
    compile(block, "block", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


@pytest.fixture
def sites(monkeypatch):
    """The module that writing-flows' first flow imports, made of the block before it."""
    module = types.ModuleType("activities.sites")
    monkeypatch.setitem(sys.modules, "activities.sites", module)
    exec(next(block for block in BLOCKS if "def count_words" in block), vars(module))
    return module


@pytest.mark.usefixtures("sites")
@pytest.mark.parametrize("block", WHOLE, ids=range(len(WHOLE)))
def test_every_whole_flow_can_be_made(block):
    """Its types fit, and its decorators take it."""
    names = {"__name__": "orchestrators.block"}
    exec(block, names)

    assert [value for value in names.values() if isinstance(value, Flow)]
