"""The queue itself: throughput and latency on SQLite with synchronous=FULL, results and history kept."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from dayjob import JobQueue, JobRegistry, JobRequest, ProgressReporter

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
    executions = queue._get_engine().executions
    pass_on = executions.on_written

    def written() -> None:
        pass_on()
        if not (executions.prefetched.jobs or executions.running or executions.unsettled):
            done.set()

    executions.on_written = written
    with closing(sqlite3.connect(queue.url.removeprefix("sqlite:///"))) as connection:
        while True:
            done.clear()  # before the look, else what is written meanwhile would be missed
            ((completed,),) = connection.execute("SELECT jobs FROM dayjob_count WHERE status = 'completed'")
            if completed >= count:
                return
            await done.wait()


async def throughput(folder: Path) -> tuple[float, float]:
    """Enqueued and drained jobs per second, on a new database."""
    url = f"sqlite:///{folder}/jobs.db"
    return await fill(url), await drain(url)


async def at_once(folder: Path, count: int = 100_000) -> float:
    """Jobs per second through ``enqueue_many``, 10,000 in a call."""
    async with JobQueue(f"sqlite:///{folder}/many.db", max_workers=0, registry=registry) as queue:
        began = time.perf_counter()
        for _ in range(0, count, 10_000):
            await fill_at_once(queue, 10_000)
        return count / (time.perf_counter() - began)


async def fill_at_once(queue: JobQueue, count: int) -> None:
    """One ``enqueue_many``."""
    await queue.enqueue_many(JobRequest("noop") for _ in range(count))


async def sleeps(folder: Path, count: int = 2000) -> float:
    """Seconds in which so many jobs of ``asyncio.sleep(1)`` end, a thousand at a time."""
    own = JobRegistry()

    @own.job("sleep")
    async def sleep(job_id: str) -> None:
        await asyncio.sleep(1)

    url = f"sqlite:///{folder}/sleeps.db"
    async with JobQueue(url, max_workers=0, registry=own) as queue:
        await queue.enqueue_many(JobRequest("sleep") for _ in range(count))
    queue = JobQueue(url, max_workers=1000, registry=own)
    began = time.perf_counter()
    async with queue:
        await _settled(queue, count)
        return time.perf_counter() - began


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
