"""Numbers about a queue that cost little, however long its history is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .clock import now_micros
from .repository import JobRepository
from .states import TERMINAL, Status

_MINUTES = 60
_MINUTE = 60_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Stats:
    """``jobs`` of each status; ``last_hour``: by type, how many ended how; ``workers``: how many processes.

    ``per_minute``: by the status that they ended with, how many jobs ended in each of the last 60 minutes, oldest
    first.
    """

    jobs: Mapping[Status, int]
    last_hour: Mapping[str, Mapping[Status, int]]
    workers: int
    per_minute: Mapping[Status, Sequence[int]]


async def read_stats(repository: JobRepository) -> Stats:
    """The numbers of now."""
    jobs = await repository.count_jobs()
    ended = await repository.count_ended(now_micros() - _MINUTES * _MINUTE)
    last_hour: dict[str, dict[Status, int]] = {}
    per_minute = {status: [0] * _MINUTES for status in Status if status in TERMINAL}
    for each in ended:
        of_type = last_hour.setdefault(each.type, {})
        of_type[each.status] = of_type.get(each.status, 0) + each.jobs
        per_minute[each.status][min(each.minute, _MINUTES - 1)] += each.jobs  # a clock that was set back
    return Stats(jobs, last_hour, len(await repository.list_workers()), per_minute)
