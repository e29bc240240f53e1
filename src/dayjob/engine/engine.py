"""The engine: the parts of a queue between its start and its stop, wired together, started and stopped."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
from collections import deque
from collections.abc import Awaitable, Callable

from ..clock import now_micros
from ..errors import DayjobError, QueueNotRunning
from ..events import EventBus
from ..host import host_name
from ..ids import uuid7
from ..job_log import start_capture, stop_capture
from ..logger import logger
from ..loop import check_loop
from ..models import JobStatus, NewJob
from ..registry import JobRegistry
from ..repository import JobRepository, Listener, WorkerRow
from ..request import JobRequest
from ..retention import Pruner, Retention
from ..schedule import Schedule
from ..stats import StatsReader
from ..supervision import Supervisor
from ..version import __version__
from .children import child_job
from .executions import Executions
from .feed import Feed
from .heartbeat import Heartbeat, types_of
from .housekeeper import Housekeeper
from .pool import WorkerPool
from .rescuer import Rescuer
from .scheduler import Scheduler

log = logger("dayjob")


class Engine:
    """The running part of a queue; every start makes a new one, so that no state of an earlier start is left.

    ``schedules`` are those that the process declares, ``new_job`` checks what a handler asks for as its child,
    ``supervisor`` looks after the parts. The other options are explained by `JobQueue`.
    """

    def __init__(
        self,
        repository: JobRepository,
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
        self.supervisor = supervisor
        new_child = functools.partial(child_job, repository, registry, new_job)
        self.executions = Executions(repository, bus, grace=grace, new_child=new_child, on_written=self._wake)
        me = _worker_row(registry, max_workers)
        self.pool = WorkerPool(me.id, max_workers, repository, registry, self.executions, supervisor)
        self.rescuer = Rescuer(me, repository, registry, self.executions, self.pool.wake, supervisor)
        self.heartbeat = Heartbeat(
            me,
            repository,
            registry,
            self.executions,
            on_reply=self.rescuer.on_reply,
            on_return=self.pool.wake,
            on_loop_closed=self.abandon,
            supervisor=supervisor,
        )
        self.housekeeper = Housekeeper(repository, warns=max_workers > 0, supervisor=supervisor)
        self.pruner = Pruner(repository, retention, supervisor)
        self.stats = StatsReader(repository)
        self.scheduler = Scheduler(me.id, repository, registry, schedules, supervisor)
        self.feed = Feed(repository, bus, self.executions, self.pool.wake, supervisor)
        self._listener = Listener(
            on_changed=self.feed.on_changed,
            wants=bus.wants,
            on_ready=self.pool.wake,
            on_foreign=self.feed.on_foreign,
        )
        self._steps_of_stop: deque[Callable[[], Awaitable[None]]] = deque()  # those that are left
        self._captures = self._released = False

    @property
    def trouble(self) -> DayjobError | None:
        """Why this queue cannot take or run jobs now; None if all is well."""
        if self.loop.is_closed():
            return QueueNotRunning("The event loop of the job queue was closed without `await queue.stop()`.")
        return self.repository.trouble or self.supervisor.trouble or self.executions.trouble

    async def start(self) -> None:
        """Open the database, put back what a crash interrupted, begin to work. Raises `StorageError`."""
        self.loop = asyncio.get_running_loop()
        await self.repository.open(self._listener)
        try:
            await self._enter()
        except BaseException:
            await self._close()
            raise
        start_capture()
        self._captures = True
        self.heartbeat.start()
        self.rescuer.start()
        self.housekeeper.start()
        self.feed.start()
        self.pool.start()
        if self.pool.max_workers:  # who only enqueues and watches removes nothing, and runs no schedules either
            self.pruner.start()
            self.scheduler.start()

    async def stop(self, grace: float) -> None:
        """Give handlers ``grace`` seconds to end, put back what was interrupted, and close the database.

        Whoever cancels this may call it again: it goes on where it was.
        """
        if not self._steps_of_stop:
            self._steps_of_stop += [
                self._begin_nothing_more,
                functools.partial(self._end_attempts, grace),
                self.pool.stop,
                self.pruner.stop,
                self.housekeeper.stop,
                self.rescuer.stop,
                self.heartbeat.stop,
                self._close,
            ]
        while self._steps_of_stop:
            await self._steps_of_stop[0]()
            self._steps_of_stop.popleft()

    def abandon(self) -> None:
        """The event loop was closed without a stop: let go of all that others wait for. For any thread."""
        if self._release():
            log.error(
                "the event loop was closed before the job queue was stopped; what ran is run again. "
                "Use `async with queue:`, or `await queue.stop()`."
            )
            for execution in list(self.executions.running.values()):
                execution.leave_behind()
            self.heartbeat.abandon()
            self.repository.abandon()

    def waiting(self, ended: asyncio.Future[JobStatus], job_id: str) -> contextlib.AbstractContextManager[None]:
        """`Feed.waiting`; raises `QueueNotRunning` in another event loop than this queue's."""
        check_loop(self.loop)
        return self.feed.waiting(ended, job_id)

    async def _enter(self) -> None:
        """Announce this process; what dead ones left is pending again when this returns."""
        await self.heartbeat.register()
        try:
            await self.rescuer.reap_neighbours()
        except BaseException:
            self.heartbeat.abandon(remove_lock=True)
            raise

    def _wake(self) -> None:
        self.pool.wake()

    async def _begin_nothing_more(self) -> None:
        await asyncio.gather(self.scheduler.stop(), self.pool.stop_claiming())

    async def _end_attempts(self, grace: float) -> None:
        self.executions.stop_all(grace)
        try:
            async with asyncio.timeout(grace + 0.5):
                await self.executions.quiet()
        except TimeoutError:
            log.error(
                "stopping although %d jobs are not settled; they are rescued at the next start",
                self.executions.unsettled,
            )

    async def _close(self) -> None:
        self._release()
        await self.repository.close()
        self.executions.close()
        await self.feed.stop()  # only now, for until then news of other processes may come

    def _release(self) -> bool:
        """Whether this is the first call: a start that failed, a stop and an abandoned loop may all come here."""
        released, self._released = self._released, True
        if not released and self._captures:
            stop_capture()
        return not released


def _worker_row(registry: JobRegistry, max_workers: int) -> WorkerRow:
    return WorkerRow(uuid7(), host_name(), os.getpid(), max_workers, types_of(registry), __version__, now_micros(), 0)
