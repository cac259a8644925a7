"""Finding the run that a token opens, and reading how it stands."""

from datetime import timedelta

from starlette.requests import Request

from raincheck.errors import RequestError
from raincheck.run_ids import root_of
from raincheck.service.ports import RunRow
from raincheck.service.services import Services, orchestrations_of
from raincheck.service.status import RunViews
from raincheck.service.tokens import Scope, Token

__all__ = ["open_run", "views_of"]


def views_of(services: Services, request: Request) -> RunViews:
    """Return the reader of runs for this request."""
    return RunViews(
        orchestrations_of(request),
        services.outcomes,
        clock=services.clock,
        takeover=timedelta(seconds=services.settings.start_takeover),
        answers=services.answering.answers,
        conversations=services.turns.conversations,
    )


async def open_run(services: Services, text: str, scope: Scope) -> tuple[Token, RunRow]:
    """Read a token and the row of its run.

    Raises:
        RequestError: 404, also where the run has been cleared away; 410 where the token has expired.
    """
    token = services.tokens.read(text, scope)
    row = await services.runs.get(root_of(token.run_id))
    if row is None:
        raise RequestError(404, "not_found", "There is no such run, or the token is not good for it.")
    return token, row
