"""What handlers return, as JSON has it."""

from __future__ import annotations

import array
import dataclasses
import datetime
import decimal
import enum
import fractions
import ipaddress
import json
import pathlib
import types
import uuid
from collections import deque
from collections.abc import Callable
from typing import Any, NamedTuple

import pydantic
import pytest
from fastapi.encoders import jsonable_encoder

from dayjob.errors import InvalidPayload, PayloadTooLarge
from dayjob.payload import encode_result

NOON = datetime.datetime(2026, 3, 12, 12, tzinfo=datetime.UTC)
ID = uuid.UUID("12345678123456781234567812345678")


class Size(enum.Enum):
    SMALL = "s"
    TALL = (1, 2)


class Word(enum.StrEnum):
    YES = "yes"


class Point(NamedTuple):
    x: int
    at: datetime.date


@dataclasses.dataclass(frozen=True)
class Box:
    width: int
    made: datetime.date
    size: Size = Size.SMALL


class Page(pydantic.BaseModel):
    scene_id: int = pydantic.Field(alias="sceneId")
    at: datetime.datetime

    @pydantic.computed_field
    def next(self) -> int:
        return self.scene_id + 1


class Names(pydantic.RootModel[list[str]]): ...


BOX = Box(1, NOON.date())
KEYS = {"1": "a", "2.5": "b", str(ID): "c", "2026-03-12": "d", "s": "e"}


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        (Page(sceneId=7, at=NOON), {"sceneId": 7, "at": "2026-03-12T12:00:00Z", "next": 8}),
        (Names(["a"]), ["a"]),
        (
            [BOX, {"box": BOX}],
            [{"width": 1, "made": "2026-03-12", "size": "s"}] * 1
            + [{"box": {"width": 1, "made": "2026-03-12", "size": "s"}}],
        ),
        (Point(1, NOON.date()), [1, "2026-03-12"]),
        (NOON, "2026-03-12T12:00:00+00:00"),
        (datetime.time(3, 4), "03:04:00"),
        (datetime.timedelta(days=-1, microseconds=1), "-PT86399.999999S"),
        (ID, str(ID)),
        (decimal.Decimal("1.10"), "1.10"),
        (fractions.Fraction(1, 4), 0.25),
        (Size.SMALL, "s"),
        (Size.TALL, [1, 2]),
        ({Word.YES: Word.YES}, {"yes": "yes"}),
        ({1}, [1]),
        (frozenset({NOON}), ["2026-03-12T12:00:00+00:00"]),
        (deque([ID]), [str(ID)]),
        ({"a": 1}.keys(), ["a"]),
        (types.MappingProxyType({"at": NOON}), {"at": "2026-03-12T12:00:00+00:00"}),
        (pathlib.PurePosixPath("a/b"), "a/b"),
        (ipaddress.ip_address("::1"), "::1"),
        (pydantic.AnyUrl("http://x/"), "http://x/"),
        (array.array("i", [1, 2]), [1, 2]),
        ({1: "a", 2.5: "b", ID: "c", NOON.date(): "d", Size.SMALL: "e"}, KEYS),
        ({True: "a"}, {"true": "a"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_fastapi_would_return_is_stored(value: Any, stored: Any) -> None:
    assert json.loads(encode_result(value)) == stored
    assert json.loads(encode_result({"in": [value]})) == {"in": [stored]}


@pytest.mark.parametrize("value", [Page(sceneId=7, at=NOON), BOX, Names(["a"]), ID, [NOON], {NOON.date(): {Word.YES}}])
def test_it_is_what_fastapi_makes_of_it(value: Any) -> None:
    assert json.loads(encode_result(value)) == json.loads(json.dumps(jsonable_encoder(value)))


class Opaque: ...


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": [b"x"]}, "/a/0 is a bytes, which JSON does not have; use text, as base64"),
        (bytearray(b"x"), "base64"),
        ((n for n in range(3)), "is a generator, which JSON does not have; use a list of what it gives"),
        ({"a": {1: 2, "1": 3}, "at": NOON}, "/a has a key of type int"),
        ({(1, 2): 3}, "has a key of type tuple"),
        ([Opaque(), NOON], "/0 is a Opaque, which JSON does not have"),
        ([NOON, {decimal.Decimal(1): float("nan")}], "/1/1 is nan"),
    ],
)
def test_the_rest_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(InvalidPayload, match=said):
        encode_result(value)


def nested(value: Any) -> Any:
    for _ in range(100_000):
        value = [value]
    return value


def laughing() -> Any:
    """A few objects that are billions when they are written out."""
    value: Any = {NOON}
    for _ in range(12):
        value = [value] * 10
    return value


class Endless(dict[str, Any]):
    def items(self) -> Any:
        while True:
            yield "a", NOON


@dataclasses.dataclass
class Circle:
    at: datetime.datetime
    inner: Any = None


def circular() -> Any:
    circle = Circle(NOON)
    circle.inner = [circle]
    return circle


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda: nested({NOON}), InvalidPayload),
        (laughing, PayloadTooLarge),
        (circular, InvalidPayload),
        (lambda: [NOON] * 10**6, PayloadTooLarge),
    ],
)
def test_what_would_never_end_is_refused_soon(make: Callable[[], Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        encode_result(make())
    assert encode_result(Endless(at=NOON)) == '{"at":"2026-03-12T12:00:00+00:00"}'
