"""What a caller may send to a handler, and what the handler gets."""

import dataclasses
import datetime
import decimal
import enum
import functools
import json
import re
import subprocess
import sys
import uuid
import zoneinfo
from collections.abc import Callable
from typing import Annotated, Any

import pydantic
import pytest
from tests.dayjob import postponed_handlers
from tests.dayjob.postponed_handlers import with_date

from dayjob import InvalidArguments, payload
from dayjob.arguments import Arguments, essential
from dayjob.difference import difference
from dayjob.redaction import MASK


def faults(handler: Callable[..., Any], args: Any) -> dict[str, str]:
    """Pointer to detail of what `validate` complains about."""
    with pytest.raises(InvalidArguments) as caught:
        Arguments(handler).validate(args)
    return {error.pointer: error.detail for error in caught.value.errors}


def round_trip(handler: Callable[..., Any], args: dict[str, Any]) -> dict[str, Any]:
    """What the handler gets, hours later and from another process, as it were."""
    arguments = Arguments(handler)
    stored = payload.encode(arguments.validate(args), what="arguments", limit=payload.MAX_ARGS)
    return arguments.bind(json.loads(stored))


async def plain(job_id, force=False, **kwargs): ...


async def typed(ctx, *, width: int, name: str = "x"): ...


def test_injected_names_are_no_arguments() -> None:
    assert (Arguments(plain).names, Arguments(plain).injected) == ({"force"}, {"job_id"})
    assert (Arguments(typed).names, Arguments(typed).injected) == ({"width", "name"}, {"ctx"})


@pytest.mark.parametrize("name", ["job_id", "ctx"])
@pytest.mark.parametrize("handler", [plain, typed, with_date, lambda: None, lambda **kwargs: None])
def test_a_client_cannot_send_what_dayjob_gives(handler: Callable[..., Any], name: str) -> None:
    assert faults(handler, {name: "mine"})[f"/{name}"] == "is given by dayjob and cannot be sent"


def test_kwargs_do_not_widen_what_may_be_sent() -> None:
    assert "it takes: force" in faults(plain, {"froce": True})["/froce"]
    assert "it takes: none" in faults(lambda **kwargs: None, {"a": 1})["/a"]


def test_every_fault_is_named() -> None:
    assert faults(typed, {"nme": 1, "job_id": 2}).keys() == {"/width", "/nme", "/job_id"}
    assert faults(typed, {"width": "wide", "name": 7}).keys() == {"/width", "/name"}


def test_a_missing_argument_is_told_unless_it_has_a_default() -> None:
    assert faults(typed, {}) == {"/width": "is missing"}
    assert round_trip(typed, {"width": 1}) == {"width": 1}
    assert round_trip(plain, {}) == {}


@pytest.mark.parametrize("name", [1, None, ("a",), "\ud800", "a/b", "\0", "k" * 10_000])
def test_odd_names_are_refused_with_a_text_that_can_be_sent(name: Any) -> None:
    assert len(faults(plain, {name: 1})) == 1
    with pytest.raises(InvalidArguments) as caught:
        Arguments(plain).validate({name: 1})
    str(caught.value).encode()
    assert len(str(caught.value)) < 500


class Size(enum.Enum):
    SMALL = "s"


@dataclasses.dataclass
class Box:
    width: int
    made: datetime.date


class Page(pydantic.BaseModel):
    number: int
    boxes: list[Box] = []


class Camel(pydantic.BaseModel):
    scene_id: int = pydantic.Field(alias="sceneId")


