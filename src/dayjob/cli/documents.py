"""JSON documents of a server as the values that they were made from."""

from __future__ import annotations

import collections.abc
import functools
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import datetime
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin, get_type_hints

_PLAIN = {str: (str,), int: (int,), float: (int, float), bool: (bool,)}


def decode(kind: Any, document: Any) -> Any:
    """``document`` as a ``kind``: a dataclass, or an annotation of one's field. Members that it does not know are
    left out: they are of a newer server.

    Raises `ValueError` or `TypeError` if it does not fit.

    >>> decode(list[datetime], ["2026-01-01T00:00:00Z"])
    [datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)]
    """
    if get_origin(kind) is not None:
        return _decode_many(get_origin(kind), get_args(kind), document)
    if is_dataclass(kind):
        return _decode_object(kind, document)
    if kind is datetime:
        return datetime.fromisoformat(_check(document, str))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind(document)
    return _check(document, *_PLAIN[kind]) if kind in _PLAIN else document


def _decode_many(origin: Any, of: tuple[Any, ...], document: Any) -> Any:
    if origin in (list, collections.abc.Sequence):
        return [decode(of[0], each) for each in _check(document, list)]
    if origin in (dict, collections.abc.Mapping):
        return {decode(of[0], name): decode(of[1], value) for name, value in _check(document, dict).items()}
    (kind,) = [each for each in of if each is not NoneType]  # the one kind of union that our documents have
    return None if document is None else decode(kind, document)


def _decode_object(kind: Any, document: Any) -> Any:
    members: Mapping[str, Any] = _check(document, dict)
    hints = _hints(kind)
    known = [field.name for field in fields(kind) if field.name in members]
    return kind(**{name: decode(hints[name], members[name]) for name in known})


@functools.cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


def _check(document: Any, *kinds: type) -> Any:
    if not isinstance(document, kinds) or (isinstance(document, bool) and bool not in kinds):
        raise ValueError(f"a {type(document).__name__} is where a {kinds[0].__name__} should be")
    return document
