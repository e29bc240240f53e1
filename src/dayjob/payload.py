"""The one rule for JSON: what may be stored as arguments, result or message, and what is refused with a reason.

Databases disagree about NaN, NUL characters, lone surrogates and large integers, silently. So one rule stands in
front of all of them: finite floats, 64-bit integers, no NUL, no lone surrogates, text keys, 64 levels, a size cap.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from types import GeneratorType
from typing import Any, NoReturn

from .errors import FieldError, InvalidPayload, MalformedJSON, PayloadTooLarge
from .jsonable import jsonable
from .redaction import Redact, as_it_is

MAX_DEPTH = 64
MAX_ARGS = 256 * 1024  # bytes of JSON
MAX_RESULT = 1024 * 1024  # bytes of JSON
MAX_CHECKPOINT = 64 * 1024  # bytes of JSON

_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
# JSON's types, and how the data of a subclass is had without calling any of its methods.
_PLAIN: dict[type, Callable[[Any], Any]] = {
    str: str.__str__,
    dict: lambda value: dict(dict.items(value)),
    list: lambda value: list.__getitem__(value, slice(None)),
    tuple: lambda value: tuple.__getitem__(value, slice(None)),
    bool: lambda value: value,
    int: int.__int__,
    float: float.__float__,
}
_AS_TEXT = "; use text, as base64.b64encode(...).decode() makes it, or store them and say where"
_FIXES: dict[type, str] = {
    bytes: _AS_TEXT,
    bytearray: _AS_TEXT,
    memoryview: _AS_TEXT,
    GeneratorType: "; use a list of what it gives",
}
_encoder = json.JSONEncoder(allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def encode(value: Any, *, what: str, limit: int, redact: Redact = as_it_is) -> str:
    """JSON text of ``value``, or `InvalidPayload` saying where it breaks the rule. ``limit`` is in bytes of UTF-8.

    ``redact`` hides secrets in what is said about the place.

    >>> encode({"a": [1, 2.5, None]}, what="result", limit=100)
    '{"a":[1,2.5,null]}'
    """
    if value is None and limit >= 4:  # what most handlers return
        return "null"
    if type(value) is dict and not value and limit >= 2:  # what many take
        return "{}"
    text = _encoder.encode(value if check(value, what=what, limit=limit, redact=redact) else _plain(value))
    if len(text) > limit or (len(text) * 4 > limit and len(text.encode()) > limit):
        raise _too_large(what, limit)
    return text


def encode_result(result: Any, redact: Redact = as_it_is) -> str:
    """JSON text of what a handler returned, with what `jsonable` makes of it; raises `InvalidPayload`.

    What an error says of the result goes through ``redact``.
    """
    try:
        return encode(result, what="result", limit=MAX_RESULT, redact=redact)
    except PayloadTooLarge:
        raise
    except InvalidPayload:  # most results are JSON; only the others are gone through again
        return encode(jsonable(result, MAX_RESULT), what="result", limit=MAX_RESULT, redact=redact)


def check(value: Any, *, what: str, limit: int, redact: Redact = as_it_is) -> bool:
    """Raise `InvalidPayload` unless ``value`` keeps the rule (the size is only estimated here).

    The answer is whether it consists of JSON's own types alone: else there are subclasses of them in it.
    """
    walk = _Walk(limit)
    try:
        walk.visit(value, 0)
    except _Broken as broken:
        if broken.too_large:
            raise _too_large(what, limit) from None
        pointer = "".join(f"/{to_pointer_part(redact(key))}" for key in reversed(broken.path))
        where = f"The {what} at {pointer}" if pointer else f"The {what}"
        error = FieldError(pointer, broken.reason)
        raise InvalidPayload(f"{where} {broken.reason}.", [error]) from None
    return walk.plain


def decode(text: str) -> Any:
    """The value of JSON that `encode` made."""
    return {} if text == "{}" else json.loads(text)  # what many jobs have as arguments


def parse(body: bytes, what: str = "The body") -> Any:
    """The value of JSON that a stranger sent: raises `MalformedJSON` for everything that is not plain JSON.

    Duplicate keys are refused (which one counts depends on the reader), and so are NaN and integers of thousands
    of digits. `check` has the rest of the rule.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=_no_constant, object_pairs_hook=_no_duplicates)
    except RecursionError:
        raise MalformedJSON(f"{what} is nested deeper than {MAX_DEPTH} levels.") from None
    except UnicodeDecodeError:
        raise MalformedJSON(f"{what} is not UTF-8.") from None
    except ValueError as error:  # json's own, ours below, and int()'s for thousands of digits
        raise MalformedJSON(f"{what} is not valid JSON: {str(error)[:200]}.") from None


