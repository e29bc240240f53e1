"""The queue itself: throughput and latency on SQLite with synchronous=FULL, results and history kept.

The floor is what bare ``sqlite3`` does in the same run: the same three row changes per job (pending, running,
completed) in transactions of 512, from one thread, without a queue around them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

from dayjob import JobQueue, JobRegistry, ProgressReporter, Status

JOBS, WORKERS = 20_000, 10

registry = JobRegistry()


@registry.job("noop")
async def noop(job_id: str) -> None:
    """Nothing: what is left is the queue's own cost."""


async def fill(url: str, count: int = JOBS) -> float:
    """Enqueue ``count`` jobs, many at once, each durable; returns jobs per second."""
    async with JobQueue(url, max_workers=0, registry=registry) as queue:
        began = time.perf_counter()
        for _ in range(0, count, 2000):
            await asyncio.gather(*(queue.enqueue("noop") for _ in range(2000)))
        return count / (time.perf_counter() - began)


async def drain(url: str, count: int = JOBS) -> float:
    """Run what `fill` queued, each end committed; jobs per second from start() to the last commit."""
    queue = JobQueue(url, max_workers=WORKERS, registry=registry)
    began = time.perf_counter()
    async with queue:
        await _settled(queue, count)
        return count / (time.perf_counter() - began)


async def _settled(queue: JobQueue, count: int) -> None:
    """Wait until ``count`` jobs are completed on disk."""
    done = asyncio.Event()
    pass_on = queue.attempts.on_written
    attempts = queue.attempts

    def written() -> None:
        pass_on()
        if not (attempts.waiting or attempts.running or attempts.unsettled):
            done.set()

    queue.attempts.on_written = written
    while (await queue.get_stats()).jobs[Status.COMPLETED] < count:
        done.clear()
        await done.wait()


async def throughput(folder: Path) -> tuple[float, float]:
    """Enqueued and drained jobs per second, on a new database."""
    url = f"sqlite:///{folder}/jobs.db"
    return await fill(url), await drain(url)


def floor(folder: Path, count: int = JOBS) -> float:
    """Jobs per second that bare sqlite3 writes: three changes each, 512 to a transaction, synchronous=FULL."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE job (seq INTEGER PRIMARY KEY, status TEXT, args TEXT, result TEXT)")
    connection.execute("CREATE INDEX job_ready ON job (seq) WHERE status = 'pending'")
    began = time.perf_counter()
    for first in range(0, count, 512):
        numbers = [(n,) for n in range(first, min(count, first + 512))]
        for statement in (
            "INSERT INTO job VALUES (?, 'pending', '{}', NULL)",
            "UPDATE job SET status = 'running' WHERE seq = ?",
            "UPDATE job SET status = 'completed', result = 'null' WHERE seq = ?",
        ):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(statement, numbers)
            connection.execute("COMMIT")
    seconds = time.perf_counter() - began
    connection.close()
    return count / seconds


async def single_enqueues(folder: Path, count: int = 500) -> list[float]:
    """Milliseconds of each of ``count`` enqueues, one after the other."""
    took = []
    async with JobQueue(f"sqlite:///{folder}/single.db", max_workers=0, registry=registry) as queue:
        for _ in range(count):
            began = time.perf_counter()
            await queue.enqueue("noop")
            took.append((time.perf_counter() - began) * 1000)
    return took


async def start_latencies(folder: Path, count: int = 300) -> list[float]:
    """Milliseconds from the call of enqueue to the handler's first line, on an idle queue."""
    own = JobRegistry()
    started: list[float] = []

    @own.job("stamp")
    async def stamp(job_id: str) -> None:
        started.append(time.perf_counter())

    took = []
    async with JobQueue(f"sqlite:///{folder}/latency.db", max_workers=2, registry=own) as queue:
        for _ in range(count):
            began = time.perf_counter()
            job_id = await queue.enqueue("stamp")
            await queue.wait(job_id)
            took.append((started[-1] - began) * 1000)
    return took


async def progress_cost(folder: Path, count: int = 100_000) -> float:
    """Microseconds of one awaited ``progress.update()`` in a handler's loop."""
    own = JobRegistry()

    @own.job("report")
    async def report(job_id: str) -> float:
        progress = ProgressReporter(job_id, total_items=count)
        began = time.perf_counter()
        for _ in range(count):
            await progress.update(1)
        return (time.perf_counter() - began) / count * 1e6

    async with JobQueue(f"sqlite:///{folder}/progress.db", registry=own) as queue:
        return float(await queue.result(await queue.enqueue("report")))
