"""How fast a job gets on, as somebody sees it who looks at it now and then."""

from __future__ import annotations

import time

from ..models import JobStatus
from ..progress import Meter

_OLD = 10.0  # seconds without a change after which nothing is said any more


class Pace:
    """A `Meter` that is read from outside. A look at the job is no progress: only changes count, at their own time.

    What was done before the first look, nobody knows since when. So without the time of the progress (lists do not have
    it) the first change is the beginning.
    """

    def __init__(self) -> None:
        self._meter = Meter()
        self._seen: int | None = None
        self._changed = 0.0

    def read(self, job: JobStatus, now: float | None = None) -> tuple[float | None, float | None]:
        """Items per second and seconds left, each None while it would be a guess; ``now``: of a monotonic clock."""
        now = time.monotonic() if now is None else now
        if job.processed_items != self._seen:
            if job.progressed_at is not None:
                self._meter.feed(job.progressed_at.timestamp(), job.processed_items)
            elif self._seen is not None:
                self._meter.feed(now, job.processed_items)
            self._seen, self._changed = job.processed_items, now
        if now - self._changed > _OLD:
            return None, None
        return self._meter.read(job.processed_items, job.total_items)
