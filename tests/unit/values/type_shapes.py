"""Types that authors write, each with a value: what crosses a run must be the same on the other side."""

import datetime as dt
import re
import uuid
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from fractions import Fraction
from ipaddress import IPv4Address, IPv6Network
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Generic, Literal, NamedTuple, NotRequired, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    AnyUrl,
    AwareDatetime,
    Base64Bytes,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Discriminator,
    Field,
    FutureDatetime,
    Json,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    Secret,
    SecretBytes,
    SecretStr,
    SerializeAsAny,
    StringConstraints,
    computed_field,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)
from pydantic.alias_generators import to_camel
from pydantic.dataclasses import dataclass as pydantic_dataclass
from typing_extensions import TypeAliasType, TypedDict

T = TypeVar("T")
BERLIN = ZoneInfo("Europe/Berlin")
NOON = dt.datetime(2026, 1, 31, 12, 0, 0, 5, tzinfo=dt.UTC)


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    LOW = 1


class Kind(StrEnum):
    CAT = "cat"


class Rights(Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    day: dt.date


class Options(TypedDict):
    name: str
    when: NotRequired[dt.datetime]


class Plain(BaseModel):
    name: str
    price: Decimal
    at: dt.datetime
    tags: list[str] = []


class Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)
    opened_by: str


class CamelByName(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)
    opened_by: str


class FromAlias(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    sender: str = Field(alias="from")


class InOut(BaseModel):
    x: int = Field(validation_alias="inX", serialization_alias="outX")


class Swapped(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    a: int = Field(alias="b")
    b: int = Field(alias="a")


class Nested(BaseModel):
    x: int = Field(validation_alias=AliasPath("outer", "x"))
    y: int = Field(default=0, validation_alias=AliasChoices("y", "why"))


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)
    day: dt.date
    colour: Colour
    pair: tuple[int, int]


class Box(BaseModel):
    model_config = ConfigDict(extra="forbid")
    width: int

    @computed_field
    @property
    def area(self) -> int:
        return self.width**2


class Envelope(BaseModel):
    payload: Json[list[int]]


class Priced(BaseModel):
    price: int

    @field_serializer("price")
    def show(self, value: int) -> str:
        return f"{value} EUR"


class Summed(BaseModel):
    parts: list[int]

    @model_serializer
    def show(self) -> int:
        return sum(self.parts)


class Login(BaseModel):
    password: SecretStr
    key: SecretBytes = SecretBytes(b"")


class Excluded(BaseModel):
    name: str
    internal: int = Field(default=0, exclude=True)


class Animal(BaseModel):
    name: str


class Dog(Animal):
    breed: str


class Twin(Animal):
    """A subclass that adds nothing."""


class Shouting(BaseModel):
    text: str

    @field_validator("text")
    @classmethod
    def shout(cls, value: str) -> str:
        return f"{value}!"


class Growing(BaseModel):
    n: int

    @model_validator(mode="after")
    def grow(self) -> "Growing":
        self.__dict__["n"] += 1
        return self


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    name: str


class Traced(BaseModel):
    name: str
    _trace: str = PrivateAttr(default_factory=lambda: uuid.uuid4().hex)


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)
    day: dt.date


class Page(BaseModel, Generic[T]):
    items: list[T]


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Names(RootModel[list[str]]):
    pass


class Cat(BaseModel):
    kind: Literal["cat"] = "cat"
    lives: int


class Fish(BaseModel):
    kind: Literal["fish"] = "fish"
    fins: int


class Row(BaseModel):
    sku: str
    count: int
    share: float | None = None


class Sheet(BaseModel):
    """As most models are."""

    name: str
    colour: Colour
    day: dt.date
    ok: bool
    size: Literal["s", "m"]
    first: Row
    rows: list[Row]
    by_name: dict[str, Row | None]
    tree: Tree


@dataclass
class Job:
    name: str
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Slotted:
    name: str


@dataclass
class Made:
    name: str
    id: str = field(init=False, default_factory=lambda: uuid.uuid4().hex)


@dataclass
class Counted:
    name: str

    def __post_init__(self) -> None:
        self.token = uuid.uuid4().hex


@pydantic_dataclass(config=ConfigDict(alias_generator=to_camel))
class Order:
    placed_by: str


