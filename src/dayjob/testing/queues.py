"""A queue under test: emptied, run where jobs are added, on a database of its own."""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from pathlib import Path

from ..clock import now_micros
from ..current import current_attempt
from ..events import JobEvent
from ..job_queue import JobQueue
from ..models import JobStatus
from ..repository import to_datetime
from ..states import Status
from .handlers import AttemptUnderTest


async def drain(queue: JobQueue, timeout: float = 30.0) -> None:
    """Wait until a started queue has nothing more to run now: no job runs, and none is ready.

    Jobs that wait for a time (``delay``, a retry) are not waited for, nor those that wait for such jobs. Raises
    `TimeoutError` after ``timeout`` seconds.

    >>> async def test_everything():
    ...     async with JobQueue(url) as queue:
    ...         await queue.enqueue("sync_all")
    ...         await drain(queue)
    """
    changed = asyncio.Event()

    def listener(_event: JobEvent) -> None:
        changed.set()

    unlisten = queue.bus.listen(listener)
    try:
        async with asyncio.timeout(timeout):
            while await _is_busy(queue) or changed.is_set():  # a job may move between two looks
                await changed.wait()
                changed.clear()
    finally:
        unlisten()


@contextlib.contextmanager
def inline(queue: JobQueue, timeout: float = 30.0) -> Iterator[None]:
    """While inside, whoever adds a job to ``queue`` goes on when it has ended, and so has all that it added itself.

    It is a started queue with its database and its workers all the same, so everything else is as in production: a
    job that fails does so for itself, and raises only where its result is asked for. What handlers add runs beside
    them and is waited for with them. Jobs for later are not waited for, nor those that are part of a caller's
    transaction (``db``), which begin after its commit. After ``timeout`` seconds `TimeoutError` is raised where the
    job was added. Raises `ValueError` for a queue without workers. The idea is that of Oban's inline testing mode.

    >>> async def test_everybody_is_greeted():
    ...     async with JobQueue(url) as queue:
    ...         with inline(queue):
    ...             await sign_up("Ada")                   # which enqueues a job that sends a mail
    ...         assert outbox == ["Hello Ada"]
    """
    if queue.max_workers == 0:
        raise ValueError("A queue with max_workers=0 runs no jobs, so nothing can run inline; give it workers.")

    async def drain_unless_in_a_job() -> None:
        if not _in_a_slot():  # a job may hold the only slot: who added it waits for all
            await drain(queue, timeout)

    before, queue._after_adding = queue._after_adding, drain_unless_in_a_job
    try:
        yield
    finally:
        queue._after_adding = before


def _in_a_slot() -> bool:
    attempt = current_attempt()
    return attempt is not None and not isinstance(attempt, AttemptUnderTest)


@contextlib.contextmanager
def temporary_database(queue: JobQueue) -> Iterator[None]:
    """Let a queue, as that of a module, use an empty database in a temporary folder, which is removed afterwards.

    To be entered before the queue starts, and left after it has stopped. Raises `RuntimeError` otherwise.

    >>> def test_the_first_page():
    ...     with temporary_database(main.queue), TestClient(main.app, **LOCAL) as client:
    ...         assert client.get("/jobs").json()["items"] == []
    """
    _check_stopped(queue)
    before = queue.path, queue._durability
    with tempfile.TemporaryDirectory(prefix="dayjob-") as folder:
        queue.path, queue._durability = Path(folder) / "jobs.db", "process"
        try:
            yield
            _check_stopped(queue)
        finally:
            queue.path, queue._durability = before


def _check_stopped(queue: JobQueue) -> None:
    if queue.running:
        raise RuntimeError(
            "The queue is running: enter temporary_database() before its start, leave it after its stop."
        )


async def _is_busy(queue: JobQueue) -> bool:
    now = to_datetime(now_micros())
    async for job in jobs_of(queue, Status.PENDING, Status.RUNNING):
        if _is_due(job, now):
            return True
    return False


async def jobs_of(queue: JobQueue, *statuses: Status) -> AsyncIterator[JobStatus]:
    """The jobs of the types that the queue knows, with one of these statuses."""
    before = None
    while True:
        page = await queue.list_jobs(statuses, list(queue.registry.job_types), 200, before)
        for job in page.items:
            yield job
        if page.next is None:
            return
        before = page.next


def _is_due(job: JobStatus, now: datetime) -> bool:
    waits = job.waits_for is not None or (job.run_at is not None and job.run_at > now)
    return job.status is Status.RUNNING or not waits
