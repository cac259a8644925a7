"""The door takes what the published schema takes: agents and importers read the schema, and believe it."""

import datetime as dt
import ipaddress
import json
import re
from collections import Counter, OrderedDict, deque
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NotRequired
from uuid import UUID

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NaiveDatetime,
    SecretStr,
    StringConstraints,
    ValidationError,
    model_validator,
)
from typing_extensions import TypedDict

from raincheck.shape import Shape


class Level(IntEnum):
    LOW = 1
    HIGH = 2


class Kind(StrEnum):
    CAT = "a"


class Half(Enum):
    HALF = 1.5


class Point(NamedTuple):
    x: int
    y: str


class Options(TypedDict):
    a: int
    b: NotRequired[str]


class Checked(BaseModel):
    d: dt.date
    ip: ipaddress.IPv4Address | None = None

    @model_validator(mode="before")
    @classmethod
    def look(cls, value: Any) -> Any:
        return value


class Cat(BaseModel):
    kind: Literal["cat"]
    n: int


class Dog(BaseModel):
    kind: Literal["dog"]
    d: dt.datetime


class Tree(BaseModel):
    v: int
    kids: list["Tree"] = []


class Aliased(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    x: int = Field(alias="X")


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    d: dt.date
    t: tuple[int, int]


class Loose(BaseModel):
    model_config = ConfigDict(coerce_numbers_to_str=True)
    a: int = Field(strict=False)
    s: str = ""


TYPES: list[Any] = [
    int,
    float,
    bool,
    str,
    bytes,
    None,
    Any,
    object,
    Decimal,
    complex,
    dt.datetime,
    AwareDatetime,
    NaiveDatetime,
    dt.date,
    dt.time,
    dt.timedelta,
    UUID,
    SecretStr,
    Path,
    Level,
    Kind,
    Half,
    Literal[1, "a"],
    Literal[True],
    Literal[1, True],
    list[int],
    tuple[int, str],
    tuple[int, ...],
    set[int],
    frozenset[str],
    deque[int],
    dict[str, int],
    dict[int, str],
    Counter[str],
    OrderedDict[str, int],
    Point,
    Options,
    int | None,
    int | str,
    int | float,
    float | int,
    bool | int,
    Decimal | int,
    dt.datetime | str,
    dt.datetime | dt.date,
    Checked,
    Annotated[Cat | Dog, Field(discriminator="kind")],
    Tree,
    Aliased,
    Strict,
    Loose,
    ipaddress.IPv4Address,
    Annotated[int, Field(gt=0, multiple_of=3)],
    Annotated[float, Field(multiple_of=0.5)],
    Annotated[list[int], Field(min_length=1, max_length=2)],
    Annotated[str, StringConstraints(min_length=2, pattern="^a")],
    Annotated[int, BeforeValidator(lambda value: value)],
    Annotated[set[dt.date], AfterValidator(lambda value: value)],
]
VALUES: list[Any] = [
    *(
        None,
        True,
        False,
        0,
        1,
        2,
        3,
        -1,
        5.0,
        1.5,
        1e3,
        1e20,
        10**30,
        "",
        "a",
        "abc",
        "true",
        "nan",
        "Infinity",
    ),
    *("1", "5.0", "1e5", "-1", " 1", "1_0", "\u0663", "1700000000", "1700000000.5", "36000", "1+2j"),
    *("2026-01-31", "2026-13-01", "2026-01-31T00:00:00", "2026-01-31T00:00:00Z", "2026-01-31 00:00"),
    *("2026-01-31T00:00:00.5+01:00", "10:00", "10:00:00Z", "P1D", "PT1H", "P", "PT", "P1DT", "-P1D", "P1H"),
    *("P1Y2M3DT4H5M6.5S", "3 days", "1:00:00", "12345678-1234-5678-1234-567812345678"),
    *("urn:uuid:12345678-1234-5678-1234-567812345678", "{12345678-1234-5678-1234-567812345678}"),
    *("12345678123456781234567812345678", "1.2.3.4", [], [1], [1, 1], [1, True], [1.0, 2], [1, "a"], ["a"]),
    *(["a", "a"], [1, 2, 3], ["2026-01-31"], {}, {"a": 1}, {"a": 1.0}, {"a": "1"}, {"1": "a"}, {"1.0": "a"}),
    *({"x": 1, "y": "a"}, {"X": 1}, {"X": True}, {"x": 1}, {"d": "2026-01-31"}, {"d": "1700000000"}),
    *({"d": "2026-01-31", "ip": 1}, {"d": "2026-01-31", "ip": "1.2.3.4"}, {"d": "2026-01-31", "t": [1, 2]}),
    *(
        {"kind": "cat", "n": 1.0},
        {"kind": "dog", "d": "1700000000"},
        {"kind": "dog", "d": "2026-01-31T00:00Z"},
    ),
    *({"v": 1, "kids": [{"v": 2.0}]}, {"v": 1, "kids": [{"v": "2"}]}, {"a": 1, "s": 5}, {"a": "5"}),
]


def named(annotation: Any) -> str:
    """Name a test, the same in every process."""
    return re.sub(r"0x[0-9a-f]+", "", str(annotation))[:60]


def takes(shape: Shape[Any], value: Any) -> bool:
    try:
        shape.parse_strictly(value)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize("annotation", TYPES, ids=named)
def test_the_door_takes_what_the_schema_takes(annotation):
    """Each value, as a validator sees it that checks formats."""
    shape = Shape(annotation)
    schema = jsonschema.Draft202012Validator(
        shape.json_schema("validation"), format_checker=jsonschema.FormatChecker()
    )

    differing = [value for value in VALUES if schema.is_valid(value) != takes(shape, value)]

    assert differing == []


@pytest.mark.parametrize("annotation", [t for t in TYPES if t is not ipaddress.IPv4Address], ids=named)
def test_the_same_where_formats_are_comments(annotation):
    """Most validators don't look at them; then the pattern says what a date looks like."""
    shape = Shape(annotation)
    schema = jsonschema.Draft202012Validator(shape.json_schema("validation"))

    differing = [value for value in VALUES if schema.is_valid(value) != takes(shape, value)]

    assert [value for value in differing if value != "2026-13-01"] == []


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(value=JSON, number=st.integers(0, len(TYPES) - 1))
def test_whatever_is_sent(value, number):
    """Door and schema agree on any JSON."""
    shape = Shape(TYPES[number])
    schema = jsonschema.Draft202012Validator(
        shape.json_schema("validation"), format_checker=jsonschema.FormatChecker()
    )

    assert takes(shape, value) == schema.is_valid(value), (TYPES[number], value)


@pytest.mark.parametrize(
    ("annotation", "sent", "taken"),
    [
        (int, 5.0, 5),
        (dict[str, int], {"a": 2.0}, {"a": 2}),
        (int | float, 5.0, 5.0),
        (Level, 2.0, Level.HIGH),
        (dt.datetime | str, "2026-01-31T00:00:00Z", dt.datetime(2026, 1, 31, tzinfo=dt.UTC)),
        (Strict, {"d": "2026-01-31", "t": [1, 2.0]}, Strict(d=dt.date(2026, 1, 31), t=(1, 2))),
        (Checked, {"d": "2026-01-31"}, Checked(d=dt.date(2026, 1, 31))),
    ],
)
def test_what_is_taken_is_of_the_type(annotation, sent, taken):
    """Whatever way callers write the same number or date."""
    value = Shape(annotation).parse_strictly(json.loads(json.dumps(sent)))

    assert (value, type(value)) == (taken, type(taken))
