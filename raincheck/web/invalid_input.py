"""What pydantic says of input that does not fit, as the problem document that a caller gets."""

from pydantic import ValidationError

from raincheck.errors import RequestError

__all__ = ["invalid_input"]

MAX_ERRORS = 50  # named in one problem document


def invalid_input(error: ValidationError, prefix: tuple[str, ...]) -> RequestError:
    """Build the 422; paths are dotted and begin with `prefix`. Values are not repeated."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    errors = [
        {
            "path": ".".join(str(part) for part in (*prefix, *item["loc"])),
            "message": _message(item["type"], item["msg"]),
        }
        for item in found[:MAX_ERRORS]
    ]
    return RequestError(
        422, "invalid_request", "The request does not fit; `errors` says where.", errors=errors
    )


def _message(kind: str, message: str) -> str:
    if kind in {"model_type", "model_attributes_type", "dataclass_type", "dict_type"}:
        return "Input should be an object"  # pydantic's own names a class of ours
    return message.removeprefix("Value error, ")
