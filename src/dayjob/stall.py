"""Notices when a running attempt gets no further. Long is not dead: this only tells, and stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .repository import now_micros


class StallWatch:
    """Calls ``on_stalled`` once when nothing progressed for ``after`` seconds (None: never), and again after more.

    It is on the event loop: while a handler blocks that, nobody notices.
    """

    def __init__(self, after: float | None, on_stalled: Callable[[], None]) -> None:
        self.progressed_at: int | None = None  # microseconds since 1970 (UTC), as is ``since``
        self.since: int | None = None
        self._after = after
        self._on_stalled = on_stalled
        self._loop = asyncio.get_running_loop()
        self._last = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._arm()

    def progressed(self) -> bool:
        """There was progress; True if that ended a stall."""
        self.progressed_at, self._last = now_micros(), self._loop.time()
        if self.since is None:
            return False
        self.since = None
        self._arm()
        return True

    def close(self) -> None:
        """The attempt ended."""
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        if self._after is not None:
            self._timer = self._loop.call_at(self._last + self._after, self._look)

    def _look(self) -> None:
        if self._after is None or self._loop.time() < self._last + self._after:
            self._arm()  # once in a while instead of a new timer at every progress
            return
        self.since = now_micros()
        self._on_stalled()
