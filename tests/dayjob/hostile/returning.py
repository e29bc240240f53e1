"""Handlers that return what cannot be stored, and some things that can."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.dayjob.hostile.table import ALL, HERE, hostile
from tests.dayjob.hostile.values import (
    EndlessDict,
    EndlessList,
    ExitingClass,
    LyingClass,
    Nameless,
    Point,
    SlyNumber,
    SlyText,
    circular,
    nested,
)

RESULTS: dict[str, tuple[Callable[[], Any], str | None]] = {
    "circular": (circular, "deeper than 64 levels (or contains itself)"),
    "100_levels": (lambda: nested(100), "deeper than 64 levels"),
    "100000_levels": (lambda: nested(100_000), "deeper than 64 levels"),
    "nan": (lambda: {"a": [math.nan]}, "The result at /a/0 is nan, which JSON does not have"),
    "infinity": (lambda: -math.inf, "is -inf"),
    "2_megabytes": (lambda: 2_000_000 * "x", "larger than 1,048,576 bytes"),
    "2_megabytes_of_quotes": (lambda: 600_000 * '"', "larger than 1,048,576 bytes"),
    "a_million_nulls": (lambda: 1_000_000 * [None], "larger than 1,048,576 bytes"),
    "1_megabyte_of_umlauts": (lambda: 524_000 * "ä", None),
    "1_megabyte_of_quotes": (lambda: 524_000 * '"', None),
    "half_a_pair": (lambda: ["\ud800"], "half of a surrogate pair"),
    "half_a_pair_as_key": (lambda: {"\udfff": 1}, "half of a surrogate pair"),
    "nul": (lambda: "a\0b", "contains a NUL character"),
    "2_to_the_63": (lambda: 2**63, "integer of more than 64 bits"),
    "5000_digits": (lambda: 10**5000, "integer of more than 64 bits"),
    "number_as_key": (lambda: {1: 2, "1": 3}, "key of type int"),
    "none_as_key": (lambda: {None: 2}, "key of type NoneType"),
    "bytes": (lambda: b"x", "is a bytes, which JSON does not have"),
    "set_of_sets": (lambda: {frozenset({b"x"})}, "is a bytes"),
    "generator": (lambda: (x for x in "ab"), "is a generator, which JSON does not have; use a list"),
    "exception": (lambda: ValueError("x"), "is a ValueError"),
    "decimal": (lambda: {Decimal("0.1"): Decimal("NaN")}, None),
    "complex": (lambda: [1j], "is a complex"),
    "lock": (threading.Lock, "is a lock"),
    "function": (lambda: circular, "is a function"),
    "ellipsis": (lambda: ..., "is a ellipsis"),
    "lying_class": (LyingClass, "is a LyingClass"),
    "exiting_class": (ExitingClass, "is a ExitingClass"),
    "nameless_class": (lambda: Nameless("Nobody", (), {})(), "is a Nobody"),
    "endless_dict": (lambda: EndlessDict(a=1), None),
    "endless_list": (lambda: EndlessList([1]), None),
    "sly_text": (lambda: SlyText("\ud800"), "half of a surrogate pair"),
    "sly_key": (lambda: {SlyText("a\0"): 1}, "contains a NUL character"),
    "sly_number": (lambda: SlyNumber(2**70), "integer of more than 64 bits"),
    "named_tuple": (lambda: Point(1, 2), None),
}


# Where a child process is different: who reads them, and how they come through its pipe.
IN_CHILDREN = ["circular", "100000_levels", "nan", "a_million_nulls", "1_megabyte_of_umlauts", "1_megabyte_of_quotes"]
IN_CHILDREN += [
    "half_a_pair",
    "lying_class",
    "exiting_class",
    "endless_dict",
    "endless_list",
    "sly_text",
    "named_tuple",
]


def _returns(name: str) -> Callable[[], Any]:
    def returns() -> Any:
        return RESULTS[name][0]()

    returns.__name__ = returns.__qualname__ = f"returns_{name}"
    return returns


for _name, (_, _error) in RESULTS.items():
    _function = _returns(_name)
    globals()[_function.__name__] = hostile(_error, on=ALL if _name in IN_CHILDREN else HERE)(_function)


@hostile("cannot reuse already awaited coroutine", on=("thread", "process"))
def returns_a_coroutine() -> Any:
    coroutine = asyncio.sleep(0)
    coroutine.close()
    return coroutine
