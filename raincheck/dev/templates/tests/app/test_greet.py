"""The greeting: a flow's test needs no host, no storage and no waiting."""

from raincheck.testing import play

from activities.names import look_up
from orchestrators.greet import greet


def test_greets_by_full_name() -> None:
    """The step is really called."""
    assert play(greet, "ada lovelace").result == "Hello, Ada Lovelace!"


def test_greets_whoever_is_there() -> None:
    """The step is replaced: what it would ask isn't asked."""
    assert (
        play(greet, "ada", steps={look_up: lambda name: "Augusta Ada King"}).result
        == "Hello, Augusta Ada King!"
    )
