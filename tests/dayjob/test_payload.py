"""The rule for JSON: what is accepted comes back equal, and everything else is refused with a reason."""

from __future__ import annotations

import enum
import json
import sqlite3
import tracemalloc
from contextlib import closing
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dayjob import payload
from dayjob.errors import InvalidPayload, MalformedJSON, PayloadTooLarge

LIMIT = 64 * 1024

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters())
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
    max_leaves=20,
)


def encode(value: Any, limit: int = LIMIT) -> str:
    return payload.encode(value, what="result", limit=limit)


def refusal(value: Any, limit: int = LIMIT) -> InvalidPayload:
    with pytest.raises(InvalidPayload) as caught:
        encode(value, limit)
    return caught.value


def exactly(value: Any) -> str:
    """A form in which 1, 1.0 and True differ, as in JSON."""
    return repr(value)


@given(documents)
def test_what_is_accepted_comes_back_equal_from_text_and_from_a_database(value: Any) -> None:
    try:
        text = encode(value)
    except InvalidPayload:
        return
    assert exactly(payload.decode(text)) == exactly(value)
    assert exactly(payload.parse(text.encode())) == exactly(value)
    with closing(sqlite3.connect(":memory:")) as database:
        stored, valid = database.execute(
            "SELECT v, json_valid(v) FROM (SELECT CAST(? AS TEXT) AS v)", (text,)
        ).fetchone()
    assert (stored, valid) == (text, 1)


@given(st.dictionaries(st.text("ab/~", max_size=3), st.integers(0, 5)))
def test_plain_values_are_accepted(value: dict[str, int]) -> None:
    assert payload.decode(encode(value)) == value


class Colour(enum.IntEnum):
    RED = 1


class Word(enum.StrEnum):
    YES = "yes"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (2**63 - 1, str(2**63 - 1)),
        (-(2**63), str(-(2**63))),
        ((1, (2, 3)), "[1,[2,3]]"),
        (Colour.RED, "1"),
        ({Word.YES: Word.YES}, '{"yes":"yes"}'),
        ("ä€😀", '"ä€😀"'),
        ({"": {}}, '{"":{}}'),
        (1e308, "1e+308"),
    ],
    ids=lambda v: repr(v)[:20],
)
def test_values_that_look_odd_and_are_fine(value: Any, text: str) -> None:
    assert encode(value) == text


def circular_list() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


def circular_dict() -> dict[str, Any]:
    made: dict[str, Any] = {}
    made["me"] = made
    return made


def nested(depth: int) -> list[Any]:
    made: list[Any] = []
    for _ in range(depth):
        made = [made]
    return made


REFUSED: dict[str, Any] = {
    "NaN": float("nan"),
    "infinity": float("inf"),
    "minus infinity": float("-inf"),
    "NUL": "a\0b",
    "lone surrogate": "\ud800",
    "lone surrogate in a key": {"\udfff": 1},
    "NUL in a key": {"a\0": 1},
    "2**63": 2**63,
    "below -2**63": -(2**63) - 1,
    "5,000 digits": 10**5000,
    "depth 1,000": nested(1000),
    "depth 100,000": nested(100_000),
    "circular list": circular_list(),
    "circular dict": circular_dict(),
    "number as key": {1: "a"},
    "None as key": {None: "a"},
    "keys that become equal": {1: "a", "1": "b"},
    "tuple as key": {(1, 2): 3},
    "set": {1, 2},
    "frozenset": frozenset(),
    "bytes": b"bytes",
    "object": object(),
    "complex": 1 + 2j,
    "range": range(3),
    "generator": (n for n in (1, 2)),
    "class": ValueError,
    "set deep inside": {"ok": [1, {"deep": {7}}]},
}


@pytest.mark.parametrize("name", REFUSED)
def test_values_that_json_or_a_database_cannot_hold_are_refused(name: str) -> None:
    refused = refusal(REFUSED[name])
    assert refused.code in ("invalid_payload", "payload_too_large")
    str(refused).encode()  # can be stored and sent itself
    assert len(str(refused)) < 500
    assert refused.errors