class _Broken(Exception):
    """The first broken rule on the way down; the path is filled on the way up, so that good values pay nothing."""

    def __init__(self, reason: str = "", *, too_large: bool = False) -> None:
        self.reason = reason
        self.too_large = too_large
        self.path: list[str] = []


class _Walk:
    """Visits every node. Each costs at least two bytes of JSON and each text its length, so the budget ends in time.

    Subclasses of JSON's types may say anything about themselves, or go on for ever: what their base class has counts.
    """

    def __init__(self, limit: int) -> None:
        self._budget = limit
        self.plain = True

    def visit(self, value: Any, depth: int) -> None:
        if value is None or value is True or value is False:
            return
        kind = type(value)
        if kind not in _PLAIN:
            value, kind = self._as_plain(value, kind)
        if kind is str:
            self._text(value)
        elif kind is int:
            if not _LOWEST <= value <= _HIGHEST:
                raise _Broken("is an integer of more than 64 bits; send it as text")
        elif kind is float:
            if not math.isfinite(value):
                raise _Broken(f"is {value}, which JSON does not have; use null")
        elif kind is dict:
            self._members(value, depth)
        else:
            self._items(value, depth)

    def _as_plain(self, value: Any, kind: type) -> tuple[Any, type]:
        self.plain = False
        for base, convert in _PLAIN.items():
            if issubclass(kind, base):
                return convert(value), base
        raise _Broken(f"is a {name_of(kind)}, which JSON does not have{_FIXES.get(kind, '')}")

    def _text(self, value: str) -> None:
        self._spend(len(value))
        if "\0" in value:
            raise _Broken("contains a NUL character")
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise _Broken("contains half of a surrogate pair, which UTF-8 cannot hold") from None

    def _members(self, value: dict[Any, Any], depth: int) -> None:
        self._enter(len(value), depth)
        for key, member in value.items():
            if type(key) is not str:
                if not issubclass(type(key), str):
                    raise _Broken(f"has a key of type {name_of(type(key))}; JSON keys are text")
                self.plain, key = False, str.__str__(key)
            try:
                self._text(key)
                self.visit(member, depth + 1)
            except _Broken as broken:
                broken.path.append(key)
                raise

    def _items(self, value: list[Any] | tuple[Any, ...], depth: int) -> None:
        self._enter(len(value), depth)
        for index, item in enumerate(value):
            try:
                self.visit(item, depth + 1)
            except _Broken as broken:
                broken.path.append(str(index))
                raise

    def _enter(self, members: int, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise _Broken(f"is nested deeper than {MAX_DEPTH} levels (or contains itself)")
        self._spend(2 * members)

    def _spend(self, size: int) -> None:
        self._budget -= size
        if self._budget < 0:
            raise _Broken(too_large=True)


def _plain(value: Any) -> Any:
    """A value that keeps the rule, without the subclasses in it."""
    for base, convert in _PLAIN.items():
        if issubclass(type(value), base):
            value = convert(value)
            break
    if type(value) is dict:
        return {str.__str__(key): _plain(member) for key, member in value.items()}
    return [_plain(item) for item in value] if type(value) in (list, tuple) else value


def name_of(kind: type) -> str:
    """The name of a class, whatever its metaclass says."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return name


def to_pointer_part(key: str) -> str:
    """A key as a part of a JSON pointer (RFC 6901): short, printable, escaped."""
    printable = key[:40].encode("ascii", "backslashreplace").decode().replace("\0", "\\x00")
    return printable.replace("~", "~0").replace("/", "~1")


def _too_large(what: str, limit: int) -> PayloadTooLarge:
    text = f"The {what} is larger than {limit:,} bytes of JSON; store large data elsewhere and pass a reference"
    return PayloadTooLarge(text + ".", [FieldError("", f"is larger than {limit:,} bytes")])


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise ValueError("an object has the same key twice")
    return members
