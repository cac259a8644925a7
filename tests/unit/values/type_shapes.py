"""Types that authors write."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from typing import Annotated, Generic, Literal, NamedTuple, NotRequired, TypeVar
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasPath,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    Json,
    PlainSerializer,
    PrivateAttr,
    RootModel,
    SecretBytes,
    SecretStr,
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


class Marked(BaseModel):
    value: int = Field(alias="raincheck.value")
    model_config = ConfigDict(populate_by_name=True)


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
