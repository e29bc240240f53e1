"""Helpers for tests of applications: run a handler without a queue, see its progress, run a queue until it is empty."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from .arguments import Arguments
from .context import JobContext
from .events import JobEvent
from .job_queue import JobQueue
from .models import JobDefinition, Progress
from .progress import InJob, JobProgress
from .states import Status


class ProgressRecorder(JobProgress):
    """Every update of a handler under test, in ``updates``; nothing is throttled."""

    def __init__(self, job_id: str) -> None:
        self.updates: list[Progress] = []
        super().__init__(job_id, self.updates.append, loop=None)  # type: ignore[arg-type]  # nothing is put off here

    def _arrange(self, now: float) -> None:
        self.flush()


@contextlib.contextmanager
def record_progress(job_id: str = "test") -> Iterator[ProgressRecorder]:
    """Make `ProgressReporter` work outside a job, and record what it is told.

    >>> from dayjob import ProgressReporter
    >>> with record_progress("test") as recorded:
    ...     _ = ProgressReporter("test", total_items=2).update(1, "half")
    >>> recorded.updates[-1].percent, recorded.updates[-1].message
    (50, 'half')
    """
    recorder = ProgressRecorder(job_id)
    with InJob(recorder):
        yield recorder


async def run_handler(handler: Callable[..., Any], *, job_id: str = "test", attempt: int = 1, **args: Any) -> Any:
    """Call a handler as a worker would (arguments checked, ``job_id`` and ``ctx`` injected) and return its result.

    No queue and no database take part. A plain function runs right here, not in a thread. What the handler raises
    comes through. Raises `InvalidArguments`.

    >>> async def test_greeting():
    ...     assert await run_handler(greet, name="Ada") == "Hello Ada"
    """
    arguments = Arguments(handler)
    bound = arguments.bind(arguments.validate(args))
    job = JobDefinition(job_id, "test", args, datetime.now(UTC), handler, attempt=attempt)
    injected = {"job_id": job_id, "ctx": JobContext(job, lambda: None)}
    bound |= {name: injected[name] for name in arguments.injected}
    with record_progress(job_id):
        result = handler(**bound)
        return await result if inspect.isawaitable(result) else result


async def drain(queue: JobQueue, timeout: float = 30.0) -> None:
    """Wait until a started queue has nothing more to run now: no job runs, and none is ready.

    Jobs that wait for a time (``delay``, a retry) are not waited for. Raises `TimeoutError` after ``timeout`` seconds.

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
            while await _is_busy(queue):
                await changed.wait()
                changed.clear()
    finally:
        unlisten()


async def _is_busy(queue: JobQueue) -> bool:
    now = datetime.now(UTC)
    before = None
    while True:
        active = [Status.PENDING, Status.RUNNING]
        page = await queue.list_jobs(active, list(queue.registry.job_types), 200, before)
        if any(job.status is Status.RUNNING or job.run_at is None or job.run_at <= now for job in page.items):
            return True
        if page.next is None:
            return False
        before = page.next