class Strict(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(extra="forbid")
    side: int

    @pydantic.computed_field
    def area(self) -> int:
        return self.side**2


class Exact(pydantic.BaseModel):
    """Takes no text for a number; JSON has nothing but text for a date."""

    model_config = pydantic.ConfigDict(strict=True)
    day: datetime.date
    kind: uuid.UUID
    size: Size
    number: int = 0


DAY = datetime.date(2026, 2, 28)
ID = uuid.UUID("12345678123456781234567812345678")


@pytest.mark.parametrize(
    ("annotation", "sent", "bound"),
    [
        (int, "7", 7),
        (datetime.date, "2026-02-28", DAY),
        (datetime.date, DAY, DAY),
        (datetime.timedelta, "PT90S", datetime.timedelta(seconds=90)),
        (uuid.UUID, "12345678-1234-5678-1234-567812345678", uuid.UUID("12345678123456781234567812345678")),
        (Size, "s", Size.SMALL),
        (set[int], [1, 2, 2], {1, 2}),
        (tuple[int, str], [1, "a"], (1, "a")),
        (int | None, None, None),
        (Box, {"width": 1, "made": "2026-02-28"}, Box(1, DAY)),
        (Box, Box(1, DAY), Box(1, DAY)),
        (Page, {"number": 1, "boxes": [{"width": 1, "made": "2026-02-28"}]}, Page(number=1, boxes=[Box(1, DAY)])),
        (Camel, {"sceneId": 7}, Camel(sceneId=7)),
        (Strict, {"side": 3}, Strict(side=3)),
        (Exact, {"day": "2026-02-28", "kind": f"{ID}", "size": "s"}, Exact(day=DAY, kind=ID, size=Size.SMALL)),
        (Exact, Exact(day=DAY, kind=ID, size=Size.SMALL), Exact(day=DAY, kind=ID, size=Size.SMALL)),
        (Any, {"a": [1]}, {"a": [1]}),
    ],
    ids=lambda v: getattr(v, "__name__", None) or repr(v)[:24],
)
def test_the_handler_gets_what_its_annotation_promises(annotation: Any, sent: Any, bound: Any) -> None:
    def handler(value): ...

    handler.__annotations__["value"] = annotation
    assert round_trip(handler, {"value": sent}) == {"value": bound}


@pytest.mark.parametrize(
    ("args", "pointer"),
    [
        ({"page": {"number": "x"}}, "/page/number"),
        ({"page": {"number": 1, "boxes": [{"width": 1}]}}, "/page/boxes/0/made"),
        ({"page": 7}, "/page"),
    ],
)
def test_a_fault_inside_a_model_is_pointed_to(args: dict[str, Any], pointer: str) -> None:
    def handler(page: Page): ...

    assert faults(handler, args).keys() == {pointer}


class Shape(pydantic.BaseModel):
    name: str


class Circle(Shape):
    radius: float = 1


class Excluded(pydantic.BaseModel):
    name: str
    note: str = pydantic.Field(default="none", exclude=True)


class Required(pydantic.BaseModel):
    note: str = pydantic.Field(exclude=True)


class OwnFormat(pydantic.BaseModel):
    day: datetime.date

    @pydantic.field_serializer("day")
    def written(self, day: datetime.date) -> str:
        return f"{day:%d.%m.%Y}"


class Colour(enum.Enum):
    RED = (255, 0, 0)


class Kept(pydantic.BaseModel):
    """Has what does not count: what it keeps to itself."""

    at: datetime.datetime
    _made: uuid.UUID = pydantic.PrivateAttr(default_factory=uuid.uuid4)


NOON = datetime.datetime(2026, 3, 12, 12, tzinfo=datetime.UTC)
TWICE = datetime.datetime(2026, 10, 25, 2, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin"))  # there are two of them
OddDate = Annotated[datetime.date, pydantic.PlainSerializer(lambda day: f"{day:%d/%m/%y}")]
Counted = Annotated[int, pydantic.BeforeValidator(lambda number: number + 1)]


@pytest.mark.parametrize(
    ("annotation", "sent", "pointer", "said"),
    [
        (Shape, Circle(name="c", radius=5), "/v", "is a Circle and would arrive as a Shape"),
        (list[Shape], [Shape(name="a"), Circle(name="c")], "/v/1", "is a Circle"),
        (Excluded, Excluded(name="a", note="b"), "/v/note", "another value"),
        (Required, Required(note="b"), "/v/note", "exclude=True"),
        (OwnFormat, OwnFormat(day=DAY), "/v/day", "serializer"),
        (OddDate, DAY, "/v", "serializer"),
        (Counted, 1, "/v", "another value"),
        (Colour, Colour.RED, "/v", "cannot be stored"),
        (datetime.datetime | str, NOON, "/v", "is a datetime and would arrive as a str"),
        (uuid.UUID | str, ID, "/v", "is a UUID"),
        (bytes | str, b"x", "/v", "is a bytes"),
        (datetime.datetime | datetime.date, DAY, "/v", "would arrive as a datetime"),
        (dict, {"at": [NOON]}, "/v/at/0", "is a datetime"),
        (dict[str, Any], {"d": decimal.Decimal("1.5")}, "/v/d", "is a Decimal"),
        (list, [{1}], "/v/0", "is a set and would arrive as a list"),
        (dict, {1: "a"}, "/v", "another value"),
        (object, NOON, "/v", "is a datetime"),
        (Any, NOON, None, "is a datetime, which JSON does not have"),
    ],
    ids=lambda v: getattr(v, "__name__", None) or repr(v)[:24],
)
def test_what_would_arrive_as_something_else_is_refused(annotation: Any, sent: Any, pointer: str, said: str) -> None:
    def handler(v): ...

    handler.__annotations__["v"] = annotation
    with pytest.raises(InvalidArguments) as caught:
        round_trip(handler, {"v": sent})
    assert said in str(caught.value)
    assert pointer in (None, caught.value.errors[0].pointer)
    assert "radius" not in str(caught.value)  # and no value is repeated


@pytest.mark.parametrize(
    ("annotation", "sent"),
    [
        (Circle, Circle(name="c", radius=5)),
        (Excluded, Excluded(name="a")),
        (Kept, Kept(at=NOON)),
        (datetime.datetime, TWICE),
        (Kept, Kept(at=TWICE)),
        (datetime.datetime | None, NOON),
        (decimal.Decimal | float, decimal.Decimal("0.1")),
        (list, [(1, 2), {"a": [None]}]),
        (dict[int, str], {1: "a"}),
        (re.Pattern, re.compile("a+")),
        (frozenset[Size], frozenset({Size.SMALL})),
    ],
    ids=lambda v: getattr(v, "__name__", None) or repr(v)[:24],
)
def test_what_arrives_as_it_was_is_taken(annotation: Any, sent: Any) -> None:
    def handler(v): ...

    handler.__annotations__["v"] = annotation
    assert difference(sent, round_trip(handler, {"v": sent})["v"]) is None


def test_what_a_caller_could_send_of_the_defaults() -> None:
    class Own: ...

    def handler(a, day: datetime.date = DAY, page: Page = Page(number=1), own=Own(), wrong: int = "7", n: int = 1): ...  # type: ignore[assignment]  # noqa: B008

    assert Arguments(handler).defaults == {
        "day": '"2026-02-28"',
        "page": '{"boxes": [], "number": 1}',
        "n": "1",
    }


def test_a_default_is_said_or_left_out_and_true_is_not_one() -> None:
    def handler(n=1, day: datetime.date = DAY): ...

    defaults = Arguments(handler).defaults
    assert essential({"n": 1, "day": "2026-02-28"}, defaults) == {}
    assert essential({"n": True}, defaults) == {"n": True}


def test_a_fault_does_not_repeat_what_was_sent() -> None:
    def handler(key: int): ...

    with pytest.raises(InvalidArguments) as caught:
        Arguments(handler).validate({"key": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_float_that_is_none_of_json_is_refused_before_it_is_stored() -> None:
    def handler(value: float): ...

    with pytest.raises(InvalidArguments):
        round_trip(handler, {"value": float("nan")})


def test_postponed_annotations_are_understood() -> None:
    assert round_trip(with_date, {"day": "2026-02-28"}) == {"day": DAY}
    assert faults(with_date, {"day": "soon"}).keys() == {"/day"}


@pytest.mark.parametrize("name", ["of_a_local_type", "checked_only", "context_of_another_name", "of_no_schema"])
def test_an_annotation_that_cannot_be_read_is_an_error_that_names_handler_and_argument(name: str) -> None:
    handler, argument, said = postponed_handlers.odd()[name]
    with pytest.raises(TypeError) as caught:
        Arguments(handler)
    assert f"{name} takes '{argument}' as " in str(caught.value)
    assert said in str(caught.value)


class Callable_:
    async def __call__(self, ctx, width: int) -> None: ...


@pytest.mark.parametrize("handler", [functools.partial(typed, name="y"), Callable_(), Callable_().__call__])
def test_partials_and_objects_with_call_are_handlers_like_any(handler: Callable[..., Any]) -> None:
    assert round_trip(handler, {"width": "7"}) == {"width": 7}


def test_a_wrapped_handler_keeps_its_arguments() -> None:
    @functools.wraps(typed)
    async def wrapper(*args: Any, **kwargs: Any) -> None: ...

    assert round_trip(wrapper, {"width": "7"}) == {"width": 7}


@pytest.mark.parametrize("handler", [lambda *items: None, eval("lambda a, /: None")], ids=["*items", "a, /"])
def test_handlers_that_cannot_be_called_by_name_are_refused(handler: Callable[..., Any]) -> None:
    with pytest.raises(TypeError, match="called by name"):
        Arguments(handler)


WITHOUT_PYDANTIC = """
import sys
class Block:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "pydantic":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Block())
import importlib.util
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, *more: None if name == "pydantic" else find(name, *more)

import dayjob
from dayjob.arguments import Arguments
from dayjob.redaction import MASK

def handler(ctx, width: int, name: str = "x"): ...

arguments = Arguments(handler)
assert arguments.bind(arguments.validate({"width": "not checked"})) == {"width": "not checked"}
for args in ({}, {"width": 1, "nme": 2}, {"width": 1, "ctx": 2}):
    try:
        arguments.validate(args)
    except dayjob.InvalidArguments:
        continue
    raise SystemExit(f"{args} passed")
assert "pydantic" not in sys.modules
"""


def test_without_pydantic_the_names_are_still_checked() -> None:
    subprocess.run([sys.executable, "-c", WITHOUT_PYDANTIC], check=True, timeout=60)


def test_strict_models_stay_strict() -> None:
    def handler(value: Exact) -> None: ...

    arguments = Arguments(handler)
    sent = {"day": "2026-02-28", "kind": f"{ID}", "size": "s", "number": "1"}
    with pytest.raises(InvalidArguments) as caught:
        arguments.validate({"value": sent})
    assert [error.pointer for error in caught.value.errors] == ["/value/number"]


class Login(pydantic.BaseModel):
    user: str = "ann"
    password: str = pydantic.Field("nested-secret", examples=["nested-secret"])


class Options(pydantic.BaseModel):
    default: Login = Login()
    urls: list[str] = ["https://me:nested-secret@host"]


async def with_secret_defaults(
    options: Options = Options(),  # noqa: B008
    plain: dict[str, Any] = {"api_key": "nested-secret", "n": 1},  # noqa: B006
    token: str = "nested-secret",
) -> None: ...


def test_no_schema_shows_a_secret_at_any_depth() -> None:
    schema = Arguments(with_secret_defaults).schema()
    assert "nested-secret" not in json.dumps(schema)
    assert schema["properties"]["plain"]["default"] == {"api_key": MASK, "n": 1}
    assert schema["properties"]["token"]["writeOnly"] is True
    login = schema["$defs"]["Login"]["properties"]
    assert login["user"]["default"] == "ann"
    assert (login["password"]["writeOnly"], login["password"]["type"]) == (True, "string")
