"""Every error as a problem document (RFC 9457), the framework's own included."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.service.status import CallerGone

__all__ = [
    "MEDIA_TYPE",
    "Problem",
    "ProblemError",
    "answer",
    "install",
    "internal_error",
    "problem_of",
    "storage_unavailable",
]

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = 5  # seconds, where storage is away


class ProblemError(BaseModel):
    """One thing that does not fit; `path` is dotted, e.g. `input.documents.0.name`."""

    path: str
    message: str


class Problem(BaseModel):
    """An RFC 9457 document. `code` is for programs and doesn't change; `detail` is for people."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[ProblemError] = Field(default_factory=list)

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form; `errors` only where there are some."""
        return self.model_dump(mode="json", exclude=None if self.errors else {"errors"})


def problem_of(error: RequestError) -> Problem:
    """Build the document of what a caller did wrong."""
    return Problem(
        title=_title(error.status),
        status=error.status,
        detail=error.detail,
        code=error.code,
        errors=[ProblemError(**item) for item in error.errors],
    )


def storage_unavailable() -> RequestError:
    """Storage is away and nothing was started: try again."""
    return RequestError(
        503,
        "storage_unavailable",
        "Storage can't be reached at the moment. Nothing was started; try again.",
        retry_after=RETRY_AFTER,
    )


def internal_error() -> RequestError:
    """Something of ours is broken: the log knows what, the caller needs not."""
    return RequestError(500, "internal_error", "Something went wrong on our side.")


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Error"


_CODES = {
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This method is not allowed here."),
}


def answer(error: RequestError) -> Response:
    """Build the response of an error."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(problem_of(error).document(), error.status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let the app answer every error that way. What nobody expected is caught further out, in `answers`."""
    app.add_exception_handler(RequestError, _request_error)
    app.add_exception_handler(StorageUnavailable, _storage_unavailable)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(CallerGone, _nobody_there)


def _request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - as it was registered
    return answer(error)


def _storage_unavailable(_: Request, __: Exception) -> Response:
    return answer(storage_unavailable())


def _invalid(_: Request, error: Exception) -> Response:
    """What FastAPI says of parameters: the first of them that does not fit."""
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as it was registered
    first = error.errors()[0]
    name = str(first["loc"][-1])
    expected = str(first.get("ctx", {}).get("expected", "")).replace("'", "")
    return answer(RequestError.invalid(name, f"{name} is {expected}." if expected else str(first["msg"])))


def _nobody_there(_: Request, __: Exception) -> Response:
    return Response(status_code=499)  # as nginx logs it; nobody reads it


def _http_exception(_: Request, error: Exception) -> Response:
    """What the router says: no such path, or no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    code, detail = _CODES.get(error.status_code, ("http_error", "The request can't be served."))
    response = answer(RequestError(error.status_code, code, detail))
    response.headers.update(error.headers or {})
    return response
