"""The processes that work on a database, as people want to see them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from .models import JobStatus
from .repository import JobRepository, WorkerRow, now_micros, to_datetime
from .states import Status

BEAT_EVERY = 2.0  # seconds between signs of life of a process
DEAD_AFTER = 6.0  # seconds without one, seen by somebody who has given his own all the while
_MOST_RUNNING = 1000  # jobs, of all processes together


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that a process runs."""

    id: str
    type: str


@dataclass(frozen=True, slots=True)
class Process:
    """A process that works on the database, or died while it did. Times are aware and in UTC.

    ``slots`` jobs run there at once (0: it only enqueues and watches). ``heartbeat_age_seconds`` is how long ago this
    process saw its counter rise, every two seconds if all is well; None: not yet seen. ``blocked_since``: its event
    loop does not answer, and one of ``blocked_by`` (ids of jobs) may be why; ``loop_lag_seconds`` is for how long,
    None if nothing is known. ``stuck`` handlers were written off and still run.
    """

    id: str
    host: str
    pid: int
    version: str
    slots: int
    types: Sequence[str]
    running: Sequence[RunningJob]
    heartbeat_age_seconds: float | None
    started_at: datetime
    blocked_since: datetime | None
    blocked_by: Sequence[str]
    stuck: int
    loop_lag_seconds: float | None


async def read_processes(repository: JobRepository, heard_ago: Callable[[str], float | None]) -> list[Process]:
    """All processes, the oldest first; ``heard_ago`` maps an id to the seconds since its last sign of life."""
    rows = await repository.list_workers()
    running: dict[str, list[RunningJob]] = {}
    for job in (await repository.list_jobs([Status.RUNNING], (), _MOST_RUNNING)).items:
        running.setdefault(job.worker or "", []).append(_running_job(job))
    found = [_process(row, running, heard_ago(row.id)) for row in rows]
    return sorted(found, key=lambda process: (process.started_at, process.id))


def _running_job(job: JobStatus) -> RunningJob:
    return RunningJob(job.id, job.type)


def _process(row: WorkerRow, running: Mapping[str, list[RunningJob]], heard_ago: float | None) -> Process:
    since = row.blocked_since
    blocked_by: Any = json.loads(row.blocked_by) if row.blocked_by else []
    return Process(
        id=row.id,
        host=row.host,
        pid=row.pid,
        version=row.version,
        slots=row.slots,
        types=json.loads(row.types),
        running=running.get(row.id, []),
        heartbeat_age_seconds=None if heard_ago is None else round(heard_ago, 3),
        started_at=to_datetime(row.started_at),
        blocked_since=None if since is None else to_datetime(since),
        blocked_by=blocked_by,
        stuck=row.stuck,
        loop_lag_seconds=None if since is None else max(0.0, round((now_micros() - since) / 1e6, 3)),
    )
