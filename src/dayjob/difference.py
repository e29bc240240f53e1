"""Whether a value that was stored came back as it was, and where it did not."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

_DEEPEST = 64  # levels; JSON is not stored with more


class Difference(NamedTuple):
    """Where two values differ (names and indices on the way there), and in what: a type, or else a value."""

    path: tuple[str, ...]
    what: str


def difference(sent: Any, arrived: Any, depth: int = 0) -> Difference | None:
    """The first difference that means something; None where there is none, or where the values cannot be compared.

    Lists and tuples with the same items are the same, and so are times of one instant. Objects that compare by
    identity alone are only looked at for their type, unless they are models or dataclasses.

    >>> difference({"a": (1, 2)}, {"a": [1, 2]}), difference({"a": {1}}, {"a": [1]})
    (None, Difference(path=('a',), what='is a set and would arrive as a list'))
    """
    if _equal(sent, arrived):
        return None
    parts = _parts(sent, arrived) if depth < _DEEPEST else None
    if parts is not None:
        return next(_differences(parts, depth), None)
    if type(sent) is not type(arrived):
        return Difference((), f"is a {type(sent).__name__} and would arrive as a {type(arrived).__name__}")
    compare: object = type(sent).__eq__
    if compare is object.__eq__:  # it says nothing about its value
        return None
    return Difference((), "would arrive with another value")


def _differences(parts: Iterable[tuple[str, Any, Any]], depth: int) -> Iterator[Difference]:
    for name, sent, arrived in parts:
        if (found := difference(sent, arrived, depth + 1)) is not None:
            yield Difference((name, *found.path), found.what)


def _equal(sent: Any, arrived: Any) -> bool:
    try:
        if sent == arrived:
            return True
        # In the hour that a clock is put back, times of two zones are never equal for Python.
        return isinstance(sent, datetime) and isinstance(arrived, datetime) and _instant(sent) == _instant(arrived)
    except Exception:  # noqa: BLE001 (a stranger's __eq__ may do anything; an array's truth is ambiguous)
        return type(sent) is type(arrived)


def _instant(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def _parts(sent: Any, arrived: Any) -> list[tuple[str, Any, Any]] | None:
    """What the two consist of, side by side; None if they are not made alike."""
    if _both(sent, arrived, list, tuple) and len(sent) == len(arrived):
        return [(str(index), *pair) for index, pair in enumerate(zip(sent, arrived, strict=True))]
    mine, theirs = _members(sent), _members(arrived)
    alike = type(sent) is type(arrived) or _both(sent, arrived, dict)
    if not alike or mine is None or theirs is None or mine.keys() != theirs.keys():
        return None
    return [(str(name), mine[name], theirs[name]) for name in mine]


def _both(sent: Any, arrived: Any, *kinds: type) -> bool:
    return type(sent) in kinds and type(arrived) in kinds


def _members(value: Any) -> dict[Any, Any] | None:
    """The members of a dict, a dataclass or a pydantic model (but not what a model keeps to itself)."""
    if isinstance(value, dict):
        return value
    if dataclasses.is_dataclass(value):
        return {f.name: getattr(value, f.name, None) for f in dataclasses.fields(value) if f.compare}
    fields = getattr(type(value), "model_fields", None)
    if not isinstance(fields, dict):
        return None
    return {name: getattr(value, name, None) for name in fields} | (getattr(value, "model_extra", None) or {})
