"""Large tables: a million jobs that wait, and a million that ended beside a million for later.

``python -m bench.volume FOLDER`` is the process that is measured with the jobs that wait. Rows of history are made with
SQL; jobs that are measured are made by the queue.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import statistics
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path

from dayjob import JobQueue, Status
from dayjob.models import NewJob
from dayjob.repository import JobRepository, WorkerRow, now_micros, open_repository

from . import jobs
from .child import rss

MILLION = 1_000_000
_AT_ONCE = 10_000
_MICROS = 1_000_000

_COPY = """
INSERT INTO dayjob_job (id, type, status, args, priority, run_at, ready, max_attempts, created_at, started_at,
                        completed_at, result, worker, attempt, rev)
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < :count)
SELECT :status || n, 'noop', :status, '{}', 0, :run_at, 0, 1, :now, :began, :ended, :result, :worker, :attempt, n
FROM n
"""


async def _repository(path: Path) -> JobRepository:
    repository = open_repository(path)
    await repository.open()
    return repository


def add_rows(path: Path, status: str, count: int) -> None:
    """``count`` rows that ended (``completed``), that are for later (``pending``), or of a process that died."""
    now = int(time.time() * _MICROS)
    ended, running = status == "completed", status == "running"
    values = {
        "count": count, "status": status, "now": now, "run_at": now + (0 if ended or running else 10**6 * _MICROS),
        "began": None if status == "pending" else now, "ended": now if ended else None,
        "result": "null" if ended else None, "worker": None if status == "pending" else "dead",
        "attempt": int(status != "pending"),
    }  # fmt: skip
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(_COPY, values)
        connection.execute("UPDATE dayjob_count SET jobs = jobs + ? WHERE status = ?", (count, status))
        connection.execute("UPDATE dayjob_meta SET value = max(value, ?) WHERE key = 'rev'", (count,))


async def reads_and_claims(*paths: Path) -> dict[str, list[float]]:
    """Milliseconds of a claim of one job, of a hundred, of the newest page, and of the counts, in each database.

    They take turns, so that whatever else the machine does slows all of them.
    """
    repositories = [await _ready(path) for path in paths]
    try:
        return {name: await _milliseconds(repositories, action) for name, action in _ACTIONS.items()}
    finally:
        for repository in repositories:
            await repository.close()


_ACTIONS: dict[str, Callable[[JobRepository], Awaitable[object]]] = {
    "claim 1": lambda repository: repository.claim("bench", ["noop"], 1),
    "claim 100": lambda repository: repository.claim("bench", ["noop"], 100),
    "page": lambda repository: repository.list_jobs(limit=50),
    "counts": lambda repository: repository.count_jobs(),
}


async def _ready(path: Path) -> JobRepository:
    """With jobs to claim."""
    repository = await _repository(path)
    await repository.register_worker(WorkerRow("bench", "bench", 1, 1, "[]", "0", 0, 0))
    for batch in range(3):
        now = now_micros()
        news = [NewJob(id=f"b{batch}-{n}", type="noop", args="{}", created_at=now, run_at=now) for n in range(_AT_ONCE)]
        await repository.create_jobs(news)
    return repository


async def _milliseconds(
    repositories: Sequence[JobRepository], action: Callable[[JobRepository], Awaitable[object]], times: int = 200
) -> list[float]:
    took: list[list[float]] = [[] for _ in repositories]
    for _ in range(times):
        for repository, mine in zip(repositories, took, strict=True):
            began = time.perf_counter()
            await action(repository)
            mine.append((time.perf_counter() - began) * 1000)
    return [statistics.median(mine) for mine in took]


async def _pending(folder: Path) -> dict[str, float]:
    """Enqueue a million; what that adds to memory and disk; then run some, and what those leave in memory."""
    url = f"sqlite:///{folder}/pending.db"
    async with JobQueue(url, max_workers=0, registry=jobs.registry) as queue:
        await jobs.fill_at_once(queue, _AT_ONCE)
        before, began = rss(), time.perf_counter()
        for _ in range(MILLION // _AT_ONCE - 1):
            await jobs.fill_at_once(queue, _AT_ONCE)
        enqueued = (MILLION - _AT_ONCE) / (time.perf_counter() - began)
        grown = rss() - before
    size = os.stat(folder / "pending.db").st_size
    async with JobQueue(url, max_workers=jobs.WORKERS, registry=jobs.registry) as queue:
        levels = []
        for goal in (50_000, 150_000):
            while (await queue.get_stats()).jobs[Status.COMPLETED] < goal:
                await asyncio.sleep(0.1)
            levels.append(rss())
    return {
        "grown": grown / 2**20, "bytes": size / MILLION - len("{}"), "enqueued": enqueued,
        "left": (levels[1] - levels[0]) / 100_000,
    }  # fmt: skip


def make_table(path: Path) -> None:
    """An empty database."""

    async def create() -> None:
        await (await _repository(path)).close()

    asyncio.run(create())


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_pending(Path(sys.argv[1])))))