def test_depth_64_is_accepted_and_65_is_not() -> None:
    assert encode(nested(63))
    assert "64 levels" in str(refusal(nested(64)))


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ({"a": [0, {"b": float("nan")}]}, "/a/1/b"),
        ({"a/b~c": {1}}, "/a~1b~0c"),
        ([[], [{"x": "\0"}]], "/1/0/x"),
        ({"k" * 10_000: {1}}, "/" + "k" * 40),
        ({"\0": 1}, "/\\x00"),
        (float("nan"), ""),
    ],
)
def test_a_refusal_points_to_the_place(value: Any, pointer: str) -> None:
    assert [error.pointer for error in refusal(value).errors] == [pointer]


@pytest.mark.parametrize("limit", [2, 10, 1000])
def test_the_limit_counts_bytes_of_utf8_exactly(limit: int) -> None:
    assert encode("a" * (limit - 2), limit)
    assert isinstance(refusal("a" * (limit - 1), limit), PayloadTooLarge)
    assert encode("ä" * ((limit - 2) // 2), limit)
    assert isinstance(refusal("ä" * (limit // 2), limit), PayloadTooLarge)


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(documents)
def test_the_estimate_never_refuses_what_fits(value: Any) -> None:
    try:
        size = len(encode(value, limit=1_000_000).encode())
    except InvalidPayload:
        return
    assert encode(value, limit=size)
    assert isinstance(refusal(value, limit=size - 1), PayloadTooLarge)


def many_lists() -> Any:
    inner: Any = 0
    for _ in range(30):
        inner = [inner] * 30
    return inner


def many_texts() -> Any:
    return ["x" * 60_000] * 10_000


def many_keys() -> Any:
    return [{"k" * 60_000: 1}] * 10_000


@pytest.mark.parametrize("bomb", [many_lists, many_texts, many_keys])
def test_shared_references_that_explode_are_refused_before_they_do(bomb: Any) -> None:
    # As text these are hundreds of megabytes and more: they have to be refused on the way down.
    value = bomb()
    tracemalloc.start()
    try:
        assert isinstance(refusal(value), PayloadTooLarge)
        assert tracemalloc.get_traced_memory()[1] < 10 * LIMIT
    finally:
        tracemalloc.stop()


def test_an_integer_of_any_size_is_refused_without_writing_its_digits() -> None:
    assert "64 bits" in str(refusal(1 << 10_000_000))


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": [1, 2.5, null, "\xc3\xa4"]}', {"a": [1, 2.5, None, "ä"]}),
        (b"\xef\xbb\xbf[1]", [1]),
        (b" 7 ", 7),
    ],
)
def test_plain_json_is_parsed(body: bytes, value: Any) -> None:
    assert payload.parse(body) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b'[{"b": {"a": 1, "a": 1}}]',
        b'{"a": 1, "\\u0061": 2}',
        '{"a": 1}'.encode("utf-16"),
        '{"a": 1}'.encode("utf-16-le"),
        '{"a": 1}'.encode("utf-32"),
        b'"\xff"',
        b"9" * 5000,
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a":' * 50_000,
        b"[1] trailing",
    ],
    ids=lambda body: repr(body[:14]),
)
def test_everything_else_is_malformed(body: bytes) -> None:
    with pytest.raises(MalformedJSON) as caught:
        payload.parse(body)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("body", [b"1e999", b'"\\ud800"', b'"\\u0000"', b"9223372036854775808"])
def test_what_parses_and_breaks_the_rule_is_refused_by_check(body: bytes) -> None:
    with pytest.raises(InvalidPayload):
        payload.check(payload.parse(body), what="body", limit=LIMIT)


@given(st.binary(max_size=40))
def test_any_bytes_are_parsed_or_malformed(body: bytes) -> None:
    try:
        value = payload.parse(body)
    except MalformedJSON:
        return
    json.dumps(value)
