"""The OpenAPI documents: valid in both versions, and true to what the API takes and gives."""

import json
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator
from pydantic import BaseModel, Field
from referencing import Registry as References
from referencing.jsonschema import DRAFT202012

from raincheck.flow import flow
from raincheck.outcomes import Outcome
from raincheck.run import Run
from tests.unit.web.fakes import World, greet, nightly


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int | None = Field(default=9, gt=0, lt=10)


class Dog(BaseModel):
    kind: Literal["dog"]
    parent: "Dog | None" = None


class Zoo(BaseModel):
    """Everything that a schema can hold."""

    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]]
    place: tuple[float, float] | None = None
    open: dict[Colour, date | None] = {}
    size: int | str | None = Field(default=None, examples=[3, "big"])
    share: Annotated[float, Field(ge=0, gt=-1, lt=1)] = 0.5
    nothing: None = None
    anything: Any = None
    fixed: Literal["a", 1] | None = "a"


@flow
async def visit(run: Run, zoo: Zoo) -> list[Zoo] | None:
    return [zoo]


@pytest.fixture
def world():
    return World(flows=(greet, nightly, visit))


_made: dict[str, dict[str, Any]] = {}


async def document(world, version):
    """Give the document; it is the same each time, and making it takes a while."""
    if version not in _made:
        _made[version] = (await world.keyed.get(f"/openapi.json?version={version}")).json()
    return _made[version]


async def test_the_default_is_valid_openapi_31(world):
    """Importers refuse what is not."""
    found = (await world.keyed.get("/openapi.json")).json()
    assert found["openapi"] == "3.1.0"
    OpenAPIV31SpecValidator(found).validate()


@pytest.mark.parametrize("version", ["3.0", "3.0.3"])
async def test_version_30_is_valid_openapi_303(world, version):
    """Older importers know nothing newer."""
    found = await document(world, version)
    assert found["openapi"] == "3.0.3"
    OpenAPIV30SpecValidator(found).validate()


async def test_another_version_is_422(world):
    """Not a document that nobody asked for."""
    assert (await world.keyed.get("/openapi.json?version=2.0")).status_code == 422


@pytest.mark.parametrize("version", ["3.1", "3.0"])
async def test_each_flow_has_an_operation_of_its_own(world, version):
    """An agent takes each as a tool."""
    found = await document(world, version)
    operations = {op["operationId"]: path for path, ops in found["paths"].items() for op in ops.values()}
    assert operations["start_greet"] == "/api/flows/greet/runs"
    assert {"start_nightly", "start_visit", "collect_run", "follow_run", "cancel_run"} <= operations.keys()
    assert found["components"]["schemas"]["start_greet"]["required"] == ["input"]
    assert found["servers"] == [{"url": "http://raincheck.test"}]


@pytest.mark.parametrize("version", ["3.1", "3.0"])
async def test_keys_are_asked_for_where_keys_are_wanted(world, version):
    """What a token opens needs none."""
    found = await document(world, version)
    assert found["components"]["securitySchemes"]["function_key"]["name"] == "x-functions-key"
    assert "security" not in found["paths"]["/api/flows/greet/runs"]["post"]
    assert found["paths"]["/api/runs/{token}"]["get"]["security"] == []


def validator(found, name):
    """Make a validator for a schema of the document, by the rules of its version."""
    if found["openapi"].startswith("3.1"):
        resource = DRAFT202012.create_resource(found)
        return Draft202012Validator(
            {"$ref": f"urn:doc#/components/schemas/{name}"},
            registry=References().with_resource("urn:doc", resource),
        )
    inlined = json.loads(json.dumps(found["components"]["schemas"][name]))
    return OAS30Validator({**inlined, "components": found["components"]})


@pytest.mark.parametrize("version", ["3.1", "3.0"])
@pytest.mark.parametrize(
    ("name", "value", "good"),
    [
        ("start_greet", {"input": {"name": "Ada"}}, True),
        ("start_greet", {"input": {"name": "Ada"}, "background": None, "callback": None}, True),
        ("start_greet", {"input": {"name": 1}}, False),
        ("start_greet", {"input": None}, False),
        ("start_greet", {}, False),
        ("start_greet", {"input": {"name": "Ada"}, "colour": 1}, False),
        ("start_greet", {"input": {"name": "Ada"}, "background": "x"}, False),
        ("start_nightly", {}, True),
        ("start_nightly", {"input": None}, True),
        ("start_nightly", {"input": 3}, False),
        (
            "start_visit",
            {"input": {"pets": [{"kind": "cat", "lives": None}, {"kind": "dog", "parent": None}]}},
            True,
        ),
        ("start_visit", {"input": {"pets": [{"kind": "dog", "parent": {"kind": "dog"}}]}}, True),
        ("start_visit", {"input": {"pets": [{"kind": "cat", "lives": 10}]}}, False),
        ("start_visit", {"input": {"pets": [{"kind": "cow"}]}}, False),
        ("start_visit", {"input": {"pets": [], "place": [1, 2], "size": "big", "nothing": None}}, True),
        ("start_visit", {"input": {"pets": [], "place": None, "size": None, "fixed": None}}, True),
        ("start_visit", {"input": {"pets": [], "place": [1, 2, 3]}}, False),
        ("start_visit", {"input": {"pets": [], "size": 1.5}}, False),
        ("start_visit", {"input": {"pets": [], "share": 1}}, False),
        ("start_visit", {"input": {"pets": [], "nothing": 1}}, False),
        ("start_visit", {"input": {"pets": [], "open": {"red": None, "blue": "2026-11-21"}}}, True),
    ],
)
async def test_the_schemas_take_what_the_api_takes(world, version, name, value, good):
    """A 3.0 schema may take more where 3.0 has no word for it, but none of these."""
    assert validator(await document(world, version), name).is_valid(value) is good


@pytest.mark.parametrize("version", ["3.1", "3.0"])
async def test_status_documents_fit_their_schema(world, version):
    """Of a run that goes on, and of one that is done."""
    check = validator(await document(world, version), "status_greet")
    check.validate((await world.start(background=True)).json())
    world.orchestrations.at_start = lambda run_id: world.orchestrations.finish(
        run_id, Outcome.succeeded({"text": "x", "mood": None})
    )
    done = (await world.start()).json()
    check.validate(done)
    assert not check.is_valid({**done, "result": {"text": 3}})


async def test_no_31_word_is_left_in_the_30_document(world):
    """Readers of 3.0 stumble over them, or worse, ignore them."""
    text = json.dumps(await document(world, "3.0"))
    for word in (
        "$defs",
        "const",
        "prefixItems",
        "examples",
        "patternProperties",
        "propertyNames",
        "$schema",
    ):
        assert f'"{word}"' not in text
    assert '"null"' not in text
