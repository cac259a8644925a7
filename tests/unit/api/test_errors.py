"""The error tree, and what authors can import."""

import importlib
import inspect
import pkgutil
import re

import pytest

import raincheck
from raincheck import errors
from raincheck.driver.outcomes import outcome_of
from raincheck.outcomes import ErrorDetail, Outcome
from tests.unit.driver.subflows import inner


def drawn() -> dict[str, str]:
    """Read the tree of the docstring: each class and the one above it."""
    tree: dict[str, str] = {}
    above: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^((?:│   |    )*(?:[├└]── )?)([A-Z]\w+)(?:  |$)", line)
        if match is None or match[2] == "Canceled" or line.startswith("Every"):
            continue
        depth = len(match[1]) // 4
        above[depth:] = [match[2]]
        tree[match[2]] = above[depth - 1] if depth else "Exception"
    return tree


def classes() -> dict[str, type[BaseException]]:
    """Return the classes that the module defines."""
    return {
        name: value
        for name, value in vars(errors).items()
        if inspect.isclass(value) and value.__module__ == errors.__name__
    }


def test_the_tree_that_is_drawn_is_the_real_one():
    """Whoever reads the drawing catches the right class."""
    real = {name: value.__base__.__name__ for name, value in classes().items() if name != "Canceled"}

    assert drawn() == real


def test_canceled_is_no_exception():
    """`except Exception` must not swallow it."""
    assert issubclass(errors.Canceled, BaseException)
    assert not issubclass(errors.Canceled, Exception)


def test_all_errors_are_in_all():
    """`__all__` is what is public."""
    assert set(errors.__all__) == set(classes())


def modules():
    for module in pkgutil.walk_packages(raincheck.__path__, "raincheck."):
        if "__main__" not in module.name:
            yield module.name


@pytest.mark.parametrize("name", sorted(modules()))
def test_everything_in_all_is_there_and_in_order(name):
    """A name in `__all__` that isn't there breaks `import *` and misleads readers."""
    module = importlib.import_module(name)
    public = getattr(module, "__all__", [])

    assert [each for each in public if not hasattr(module, each)] == []
    assert len(set(public)) == len(public)


def test_what_authors_need_can_be_imported_from_the_top():
    """The errors that a flow may see or a step may raise, and what makes flows and steps."""
    needed = {"flow", "step", "Flow", "Step", "Run", "Work", "Retry", "Winner", "Operation", "Canceled",
              "PermanentError", "TransientError", "StepStopped"}  # fmt: skip
    outcome_errors = {name for name, value in classes().items() if issubclass(value, errors.OutcomeError)}

    assert needed | outcome_errors <= set(raincheck.__all__)


def test_all_of_the_top_is_complete():
    """What is imported there is public, and nothing else is."""
    names = {
        name
        for name, value in vars(raincheck).items()
        if not name.startswith("_") and not inspect.ismodule(value)
    }

    assert names | {"__version__"} == set(raincheck.__all__)


@pytest.mark.parametrize("text", [None, 5, b"x", "\ud800", "x" * 10**6, ValueError("x")])
def test_an_error_never_fails_over_its_own_text(text):
    """A flow that raises PermanentError(anything) still has an outcome that can be stored."""
    outcome = outcome_of(inner, None, errors.PermanentError(text, code=text))

    assert Outcome.model_validate_json(outcome.model_dump_json()) == outcome
    assert len(outcome.error.message) <= 4_000


def test_error_details_round_trip():
    """They are read back from rows."""
    detail = ErrorDetail(code="no_stock", message="Nichts da: ü")

    assert ErrorDetail.model_validate_json(detail.model_dump_json()) == detail
