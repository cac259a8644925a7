"""Runs a flow in a unit test: no host, no storage, no waiting. Three lines:

    played = play(order_laptop, LaptopOrder(employee="Ada", model="X1", price=900), steps={get_quote: quote})
    assert played.result.placed
    assert played.steps == ["get_quote", "place_order"]

The driver is the one that Durable Functions runs. Steps are really called, unless replaced; time passes at
once, so retries and sleeps cost nothing. What the flow asks, `answers=[Approval(approved=True)]` answers.
Sub-flows are played too, `TIMES_OUT` stands for a step that is too slow.

`record` keeps the history of a run, and `recordings(folder)` are held against the flows by `.replay()`: both
take the Durable SDK, `pip install raincheck[functions]`.
"""  # noqa: D415 - the example is the summary

from raincheck.testing.attempt import TIMES_OUT
from raincheck.testing.given_answers import NO_ANSWER
from raincheck.testing.played import Played
from raincheck.testing.playing import aplay, play
from raincheck.testing.recording import Recording, record, recordings

__all__ = ["NO_ANSWER", "TIMES_OUT", "Played", "Recording", "aplay", "play", "record", "recordings"]
