"""Recorded histories: what is noticed when a flow is held against the history of a run under way."""

import json

import pytest
from pydantic import ValidationError

from raincheck import PermanentError
from raincheck.testing import NO_ANSWER, Recording, record, recordings
from tests.durable import recorded_flows
from tests.durable.recorded_flows import (
    PATIENT_ANSWERS,
    attempts,
    buy,
    endless,
    forlorn,
    patient,
    pay,
    price,
    recorded,
    registry_of,
    restless,
    second_version,
    swapped,
    that_fails,
    with_another_input,
    with_another_result,
)


def complaint(recording, *flows):
    with pytest.raises(AssertionError) as caught:
        recording.replay(registry_of(*flows))
    return str(caught.value)


def test_an_unchanged_flow_replays():
    """Most deployments change no order of steps."""
    recorded().replay(registry_of(buy))


def test_a_changed_order_under_the_same_version_is_noticed():
    """In words: what came first, what comes first now, and the two ways out."""
    text = complaint(recorded(), swapped)

    assert "recorded: 1. step price, 2. ask (q1), 3. wait, 4. step pay" in text
    assert "now:      1. step pay" in text
    assert "Number 1 was: step price; it is now: step pay." in text
    assert "Raise the flow's version to 2" in text
    assert "where it was never deployed, record anew: make record" in text


def test_another_input_of_a_step_is_shown():
    """It breaks no run, but may not be meant."""
    text = complaint(recorded(), with_another_input)

    assert "number 1, step price, another input" in text
    assert "recorded: 3\n  now:      4" in text
    assert "Raise" not in text


def test_another_result_is_none_of_its_business():
    """Runs under way end with it: a flow's words may change without a new version."""
    recorded().replay(registry_of(with_another_result))


def test_another_end_is_shown():
    """Where a run succeeded that would fail now, somebody must have a look."""
    text = complaint(recorded(), that_fails)
    assert "in another way" in text
    assert "make record" in text


def test_a_flow_that_is_gone_is_named():
    """Runs of it would fail; whoever took it away on purpose is told how to go on."""
    text = complaint(recorded())

    assert "no such flow any more" in text
    assert "make record" in text


def test_a_version_that_is_gone_is_named():
    """Runs of the old version may be under way for days."""
    text = complaint(recorded(), second_version)

    assert "version 1, but that version is gone (the newest is 2)" in text
    assert '@flow(name="buy", version=1)' in text


def test_both_versions_side_by_side_replay():
    """That is how a flow is changed."""
    recorded().replay(registry_of(buy, second_version))


def test_a_flow_that_keeps_something_from_run_to_run_is_noticed():
    """Its history would fit by chance only."""
    with pytest.raises(AssertionError, match="asks for other steps the second time it is replayed"):
        recorded(restless)
    recorded_flows.seen.clear()


def test_whatever_a_flow_waits_for_can_be_recorded():
    """Retries, days of sleep, sub-flows, questions of any size, races: without the waiting."""
    recording = recorded(patient, PATIENT_ANSWERS)

    assert recording.output["result"] == [3, "paid 30", 1, True]
    recording.replay(registry_of(patient, buy))


def test_input_and_answers_are_in_the_recording():
    """So that it can be made anew of itself alone."""
    assert (recorded().input, recorded().answers) == (3, [{"approved": True}])
    assert recorded(answers=[NO_ANSWER]).answers == [NO_ANSWER]
    assert recorded(patient, PATIENT_ANSWERS).answers == [NO_ANSWER]  # the other one is its sub-flow's


@pytest.mark.parametrize("flow", [buy, patient])
def test_a_recording_made_anew_calls_no_step_again(flow):
    """A laptop is not ordered once more because somebody records a history."""
    earlier = recorded(flow, PATIENT_ANSWERS)
    again = recorded(flow, earlier.answers, earlier=earlier)

    assert again == earlier
    assert attempts == []


def test_a_result_that_no_longer_fits_is_not_taken():
    """The step's type has changed since: it is called."""
    earlier = recorded()
    history = json.dumps(earlier.payload).replace(r"\"result_json\": \"30\"", r"\"result_json\": \"[]\"")
    changed = Recording(**{**earlier.__dict__, "payload": json.loads(history)})

    assert recorded(earlier=changed) == earlier
    assert attempts == [3]


def test_steps_may_be_replaced():
    """As in `play`."""
    recording = recorded(steps={price: lambda _: 7, pay: lambda cost: f"so {cost}"})

    assert recording.output["result"] == "so 7"
    assert attempts == []


def test_a_run_that_fails_is_no_recording():
    """It would hold the flow to nothing after the failure."""
    with pytest.raises(AssertionError, match=r"Failed.*sold out"):
        recorded(steps={price: PermanentError("It is sold out.", code="sold_out")})


@pytest.mark.parametrize(
    ("flow", "words"), [(endless, "has not ended after"), (forlorn, "waits for an answer without a timeout")]
)
def test_a_run_that_does_not_end_is_no_recording(flow, words, monkeypatch):
    """Whoever records it isn't kept waiting."""
    monkeypatch.setattr("raincheck.testing.rehearsal.MOST", 20)
    with pytest.raises(AssertionError, match=words):
        recorded(flow, [NO_ANSWER])


def test_an_input_that_does_not_fit_is_refused():
    """Before anything runs."""
    with pytest.raises(ValidationError):
        record(registry_of(buy), "buy", "three")


def test_a_file_holds_all_of_it(tmp_path):
    """What is written is read again, alike."""
    recorded().write(tmp_path / "recorded" / "buy.json")

    assert recordings(tmp_path / "recorded") == [recorded()]
    assert recordings(tmp_path / "nothing") == []


def test_a_recording_is_named_by_flow_and_version():
    """The test that fails says which."""
    made = record(registry_of(second_version), "buy", 3)

    assert [str(recorded()), str(made)] == ["buy", "buy v2"]
