"""`discover`: every flow of the package, or the file and line where it fails."""

import sys
from textwrap import dedent

import pytest

from raincheck.errors import DefinitionError
from raincheck.registry import discover

GOOD = """
    from raincheck import Run, flow, step

    @step
    async def {name}_step(value: int) -> int:
        return value

    @flow
    async def {name}(run: Run, value: int) -> int:
        return await run.step({name}_step, value)
"""


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Write modules of a package `found` and find them."""
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "found"
    folder.mkdir()

    def found(**modules):
        for name, text in {"__init__": "", **modules}.items():
            path = folder / f"{name.replace('__in__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(dedent(text), encoding="utf-8")
        for name in [m for m in sys.modules if m.partition(".")[0] == "found"]:
            del sys.modules[name]
        return discover("found")

    yield found
    for name in [m for m in sys.modules if m.partition(".")[0] == "found"]:
        del sys.modules[name]


def refusal(make):
    with pytest.raises(DefinitionError) as caught:
        make()
    return str(caught.value)


def test_flows_and_steps_of_all_modules_are_found(package):
    """One file a flow, and nothing to register by hand."""
    registry = package(one=GOOD.format(name="one"), two=GOOD.format(name="two"))

    assert set(registry.flows) == {"one", "two"}
    assert set(registry.steps) == {"one_step", "two_step"}


def test_subpackages_are_looked_into(package):
    """Many flows may be put into folders."""
    registry = package(sub__in____init__="", sub__in__deep=GOOD.format(name="deep"))

    assert set(registry.flows) == {"deep"}


def test_private_modules_are_left_alone(package):
    """`_drafts.py` is not imported at all, nor is anything in `_drafts/`."""
    registry = package(
        one=GOOD.format(name="one"),
        _draft="1 / 0",
        _drafts__in____init__="1 / 0",
        _drafts__in__other="1 / 0",
    )

    assert set(registry.flows) == {"one"}


def test_an_empty_package_is_fine(package):
    """A new app has no flows yet."""
    assert package().flows == {}


@pytest.mark.parametrize(
    ("text", "line", "cause"),
    [
        ("x = 1\ndef broken(:\n    pass\n", 2, "syntax"),
        ("import nothing_of_that_name\n", 1, "ModuleNotFoundError"),
        ("x = 1\n\nx / 0\n", 3, "ZeroDivisionError"),
        ("from raincheck import step\n@step\ndef f(): ...\n", 2, "must take one input"),
        ("from raincheck import flow\n\nflow(5)\n", 3, "int"),
        ("from raincheck import step\n@step\ndef f(a: int): ...\n", 2, "annotation"),
        ("import json\njson.loads('{')\n", 2, "JSONDecodeError"),
    ],
)
def test_the_line_that_fails_is_named(package, text, line, cause):
    """Whoever starts the app finds the line without a traceback."""
    message = refusal(lambda: package(bad=text))

    assert f"found/bad.py:{line}: " in message.replace("\\", "/")
    assert cause in message


def test_a_broken_subpackage_is_named(package):
    """Its `__init__.py` is a module like any other."""
    message = refusal(lambda: package(sub__in____init__="1 / 0"))

    assert "sub/__init__.py:1: ZeroDivisionError" in message


def test_a_package_that_is_not_there_is_named():
    """E.g. the app was started in another folder."""
    assert "no_such_package" in refusal(lambda: discover("no_such_package"))


def test_a_step_imported_from_another_module_is_no_duplicate(package):
    """Flows share steps."""
    registry = package(
        one=GOOD.format(name="one"),
        two="from found.one import one_step, one\n" + dedent(GOOD.format(name="two")),
    )

    assert set(registry.steps) == {"one_step", "two_step"}


def test_the_example_flows_are_found():
    """The three of the repository."""
    assert set(discover().flows) == {"digest_documents", "order_laptop", "tell_story"}
