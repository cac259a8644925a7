"""What crosses the Durable boundary: either encoding is read, and nothing of a caller's is taken for ours."""

import json

import pytest
from azure.functions._durable_functions import df_dumps, df_loads
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from raincheck.outcomes import Outcome
from raincheck.payloads import (
    Completion,
    CustomStatus,
    RunInput,
    StepCall,
    StepReport,
    StopRequest,
    Termination,
    from_durable,
    from_json,
    to_json,
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
    max_leaves=8,
)
MARKED = {"__class__": "Popen", "__module__": "subprocess", "__data__": "true"}
ALL = [
    RunInput(run_id="r", flow="f", input_json=to_json(MARKED)),
    CustomStatus(),
    StepCall(run_id="r", root_flow="f", step=1, key="k", attempt=1, last=False, input_json=to_json(MARKED)),
    StepReport(kind="done", result_json=to_json(MARKED)),
    StopRequest(run_id="r", steps=[1], flows=["r:1"], grace=3.5),
    Termination(run_id="r"),
    Completion(run_id="r", flow="f", outcome_json="{}", close_log=True, owes=["callback"], open_steps=False),
]


@settings(max_examples=40)
@given(JSON)
def test_what_is_sealed_opens_to_the_same(value):
    """Inputs and results reach the other side unchanged."""
    assert from_json(to_json(value)) == value


@settings(max_examples=40)
@given(JSON)
def test_sealed_values_pass_the_sdk_unharmed(value):
    """The SDK looks into objects for classes to make; it doesn't look into text."""
    assert from_json(df_loads(df_dumps(to_json(value)), str)) == value


@pytest.mark.parametrize("value", [MARKED, [MARKED], {"a": {"b": MARKED}}])
def test_class_markers_from_a_caller_stay_what_they_are(value):
    """Input can't make the SDK import modules of the caller's choice."""
    call = StepCall(
        run_id="r", root_flow="f", step=1, key="k", attempt=1, last=True, input_json=to_json(value)
    )
    read = StepCall.model_validate(df_loads(df_dumps(call.dumped()), dict))

    assert from_json(read.input_json) == value


@pytest.mark.parametrize("payload", ALL, ids=lambda payload: type(payload).__name__)
def test_both_encodings_are_read(payload):
    """The SDK hands over some payloads as objects and some as their text."""
    dumped = payload.dumped()

    assert type(payload).model_validate(from_durable(dumped)) == payload
    assert type(payload).model_validate(from_durable(json.dumps(dumped))) == payload


@pytest.mark.parametrize("payload", ALL, ids=lambda payload: type(payload).__name__)
def test_every_payload_says_its_schema_version(payload):
    """A later deployment can tell what an older one wrote."""
    assert payload.dumped()["schema_version"] == 1


@pytest.mark.parametrize("payload", ALL, ids=lambda payload: type(payload).__name__)
@pytest.mark.parametrize("more", [{"schema_version": 2}, {"surprise": 1}])
def test_what_another_version_wrote_is_refused(payload, more):
    """It must not be read as if it meant the same."""
    with pytest.raises(ValidationError):
        type(payload).model_validate({**payload.dumped(), **more})


@pytest.mark.parametrize("value", [None, 5, True, {"a": 1}, [1], "text", "", "{not json", "\ud800"])
def test_what_is_no_json_text_is_left_as_it_is(value):
    """An event's value may be any text."""
    assert from_durable(value) == value


def test_text_that_nests_too_deep_is_left_as_it_is():
    """A hundred thousand brackets are no reason to fall over."""
    text = "[" * 100_000

    assert from_durable(text) == text


@pytest.mark.parametrize(
    "value", [float("nan"), [float("inf")], {"a": -float("inf")}, "\ud800", {"\udfff": 1}]
)
def test_what_is_not_json_is_not_sealed(value):
    """NaN and half characters break readers in other languages."""
    with pytest.raises(ValueError):  # noqa: PT011 - json's and the codec's texts differ
        to_json(value)


def test_outcomes_say_their_schema_version():
    """They are stored for as long as runs are kept."""
    assert Outcome.succeeded(1).model_dump(mode="json") == {
        "schema_version": 1,
        "status": "Succeeded",
        "result": 1,
        "error": None,
        "logged": False,
    }
