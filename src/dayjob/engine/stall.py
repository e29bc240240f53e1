"""Notices when a running attempt gets no further. Long is not dead: this only tells, and stops nothing."""

from __future__ import annotations

from collections.abc import Callable

from ..clock import Timer, call_later, monotonic, now_micros


class StallWatch:
    """Calls ``on_stalled`` once when nothing progressed for ``after`` seconds (None: never), and again after more.

    It is on the event loop: while a handler blocks that, nobody notices.
    """

    def __init__(self, after: float | None, on_stalled: Callable[[], None]) -> None:
        self.progressed_at: int | None = None  # microseconds since 1970 (UTC), as is ``since``
        self.since: int | None = None
        self._after = after
        self._on_stalled = on_stalled
        self._last = monotonic()
        self._timer: Timer | None = None
        self._arm()

    def note_progress(self) -> bool:
        """There was progress; True if that ended a stall."""
        self.progressed_at, self._last = now_micros(), monotonic()
        if self.since is None:
            return False
        self.since = None
        self._arm()
        return True

    def close(self) -> None:
        """The attempt ended."""
        self._on_stalled = _nothing  # which would keep the whole attempt, in a circle
        if self._timer is not None:
            self._timer.cancel()

    def _arm(self) -> None:
        if self._after is not None:
            self._timer = call_later(self._last + self._after - monotonic(), self._look)

    def _look(self) -> None:
        if self._after is None or monotonic() < self._last + self._after:
            self._arm()  # once in a while instead of a new timer at every progress
            return
        self.since = now_micros()
        self._on_stalled()


def _nothing() -> None:
    """Nobody is told any more."""
