"""What an author writes comes back as it was written, on every way that a value takes inside a run."""

import json
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, create_model

from raincheck import Run, flow, step
from raincheck.answer_models import shape_of, value_of
from raincheck.driver.outcomes import outcome_of
from raincheck.outcomes import Outcome, RunStatus
from raincheck.payloads import from_json, to_json
from raincheck.shape import Shape
from raincheck.testing import play
from raincheck.values.carried import NotCarried
from raincheck.values.exact import check_of
from raincheck.values.same import same
from raincheck.values.shown import json_of
from tests.unit.values import type_shapes
from tests.unit.values.type_table import SHAPES

EVERY = pytest.mark.parametrize(("annotation", "value"), [s[1:] for s in SHAPES], ids=[s[0] for s in SHAPES])


def of_type(annotation: Any, function: Any) -> Any:
    """Return the function with this type for what it takes and returns."""
    function.__annotations__ = {"run": Run, "value": annotation, "return": annotation}
    return function


def through_durable(written: Any) -> Any:
    return json.loads(json.dumps(from_json(to_json(written))))


@EVERY
def test_what_is_dumped_is_parsed_as_it_was(annotation, value):
    """The form that crosses inside: equal, and of the same types all the way down."""
    shape = Shape(annotation)

    assert same(value, shape.parse(through_durable(shape.dump(value))))


@EVERY
def test_a_step_gets_and_returns_it_as_it_is(annotation, value):
    """The input of a step, its result, and the input of the flow, with the driver that Durable runs."""
    seen: list[Any] = []

    async def passing(value):
        seen.append(value)
        return value

    passing_step = step(of_type(annotation, passing))

    async def handing(run, value):
        seen.append(value)
        seen.append(await run.step(passing_step, value))
        seen.append(value)
        return seen[-2]

    play(flow(of_type(annotation, handing)), value)

    assert len(seen) == 7  # once more what the flow saw: it was replayed
    assert all(same(value, one) for one in seen)


@EVERY
def test_a_subflow_gets_and_returns_it_as_it_is(annotation, value):
    """Its outcome is read by its parent, not by a caller."""

    async def inner(run, value):
        return value

    made = flow(of_type(annotation, inner))
    outcome = Outcome.model_validate_json(outcome_of(made, value, None, inside=True).model_dump_json())

    assert outcome.status is RunStatus.SUCCEEDED
    assert same(value, made.result.parse(outcome.result))


@EVERY
def test_an_answer_is_what_was_given(annotation, value):
    """A test gives a model; the flow gets that very one."""
    model: type[BaseModel] = create_model("Reply", value=(annotation, ...))
    shape = shape_of(model)
    reply = model.model_construct(value=value)
    stored = through_durable(shape.carry(reply))

    assert same(reply.value, shape.parse(value_of(stored)).value)


@EVERY
def test_an_event_is_json_or_refused(annotation, value):
    """What a step emits is shown; what has no form in JSON is named."""
    try:
        to_json(json_of(value))
    except TypeError as error:
        assert "work.data can't emit" in str(error)  # noqa: PT017 - either is right


@EVERY
def test_a_result_is_as_its_schema_says(annotation, value):
    """Callers read the schema; a result that breaks it, or that loses a part, is an outcome that says so."""

    async def giving(run, value):
        return value

    made = flow(of_type(annotation, giving))
    outcome = outcome_of(made, value, None)

    if outcome.status is RunStatus.SUCCEEDED:
        jsonschema.validate(outcome.result, made.result.json_schema("serialization"))
    else:
        assert "returned something else than its result type" in outcome.error.message


REFUSED = [
    (Any, {"a": [object()]}, "a[0] is a object"),
    (dict[str, Any], {"a": lambda: 1}, "a is a function"),
    (int, type("Half", (int,), {})(1), "it is a Half"),
]


@pytest.mark.parametrize(("annotation", "value", "says"), REFUSED, ids=[says for *_, says in REFUSED])
def test_what_can_not_come_back_is_refused_by_name(annotation, value, says):
    """Where it is given: which part, and of what type."""
    with pytest.raises(NotCarried) as refused:
        Shape(annotation).dump(value)

    assert says in str(refused.value)


def test_a_class_that_can_not_be_found_again_is_refused():
    """It is named, with what to do."""

    class Hidden(type_shapes.Animal):
        breed: str

    with pytest.raises(NotCarried, match="Hidden, which can't be found again by its name: define the class"):
        Shape(type_shapes.Animal).dump(Hidden(name="x", breed="y"))


