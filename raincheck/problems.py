"""Problem documents (RFC 9457): the one shape of every error that a caller sees."""

from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field

from raincheck.errors import RequestError

__all__ = ["MEDIA_TYPE", "Problem", "ProblemError", "internal_error", "problem_of", "storage_unavailable"]

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
        """Give the JSON-ready form; `errors` only where there are some."""
        return self.model_dump(mode="json", exclude=None if self.errors else {"errors"})


def problem_of(error: RequestError) -> Problem:
    """Make the document of what a caller did wrong."""
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
