"""The answer URL of a question: checked before anything is taken, and taken once."""

import json
from typing import Any

from fastapi import APIRouter
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from raincheck.answer_models import model_named
from raincheck.errors import RequestError
from raincheck.payloads import Answer, from_json, to_json
from raincheck.service.answering import MAX_ANSWER
from raincheck.service.open_questions import OpenQuestion
from raincheck.service.ports import RunRow
from raincheck.service.services import Services, orchestrations_of
from raincheck.service.views import open_run, views_of
from raincheck.web.body import read_body, read_json
from raincheck.web.invalid_input import invalid_input
from raincheck.web.status_responses import accepted_status, document_of, status_answer

__all__ = ["router"]


def router(services: Services) -> APIRouter:
    """Build the route."""
    routes = APIRouter()

    @routes.post("/runs/{token}/answer")
    async def answer(token: str, request: Request) -> Response:
        accepted = accepted_status(request)
        opened, row = await open_run(services, token, "answer")
        value = _value(read_json(request, await read_body(request)))
        asked = opened.run_id, f"q{opened.position.sequence}"
        await _take(services, request, row, asked, value)
        view = await views_of(services, request).read(row)
        return status_answer(
            document_of(services, request, view),
            accepted=accepted,
            age=(services.clock() - row.created_at).total_seconds(),
        )

    return routes


def _value(document: Any) -> Any:
    """Return the value in a body.

    Raises:
        RequestError: 422; the body has another shape. 413; the value is too large.
    """
    if not isinstance(document, dict) or set(document) != {"value"}:
        message = 'The body is {"value": …} and nothing else.'
        raise RequestError(422, "invalid_request", message, errors=[{"path": "value", "message": message}])
    if len(to_json(document["value"]).encode()) > MAX_ANSWER:
        raise RequestError(413, "answer_too_large", f"The value is larger than {MAX_ANSWER} bytes.")
    return document["value"]


async def _take(
    services: Services, request: Request, row: RunRow, asked: tuple[str, str], value: Any
) -> None:
    """Let the value stand as the answer.

    Raises:
        RequestError: 409; another value stands. 410; the question is closed. 422; the value does not fit.
    """
    known = await services.answering.answers.get(*asked)
    if known is None:
        question = await _find(services, request, row, asked)
        known = await services.answering.answers.get(*asked) if question is None else None
        if question is not None:
            _check(question, value)
        elif known is None:
            raise _closed()
    _agree(known, value)
    standing = await services.answering.take(orchestrations_of(request), *asked, to_json(value))
    if standing is None:
        raise _closed()  # it ended in this moment, and has not seen the answer
    _agree(standing, value)


async def _find(
    services: Services, request: Request, row: RunRow, asked: tuple[str, str]
) -> OpenQuestion | None:
    view = await views_of(services, request).read(row)
    return next((one for one in view.questions if (one.run_id, one.question.id) == asked), None)


def _check(asked: OpenQuestion, value: Any) -> None:
    """Refuse what does not fit; the run goes on waiting."""
    model = model_named(asked.question.model)
    if model is None:
        raise _closed()  # the app was changed: the flow could do nothing with an answer
    try:
        model.model_validate_json(to_json(value), strict=True)  # as its schema says: "true" is no boolean
    except ValidationError as error:
        raise invalid_input(error, ("value",)) from None


def _agree(standing: Answer | None, value: Any) -> None:
    if standing is None:
        return
    if standing.kind == "timed_out":
        raise _closed()
    if _canonical(from_json(standing.value_json)) != _canonical(value):
        raise RequestError(409, "already_answered", "The question has been answered with another value.")


def _canonical(value: Any) -> str:
    """Build a text that is the same for the same JSON: Python takes 1 and true for equal."""
    return json.dumps(value, sort_keys=True)


def _closed() -> RequestError:
    return RequestError(410, "question_closed", "The question is no longer open.")
