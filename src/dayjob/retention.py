"""How long jobs are kept after their end, and the loop that removes the older ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from .clock import now_micros
from .logger import logger
from .loop import Loop
from .options import instance, invalid, whole
from .repository import JobRepository
from .states import Status
from .supervision import Supervisor

log = logger("dayjob.retention")

PRUNE_EVERY = 60.0  # seconds between two looks for old jobs
BATCH = 10  # jobs in the first transaction, for a job may have a thousand lines; it grows while it is quick
_LARGEST_BATCH = 500
_QUICK, _SLOW = 0.01, 0.04  # seconds for a batch: the writer has others to serve
_PAUSE = 0.02  # seconds between two batches, in which others get the writer
_OLDEST = timedelta(days=36_525)
_ALWAYS = 2**62  # microseconds, or jobs: later than any end, more than there are


@dataclass(frozen=True, slots=True)
class Keep:
    """How long, and how many, jobs are kept. None: for ever, and any number. Raises `InvalidOption`."""

    age: timedelta | None = None
    count: int | None = None

    def __post_init__(self) -> None:
        if self.age is not None:
            fix = "a timedelta of 0 to 100 years, as timedelta(days=7), or None for ever"
            if not timedelta(0) <= instance("age", self.age, timedelta, fix) <= _OLDEST:
                raise invalid("age", self.age, fix)
        if self.count is not None:
            object.__setattr__(self, "count", whole("count", self.count, 0, hint=", or None for any number"))


@dataclass(frozen=True, slots=True)
class Retention:
    """What is kept of jobs that ended, by status: by default completed ones for 7 days, all others for 30.

    Raises `InvalidOption`.

    >>> Retention(completed=Keep(age=timedelta(days=1), count=10_000)).failed.age.days
    30
    """

    completed: Keep = Keep(age=timedelta(days=7))
    failed: Keep = Keep(age=timedelta(days=30))
    cancelled: Keep = Keep(age=timedelta(days=30))

    def __post_init__(self) -> None:
        for status, keep in self.rules():
            instance(status, keep, Keep, f"Keep(...), as in Retention({status}=Keep(age=timedelta(days=7)))")

    def rules(self) -> Iterator[tuple[Status, Keep]]:
        """The rule of each status."""
        yield Status.COMPLETED, self.completed
        yield Status.FAILED, self.failed
        yield Status.CANCELLED, self.cancelled


class Pruner:
    """Removes old jobs, with their logs and attempts, in small transactions."""

    def __init__(self, repository: JobRepository, retention: Retention, supervisor: Supervisor | None = None) -> None:
        self._repository = repository
        self._retention = retention
        self._size = BATCH
        self._loop = Loop("pruner", self.step, supervisor)

    def start(self) -> None:
        """Begin to remove what is older than it may be."""
        self._loop.start()

    async def stop(self) -> None:
        """End after the batch under way."""
        await self._loop.stop()

    async def step(self) -> float:
        """Remove a batch of each status; the seconds until the next one."""
        due = await self.due(1)  # read first: who has nothing to remove need not hold up the writers
        removed = [await self._batch(status, keep) for status, keep in self._retention.rules() if due[status]]
        return _PAUSE if any(removed) else PRUNE_EVERY

    async def due(self, most: int = _ALWAYS) -> dict[Status, int]:
        """How many jobs of each status would be removed now; counts to ``most`` at most."""
        counted = await self._repository.count_jobs()
        return {status: await self._due(status, keep, counted, most) for status, keep in self._retention.rules()}

    async def run(self) -> dict[Status, int]:
        """Remove all that is due; how many jobs of each status there were."""
        removed = {}
        for status, keep in self._retention.rules():
            removed[status] = batch = await self._batch(status, keep)
            while batch:
                batch = await self._batch(status, keep)
                removed[status] += batch
        return removed

    async def _due(self, status: Status, keep: Keep, counted: dict[Status, int], most: int) -> int:
        old = 0 if keep.age is None else await self._repository.count_prunable(status, _before(keep.age), most)
        return max(old, 0 if keep.count is None else min(most, counted[status] - keep.count))

    async def _batch(self, status: Status, keep: Keep) -> int:
        removed = 0
        if keep.age is not None:
            removed = await self._remove(status, _before(keep.age), 0)
        if keep.count is not None and not removed:
            removed = await self._remove(status, _ALWAYS, keep.count)
        if removed:
            log.debug("removed %d old jobs that %s", removed, status)
        return removed

    async def _remove(self, status: Status, before: int, keep: int) -> int:
        began = time.monotonic()
        removed = await self._repository.prune(status, before, keep, self._size)
        took = time.monotonic() - began
        if took < _QUICK and removed == self._size:
            self._size = min(_LARGEST_BATCH, self._size * 2)
        elif took > _SLOW:
            self._size = max(1, self._size // 2)
        return removed


def _before(age: timedelta) -> int:
    return now_micros() - age // timedelta(microseconds=1)
