"""Request bodies: limited in size before they are kept, strictly JSON before anything looks at them."""

import asyncio
import json
import math
import re
from collections.abc import Callable
from itertools import islice
from typing import Any, NoReturn, TypeVar

from starlette.requests import Request

from raincheck.errors import RequestError

__all__ = ["MAX_BODY", "beside_the_loop", "read_body", "read_json"]

T = TypeVar("T")

MAX_BODY = 4 * 1024 * 1024  # bytes
MAX_DRAINED = 64 * 1024 * 1024  # bytes read and dropped, so that a caller still sending sees the answer
MAX_VALUES = 100_000  # of JSON, names of members among them: each costs hundreds of bytes and microseconds
LARGE = 64 * 1024  # bytes of a body that are looked through beside the event loop
MAX_DEPTH = 60  # levels; the durable extension's JSON reader stops at 64


# A string, the begin of an array or object, or a word: as many as a text of JSON has values and names.
_VALUE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[{]|[^\s\[\]{},:"]++', re.DOTALL)
_BRACKET = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)


async def read_body(request: Request) -> bytes:
    """Take the body.

    Raises:
        RequestError: 413; it is larger than `MAX_BODY`.
    """
    length = request.headers.get("content-length", "")
    if (
        length.isdigit()
        and int(length) > MAX_BODY
        and (int(length) > MAX_DRAINED or "100-continue" in request.headers.get("expect", "").lower())
    ):
        raise _too_large()  # the caller waits for our word, or would send too much anyway
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_BODY:
            chunks.append(chunk)
        else:
            chunks.clear()
        if size > MAX_DRAINED:
            break
    if size > MAX_BODY:
        raise _too_large()
    return b"".join(chunks)


def read_json(request: Request, body: bytes) -> Any:
    """Read a body as JSON.

    Raises:
        RequestError: 415; it isn't declared as JSON. 400; it is none. 413; it has more values than
            `MAX_VALUES`, which are counted before any is made.
    """
    media_type, _, parameters = request.headers.get("content-type", "").lower().partition(";")
    media_type = media_type.strip()
    is_json = media_type == "application/json" or (
        media_type.startswith("application/") and media_type.endswith("+json")
    )
    charset = parameters.partition("charset=")[2].partition(";")[0].strip().strip('"')
    if not is_json or charset not in {"", "utf-8", "utf8"}:
        raise RequestError(415, "unsupported_media_type", "Send JSON in UTF-8 as application/json.")
    _check_values(body)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_json("The body is not UTF-8.") from None
    try:
        value = json.loads(text, parse_constant=_refuse, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise _too_deep() from None
    except ValueError as error:
        position = (
            f" (line {error.lineno}, column {error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise _not_json(f"The body is not JSON{position}.") from None
    if _deep(value):
        raise _too_deep()
    if _has_surrogate(text, value):
        raise _not_json("The body holds half a surrogate pair, which is no character.")
    return value


def _check_values(body: bytes) -> None:
    """Refuse a body of too many values; where it is nested too deep as well, that is what it is told."""
    if len(body) <= MAX_VALUES:
        return
    if sum(1 for _ in islice(_VALUE.finditer(body), MAX_VALUES + 1)) <= MAX_VALUES:
        return
    depth = 0
    for match in islice(_BRACKET.finditer(body), MAX_VALUES):
        depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(match[0], 0)
        if depth > MAX_DEPTH:
            raise _too_deep()
    raise RequestError(413, "too_many_values", f"The body has more than {MAX_VALUES} values and names.")


async def beside_the_loop(body: bytes, work: Callable[[], T]) -> T:
    """Do what may take long for a large body in a thread, so that others are answered meanwhile."""
    return await asyncio.to_thread(work) if len(body) > LARGE else work()


def _deep(value: Any) -> bool:
    """Whether anything is nested deeper than `MAX_DEPTH`; without recursion."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        inner: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                inner.extend(item.values())
            elif isinstance(item, list):
                inner.extend(item)
        if not inner:
            return False
        level = [item for item in inner if isinstance(item, dict | list)]
    return bool(level)


def _has_surrogate(text: str, value: Any) -> bool:
    if "\\u" not in text:  # only an escape can bring one
        return False
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _whole(text: str) -> int:
    number = int(text)
    try:
        float(number)  # what reads it as a number of another language's would find none
    except OverflowError:
        raise ValueError("a number is too large") from None
    return number


def _not_json(detail: str) -> RequestError:
    return RequestError(400, "invalid_json", detail)


def _too_deep() -> RequestError:
    return _not_json(f"The body is nested deeper than {MAX_DEPTH} levels.")


def _too_large() -> RequestError:
    return RequestError(413, "body_too_large", f"The body is larger than {MAX_BODY} bytes.")
