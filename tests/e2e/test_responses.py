"""docs/responses.md shows what a real host answers, and can't go stale: `--record` writes it anew."""

from pathlib import Path

import httpx
import pytest

from tests.e2e import responses
from tests.e2e.hosts import ROOT, copy_of_app

PAGE = ROOT / "docs" / "responses.md"
INTRODUCTION = """# Requests and answers

Each exchange below was made with a running app; a test makes them again and compares. Fields of a status
document that are empty are left out here, and NotStarted is shown as Running, since it is a matter of
milliseconds. `flow_slow` and its like are the flows of `tests/e2e/orchestrators`.
"""


@pytest.fixture(scope="module")
def hosts(running, azurite, tmp_path_factory):
    """The trial flows as they stand, with a short limit, and without callbacks."""
    app = copy_of_app(tmp_path_factory.mktemp("responses"), Path(__file__).parent / "orchestrators")
    with (
        running(azurite, app) as plain,
        running(azurite, app, RAINCHECK_WAIT_LIMIT="1") as hurried,
        running(azurite, app, RAINCHECK_ASYNC_RESPONSES="off") as silent,
    ):
        yield plain, hurried, silent


async def section(title, base, exchanges):
    """Make the exchanges of a section; give its text."""
    async with httpx.AsyncClient(base_url=base, timeout=60) as api:
        made = [str(exchange) async for exchange in exchanges(api)]
    return f"## {title}\n\n" + "\n".join(made)


async def test_the_page_shows_what_the_host_answers(hosts, request):
    """A change of an answer is a change of the contract: it must be seen."""
    plain, hurried, silent = hosts
    page = "\n".join(
        [
            INTRODUCTION,
            await section("Who waits", plain, responses.who_waits),
            await section("Late", hurried, responses.answers_late),
            await section("Without callbacks", silent, responses.without_callbacks),
            await section("Collect, follow, cancel", plain, responses.collecting),
            await section("Start once", plain, responses.once),
            await section("Conversations", plain, responses.conversing),
            await section("Questions", plain, responses.asking),
            await section("Refusals", plain, responses.refusals),
        ]
    )
    if request.config.getoption("--record", default=False):
        PAGE.write_text(page, encoding="utf-8")
    assert page == PAGE.read_text(encoding="utf-8")
