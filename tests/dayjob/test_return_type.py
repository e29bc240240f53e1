"""What a handler is annotated to return: refused where it cannot be stored, and given back by a handle of `submit`."""

from __future__ import annotations

import array
import dataclasses
import datetime
import decimal
import enum
import functools
import pathlib
import sqlite3
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NoReturn,
    Protocol,
    TypedDict,
    TypeVar,
)

import pydantic
import pytest
from tests.dayjob import child_handlers

from dayjob import JobQueue, JobRegistry
from dayjob.errors import InvalidPayload
from dayjob.return_type import ReturnType

if TYPE_CHECKING:
    pass

T = TypeVar("T")
NOON = datetime.datetime(2026, 3, 12, 12, tzinfo=datetime.UTC)


class Size(enum.Enum):
    SMALL = "s"


class Point(NamedTuple):
    x: int
    at: datetime.date


class Named(TypedDict):
    at: str


@dataclasses.dataclass
class Box(Generic[T]):
    width: T
    made: datetime.date


class Page(pydantic.BaseModel):
    scene_id: int = pydantic.Field(alias="sceneId")
    at: datetime.datetime


class Shaped(Protocol):
    name: str


class Text(str): ...


class Opaque: ...


Money = NewType("Money", decimal.Decimal)
Raw = NewType("Raw", bytes)


def returning(annotation: Any) -> Callable[..., Any]:
    def handler(): ...

    handler.__annotations__["return"] = annotation
    return handler


@pytest.mark.parametrize(
    ("annotation", "named", "fix"),
    [
        (bytes, "bytes", "base64"),
        (bytes | None, "bytes", "base64"),
        (dict[str, list[bytearray]], "bytearray", "base64"),
        (Annotated[bytes, "of an image"], "bytes", "base64"),
        (Raw, "bytes", "base64"),
        (Generator[int, None, None], "Generator", "as a list"),
        (Iterator[int], "Iterator", "as a list"),
        (AsyncIterator[int], "AsyncIterator", "as a list"),
        (sqlite3.Connection, "Connection", "pydantic model"),
        (tuple[int, Opaque], "Opaque", "pydantic model"),
        (complex, "complex", "pydantic model"),
        (type[int], "type", "pydantic model"),
    ],
    ids=str,
)
def test_what_cannot_be_stored_is_refused_at_registration(annotation: Any, named: str, fix: str) -> None:
    registry = JobRegistry()
    with pytest.raises(TypeError, match=f"handler returns {named}, which cannot be stored as a result; return .*{fix}"):
        registry.register("odd", returning(annotation))
    assert not registry.job_types


@pytest.mark.parametrize(
    "annotation",
    [
        *(None, Any, object, NoReturn, int | str | None, Literal[b"x"], dict[str, Any], list[Point], Named, Box[int]),
        *(Page, Size, Text, Money, T, Iterable[int], Sequence[Page], Mapping[str, datetime.date], Shaped),
        *(Awaitable[int], pathlib.Path, array.array, "Fraction", "what is this?", Callable[[bytes], int]),
    ],
    ids=str,
)
def test_what_may_be_stored_is_taken(annotation: Any) -> None:
    JobRegistry().register("fine", returning(annotation))


@pytest.mark.parametrize(
    ("annotation", "stored", "value"),
    [
        (datetime.datetime, "2026-03-12T12:00:00+00:00", NOON),
        (datetime.timedelta, "-PT1.5S", datetime.timedelta(seconds=-1.5)),
        (dict[int, set[str]], {"1": ["a"]}, {1: {"a"}}),
        (Point, [1, "2026-03-12"], Point(1, NOON.date())),
        (Box[int], {"width": 1, "made": "2026-03-12"}, Box(1, NOON.date())),
        (Page, {"sceneId": 1, "at": "2026-03-12T12:00:00Z"}, Page(sceneId=1, at=NOON)),
        (tuple[Size, decimal.Decimal], ["s", "1.10"], (Size.SMALL, decimal.Decimal("1.10"))),
        (Awaitable[uuid.UUID], "12345678-1234-5678-1234-567812345678", uuid.UUID("12345678123456781234567812345678")),
        (Any, [1], [1]),
        ("Fraction", 0.25, 0.25),
        (Text, "a", "a"),
    ],
    ids=str,
)
def test_a_stored_result_becomes_what_was_annotated(annotation: Any, stored: Any, value: Any) -> None:
    assert ReturnType(returning(annotation)).of_json(stored) == value


def test_a_result_of_another_type_is_an_error_that_names_the_handler() -> None:
    with pytest.raises(InvalidPayload, match=r"handler is annotated to return \(at/.*queue.result\(job_id\) has it"):
        ReturnType(returning(Page)).of_json({"sceneId": 1, "at": "soon"})


class Called:
    async def __call__(self) -> datetime.date:
        return NOON.date()


@pytest.mark.parametrize("handler", [Called(), functools.partial(Called()), Called().__call__])
def test_the_annotation_is_found_on_any_handler(handler: Any) -> None:
    assert ReturnType(handler).of_json("2026-03-12") == NOON.date()


@pytest.mark.parametrize("run_in", [None, "process"])
@pytest.mark.parametrize("handler", [child_handlers.summary, child_handlers.summary_in_task])
async def test_a_handle_gives_what_the_handler_returned(
    queue: JobQueue, registry: JobRegistry, handler: Any, run_in: str | None
) -> None:
    registry.register("summary", handler, run_in=run_in)
    handle = await queue.submit(handler, n=3)
    assert await handle.result(30) == child_handlers.Summary(
        3, NOON.date(), {pathlib.Path("a"): [decimal.Decimal("1.10")]}
    )
    stored = {"n": 3, "day": "2026-03-12", "prices": {"a": ["1.10"]}}
    assert (
        (await handle.status()).result
        == await queue.result(handle.id)
        == await queue.handle(handle.id).result()
        == stored
    )
    again = await queue.configure(priority=1).submit(handler, n=4)
    assert (await again.result(30)).n == 4
