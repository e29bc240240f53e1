"""A short life of a queue, the same each time: ``scripted.py DATABASE LEDGER [DURABILITY]``.

It opens a new database, accepts jobs one by one and together, runs them with checkpoints, cancels one, removes one from
history, and stops; and it notes what it was promised. Errors of the storage are answered as an app would: by trying
again.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from dayjob import JobContext, JobQueue, JobRegistry, JobRequest, Keep, Retention
from dayjob.crashtest.ledger import Ledger
from dayjob.errors import StorageError

T = TypeVar("T")
TRIES = 3  # of a start
NO_START = 3  # exit code
PRUNED = "pruned"
JOBS = ["one", "two", "three"]
MANY = ["many-1", "many-2", "many-3"]


def job_types(ledger: Ledger) -> JobRegistry:
    registry = JobRegistry()

    @registry.job("task")
    async def task(ctx: JobContext, kept: bool = False) -> list[int]:
        ledger.note("begin", ctx.job_id, ctx.attempt)
        await ctx.progress.update(1, total=1)
        if kept:
            await insist(lambda: ctx.checkpoint({"attempt": ctx.attempt}))
            ledger.note("kept", ctx.job_id, ctx.attempt)
        ledger.note("end", ctx.job_id, ctx.attempt)
        return [ctx.attempt, os.getpid()]

    return registry


async def live(database: Path, ledger: Ledger, durability: str = "power") -> None:
    """All of it. Also for a second time, on what a first one left behind."""
    retention = Retention(cancelled=Keep(age=timedelta(0)))
    queue = JobQueue(
        f"sqlite:///{database}",
        registry=job_types(ledger),
        max_workers=2,
        grace=1,
        durability=durability,
        retention=retention,
    )
    await start(queue)
    for name in JOBS:
        ledger.note("asked", name)
        await insist(lambda name=name: queue.enqueue("task", job_args={"kept": name == "two"}, job_id=name))
        ledger.note("accepted", name)
    for name in MANY:
        ledger.note("asked", name)
    await insist(lambda: queue.enqueue_many([JobRequest("task", job_id=name) for name in MANY]))
    for name in MANY:
        ledger.note("accepted", name)
    await cancel_later(queue, ledger)
    for name in JOBS + MANY:
        ledger.note((await queue.wait(name, timeout=60)).status, name)
    await queue.stop()
    ledger.note("over")


async def cancel_later(queue: JobQueue, ledger: Ledger) -> None:
    """A job for much later, cancelled before its time, and then removed from history."""
    ledger.note("asked", PRUNED)
    await insist(lambda: queue.enqueue("task", job_id=PRUNED, delay=3600))
    ledger.note("unwanted", PRUNED)
    await insist(lambda: queue.cancel_job(PRUNED))
    ledger.note("removable", PRUNED)
    await insist(queue.prune)


async def start(queue: JobQueue) -> None:
    """A disk that fails now and then may fail here, too; one that always does ends the process."""
    for _ in range(TRIES):
        with contextlib.suppress(StorageError):
            return await queue.start()
    sys.exit(NO_START)


async def insist(call: Callable[[], Awaitable[T]]) -> T:
    while True:
        try:
            return await call()
        except StorageError:
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(live(Path(sys.argv[1]), Ledger(Path(sys.argv[2])), *sys.argv[3:]))
