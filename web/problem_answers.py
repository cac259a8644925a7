"""Every error as a problem document, the framework's own included."""

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from raincheck.errors import RequestError, StorageUnavailable
from raincheck.problems import MEDIA_TYPE, problem_of, storage_unavailable

__all__ = ["answer", "install"]

_CODES = {
    404: ("not_found", "There is nothing here."),
    405: ("method_not_allowed", "This method is not allowed here."),
}


def answer(error: RequestError) -> Response:
    """Make the response of an error."""
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JSONResponse(problem_of(error).document(), error.status, headers, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Let the app answer every error that way. What nobody expected is caught further out, in `answers`."""
    app.add_exception_handler(RequestError, _request_error)
    app.add_exception_handler(StorageUnavailable, _storage_unavailable)
    app.add_exception_handler(HTTPException, _http_exception)


def _request_error(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestError)  # noqa: S101 - as it was registered
    return answer(error)


def _storage_unavailable(_: Request, __: Exception) -> Response:
    return answer(storage_unavailable())


def _http_exception(_: Request, error: Exception) -> Response:
    """What the router says: no such path, or no such method."""
    assert isinstance(error, HTTPException)  # noqa: S101 - as it was registered
    code, detail = _CODES.get(error.status_code, ("http_error", "The request can't be served."))
    response = answer(RequestError(error.status_code, code, detail))
    response.headers.update(error.headers or {})
    return response
