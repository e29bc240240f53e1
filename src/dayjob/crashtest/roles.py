"""The processes that are killed: each works on the database until it dies, and notes what it does in the ledger."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import processes
from ..context import JobContext
from ..errors import QueueFull, StorageError
from ..job_queue import JobQueue
from ..registry import JobRegistry
from .ledger import Ledger

_MOST_WAITING = 100  # jobs, above which no new ones are added: the kills shall meet running jobs
_TRIES_EVERY = 0.02  # seconds


@dataclass(frozen=True, slots=True)
class Orders:
    """What a process is told: its role, where to work, and the seed of its random moments."""

    role: str
    database: Path
    ledger: Path
    seed: str
    beat: float = processes.BEAT_EVERY


def play(orders: Orders) -> None:
    """Work until killed (or, for some roles, until done)."""
    processes.BEAT_EVERY, processes.DEAD_AFTER = orders.beat, 3 * orders.beat
    asyncio.run(ROLES[orders.role](orders))


async def work_and_enqueue(orders: Orders) -> None:
    """An app in one process: it adds jobs and runs them."""
    async with _queue(orders, workers=8) as (queue, ledger):
        await _enqueue(queue, ledger, orders)


async def only_enqueue(orders: Orders) -> None:
    """An app whose jobs run elsewhere."""
    async with _queue(orders, workers=0) as (queue, ledger):
        await _enqueue(queue, ledger, orders)


async def only_work(orders: Orders) -> None:
    """One of the processes that run them."""
    async with _queue(orders, workers=8):
        await asyncio.Event().wait()


ROLES: dict[str, Callable[[Orders], Coroutine[Any, Any, None]]] = {
    "app": work_and_enqueue,
    "api": only_enqueue,
    "worker": only_work,
}


@contextlib.asynccontextmanager
async def _queue(orders: Orders, workers: int) -> AsyncIterator[tuple[JobQueue, Ledger]]:
    ledger = Ledger(orders.ledger)
    url = f"sqlite:///{orders.database}"
    registry = job_types(ledger, random.Random(orders.seed))  # noqa: S311 (repeatable, not secret)
    async with JobQueue(url, registry=registry, max_workers=workers, max_pending=_MOST_WAITING, grace=0.5) as queue:
        ledger.note("ready")
        yield queue, ledger


async def _enqueue(queue: JobQueue, ledger: Ledger, orders: Orders) -> None:
    chance = random.Random(orders.seed)  # noqa: S311
    for number in itertools.count(1):
        names = [f"{orders.seed}-{number}-{part}" for part in range(chance.randint(1, 5))]
        await asyncio.gather(*(_accept(queue, ledger, name, chance.choice(["task", "thread"])) for name in names))
        if chance.random() < 0.1:
            await _cancel(queue, ledger, names[0])
        await asyncio.sleep(chance.uniform(0, 0.01))


async def _accept(queue: JobQueue, ledger: Ledger, job_id: str, job_type: str) -> None:
    """Ask until it is accepted: the same id again is the same job."""
    ledger.note("asked", job_id)
    while True:
        try:
            await queue.enqueue(job_type, job_id=job_id)
        except (QueueFull, StorageError):
            await asyncio.sleep(_TRIES_EVERY)
        else:
            ledger.note("accepted", job_id)
            return


async def _cancel(queue: JobQueue, ledger: Ledger, job_id: str) -> None:
    ledger.note("unwanted", job_id)
    with contextlib.suppress(StorageError):
        await queue.cancel_job(job_id)


def job_types(ledger: Ledger, chance: random.Random) -> JobRegistry:
    """Two types that note their begin and end, report progress, and return which attempt they were, and where."""
    registry = JobRegistry()

    @registry.job("task")
    async def task(ctx: JobContext) -> list[int]:
        with _noted(ledger, ctx):
            for _ in range(3):
                await asyncio.sleep(chance.uniform(0, 0.01))
                await ctx.progress.update(1, total=3)
            if chance.random() < 0.2:
                await ctx.checkpoint({"attempt": ctx.attempt})
        return [ctx.attempt, os.getpid()]

    @registry.job("thread")
    def thread(ctx: JobContext) -> list[int]:
        with _noted(ledger, ctx):
            for _ in range(3):
                time.sleep(chance.uniform(0, 0.01))
                ctx.progress.update(1, total=3)
        return [ctx.attempt, os.getpid()]

    return registry


@contextlib.contextmanager
def _noted(ledger: Ledger, ctx: JobContext) -> Iterator[None]:
    ledger.note("begin", ctx.job_id, ctx.attempt)
    try:
        yield
    except BaseException:
        ledger.note("left", ctx.job_id, ctx.attempt)
        raise
    ledger.note("end", ctx.job_id, ctx.attempt)