Shout = Annotated[str, AfterValidator(lambda text: text + "!")]
Split = Annotated[list[str], BeforeValidator(lambda v: v.split(",") if isinstance(v, str) else v)]
Euro = Annotated[int, PlainSerializer(lambda n: f"{n} EUR", return_type=str)]
Json_ = TypeAliasType("Json_", "dict[str, Json_] | list[Json_] | str | int | None")


SHAPES: list[tuple[str, Any, Any]] = [
    ("text", str, "caf\u00e9 \U0001f600 \u2028"),
    ("number", int, 10**30),
    ("bool where int is declared", int, True),
    ("enum where int is declared", int, Level.LOW),
    ("enum where text is declared", str, Kind.CAT),
    ("float", float, -0.0),
    ("infinity", float, float("inf")),
    ("nan", float, float("nan")),
    ("complex", complex, 1 + 2j),
    ("bool", bool, True),
    ("nothing", None, None),
    ("bytes", bytes, b"\xff\x00text"),
    ("base64", Base64Bytes, b"\xffraw"),
    ("decimal", Decimal, Decimal("1.50")),
    ("fraction", Fraction, Fraction(1, 3)),
    ("date", dt.date, dt.date(2026, 1, 31)),
    ("moment where a date is declared", dt.date, dt.datetime(2026, 1, 31)),  # noqa: DTZ001 - a naive one crosses too
    ("naive moment", dt.datetime, dt.datetime(2026, 1, 31, 12)),  # noqa: DTZ001 - a naive one crosses too
    ("aware moment", AwareDatetime, NOON),
    ("moment in a zone", dt.datetime, dt.datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)),
    ("moment to come", FutureDatetime, dt.datetime(2999, 1, 1, tzinfo=dt.UTC)),
    ("time", dt.time, dt.time(12, 30, tzinfo=dt.UTC)),
    ("duration", dt.timedelta, dt.timedelta(days=-3, microseconds=7)),
    ("zone", ZoneInfo, BERLIN),
    ("uuid", uuid.UUID, uuid.UUID(int=7)),
    ("url", AnyUrl, AnyUrl("https://example.com/a?b=1")),
    ("path", Path, Path("a/b")),
    ("pure path", PurePosixPath, PurePosixPath("/a")),
    ("ip address", IPv4Address, IPv4Address("10.0.0.1")),
    ("ip network", IPv6Network, IPv6Network("::/64")),
    ("pattern", re.Pattern[str], re.compile("a+", re.IGNORECASE)),
    ("size", ByteSize, ByteSize(1024)),
    ("enum", Colour, Colour.RED),
    ("int enum", Level, Level.LOW),
    ("flag", Rights, Rights.READ | Rights.WRITE),
    ("literal", Literal["a", 1, True], True),
    ("list", list[Decimal], [Decimal("1.0"), Decimal(2)]),
    ("tuple", tuple[int, str], (1, "a")),
    ("tuple of any length", tuple[dt.date, ...], (dt.date(2026, 1, 1),)),
    ("set", set[uuid.UUID], {uuid.UUID(int=1), uuid.UUID(int=2)}),
    ("frozen set", frozenset[str], frozenset({"a"})),
    ("deque", deque[int], deque([1, 2], maxlen=5)),
    ("dict", dict[str, int], {"b": 1, "a": 2}),
    ("dict by number", dict[int, str], {1: "a"}),
    ("dict by date", dict[dt.date, Decimal], {dt.date(2026, 1, 1): Decimal("1.10")}),
    ("dict by pair", dict[tuple[int, int], str], {(1, 2): "a"}),
    ("counter", Counter[str], Counter("aab")),
    ("ordered dict", OrderedDict[str, int], OrderedDict(b=1, a=2)),
    ("default dict", defaultdict[str, list[int]], defaultdict(list, a=[1])),
    ("sequence, given a tuple", Sequence[int], (1, 2)),
    ("mapping", Mapping[str, int], {"a": 1}),
    ("named tuple", Point, Point(1, dt.date(2026, 1, 1))),
    ("typed dict", Options, {"name": "x", "when": NOON}),
    ("anything, a tuple in it", Any, {"a": (1, 2), "b": NOON, "c": {1: Decimal("1.0")}}),
    ("anything, a model", Any, Animal(name="x")),
    ("object", object, {"a": {1, 2}}),
    ("a key like our own", dict[str, Any], {"raincheck.value": {"tuple": []}}),
    ("optional", int | None, None),
    ("moment or date", dt.datetime | dt.date, dt.date(2026, 1, 1)),
    ("moment or text", dt.datetime | str, dt.datetime(2026, 1, 1)),  # noqa: DTZ001 - a naive one crosses too
    ("text or moment", dt.datetime | str, "2026-01-01T00:00:00"),
    ("uuid or text", uuid.UUID | str, uuid.UUID(int=7)),
    ("decimal or text", Decimal | str, Decimal("1.5")),
    ("bytes or text", bytes | str, b"a"),
    ("float or int", float | int, 5),
    ("list or tuple", list[int] | tuple[int, ...], (1, 2)),
    ("text that is a number, or a number", str | int, "5"),
    ("model", Plain, Plain(name="x", price=Decimal("9.90"), at=NOON)),
    ("model with extras", Extra, Extra(name="x", more=(1, 2))),
    ("model, camelCase", Camel, Camel(openedBy="Ada")),
    ("model, camelCase or by name", CamelByName, CamelByName(opened_by="Ada")),
    ("model, from", FromAlias, FromAlias(sender="Ada")),
    ("model, two aliases", InOut, InOut(inX=1)),
    ("model, aliases that are names of others", Swapped, Swapped.model_validate({"b": 1, "a": 2})),
    ("model, alias path", Nested, Nested.model_validate({"outer": {"x": 1}, "why": 2})),
    ("model, strict", Strict, Strict(day=dt.date(2026, 1, 1), colour=Colour.RED, pair=(1, 2))),
    ("model, computed and closed", Box, Box(width=3)),
    ("model, json text", Envelope, Envelope(payload="[1, 2]")),
    ("model, field serializer", Priced, Priced(price=3)),
    ("model, model serializer", Summed, Summed(parts=[1, 2])),
    ("model, secret", Login, Login(password="correct horse", key=b"\xff")),
    ("model, excluded field", Excluded, Excluded(name="x", internal=4711)),
    ("model, subclass", Animal, Dog(name="Rex", breed="corgi")),
    ("model, subclass that adds nothing", Animal, Twin(name="Rex")),
    ("model, subclasses in a list", list[Animal], [Dog(name="Rex", breed="corgi"), Animal(name="x")]),
    ("model, as any", SerializeAsAny[Animal], Dog(name="Rex", breed="corgi")),
    ("model, validator that changes", Shouting, Shouting(text="hi")),
    ("model, validator of the whole", Growing, Growing(n=1)),
    ("model, private id", Traced, Traced(name="x")),
    ("model, frozen", Frozen, Frozen(day=dt.date(2026, 1, 1))),
    ("model, generic", Page[dt.date], Page[dt.date](items=[dt.date(2026, 1, 1)])),
    ("model, recursive", Tree, Tree(value=1, children=[Tree(value=2)])),
    ("model, root", Names, Names(["a"])),
    ("models by discriminator", Annotated[Cat | Fish, Discriminator("kind")], Fish(fins=2)),
    ("models in a union", Animal | Tree, Tree(value=1)),
    ("models in a dict", dict[str, Animal | None], {"a": Animal(name="x"), "b": None}),
    ("dataclass", Job, Job("x", dt.date(2026, 1, 1))),
    ("dataclass, slots", Slotted, Slotted("x")),
    ("dataclass, id made by itself", Made, Made("x")),
    ("dataclass, token made at its end", Counted, Counted("x")),
    ("dataclass of pydantic, camelCase", Order, Order(placedBy="Ada")),
    ("secret", SecretStr, SecretStr("x")),
    ("secret of a date", Secret[dt.date], Secret[dt.date](dt.date(2026, 1, 1))),
    ("validator that changes the value", Shout, "hi!"),
    ("validator that splits", Split, ["a", "b"]),
    ("serializer that loses", Euro, 3),
    (
        "text, stripped and lowered",
        Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True)],
        " A ",
    ),
    ("alias of a type, recursive", Json_, {"a": [1, None, {"b": "c"}]}),
]
