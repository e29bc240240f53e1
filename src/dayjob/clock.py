"""What time it is, and what happens later: the one place where dayjob asks for either.

Two things are measured elsewhere, since they are about this process and not about its jobs: how long something of ours
takes (throttles, beats, pauses after an error), and the grace period of a handler that has to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Any, Protocol


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None:
        """Have it not called."""


class Clock:
    """The clocks of this machine."""

    def micros(self) -> int:
        """Microseconds since 1970 in UTC. May jump, as the machine's clock does."""
        return time.time_ns() // 1000

    def seconds(self) -> float:
        """Seconds of a clock that only goes forward."""
        return time.monotonic()

    def call_later(self, seconds: float, callback: Callable[..., None], *args: Any) -> Timer:
        """Have ``callback`` called on the running event loop in ``seconds``."""
        return asyncio.get_running_loop().call_later(seconds, callback, *args)


_clock = Clock()


@contextlib.contextmanager
def use_clock(clock: Clock) -> Iterator[None]:
    """While inside, all queues of this process go by ``clock``."""
    global _clock
    before, _clock = _clock, clock
    try:
        yield
    finally:
        _clock = before


def now_micros() -> int:
    """Microseconds since 1970 in UTC."""
    return _clock.micros()


def monotonic() -> float:
    """Seconds of a clock that only goes forward."""
    return _clock.seconds()


def call_later(seconds: float, callback: Callable[..., None], *args: Any) -> Timer:
    """Have ``callback`` called on the running event loop in ``seconds``."""
    return _clock.call_later(seconds, callback, *args)
