"""How much a run has room to show: Durable takes 8,192 UTF-16 units of JSON."""

from pydantic import BaseModel

from raincheck.payloads import to_json

__all__ = ["ROOM_FOR_MESSAGE", "ROOM_FOR_QUESTIONS", "ROOM_FOR_RANGES", "size_of"]

# Shares of that, in the same unit; the rest is frame.
ROOM_FOR_QUESTIONS = 6_000
ROOM_FOR_MESSAGE = 600
ROOM_FOR_RANGES = 300


def size_of(value: BaseModel) -> int:
    """Count the UTF-16 units that a value takes in what Durable keeps; it escapes three that JSON needn't."""
    text = to_json(value.model_dump(mode="json"))
    escaped = sum(text.count(mark) for mark in "\x85\u2028\u2029")
    return len(text.encode("utf-16-le")) // 2 + 5 * escaped
