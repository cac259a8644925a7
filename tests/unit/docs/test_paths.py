"""What the documents name is there."""

import re

import pytest

from tests.unit.rules.repository import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
ROOMS = "raincheck|devhost|tests|docs|orchestrators|activities|benchmarks"
PATH = re.compile(rf"`((?:{ROOMS})/[\w./-]*)`")
IN_PACKAGE = re.compile(r"`((?:adapters|client|dev|driver|durable|functions|service|testing|web)/[\w./-]*)`")
MADE_BY_READERS = {
    "activities/sites.py",
    "orchestrators/greet.py",
    "orchestrators/read_site.py",
    "orchestrators/remind.py",
    "tests/app/test_greet.py",
}
GONE = re.compile(
    r"\b(?:flows|triggers|local)/[\w.]*`|python -m (?:local|devhost)\b"
    r"|raincheck/(?:settings|profiles|ports)\.py"
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_named_on_a_page_is_there(page):
    """Whoever looks for a file finds it where the page says."""
    text = page.read_text(encoding="utf-8")
    named = set(PATH.findall(text)) - MADE_BY_READERS

    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_file_of_the_architecture_is_there():
    """Its paths are below the package."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = IN_PACKAGE.findall(text)

    assert len(named) > 30
    assert {path for path in named if not (ROOT / "raincheck" / path).exists()} == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_speaks_of_a_room_that_went(page):
    """The first house's rooms stood at the root."""
    paths = re.sub(r"`(?:flows|manage|runs)/`", "", page.read_text(encoding="utf-8"))  # of URLs

    assert GONE.findall(paths) == []


def test_the_way_of_a_start_is_the_architectures():
    """The frames that the test of the way holds are those on the page, in this order."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    way = text.split("## The way of a start")[1].split("\n## ")[0]
    test = (ROOT / "tests/unit/rules/test_way_of_a_start.py").read_text(encoding="utf-8")
    frames = re.findall(r'^ {8}"([\w/]+\.py):(\w+)",$', test, re.MULTILINE)
    on_page = re.findall(r"^\d\. `([\w/]+\.py)` `(?:\w+\.)?(\w+)`", way, re.MULTILINE)

    assert on_page == frames
