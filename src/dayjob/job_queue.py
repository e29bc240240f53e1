"""`JobQueue`: the front of the library. It wires the parts together and holds no state of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Self

from . import payload
from .attempts import Attempts
from .errors import InvalidArguments, JobExists, JobFailed, JobNotFound, QueueNotRunning
from .events import EventBus, JobEvent, StatusChanged
from .ids import check_name, uuid7
from .job_log import start_capture, stop_capture
from .maintenance import Maintenance, host_name
from .models import AttemptRecord, Handler, JobStatus, LogLine, NewJob
from .pool import WorkerPool
from .registry import JobRegistry, registry
from .repository import MAX_LINES, JobRow, Page, WorkerRow, now_micros, open_repository, to_micros
from .retention import Pruner, Retention
from .states import Status
from .stats import Stats, read_stats
from .version import __version__

log = logging.getLogger("dayjob")

_LONGEST_DELAY = 10 * 365 * 86_400  # seconds


class JobQueue:
    """Durable background jobs in this process, stored in the database at ``url``.

    >>> async def main():
    ...     async with JobQueue("sqlite:///jobs.db", max_workers=3) as queue:
    ...         job_id = await queue.enqueue("sync_all", job_args={"force": True})
    ...         print((await queue.wait(job_id)).result)

    ``max_workers`` jobs run at the same time (0: this process only enqueues and watches). ``registry`` has the job
    types (default: those of ``@job``). ``grace`` is how many seconds a handler gets to stop before its slot is
    written off. ``durability="process"`` trades power failures for speed: an accepted job then survives a crash only.
    ``retention`` says how long ended jobs are kept (default: `Retention()`, 7 days, or 30 if they failed or were
    cancelled); processes that work (``max_workers`` > 0) remove the older ones.
    Raises `ValueError` for a URL that is none. Several processes may open the same database.
    """

    def __init__(
        self,
        url: str = "sqlite:///jobs.db",
        *,
        max_workers: int = 3,
        registry: JobRegistry = registry,
        grace: float = 10.0,
        durability: str = "power",
        retention: Retention | None = None,
    ) -> None:
        if max_workers < 0:
            raise ValueError(f"max_workers is {max_workers}; use 0 (enqueue and watch only) or more.")
        self.url = url
        self.registry = registry
        self.bus = EventBus()
        self.max_workers = max_workers
        self.grace = grace
        self.retention = retention or Retention()
        self._durability = durability
        self._users = 0
        self._changing = asyncio.Lock()
        self._running: _Running | None = None

    # --- life ---

    async def start(self) -> None:
        """Open the database (and bring its schema up to date), put back what a crash interrupted, begin to work.

        Starts are counted: the second start of a running queue does nothing but ask for a second `stop`.
        Raises `StorageError`.
        """
        async with self._changing:
            if self._running is None:
                running = _Running(self)
                await running.start()
                self._running = running
            self._users += 1

    async def stop(self, grace: float | None = None) -> None:
        """Stop: running handlers are asked to end within ``grace`` seconds (default: the queue's), then left.

        What was interrupted is pending again before this returns, and runs at the next start, here or elsewhere.
        """
        async with self._changing:
            self._users = max(0, self._users - 1)
            if self._users == 0 and self._running is not None:
                running, self._running = self._running, None
                await running.stop(self.grace if grace is None else grace)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        """Whether the queue is started."""
        return self._running is not None

    # --- jobs ---

    async def enqueue(
        self,
        job_type: str,
        job_func: Handler | None = None,
        job_args: Mapping[str, Any] | None = None,
        job_id: str | None = None,
        *,
        priority: int = 0,
        run_at: datetime | None = None,
        delay: float | None = None,
        unique_key: str | None = None,
    ) -> str:
        """Add a job; when this returns its id, the job is on disk.

        ``job_func`` registers the type if it is new in this process. ``job_args`` are checked against the handler's
        signature. A ``job_id`` of your own makes the call repeatable: the same id, type and arguments give the same
        job. A higher ``priority`` runs first; ``run_at`` (an aware datetime) or ``delay`` (seconds) make it wait.
        ``unique_key``: while a job with this key is active, its id is returned instead.

        Raises `UnknownJobType`, `InvalidArguments`, `InvalidName`, `JobExists`, `QueueNotRunning`, `StorageError`.
        """
        row, _ = await self.create(
            job_type,
            job_func,
            job_args,
            job_id,
            priority=priority,
            run_at=run_at,
            delay=delay,
            unique_key=unique_key,
        )
        return row.id

    async def create(
        self,
        job_type: str,
        job_func: Handler | None = None,
        job_args: Mapping[str, Any] | None = None,
        job_id: str | None = None,
        *,
        priority: int = 0,
        run_at: datetime | None = None,
        delay: float | None = None,
        unique_key: str | None = None,
    ) -> tuple[JobStatus, bool]:
        """Like `enqueue`, but returns the job, and whether it is a new one."""
        repository = self._started.repository
        if job_func is not None and job_type not in self.registry.job_types:
            self.registry.register(job_type, job_func)
        kind = self.registry.get(job_type)
        args = kind.arguments.validate(job_args or {})
        stored = payload.encode(args, what="arguments", limit=payload.MAX_ARGS)
        now = now_micros()
        new = NewJob(
            id=uuid7() if job_id is None else check_name(job_id, "job id"),
            type=job_type,
            args=stored,
            created_at=now,
            run_at=_due(now, run_at, delay),
            priority=_checked_priority(priority),
            max_attempts=kind.max_attempts,
            unique_key=kind.keyed(unique_key) if unique_key is not None else kind.unique_key(args, stored),
        )
        row, created = await repository.create_job(new)
        if row.id == new.id and not created and (row.type, json.loads(row.args)) != (job_type, json.loads(stored)):
            raise JobExists(f"Job '{new.id}' exists already, with another type or other arguments.")
        return row.status_of_job(), created

    async def cancel_job(self, job_id: str) -> bool:
        """Cancel a pending job at once, ask a running one to stop.

        True if the job was pending, running or already cancelled; False if it ended otherwise or is unknown. A
        running job is `cancelled` when its code has stopped; `wait` waits for that.
        """
        running = self._started
        job = await running.repository.request_cancel(job_id)
        if job is not None and job.status is Status.RUNNING:
            running.attempts.cancel(job_id)
        return job is not None and (not job.finished or job.status is Status.CANCELLED)

    async def get_job_status(self, job_id: str) -> JobStatus | None:
        """The job as the database has it, or None."""
        return await self._started.repository.get_job(job_id)

    async def get_logs(self, job_id: str, after: int = 0, limit: int = 1000) -> list[LogLine]:
        """What the job logged: up to ``limit`` (1 to 1,000) lines with a ``seq`` above ``after``, oldest first.

        A job keeps its newest 1,000 lines and 256 KiB; where lines are missing, one more says how many. While a job
        runs, its lines are here about half a second after they were logged. An unknown job has none.
        """
        if not 1 <= limit <= MAX_LINES:
            raise ValueError(f"limit is {limit}; use 1 to {MAX_LINES:,}.")
        return await self._started.repository.list_logs(job_id, after, limit)

    async def get_attempts(self, job_id: str) -> list[AttemptRecord]:
        """The attempts of the job that ended, oldest first: on which process, how, and with which traceback."""
        return await self._started.repository.list_attempts(job_id)

    async def prune(self, *, dry_run: bool = False) -> dict[Status, int]:
        """Remove the ended jobs that the queue's `Retention` does not keep, now; how many, by status.

        ``dry_run`` only counts them.
        """
        pruner = self._started.pruner
        return await (pruner.due() if dry_run else pruner.run())

    async def get_stats(self) -> Stats:
        """How many jobs there are of each status, and how those of the last hour ended; cheap with a long history."""
        return await read_stats(self._started.repository)

    async def list_jobs(
        self,
        statuses: Sequence[Status] = (),
        types: Sequence[str] = (),
        limit: int = 50,
        before: int | None = None,
    ) -> Page:
        """A page of jobs, newest first; empty ``statuses`` or ``types`` mean all; ``before`` is a page's ``next``."""
        return await self._started.repository.list_jobs(statuses, types, limit, before)

    async def wait(self, job_id: str, timeout: float | None = None) -> JobStatus:
        """Wait until the job ended (completed, failed or cancelled) and return it.

        Raises `JobNotFound`, `TimeoutError` after ``timeout`` seconds (the job goes on), and `QueueNotRunning` when
        the queue is stopped meanwhile.
        """
        running = self._started
        ended: asyncio.Future[JobStatus] = asyncio.get_running_loop().create_future()

        def listener(event: JobEvent) -> None:
            if isinstance(event, StatusChanged) and event.status.finished and not ended.done():
                ended.set_result(event.status)

        with contextlib.closing(_Listening(self.bus.listen(listener, job_id))), running.waited_for(ended):
            # Only after listening: what happens between the two is heard, or read.
            job = await self.get_job_status(job_id)
            if job is None:
                raise JobNotFound(f"There is no job '{job_id}'.")
            if job.finished:
                return job
            async with asyncio.timeout(timeout):
                return await ended

    async def result(self, job_id: str, timeout: float | None = None) -> Any:
        """Wait for the job's result. Raises `JobFailed` with its error if it failed or was cancelled; see `wait`."""
        job = await self.wait(job_id, timeout)
        if job.status is not Status.COMPLETED:
            raise JobFailed(f"Job '{job_id}' {job.status}: {job.error or 'no reason was given'}")
        return job.result

    async def workers(self) -> list[WorkerRow]:
        """The processes that work on this database."""
        return await self._started.repository.list_workers()

    @property
    def attempts(self) -> Attempts:
        """What this process holds right now: waiting, running, stuck."""
        return self._started.attempts

    @property
    def _started(self) -> _Running:
        if self._running is None:
            raise QueueNotRunning(
                "The job queue is not running. Use `async with queue:`, `await queue.start()`, or include "
                "jobs_router(queue, ...) in an app whose lifespan runs."
            )
        return self._running


class _Running:
    """A started queue: made by every start anew, so that nothing of an earlier life is left."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue
        self.repository = open_repository(queue.url, durability=queue._durability)
        self.attempts = Attempts(self.repository, queue.bus, grace=queue.grace)
        me = _myself(queue)
        self.pool = WorkerPool(me.id, queue.max_workers, self.repository, queue.registry, self.attempts)
        folder = self.repository.path.with_name(self.repository.path.name + ".workers")
        self.maintenance = Maintenance(me, folder, self.repository, queue.registry, self.attempts, self.pool.wake)
        self.pruner = Pruner(self.repository, queue.retention)
        self._reads: set[asyncio.Task[None]] = set()
        self._waits: set[asyncio.Future[JobStatus]] = set()

    async def start(self) -> None:
        self.repository.on_changed = self._changed
        self.repository.on_foreign = self._foreign
        self.attempts.on_written = self.pool.wake
        await self.repository.open()
        try:
            await self.maintenance.start()
        except BaseException:
            await self.repository.close()
            raise
        start_capture()
        self.pool.start()
        if self.pool.max_workers:
            self.pruner.start()

    async def stop(self, grace: float) -> None:
        await self.pool.stop_claiming()
        self.attempts.stop_all(grace)
        try:
            async with asyncio.timeout(grace + 0.5):
                await self.attempts.quiet()
        except TimeoutError:
            log.error(
                "stopping although %d jobs are not settled; they are rescued at the next start",
                len(self.attempts.unsettled),
            )
        await self.pool.stop()
        stop_capture()
        await self.pruner.stop()
        await self.maintenance.stop()
        await asyncio.gather(*self._reads)
        await self.repository.close()
        for waiting in self._waits:
            if not waiting.done():
                waiting.set_exception(QueueNotRunning("The job queue was stopped before the job ended."))

    @contextlib.contextmanager
    def waited_for(self, ended: asyncio.Future[JobStatus]) -> Iterator[None]:
        """While inside, the end of this queue is the end of the wait, too."""
        self._waits.add(ended)
        try:
            yield
        finally:
            self._waits.discard(ended)

    def _changed(self, rows: list[JobRow]) -> None:
        """What this process committed, in order."""
        for row in rows:
            self._obey(row)
            if self._queue.bus.wants(row.id):
                self._queue.bus.publish(StatusChanged(self.attempts.as_told(row.status_of_job())))
        if any(row.status == "pending" for row in rows):
            self.pool.wake()

    def _obey(self, row: JobRow) -> None:
        """Stop a job of ours that is to be cancelled. What others asked may be seen in a change of our own only."""
        if row.cancel_requested_at is not None and row.status == "running":
            self.attempts.cancel(row.id)

    def _foreign(self, after: int, upto: int) -> None:
        """Other processes changed something: there may be work, a cancel for us, or news for who watches here."""
        self.pool.wake()
        task = asyncio.get_running_loop().create_task(self._read_foreign(after, upto))
        self._reads.add(task)
        task.add_done_callback(self._reads.discard)

    async def _read_foreign(self, after: int, upto: int) -> None:
        for row in await self.repository.list_changed(after, upto):
            self._obey(row)
            if self._queue.bus.wants(row.id):
                self._queue.bus.publish(StatusChanged(row.status_of_job()))


class _Listening:
    def __init__(self, close: Callable[[], None]) -> None:
        self.close = close


def _myself(queue: JobQueue) -> WorkerRow:
    types = json.dumps(sorted(queue.registry.job_types))
    return WorkerRow(uuid7(), host_name(), os.getpid(), queue.max_workers, types, __version__, now_micros(), 0)


def _due(now: int, run_at: datetime | None, delay: float | None) -> int:
    if run_at is not None and delay is not None:
        raise InvalidArguments("Give run_at or delay, not both.")
    if run_at is not None:
        due = max(now, to_micros(run_at))
        if due > now + _LONGEST_DELAY * 1_000_000:  # the last day of year 9999 would be a row that nobody can read
            raise InvalidArguments(f"run_at is {run_at.isoformat()}; use a time in the next ten years.")
        return due
    if delay is None:
        return now
    if not 0 <= delay <= _LONGEST_DELAY:
        raise InvalidArguments(f"delay is {delay}; use 0 to ten years, in seconds.")
    return now + int(delay * 1_000_000)


def _checked_priority(priority: int) -> int:
    if not -1000 <= priority <= 1000:
        raise InvalidArguments(f"priority is {priority}; use -1000 (last) to 1000 (first).")
    return priority
