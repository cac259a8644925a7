"""Rooms are small, and so is what a use case takes."""

import ast
from collections import Counter

from tests.unit.rules.repository import ROOT, files, name

MOST_FILES = 25
MOST_PARAMETERS = 6
APP_LINES = 10


def test_no_room_holds_too_much():
    """Whoever opens a folder takes it in at a glance."""
    rooms = Counter(name(path.parent) for path in files(".py"))

    assert {room: count for room, count in rooms.items() if count > MOST_FILES} == {}


def test_use_cases_take_few_parameters_by_position():
    """What is passed by place can be passed in the wrong one."""
    long = []
    for path in files(".py"):
        if "raincheck/service/" not in name(path):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                count = len(node.args.posonlyargs) + len(node.args.args)
                long += [f"{name(path)}:{node.name}"] * (count > MOST_PARAMETERS)

    assert long == []


def test_the_app_is_a_few_lines():
    """It is an example of the library's use, and nothing else."""
    assert len((ROOT / "function_app.py").read_text(encoding="utf-8").splitlines()) <= APP_LINES