def test_a_result_that_would_lose_a_part_is_refused():
    """The schema of results promises an Animal; what only a Dog has would be gone without a word."""

    @flow
    async def kennel(run: Run, value: None) -> list[type_shapes.Animal]:
        return [type_shapes.Dog(name="Rex", breed="corgi")]

    outcome = play(kennel, None).outcome

    assert outcome.error is not None
    assert outcome.error.code == "result_invalid"
    assert "[0] is a Dog where Animal is declared" in outcome.error.message


@pytest.mark.parametrize(("annotation", "value", "becomes"), [(float, 5, 5.0), (list[int], (1,), [1])])
def test_what_is_not_of_the_type_yet_is_made_so(annotation, value, becomes):
    """An int is a float for every type checker; what arrives is what is declared."""
    shape = Shape(annotation)

    assert same(becomes, shape.parse(through_durable(shape.dump(value))))


def test_a_plain_model_looks_as_ever():
    """Histories that were recorded before hold this very JSON."""
    shape = Shape(type_shapes.Plain)
    value = type_shapes.Plain(name="x", price="9.90", at="2026-11-21T23:59:00Z")

    assert to_json(shape.dump(value)) == '{"name":"x","price":"9.90","at":"2026-11-21T23:59:00Z","tags":[]}'


def test_validators_see_a_value_once():
    """At the door; from there to the flow and its steps it is carried, however often it is replayed."""
    shape = Shape(type_shapes.Shout)
    value = shape.parse_strictly("hi")

    for _ in range(3):
        value = shape.parse(through_durable(shape.carry(value)))

    assert value == "hi!"


def test_what_a_flow_gives_wrongly_ends_it_with_the_line_and_the_field():
    """The author reads which input of which step it was."""

    @step
    async def counting(order: type_shapes.Plain) -> None:
        return None

    @flow
    async def wrong(run: Run, value: None) -> None:
        await run.step(counting, {"name": "x", "price": "many", "at": "2026-01-01T00:00:00Z"})  # type: ignore[arg-type]

    error = play(wrong, None).outcome.error

    assert error is not None
    assert "The input of the step 'counting' is refused: price does not fit" in error.message
    assert "test_what_crosses.py:" in error.message


@settings(max_examples=80, deadline=None)
@given(numbers=st.lists(st.integers(0, len(SHAPES) - 1), min_size=1, max_size=6))
def test_models_of_any_fields_come_back(numbers):
    """Whatever stands beside what: a secret beside an alias, a tree beside a union."""
    fields = {f"f{place}": SHAPES[number] for place, number in enumerate(numbers)}
    types: dict[str, Any] = {name: (annotation, ...) for name, (_, annotation, _) in fields.items()}
    model = create_model("Made", **types)
    value = model.model_construct(**{name: value for name, (_, _, value) in fields.items()})
    shape = Shape(model)

    assert same(value, shape.parse(through_durable(shape.carry(value))))


ROWS = st.builds(
    type_shapes.Row,
    sku=st.text(),
    count=st.integers(),
    share=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
TREES = st.recursive(
    st.builds(type_shapes.Tree, value=st.integers()),
    lambda inner: st.builds(type_shapes.Tree, value=st.integers(), children=st.lists(inner, max_size=2)),
    max_leaves=4,
)
SHEETS = st.builds(
    type_shapes.Sheet,
    name=st.text(),
    colour=st.sampled_from(type_shapes.Colour),
    day=st.dates(),
    ok=st.booleans(),
    size=st.sampled_from(["s", "m"]),
    first=ROWS,
    rows=st.lists(ROWS, max_size=2),
    by_name=st.dictionaries(st.text(max_size=3), st.none() | ROWS, max_size=2),
    tree=TREES,
)


@settings(max_examples=100, deadline=None)
@given(value=SHEETS)
def test_plain_models_come_back_and_look_as_pydantic_writes_them(value):
    """What is only looked at comes back as what is tried does, and histories hold plain JSON."""
    shape = Shape(type_shapes.Sheet)
    written = shape.dump(value)

    assert written == value.model_dump(mode="json")
    assert same(value, shape.parse(through_durable(written)))


@EVERY
def test_what_is_only_looked_at_comes_back(annotation, value):
    """The quick way may say that it isn't sure, never that something comes back that doesn't."""
    shape = Shape(annotation)
    check = check_of(shape.core_schema)

    if check is not None and check(value):
        written = TypeAdapter(annotation).dump_python(value, mode="json", by_alias=True, round_trip=True)
        assert same(value, TypeAdapter(annotation).validate_python(written))


def test_plain_models_are_only_looked_at():
    """The others cost several times as much."""
    assert check_of(Shape(type_shapes.Sheet).core_schema) is not None
    assert check_of(Shape(list[type_shapes.Tree]).core_schema) is not None
    assert check_of(Shape(type_shapes.Login).core_schema) is None
