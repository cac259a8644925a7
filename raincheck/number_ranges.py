"""Sets of numbers as short texts: `1-3,7`."""

from collections.abc import Iterable

__all__ = ["covering", "fitting", "numbers_in"]


def fitting(numbers: Iterable[int], size: int) -> str:
    """Return as many of the numbers, the lowest first, as fit into `size` characters."""
    text = ""
    for low, high in _spans(numbers):
        longer = f"{text}{',' if text else ''}{_text(low, high)}"
        if len(longer) > size:
            break
        text = longer
    return text


def covering(numbers: Iterable[int], size: int) -> str:
    """Return all of the numbers; where that is longer than `size` characters, those between them too."""
    numbers = list(numbers)
    if len(numbers) > size:  # sorting them would be most of the cost
        return _text(min(numbers), max(numbers))
    spans = _spans(numbers)
    text = ",".join(_text(low, high) for low, high in spans)
    return text if len(text) <= size else _text(spans[0][0], spans[-1][1])


def numbers_in(text: str) -> list[int]:
    """Return the numbers, in order.

    Raises:
        ValueError: the text is no such set.
    """
    numbers: list[int] = []
    for part in text.split(",") if text else ():
        low, _, high = part.partition("-")
        numbers.extend(range(int(low), int(high or low) + 1))
    return numbers


def _spans(numbers: Iterable[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for number in sorted(set(numbers)):
        if spans and spans[-1][1] == number - 1:
            spans[-1] = (spans[-1][0], number)
        else:
            spans.append((number, number))
    return spans


def _text(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
