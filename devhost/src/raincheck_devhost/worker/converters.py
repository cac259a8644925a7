"""The SDK's own converters, found as the worker finds them, and typed data on the wire.

Typed data is None or an object with one key: `string`, `json` (text), `bytes` (base64), `int`, `double`
or `http`. Bodies of requests and responses travel as the frame's blob.
"""

from __future__ import annotations

import base64
import json
from typing import Any

import azure.functions as func
from azure.functions.meta import Datum

from raincheck_devhost.worker.http_v2 import web_extension

_TEXT = (str, bytes)


class _Generic:
    """What the worker uses for a binding type the SDK has no converter for, and for plain str and bytes."""

    @staticmethod
    def decode(data: Datum | None, *, trigger_metadata: Any) -> Any:
        del trigger_metadata
        return None if data is None else data.value

    @staticmethod
    def encode(obj: Any, *, expected_type: Any) -> Datum:
        del expected_type
        for kinds, name in (
            (str, "string"),
            ((bytes, bytearray), "bytes"),
            (type(None), None),
            (dict, "dict"),
            (list, "list"),
            (int, "int"),
            (float, "double"),
        ):
            if isinstance(obj, kinds):
                return Datum(obj, name)
        raise NotImplementedError


def _converter(kind: str) -> Any:
    return func.get_binding_registry().get(kind) or _Generic  # type: ignore[no-untyped-call]


def is_out(binding: Any) -> bool:
    """Whether the binding gives a value to the outside."""
    return bool(binding.direction == func.decorators.core.BindingDirection.OUT.value)


def has_implicit_output(kind: str) -> bool:
    """Whether the function's return value belongs to this binding although none says `$return`."""
    converter = _converter(kind)
    if converter is _Generic:
        return kind != "durableClient"
    return bool(getattr(converter, "has_implicit_output", lambda: False)())


def accepts_input(kind: str, pytype: Any) -> bool:
    """Whether the binding can give a parameter of this type."""
    extension = web_extension()
    if kind == "httpTrigger" and extension is not None:
        return bool(extension.RequestTrackerMeta.check_type(pytype))
    converter = _converter(kind)
    if converter is _Generic:
        return issubclass(pytype, _TEXT)
    return bool(converter.check_input_type_annotation(pytype))


def accepts_output(kind: str, pytype: Any) -> bool:
    """Whether the binding takes a value of this type."""
    extension = web_extension()
    if kind == "http" and extension is not None:
        return bool(extension.ResponseTrackerMeta.check_type(pytype))
    converter = _converter(kind)
    if converter is _Generic:
        return issubclass(pytype, (*_TEXT, bytearray))
    return bool(converter.check_output_type_annotation(pytype))


def decode(kind: str, data: Any, metadata: dict[str, Any], blob: bytes) -> Any:
    """Build a parameter's value. Raises TypeError, ValueError as the SDK's converters do."""
    converter = _converter(kind)
    triggered = {name: _datum(value, b"") for name, value in metadata.items()}
    try:
        return converter.decode(_datum(data, blob), trigger_metadata=triggered)
    except NotImplementedError:
        raise TypeError(
            "unable to decode incoming TypedData: unsupported combination of TypedData field "
            f"{next(iter(data or {}), None)!r} and expected binding type {converter}"
        ) from None


def encode(kind: str, obj: Any, pytype: Any) -> tuple[Any, bytes]:
    """Build typed data and a body of a value that a function gave. Raises TypeError if it can't be."""
    converter = _converter(kind)
    try:
        datum = converter.encode(obj, expected_type=pytype)
    except NotImplementedError:
        raise TypeError(
            f'unable to encode outgoing TypedData: unsupported type "{converter}" for Python type '
            f'"{type(obj).__name__}"'
        ) from None
    return _wire(datum)


def _datum(data: Any, blob: bytes) -> Datum | None:
    if data is None:
        return None
    kind, value = next(iter(data.items()))
    if kind == "http":
        fields = {
            name: {key: Datum(text, "string") for key, text in value[name].items()}
            for name in ("headers", "params", "query")
        }
        texts = {name: Datum(value[name], "string") for name in ("method", "url")}
        return Datum({**texts, **fields, "body": Datum(blob, "bytes")}, "http")
    return Datum(base64.b64decode(value) if kind == "bytes" else value, kind)


def _wire(datum: Datum) -> tuple[Any, bytes]:
    kind, value = datum.type, datum.value
    if kind is None:
        return None, b""
    if kind == "http":
        cookies = [morsel for jar in value.get("cookies") or [] for morsel in jar.values()]
        answer = {
            "status": value["status_code"].value,
            "headers": {name: text.value for name, text in value["headers"].items()},
            "cookies": [{"name": each.key, "value": each.value, **dict(each)} for each in cookies],
        }
        return {"http": answer}, value["body"].value or b""
    if kind in ("dict", "list"):
        return {"json": json.dumps(value)}, b""
    if kind == "bytes":
        return {"bytes": base64.b64encode(value).decode()}, b""
    return {kind: value}, b""
