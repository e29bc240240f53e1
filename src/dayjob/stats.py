"""Numbers about a queue that cost little, however long its history is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .clock import now_micros
from .repository import JobRepository
from .states import Status

_HOUR = 3_600_000_000  # microseconds


@dataclass(frozen=True, slots=True)
class Stats:
    """``jobs`` of each status; ``last_hour``: by type, how many ended how; ``workers``: how many processes."""

    jobs: Mapping[Status, int]
    last_hour: Mapping[str, Mapping[Status, int]]
    workers: int


async def read_stats(repository: JobRepository) -> Stats:
    """The numbers of now."""
    jobs = await repository.count_jobs()
    last_hour = await repository.count_ended(now_micros() - _HOUR)
    return Stats(jobs, last_hour, len(await repository.list_workers()))
