"""How files are named, how long they are, and what they may not say."""

import re

from tests.unit.rules.repository import files, name

LONGEST = 300
VAGUE = re.compile(r"^_?(utils?|helpers?|common|base|managers?|misc)(_.*)?$|.*_(utils?|helpers?|manager)$")
NOQA = re.compile(r"#\s*(?:ruff:\s*)?noqa\b(?P<rest>.*)")
REASON = re.compile(r":\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*\s+(?:-|#)\s*\S")
MACHINE = re.compile(r"/(?:work|root|home/[a-z]+)/(?!site/)|\.\./shared|\.pyenv|/tmp/[a-z]|\\Users\\")
BARE_DEVHOST = re.compile(r"\b(?:pip|pipx|uvx?)\b.*\s[\"']?devhost(?:\[[a-z,]+\])?[\"']?(?=[\s`=<>~!]|$)")
SELF = "tests/unit/rules/test_files.py"


def found(pattern, *suffixes):
    """Give every line that the pattern is found in, with where it stands."""
    for path in files(*suffixes):
        text = path.read_text(encoding="utf-8")
        if name(path) == SELF or not pattern.search(text):
            continue
        for number, line in enumerate(text.splitlines(), 1):
            if match := pattern.search(line):
                yield f"{name(path)}:{number}", match


def test_no_file_is_too_long():
    """A file that can't be read in one go holds more than one thing."""
    counts = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files(".py")}

    assert {path: count for path, count in counts.items() if count > LONGEST} == {}


def test_no_module_has_a_vague_name():
    """A name says what is inside; these say that nobody knew."""
    assert [name(path) for path in files(".py") if VAGUE.match(path.stem)] == []


def test_every_noqa_has_a_reason():
    """An exception without a reason is a rule that isn't one."""
    bare = [where for where, noqa in found(NOQA, ".py") if not REASON.match(noqa["rest"])]

    assert bare == []


def test_nothing_refers_to_somebodys_machine():
    """The repository stands alone: a clone anywhere else works the same."""
    assert [where for where, _ in found(MACHINE)] == []


def test_nobody_is_told_to_install_a_bare_devhost():
    """On the public registry it is somebody else's; ours is raincheck-devhost, or a path with a slash."""
    assert [where for where, _ in found(BARE_DEVHOST)] == []
