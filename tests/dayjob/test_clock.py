"""Whoever sets a clock sets it for all, and puts the old one back."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import Any

from dayjob.clock import Clock, Timer, call_later, monotonic, now_micros, use_clock


class Stopped(Clock):
    """Always at ``now`` microseconds; what is to be called later is called at once."""

    def __init__(self, now: int) -> None:
        self.now = now

    def micros(self) -> int:
        return self.now

    def seconds(self) -> float:
        return self.now / 1e6

    def call_later(self, seconds: float, callback: Callable[..., None], *args: Any) -> Timer:
        return asyncio.get_running_loop().call_later(0, callback, *args)


def test_it_is_the_machines_unless_another_is_used() -> None:
    assert abs(now_micros() - time.time_ns() // 1000) < 60_000_000
    assert monotonic() <= time.monotonic()


def test_one_in_another_and_back_also_after_an_error() -> None:
    with use_clock(Stopped(1_000_000)):
        with contextlib.suppress(KeyError), use_clock(Stopped(2_000_000)):
            assert (now_micros(), monotonic()) == (2_000_000, 2.0)
            raise KeyError
        assert (now_micros(), monotonic()) == (1_000_000, 1.0)
    assert now_micros() > 2_000_000


async def test_timers_are_the_clocks() -> None:
    called = asyncio.Event()
    with use_clock(Stopped(0)):
        call_later(3600, called.set)
    await asyncio.wait_for(called.wait(), 10)
    call_later(0, called.clear).cancel()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert called.is_set()
