"""Sets of numbers as short texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from raincheck.number_ranges import covering, fitting, numbers_in

NUMBERS = st.sets(st.integers(1, 500), max_size=200)


@given(NUMBERS)
def test_what_has_room_comes_back(numbers):
    """Nothing is lost, nothing is made up."""
    assert numbers_in(fitting(numbers, 10_000)) == sorted(numbers)
    assert numbers_in(covering(numbers, 10_000)) == sorted(numbers)


@given(NUMBERS, st.integers(10, 60))
def test_fitting_leaves_the_highest_out(numbers, size):
    """What is named is true, and there is room for it."""
    text = fitting(numbers, size)
    named = numbers_in(text)
    assert len(text) <= size
    assert named == sorted(numbers)[: len(named)]


@given(NUMBERS, st.integers(10, 60))
def test_covering_names_too_many_rather_than_too_few(numbers, size):
    """Who looks for one that isn't there finds nothing, which is no harm."""
    text = covering(numbers, size)
    assert len(text) <= size
    assert numbers <= set(numbers_in(text))


@pytest.mark.parametrize(
    ("numbers", "text"), [((), ""), ((7,), "7"), ((3, 1, 2), "1-3"), ((1, 3, 4, 9), "1,3-4,9")]
)
def test_the_text(numbers, text):
    """It is on the wire of every status."""
    assert fitting(numbers, 100) == covering(numbers, 100) == text
