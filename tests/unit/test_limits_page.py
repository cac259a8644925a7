"""docs/limits.md says what the code does."""

from pathlib import Path

import pytest

from raincheck.adapters.webhooks.body import MAX_BODY as MAX_CALLBACK
from raincheck.driver.outcomes import MAX_RESULT
from raincheck.models import MAX_METADATA
from raincheck.outcomes import RESULT_LIMIT
from raincheck.service.following.seats import FOLLOWERS
from raincheck.service.turns import OPEN_RUNS
from raincheck.shape import MAX_ERRORS
from raincheck.web.body import MAX_BODY, MAX_DEPTH, MAX_VALUES

PAGE = (Path(__file__).parents[2] / "docs" / "limits.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "text",
    [
        f"| a request's body | {MAX_BODY} bytes | 413 `body_too_large` |",
        f"| values in it, names of members among them | {MAX_VALUES} | 413 `too_many_values` |",
        f"| what does not fit | {MAX_ERRORS} errors are named;",
        f"| nesting of JSON | {MAX_DEPTH} levels |",
        f"| `metadata` | {MAX_METADATA} entries,",
        f"| open runs of a conversation | {OPEN_RUNS} |",
        f"| readers that follow one run, of each process | {FOLLOWERS} | 429 `too_many_followers`",
        f"| a flow's result | {MAX_RESULT} bytes of JSON |",
        f"A result beyond {RESULT_LIMIT} bytes",
    ],
)
def test_the_page_has_the_figure(text):
    """A limit that callers read must be the one that they meet."""
    assert text in PAGE


def test_log_and_callbacks_leave_out_the_same_results():
    """The page has one figure for both."""
    assert RESULT_LIMIT == MAX_CALLBACK
