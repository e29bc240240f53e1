"""Numbers about a queue that cost little, however long its history is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .clock import now_micros
from .repository import PERIOD, EndedJobs, JobRepository
from .states import TERMINAL, Status

_MINUTES = 60
_MINUTE = 60_000_000  # microseconds
_LATE = 10_000_000  # microseconds that an end may need to get into the database
_RECOUNT = 600_000_000  # microseconds after which everything is counted: some ends come later still, or are pruned


@dataclass(frozen=True, slots=True)
class Stats:
    """``jobs`` of each status; ``last_hour``: by type, how many ended how; ``workers``: how many processes.

    ``per_minute``: by the status that they ended with, how many jobs ended in each of the last 60 minutes, oldest
    first. ``unknown_types``: jobs of these types wait, and no process that runs jobs knows them.
    """

    jobs: Mapping[Status, int]
    last_hour: Mapping[str, Mapping[Status, int]]
    workers: int
    per_minute: Mapping[Status, Sequence[int]]
    unknown_types: Sequence[str] = field(default_factory=list)


class StatsReader:
    """Reads the numbers of a repository. What is over is not counted again each time, so asking often costs little."""

    def __init__(self, repository: JobRepository) -> None:
        self._repository = repository
        self._reading = asyncio.Lock()
        self._ended: list[EndedJobs] = []
        self._last = 0
        self._recount_at = 0

    async def read(self, owner: str | None = None) -> Stats:
        """The numbers of now; those of an ``owner``, whose jobs are few beside all, are counted each time."""
        jobs = await self._repository.count_jobs(owner)
        now = now_micros()
        first = _first_period(now)
        ended = await (self._all_ended(now) if owner is None else self._repository.count_ended(first, owner))
        last_hour: dict[str, dict[Status, int]] = {}
        per_minute = {status: [0] * _MINUTES for status in Status if status in TERMINAL}
        for each in ended:
            of_type = last_hour.setdefault(each.type, {})
            of_type[each.status] = of_type.get(each.status, 0) + each.jobs
            minute = (each.period - first) * PERIOD // _MINUTE
            per_minute[each.status][max(0, min(minute, _MINUTES - 1))] += each.jobs  # a clock that was set back
        unknown = sorted(await self._repository.list_unknown_types())
        return Stats(jobs, last_hour, len(await self._repository.list_workers()), per_minute, unknown)

    async def _all_ended(self, now: int) -> list[EndedJobs]:
        async with self._reading:  # who comes second finds everything counted
            await self._count_ended(now)
            return self._ended

    async def _count_ended(self, now: int) -> None:
        first = again = _first_period(now)
        recounts = not self._last <= now < self._recount_at
        if not recounts:
            again = max(first, (self._last - _LATE) // PERIOD)
        known = [each for each in self._ended if first <= each.period < again]
        self._ended = known + await self._repository.count_ended(again)
        self._last = now
        if recounts:
            self._recount_at = now + _RECOUNT


def _first_period(now: int) -> int:
    return now // PERIOD - _MINUTES * _MINUTE // PERIOD + 1
