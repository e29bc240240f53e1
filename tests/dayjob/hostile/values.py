"""Values that are not what they seem, or cannot be stored."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any, NamedTuple


def circular() -> list[Any]:
    knot: list[Any] = []
    knot.append({"knot": knot})
    return knot


def nested(depth: int) -> Any:
    value: Any = None
    for _ in range(depth):
        value = [value]
    return value


class Point(NamedTuple):
    x: int
    y: int


class LyingClass:
    """Says that it is a dict."""

    __class__ = dict  # type: ignore[assignment]

    def __len__(self) -> int:
        return 1

    def items(self) -> Iterator[tuple[str, None]]:
        while True:
            yield "", None


class ExitingClass:
    """Exits when somebody wants to know what it is."""

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        sys.exit(5)


class EndlessDict(dict[str, Any]):
    """Goes on for ever when it is read."""

    def items(self) -> Any:
        while True:
            yield "", None

    __iter__ = items


class EndlessList(list[Any]):
    """Goes on for ever when it is read."""

    def __iter__(self) -> Iterator[None]:
        while True:
            yield None


class SlyNumber(int):
    """As large or as small as anybody likes."""

    def __le__(self, _other: object) -> bool:
        return True

    __ge__ = __lt__ = __gt__ = __le__

    def __repr__(self) -> str:
        return "sly"


class SlyText(str):
    """A text whose every method lies."""

    def __getitem__(self, _key: Any) -> str:
        sys.exit(1)

    def __contains__(self, _part: object) -> bool:
        return False

    def __bool__(self) -> bool:
        sys.exit(1)

    def encode(self, *_: Any, **__: Any) -> bytes:
        return b"harmless"

    def replace(self, *_: Any, **__: Any) -> str:
        sys.exit(1)

    isascii = __bool__
    __len__ = __bool__  # type: ignore[assignment]
    __str__ = __bool__  # type: ignore[assignment]
    __hash__ = str.__hash__


class Nameless(type):
    """Classes without a name."""

    @property
    def __name__(cls) -> str:  # type: ignore[override]
        raise SystemExit("no name")
