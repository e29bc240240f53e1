"""Helpers for tests of applications: run a handler without a queue, see its progress, run a queue until it is empty."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from . import payload
from .arguments import Arguments
from .context import WENT_ON, ChildRequest, Done, JobContext
from .errors import Fail, JobExists
from .events import JobEvent
from .job_queue import JobQueue
from .models import Ended, Handler, JobDefinition, JobStatus, Progress
from .outcome import describe
from .progress import InJob, JobProgress
from .states import Status


class ProgressRecorder(JobProgress):
    """Every update of a handler under test, in ``updates``, every checkpoint, in ``checkpoints``, and what it asked for
    with ``ctx.enqueue_child``, in ``children`` (with ``job``, ``job_args`` and the options).

    Nothing is throttled, and nothing is written anywhere.
    """

    def __init__(self, job_id: str) -> None:
        self.updates: list[Progress] = []
        self.checkpoints: list[Any] = []
        self.children: list[ChildRequest] = []
        super().__init__(job_id, self.updates.append, loop=None)  # type: ignore[arg-type]  # nothing is put off here

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """Take a checkpoint (JSON), as the database would."""
        self.checkpoints.append(payload.decode(checkpoint))
        return Done(None)

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


async def run_handler(
    handler: Callable[..., Any],
    *,
    job_id: str = "test",
    attempt: int = 1,
    restored: Any = None,
    recorder: ProgressRecorder | None = None,
    children: Mapping[str | Handler, Any] | None = None,
    **args: Any,
) -> Any:
    """Call a handler as a worker would (arguments checked, ``job_id`` and ``ctx`` injected) and return its result.

    ``restored`` is what it finds in ``ctx.restored``, as after a crash. ``recorder`` (of the same job id) shows
    afterwards what it reported, the checkpoints that it made, and the children that it added. ``children`` has their
    results: for a type, or a handler, as ``ctx.enqueue_child`` gets it, the result of all of them, or a plain function
    that makes it from their arguments; what it raises is the child's failure. For children that are not in it
    ``ctx.join`` raises `Waiting`, as in the first run of a job.

    No queue and no database take part. A plain function runs right here, not in a thread. What the handler raises
    comes through. Raises `InvalidArguments`.

    >>> async def test_greeting():
    ...     assert await run_handler(greet, name="Ada") == "Hello Ada"
    >>> async def test_it_goes_on_where_it_stood():
    ...     recorder = ProgressRecorder("test")
    ...     await run_handler(import_pages, restored={"page": 7}, recorder=recorder, pages=9)
    ...     assert recorder.checkpoints == [{"page": 8}, {"page": 9}]
    >>> async def test_it_adds_up_what_its_children_found():
    ...     assert await run_handler(count_all, children={"count": lambda page: page * 2}, pages=3) == 12
    """
    arguments = Arguments(handler)
    bound = arguments.bind(arguments.validate(args))
    recorder = recorder or ProgressRecorder(job_id)
    job = JobDefinition(job_id, "test", args, datetime.now(UTC), handler, attempt=attempt)
    if restored is not None:
        job.checkpoint = payload.encode(restored, what="checkpoint", limit=payload.MAX_CHECKPOINT)
    ctx = JobContext(job, lambda: None, recorder.keep, _Children(children or {}, recorder.children))
    injected = {"job_id": job_id, "ctx": ctx}
    bound |= {name: injected[name] for name in arguments.injected}
    with InJob(recorder):
        result = handler(**bound)
        result = await result if inspect.isawaitable(result) else result
    if ctx.left_to_wait:
        raise Fail(WENT_ON)
    return result


class _Children:
    """Children of a handler under test: written down, and ended as soon as there is a result for them."""

    def __init__(self, results: Mapping[str | Handler, Any], asked: list[ChildRequest]) -> None:
        self._results = results
        self._asked = asked
        self._keyed: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._ended: dict[str, Ended | None] = {}

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        args = dict(asked.job_args) if isinstance(asked.job, str) else _validated(asked.job, asked.job_args)
        payload.encode(args, what="arguments", limit=payload.MAX_ARGS)
        if asked.key is not None and (known := self._keyed.get(asked.key)) is not None:
            if known != (asked.job, args):
                raise JobExists(f"A child with the key '{asked.key}' exists already, with another type or arguments.")
            return Done(f"key-{asked.key}")
        child_id = f"child-{len(self._asked)}" if asked.key is None else f"key-{asked.key}"
        if asked.key is not None:
            self._keyed[asked.key] = asked.job, args
        self._asked.append(asked)
        self._ended[child_id] = self._end(child_id, asked.job, args)
        return Done(child_id)

    def ended(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        ended = [self._ended[child] for child in children]
        return Done(None if None in ended else [child for child in ended if child is not None])

    def _end(self, child_id: str, job: Any, args: dict[str, Any]) -> Ended | None:
        if job not in self._results:
            return None
        result = self._results[job]
        try:
            made = result(**args) if callable(result) else result
            text = payload.encode(made, what="result", limit=payload.MAX_RESULT)
        except Exception as error:  # noqa: BLE001 (whatever a child raises is its failure)
            return Ended(child_id, Status.FAILED, None, describe(error))
        return Ended(child_id, Status.COMPLETED, text, None)


def _validated(job: Any, args: Mapping[str, Any]) -> dict[str, Any]:
    return Arguments(job).validate(args)


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


async def _is_busy(queue: JobQueue) -> bool:
    now = datetime.now(UTC)
    before = None
    while True:
        active = [Status.PENDING, Status.RUNNING]
        page = await queue.list_jobs(active, list(queue.registry.job_types), 200, before)
        if any(_is_due(job, now) for job in page.items):
            return True
        if page.next is None:
            return False
        before = page.next


def _is_due(job: JobStatus, now: datetime) -> bool:
    waits = job.waits_for is not None or (job.run_at is not None and job.run_at > now)
    return job.status is Status.RUNNING or not waits
