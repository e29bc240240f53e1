"""Where a value that was stored differs from what was sent."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from dayjob.difference import Difference, difference

NOON = datetime(2026, 3, 12, 12, tzinfo=UTC)


@dataclass
class Part:
    """A dataclass with a member that does not count."""

    n: int
    seen: int = field(default=0, compare=False)


class Model(BaseModel):
    model_config = ConfigDict(extra="allow")
    part: int


class Plain:
    """Compares by identity alone."""


class Unequal:
    """As an array: nobody can say whether two are equal."""

    def __eq__(self, other: object) -> bool:
        raise ValueError("ambiguous")

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("sent", "arrived"),
    [
        (1, 1),
        ((1, [2, (3,)]), [1, (2, [3])]),
        (NOON, NOON.astimezone(timezone(timedelta(hours=5)))),
        (Part(1, seen=2), Part(1, seen=3)),
        (Plain(), Plain()),
        (Unequal(), Unequal()),
        (Model(part=1, more=[1]), Model(part=1, more=(1,))),  # type: ignore[call-arg]
    ],
)
def test_what_means_the_same_is_no_difference(sent: Any, arrived: Any) -> None:
    assert difference(sent, arrived) is None


@pytest.mark.parametrize(
    ("sent", "arrived", "path", "what"),
    [
        ({1}, [1], (), "is a set and would arrive as a list"),
        ([1, 2], [1], (), "would arrive with another value"),
        ({"a": [0, {"b": 1}]}, {"a": [0, {"b": 2}]}, ("a", "1", "b"), "would arrive with another value"),
        ({"a": 1}, {"b": 1}, (), "would arrive with another value"),
        (Part(1), Part(2), ("n",), "would arrive with another value"),
        (Model(part=1), Model(part=2), ("part",), "would arrive with another value"),
        (Plain(), "text", (), "is a Plain and would arrive as a str"),
        (NOON, NOON + timedelta(seconds=1), (), "would arrive with another value"),
        (math.nan, math.nan, (), "would arrive with another value"),
    ],
)
def test_the_first_difference_is_told_with_the_way_there(
    sent: Any, arrived: Any, path: tuple[str, ...], what: str
) -> None:
    assert difference(sent, arrived) == Difference(path, what)
