"""A queue between its start and its stop: the parts, wired together, and what passes between them."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from functools import partial

from ..clock import now_micros
from ..context import ChildRequest
from ..errors import DayjobError, JobNotFound, QueueNotRunning, StorageError, StorageFull
from ..events import EventBus, StatusChanged
from ..ids import uuid7
from ..job_log import start_capture, stop_capture
from ..loop import Loop, check_loop
from ..models import JobStatus, NewJob
from ..origin import Named
from ..own_log import own_log
from ..processes import host_name
from ..registry import JobRegistry
from ..repository import JobRow, SqliteRepository, WorkerRow
from ..request import JobRequest
from ..retention import Pruner, Retention
from ..schedule import Schedule
from ..stats import StatsReader
from ..supervision import Supervisor
from ..version import __version__
from .attempts import Attempts
from .maintenance import Maintenance, types_of
from .pool import WorkerPool
from .ticker import Ticker

log = own_log("dayjob")

_READ_AGAIN = 1.0  # seconds until changes that could not be read are read again


class RunningQueue:
    """A started queue: made by every start anew, so that nothing of an earlier life is left.

    ``schedules`` are those that the process declares, ``new_job`` checks what a handler asks for as its child,
    ``supervisor`` looks after the parts. The rest is explained by `JobQueue`.
    """

    def __init__(
        self,
        repository: SqliteRepository,
        registry: JobRegistry,
        bus: EventBus,
        *,
        max_workers: int,
        grace: float,
        retention: Retention,
        schedules: dict[str, Schedule],
        new_job: Callable[[JobRequest], NewJob],
        supervisor: Supervisor,
    ) -> None:
        self.repository = repository
        self._registry = registry
        self._bus = bus
        self._new_job = new_job
        self.supervisor = supervisor
        self.attempts = Attempts(repository, bus, grace=grace)
        me = _myself(registry, max_workers)
        self.pool = WorkerPool(me.id, max_workers, repository, registry, self.attempts, supervisor)
        folder = repository.path.with_name(repository.path.name + ".workers")
        self.maintenance = Maintenance(me, folder, repository, registry, self.attempts, self.pool.wake, supervisor)
        self.pruner = Pruner(repository, retention, supervisor)
        self.stats = StatsReader(repository)
        self.ticker = Ticker(me.id, repository, registry, schedules, supervisor)
        self._reader = Loop("change-reader", self._read_foreign, supervisor)
        self._unread: tuple[int, int] | None = None  # the changes of other processes that are to be read
        self._ending: deque[Callable[[], Awaitable[None]]] = deque()  # what is left of the stop
        self._capturing = self._abandoned = False
        self._waits: dict[asyncio.Future[JobStatus], str] = {}

    @property
    def trouble(self) -> DayjobError | None:
        """Why this queue cannot take or run jobs now; None if all is well."""
        if self._loop.is_closed():
            return QueueNotRunning("The event loop of the job queue was closed without `await queue.stop()`.")
        return self.repository.trouble or self.supervisor.trouble or self.attempts.trouble

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that this queue was started on."""
        return self._loop

    async def start(self) -> None:
        """Open the database, put back what a crash interrupted, begin to work. Raises `StorageError`."""
        self._loop = asyncio.get_running_loop()
        self.repository.on_changed = self._changed
        self.repository.wanted = self._bus.wants
        self.repository.on_ready = self.pool.wake
        self.repository.on_foreign = self._foreign
        self.attempts.on_written = self.pool.wake
        self.attempts.new_child = self._new_child
        self.maintenance.on_loop_closed = self.abandon
        await self.repository.open()
        try:
            await self.maintenance.start()
        except BaseException:
            await self._close()
            raise
        start_capture()
        self._capturing = True
        self._reader.start()
        self.pool.start()
        if self.pool.max_workers:  # who only enqueues and watches removes nothing, and runs no schedules either
            self.pruner.start()
            self.ticker.start()

    async def stop(self, grace: float) -> None:
        """Give handlers ``grace`` seconds to end, put back what was interrupted, and close the database.

        Whoever cancels this may call it again: it goes on where it was.
        """
        if not self._ending:
            self._ending += [
                self._stop_beginning,
                partial(self._let_end, grace),
                self.pool.stop,
                self.pruner.stop,
                self.maintenance.stop,
                self._close,
            ]
        while self._ending:
            await self._ending[0]()
            self._ending.popleft()

    async def _stop_beginning(self) -> None:
        await asyncio.gather(self.ticker.stop(), self.pool.stop_claiming())

    async def _let_end(self, grace: float) -> None:
        self.attempts.stop_all(grace)
        try:
            async with asyncio.timeout(grace + 0.5):
                await self.attempts.quiet()
        except TimeoutError:
            log.error(
                "stopping although %d jobs are not settled; they are rescued at the next start",
                self.attempts.unsettled,
            )

    async def _close(self) -> None:
        self._release()
        await self.repository.close()
        self.attempts.close()
        await self._reader.stop()  # only now, for until then news of other processes may come
        for waiting in self._waits:
            if not waiting.done():
                waiting.set_exception(QueueNotRunning("The job queue was stopped before the job ended."))

    def abandon(self) -> None:
        """The event loop was closed without a stop: let go of all that others wait for. For any thread."""
        if self._release():
            log.error(
                "the event loop was closed before the job queue was stopped; what ran is run again. "
                "Use `async with queue:`, or `await queue.stop()`."
            )
            for execution in list(self.attempts.running.values()):
                execution.leave_behind()
            self.maintenance.abandon()
            self.repository.abandon()

    def _release(self) -> bool:
        """Whether this is the first time that somebody ends it, and not too early."""
        ended, self._abandoned = self._abandoned, True
        if not ended and self._capturing:
            stop_capture()
        return not ended

    @contextlib.contextmanager
    def waited_for(self, ended: asyncio.Future[JobStatus], job_id: str) -> Iterator[None]:
        """While inside, the end of this queue, or of all traces of the job, is the end of the wait, too."""
        check_loop(self._loop)
        self._waits[ended] = job_id
        try:
            yield
        finally:
            del self._waits[ended]
            if ended.done() and not ended.cancelled():
                ended.exception()  # the queue may have stopped while the answer was found elsewhere: nobody asks then

    def _new_child(self, asked: ChildRequest) -> NewJob:
        """The job that a handler asks for, also while the queue stops and gives it time to end."""
        if isinstance(trouble := self.repository.trouble, StorageFull):
            raise trouble
        request = JobRequest(
            self._type_of(asked),
            asked.job_args,
            priority=asked.priority,
            run_at=asked.run_at,
            delay=asked.delay,
            timeout=asked.timeout,
        )
        return self._new_job(request)

    def _type_of(self, asked: ChildRequest) -> str:
        if isinstance(asked.job, Named):
            return self._registry.name_of_named(asked.job)
        return asked.job if isinstance(asked.job, str) else self._registry.name_of(asked.job)

    def _changed(self, rows: list[JobRow]) -> None:
        """What this process committed, in order."""
        for row in rows:
            self._obey(row)
            if self._bus.wants(row.id):
                self._bus.publish(StatusChanged(self.attempts.as_told(row.status_of_job())))

    def _obey(self, row: JobRow) -> None:
        """Stop a job of ours that is to be cancelled. What others asked may be seen in a change of our own only."""
        if row.cancel_requested_at is not None and row.status == "running":
            self.attempts.cancel(row.id)

    def _foreign(self, after: int, upto: int) -> None:
        """Other processes changed something: there may be work, a cancel for us, or news for who watches here."""
        self.pool.wake()
        if not self.attempts.running and not self._bus.listening:
            return
        self._note_unread(after, upto)
        self._reader.wake()

    def _note_unread(self, after: int, upto: int) -> None:
        first, last = self._unread or (after, upto)
        self._unread = min(first, after), max(last, upto)

    async def _read_foreign(self) -> float | None:
        while self._unread is not None:
            unread, self._unread = self._unread, None
            try:
                await self._read_changes(*unread)
            except BaseException as error:
                self._note_unread(*unread)  # a change that is left out may be the last one that somebody waits for
                if not isinstance(error, StorageError):
                    raise
                log.warning("changes of other processes cannot be read, trying again: %s", error)
                return _READ_AGAIN
        return None

    async def _read_changes(self, after: int, upto: int) -> None:
        changed = await self.repository.list_changed(after, upto)
        waited = set(self._waits.values())
        gone = waited.difference(await self.repository.existing(waited)) if waited else waited
        for row in changed:
            self._obey(row)
            if self._bus.wants(row.id):
                self._bus.publish(StatusChanged(row.status_of_job()))
        self._end_waits(gone)

    def _end_waits(self, gone: set[str]) -> None:
        """Of a job that ended and was removed before we read of it, nothing will ever be heard."""
        for ended, job_id in self._waits.items():
            if job_id in gone and not ended.done():
                ended.set_exception(
                    JobNotFound(f"Job '{job_id}' ended and was removed before this process heard of it.")
                )


def _myself(registry: JobRegistry, max_workers: int) -> WorkerRow:
    return WorkerRow(uuid7(), host_name(), os.getpid(), max_workers, types_of(registry), __version__, now_micros(), 0)
