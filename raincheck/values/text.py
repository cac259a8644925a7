"""Text that leaves is well-formed Unicode: half a surrogate pair is no character, and goes into no UTF-8."""

from typing import Any

__all__ = ["ends_in_half", "is_well_formed", "well_formed", "well_formed_json"]


def is_well_formed(text: str) -> bool:
    """Whether a text holds no half of a surrogate pair, so that UTF-8 has it."""
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def well_formed(text: str) -> str:
    """Join the halves of surrogate pairs that stand side by side; each other half becomes U+FFFD."""
    if is_well_formed(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def well_formed_json(value: Any) -> Any:
    """Return a JSON-ready value whose texts and names are all well-formed."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, dict):
        return {
            well_formed(key) if isinstance(key, str) else key: well_formed_json(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [well_formed_json(inner) for inner in value]
    return value


def ends_in_half(text: str) -> bool:
    """Whether the last character is the first half of a pair, whose second half may come next."""
    return text[-1:] >= "\ud800" and text[-1:] <= "\udbff"
