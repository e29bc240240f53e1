"""What handlers return as JSON has it: as FastAPI writes it in responses, and so that pydantic can read it again."""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import numbers
import sys
from collections import deque
from collections.abc import ItemsView, Iterable, KeysView, Mapping, ValuesView
from datetime import date, time, timedelta
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any
from uuid import UUID

_DEEPEST = 64  # levels
_TEXTS = (UUID, PurePath, Decimal)
_TEXTS_OF = ("ipaddress", "pydantic.networks", "pydantic_core._pydantic_core")  # modules: addresses and URLs
_PLAIN = (str, int, float, type(None))
_BUILT_IN = (list, tuple, set, frozenset, deque)
_ITEMS = (*_BUILT_IN, KeysView, ValuesView, ItemsView)


def jsonable(value: Any, limit: int) -> Any:
    """``value`` with JSON's types in place of others; what nothing is known about stays, for others to refuse.

    Models, dataclasses, dates, times, UUIDs, decimals, enums, sets, paths, addresses, mappings and numbers of any kind.
    After ``limit`` characters of JSON the rest stays as well: it is too much anyway.

    >>> jsonable({"at": date(2026, 2, 28), "took": timedelta(minutes=90), "ids": {7}, 1: (Decimal("1.50"),)}, 1000)
    {'at': '2026-02-28', 'took': 'PT5400S', 'ids': [7], '1': ['1.50']}
    """
    return _Converter(limit).convert(value, 0)


def is_jsonable(kind: type) -> bool:
    """Whether objects of a class, or of one that is made from it, can become JSON (see `jsonable`)."""
    if inspect.isabstract(kind) or getattr(kind, "_is_protocol", False) or kind in (object, Any):  # who knows
        return True
    # Not issubclass at first, which a TypedDict refuses to be asked.
    if any(base in kind.__mro__ for base in (*_PLAIN, *_ITEMS, *_TEXTS, dict, Enum, date, time, timedelta)):
        return True
    if issubclass(kind, (Mapping, numbers.Real)) or dataclasses.is_dataclass(kind) or _is_model(kind):
        return True
    return hasattr(kind, "tolist") or _module(kind) in _TEXTS_OF


def holds_jsonable(kind: type) -> bool:
    """Whether it is a class of containers, so that what stands in its brackets becomes JSON, too."""
    return inspect.isabstract(kind) or any(base in kind.__mro__ for base in (*_ITEMS, dict))


class _Converter:
    def __init__(self, limit: int) -> None:
        self._left = limit

    def convert(self, value: Any, depth: int) -> Any:
        kind = type(value)
        self._left -= 2 + (len(value) if kind is str else 0)  # each value takes two characters at least
        if issubclass(kind, _PLAIN) or depth > _DEEPEST or self._left < 0:
            return value
        if issubclass(kind, dict):
            return self._members(value, dict.items(value), depth)
        if issubclass(kind, _ITEMS):
            return [self.convert(item, depth + 1) for item in _items(value, kind)]
        if (text := _text(value, kind)) is not None:
            self._left -= len(text)
            return text
        return self._object(value, kind, depth)

    def _members(self, value: Any, items: Iterable[tuple[Any, Any]], depth: int) -> Any:
        members = [(_key(key), self.convert(member, depth + 1)) for key, member in items]
        made = dict(members)
        return made if len(made) == len(members) else value  # two keys have become one: that is not for us to decide

    def _object(self, value: Any, kind: type, depth: int) -> Any:
        if issubclass(kind, Enum):
            return self.convert(value.value, depth + 1)
        if _is_model(kind):
            return value.model_dump(mode="json", by_alias=True)
        if dataclasses.is_dataclass(kind):
            fields = [(field.name, getattr(value, field.name)) for field in dataclasses.fields(kind)]
            return self._members(value, fields, depth)
        if issubclass(kind, Mapping):
            return self._members(value, itertools.islice(value.items(), max(0, self._left)), depth)
        if issubclass(kind, numbers.Integral):
            return int(value)
        if issubclass(kind, numbers.Real):
            return float(value)
        return self.convert(value.tolist(), depth + 1) if hasattr(kind, "tolist") else value  # numpy's, for one


def _items(value: Any, kind: type) -> Iterable[Any]:
    """What is in it; of a subclass, what its base class has counts."""
    base: Any = next((base for base in _BUILT_IN if issubclass(kind, base)), None)
    return value if base is None else base.__iter__(value)  # type: ignore[no-any-return]  # any of them


def _text(value: Any, kind: type) -> str | None:
    if issubclass(kind, (date, time)):  # a datetime is a date
        return str(value.isoformat())
    if issubclass(kind, timedelta):
        return _duration(value)
    return str(value) if issubclass(kind, _TEXTS) or _module(kind) in _TEXTS_OF else None


def _duration(value: timedelta) -> str:
    """As ISO 8601 has it, in seconds: exactly, and so that pydantic reads it.

    >>> _duration(timedelta(days=1, microseconds=3)), _duration(timedelta(seconds=-1.5))
    ('PT86400.000003S', '-PT1.5S')
    """
    micros = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(micros), 1_000_000)
    return f"{'-' if micros < 0 else ''}PT{seconds}{f'.{rest:06}'.rstrip('0') if rest else ''}S"


def _key(key: Any) -> Any:
    """A key as a text, if that is how it is meant; else as it is."""
    kind = type(key)
    if issubclass(kind, str):
        return key
    if issubclass(kind, Enum):
        return _key(key.value)
    if kind is bool:
        return "true" if key else "false"
    if kind in (int, float):
        return repr(key)
    text = _text(key, kind)
    return key if text is None else text


def _is_model(kind: type) -> bool:
    pydantic = sys.modules.get("pydantic")  # who has a model has imported it
    return pydantic is not None and pydantic.BaseModel in type.mro(kind)


def _module(kind: type) -> Any:
    return type.__getattribute__(kind, "__module__")
