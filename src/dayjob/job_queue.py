"""`JobQueue`: the front of the library. What it does is done by the parts that `engine.engine` wires together."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Self, Unpack, cast

from .engine.engine import Engine
from .errors import (
    DayjobError,
    InvalidArguments,
    JobActive,
    JobFailed,
    JobNotFound,
    QueueNotRunning,
)
from .events import EventBus, JobEvent, StatusChanged
from .handle import JobHandle
from .ids import check_name, is_name
from .logger import logger
from .models import AttemptRecord, Handler, JobStatus, LogLine, NewJob
from .options import (
    JOB_OPTIONS,
    LARGEST,
    JobOptions,
    Seconds,
    check_options,
    instance,
    invalid,
    mapping,
    one_of,
    seconds,
    whole,
)
from .origin import check_not_importing
from .processes import Process, read_processes
from .registry import JobRegistry, registry
from .repository import (
    DURABILITIES,
    MAX_LINES,
    Accepted,
    JobRepository,
    Page,
    WorkerRow,
    database_path,
    database_url,
    open_repository,
)
from .request import JobRequest, again, check_owner, new_job
from .retention import Retention
from .schedule import Missed, Schedule, ScheduleStatus
from .schedule_control import find_schedule, pause_schedule, resume_schedule
from .states import Status
from .stats import Stats
from .submit import Submitter
from .subscription import Subscription
from .supervision import SupervisedTask, Supervisor

log = logger("dayjob")

_MOST_AT_ONCE = 10_000  # jobs of one enqueue_many
_LARGEST_AT_ONCE = 64 * 1024 * 1024  # characters of their arguments
_MOST_WORKERS = 10_000
_CHECKED_AT_ONCE = 500  # jobs, between two turns of the event loop


class JobQueue(Submitter):
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
    ``max_pending`` jobs of all types may wait at most; `enqueue` raises `QueueFull` then.
    A relative path in ``url`` begins in the working directory of this moment, and ``~`` is the user's home; a `Path` is
    taken as well. Raises `InvalidOption`, which is a `ValueError`. Several processes may open the same database.
    """

    def __init__(
        self,
        url: str | Path = "sqlite:///jobs.db",
        *,
        max_workers: int = 3,
        registry: JobRegistry = registry,
        grace: Seconds = 10.0,
        durability: str = "power",
        retention: Retention | None = None,
        max_pending: int | None = None,
    ) -> None:
        self.path = database_path(url)
        self.registry = instance("registry", registry, JobRegistry, "a JobRegistry, or leave it out")
        self.bus = EventBus()
        self.max_workers = whole("max_workers", max_workers, 0, _MOST_WORKERS, " (0: enqueue and watch only)")
        self.grace = seconds("grace", grace)
        kept = Retention() if retention is None else retention
        self.retention = instance("retention", kept, Retention, "Retention(...), as in Retention(completed=Keep(...))")
        self.max_pending = None if max_pending is None else whole("max_pending", max_pending, 1)
        self.starts_with_app = False  # `jobs_router` starts it, later than the app's own lifespan begins
        self._durability = one_of("durability", durability, *DURABILITIES)
        self._schedules: dict[str, Schedule] = {}
        self._after_adding: Callable[[], Awaitable[None]] | None = None  # `testing.inline` waits there
        self._users = 0
        self._loop: asyncio.AbstractEventLoop | None = None  # the one that it was started on
        self._changing = asyncio.Lock()
        self._engine: Engine | None = None
        self._stopping: SupervisedTask | None = None

    @property
    def url(self) -> str:
        """The URL of the database, with the absolute path."""
        return database_url(self.path)

    # --- life ---

    async def start(self) -> None:
        """Open the database (and bring its schema up to date), put back what a crash interrupted, begin to work.

        Starts are counted: the second start of a running queue does nothing but ask for a second `stop`. A queue whose
        event loop was closed without a stop starts anew on this one; what it ran is run again.
        Raises `StorageError`, and `QueueNotRunning` while it is started on another event loop, or in a child process
        that only imports a handler.
        """
        check_not_importing()
        async with self._lock_of_this_loop():
            if self._engine is None:
                engine = self._make_engine()
                await engine.start()
                self._engine = engine
            self._users += 1

    async def stop(self, grace: Seconds | None = None) -> None:
        """Stop: running handlers are asked to end within ``grace`` seconds (default: the queue's), then left.

        What was interrupted is pending again before this returns, and runs at the next start, here or elsewhere.
        """
        patience = self.grace if grace is None else seconds("grace", grace)
        async with self._lock_of_this_loop():
            self._users = max(0, self._users - 1)
            if self._users == 0 and self._engine is not None:
                engine, self._engine = self._engine, None
                await self._stop(engine, patience)

    async def _stop(self, engine: Engine, grace: float) -> None:
        """What was begun is carried through, also when who asked for it, or this itself, is cancelled: by a handler."""
        stopped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        async def carry_through() -> None:
            try:
                await engine.stop(grace)
            except Exception as error:  # noqa: BLE001 (it is handed to who asked)
                stopped.set_exception(error)
            else:
                stopped.set_result(None)

        self._stopping = SupervisedTask("stop", carry_through, engine.supervisor)
        self._stopping.start()
        await asyncio.shield(stopped)

    def _lock_of_this_loop(self) -> asyncio.Lock:
        """A lock for starts and stops. A loop that was closed takes with it whatever ran, or held the lock, there."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            busy = self._engine is not None or self._changing.locked()
            if busy and self._loop is not None and not self._loop.is_closed():
                raise QueueNotRunning(
                    "The job queue was started on another event loop, which is not closed: call `await queue.stop()` "
                    "there first, or use one queue for each loop."
                )
            if self._engine is not None:
                self._engine.abandon()
            self._loop, self._changing, self._engine, self._users = loop, asyncio.Lock(), None, 0
        return self._changing

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    @property
    def running(self) -> bool:
        """Whether the queue is started."""
        return self._engine is not None

    @property
    def trouble(self) -> DayjobError | None:
        """Why the queue cannot take or run jobs now; None if all is well. It heals by itself when the cause is gone."""
        if self._engine is None:
            return QueueNotRunning("The job queue is not running.")
        return self._engine.trouble

    # --- jobs ---

    async def enqueue(
        self,
        job_type: str,
        job_func: Handler | Mapping[str, Any] | None = None,
        job_args: Mapping[str, Any] | None = None,
        job_id: str | None = None,
        *,
        db: Any = None,
        **options: Unpack[JobOptions],
    ) -> str:
        """Add a job; when this returns its id, the job is on disk.

        ``job_func`` registers the type if it is new in this process; a mapping in its place is ``job_args``. They are
        checked against the handler's signature. A ``job_id`` of your own makes the call repeatable: the same id, type
        and arguments give the same job. ``options`` are those of `JobOptions`: ``priority``, ``delay``, ``timeout``,
        ``unique_key``, ``owner`` and so on. ``db``: a session or connection (SQLAlchemy's, sqlite3's, aiosqlite's) on
        the same file; the job is part of its transaction and starts after its commit.

        >>> async def main(queue: JobQueue) -> None:
        ...     await queue.enqueue("resize", {"width": 640}, delay=timedelta(minutes=5))

        Raises `UnknownJobType`, `DuplicateJobType`, `InvalidArguments`, `InvalidOption`, `InvalidName`, `JobExists`,
        `QueueFull`, `IdempotencyConflict`, `WrongDatabase`, `QueueNotRunning`, `StorageError`.
        """
        function, args = _function_and_args(job_func, job_args)
        if function is not None:
            self.registry.ensure(job_type, function)
        return await self._enqueue(JobRequest(job_type, args, job_id, **options), db)

    async def enqueue_many(self, requests: Iterable[JobRequest], *, db: Any = None) -> list[str]:
        """Add all these jobs, or none if one of them raises; their ids, in the same order. Much faster than one by one.

        At most 10,000 jobs with 64 MiB of arguments in a call. They share one transaction, which is why: nothing else
        is written meanwhile. ``db`` and what is raised: see `enqueue`.

        >>> async def main(queue: JobQueue) -> None:
        ...     await queue.enqueue_many(JobRequest("resize", {"width": width}) for width in (320, 640))
        """
        if self._is_early:
            return await self._enqueue_early(await self._check_all(requests), db)
        ids = await _create(self._repository_with_room(), await self._check_all(requests), db)
        if db is None and self._after_adding is not None:
            await self._after_adding()
        return ids

    async def accept(self, request: JobRequest, *, db: Any = None, scope: str = "") -> Accepted:
        """Like `enqueue`, but tells what became of the request. ``scope``: whose idempotency keys are meant."""
        repository = self._repository_with_room()
        new = self._new_job(request, scope)
        if db is not None:
            return (await repository.create_in(db, [new]))[0]
        added = repository.add_job(new)
        if new.run_at <= new.created_at:
            self._get_engine().pool.wake()  # so a free worker claims it in the transaction that stores it
        accepted = await added
        if self._after_adding is not None:
            await self._after_adding()
        return accepted

    def configure(
        self,
        *,
        job_id: str | None = None,
        db: Any = None,
        **options: Unpack[JobOptions],
    ) -> ConfiguredQueue:
        """This queue with options for the next `submit` or `enqueue`: so they never meet the handler's arguments.

        Raises `InvalidOption`, and `InvalidName` for a ``job_id`` that cannot be one.

        >>> async def main(queue: JobQueue) -> None:
        ...     await queue.configure(delay=60, priority=5).submit(resize, paths=["a.png"])
        """
        return ConfiguredQueue(self, job_id, options, db)

    def handle(self, job_id: str) -> JobHandle[Any]:
        """A handle for a job that is known by its id. Nothing is looked up yet."""
        return JobHandle(self, job_id)

    async def cancel_job(self, job_id: str) -> bool:
        """Cancel a pending job at once, ask a running one to stop.

        All jobs that it added (`JobContext.enqueue_child`), and those that they added, are cancelled with it.
        True if the job was pending, running or already cancelled; False if it ended otherwise or is unknown. A
        running job is `cancelled` when its code has stopped; `wait` waits for that.
        """
        engine = self._get_engine()
        job = await engine.repository.request_cancel(job_id) if is_name(job_id) else None
        if job is not None and job.status is Status.RUNNING:
            engine.executions.cancel(job_id)
        return job is not None and (not job.finished or job.status is Status.CANCELLED)

    async def retry_job(self, job_id: str) -> JobStatus:
        """Add a new job with the type, arguments, priority, unique key and owner of one that ended, and return it.

        The old job stays as it is. While a job with the same unique key is active, that one is returned. Raises
        `JobNotFound`, `JobActive` if it has not ended, and what `enqueue` raises.
        """
        return (await self.accept(await self.request_again(job_id))).status()

    async def request_again(self, job_id: str) -> JobRequest:
        """What `retry_job` asks for. Raises `JobNotFound`, and `JobActive` if the job has not ended."""
        job = await self._find_job(job_id)
        if not job.finished:
            raise JobActive(f"Job '{job_id}' is {job.status}; only a job that ended can be run again.")
        return again(job, await self._get_engine().repository.get_unique_key(job_id))

    async def get_job_status(self, job_id: str) -> JobStatus | None:
        """The job as the database has it, or None."""
        repository = self._get_engine().repository
        return await repository.get_job(job_id) if is_name(job_id) else None

    async def _find_job(self, job_id: str) -> JobStatus:
        if (job := await self.get_job_status(job_id)) is None:
            raise JobNotFound(f"There is no job {job_id!r:.130}.")
        return job

    async def get_logs(self, job_id: str, after: int = 0, limit: int = 1000) -> list[LogLine]:
        """What the job logged: up to ``limit`` (1 to 1,000) lines with a ``seq`` above ``after``, oldest first.

        A job keeps its newest 1,000 lines and 256 KiB; where lines are missing, one more says how many. While a job
        runs, its lines are here about half a second after they were logged. An unknown job has none.
        """
        most = whole("limit", limit, 1, MAX_LINES)
        return await self._get_engine().repository.list_logs(job_id, whole("after", after, 0, LARGEST), most)

    async def get_attempts(self, job_id: str) -> list[AttemptRecord]:
        """The attempts of the job that ended, oldest first: on which process, how, and with which traceback."""
        return await self._get_engine().repository.list_attempts(job_id)

    async def prune(self, *, dry_run: bool = False) -> dict[Status, int]:
        """Remove the ended jobs that the queue's `Retention` does not keep, now; how many, by status.

        ``dry_run`` only counts them.
        """
        pruner = self._get_engine().pruner
        return await (pruner.due() if dry_run else pruner.run())

    async def get_stats(self, owner: str | None = None) -> Stats:
        """How many jobs there are of each status, and how those of the last hour ended; cheap with a long history.

        ``owner``: only the jobs of this owner, which are counted.
        """
        return await self._get_engine().stats.read(check_owner(owner))

    async def list_jobs(
        self,
        statuses: Sequence[Status | str] = (),
        types: Sequence[str] = (),
        limit: int = 50,
        before: int | None = None,
        parent: str | None = None,
        owner: str | None = None,
    ) -> Page:
        """A page of jobs, newest first; empty ``statuses`` or ``types`` mean all; ``before`` is a page's ``next``.

        ``statuses`` may be texts, as ``["failed"]``. ``parent``: only the children of the job with this id. ``owner``:
        only the jobs of this owner. Raises `InvalidOption`.
        """
        wanted = [Status(one_of("statuses", status, *Status)) for status in _check_texts("statuses", statuses)]
        page, cursor = whole("limit", limit, 1), None if before is None else whole("before", before, 0, LARGEST)
        repository, named = self._get_engine().repository, _check_texts("types", types)
        return await repository.list_jobs(wanted, named, page, cursor, parent, check_owner(owner))

    async def wait(self, job_id: str, timeout: Seconds | None = None) -> JobStatus:
        """Wait until the job ended (completed, failed or cancelled) and return it.

        Raises `JobNotFound` (also if another process removed it before this one heard of its end), `TimeoutError`
        after ``timeout`` seconds (the job goes on), and `QueueNotRunning` when the queue is stopped meanwhile.
        """
        engine, patience = self._get_engine(), None if timeout is None else seconds("timeout", timeout)
        ended: asyncio.Future[JobStatus] = asyncio.get_running_loop().create_future()

        def listener(event: JobEvent) -> None:
            if isinstance(event, StatusChanged) and event.status.finished and not ended.done():
                ended.set_result(event.status)

        with contextlib.ExitStack() as stack:
            stack.callback(self.bus.listen(listener, job_id))
            stack.enter_context(engine.waiting(ended, job_id))
            # Only after listening: what happens between the two is heard, or read.
            job = await self._find_job(job_id)
            if job.finished:
                return job
            async with asyncio.timeout(patience):
                return await ended

    async def updates(self, job_id: str) -> AsyncGenerator[JobStatus, None]:
        """The job now, then whenever it changed or got further, up to its end.

        A reader that is slow misses states between, never the last one. To stop following earlier, leave the loop.
        Raises `JobNotFound`, and `QueueNotRunning` when the queue is stopped meanwhile.

        >>> async def main(queue: JobQueue, job_id: str) -> None:
        ...     async for status in queue.updates(job_id):
        ...         print(status.status, status.progress, status.message)
        """
        subscription, engine = Subscription(), self._get_engine()
        stopped: asyncio.Future[JobStatus] = asyncio.get_running_loop().create_future()
        stopped.add_done_callback(lambda ended: subscription.end(ended.exception()))
        with contextlib.ExitStack() as stack:
            stack.callback(self.bus.listen(subscription.on_event, job_id))
            stack.enter_context(engine.waiting(stopped, job_id))
            # Only after listening, as in `wait`.
            job = await self._find_job(job_id)
            subscription.put(job)
            if job.finished:
                yield job
            while not job.finished:
                job = await subscription.next()
                yield job

    async def result(self, job_id: str, timeout: Seconds | None = None) -> Any:
        """Wait for the job's result. Raises `JobFailed` with its error if it failed or was cancelled; see `wait`."""
        job = await self.wait(job_id, timeout)
        if job.status is not Status.COMPLETED:
            raise JobFailed(f"Job '{job_id}' {job.status}: {job.error or 'no reason was given'}")
        return job.result

    # --- schedules ---

    def schedule(
        self,
        job_type: str,
        expression: str,
        *,
        time_zone: str = "UTC",
        args: Mapping[str, Any] | None = None,
        missed: Missed = "skip",
        name: str | None = None,
    ) -> str:
        """Have a job added at certain times, one for each whatever the number of processes; returns its ``name``.

        ``expression`` is a cron expression in ``time_zone`` (see `Cron`), ``@daily`` and the like, or ``every 5
        minutes``. ``missed`` is for times at which no process was there, or which were found more than a minute late:
        ``"skip"`` them, or run ``"once"`` for all of them. ``name`` (default: the type) tells several schedules of a
        type apart; the same name again changes the schedule. To be called before or after `start`, at every start of
        the app: a schedule runs while a process lives that declares it and has workers (``max_workers`` not 0).

        Raises `UnknownJobType`, `InvalidArguments`, `InvalidName`, `InvalidSchedule`, and `CronMissing` (no cronsim).
        """
        known = self.registry.get(job_type)
        made = Schedule.of(known, expression, time_zone=time_zone, args=args, missed=missed, name=name)
        self._schedules[made.name] = made
        if self._engine is not None:
            self._engine.scheduler.wake()
        return made.name

    async def unschedule(self, name: str) -> None:
        """Take back what `schedule` declared: this process runs it no more, and forgets it if no other declares it.

        Jobs that it has added stay. Does nothing if there is no such schedule. One of ``@job(schedule=...)`` cannot be
        taken back: it comes again; pause it.
        """
        self._schedules.pop(name, None)
        engine = self._get_engine()
        await engine.scheduler.forget(name)

    async def schedules(self) -> list[ScheduleStatus]:
        """All schedules in the database, by name."""
        return [row.status() for row in await (await self._declare_schedules()).schedules.list()]

    async def pause_schedule(self, name: str) -> ScheduleStatus:
        """Add no more jobs of this schedule, in any process, until it is resumed. Raises `ScheduleNotFound`."""
        return await pause_schedule(await self._declare_schedules(), name)

    async def resume_schedule(self, name: str) -> ScheduleStatus:
        """Go on with a paused schedule at its next time; what was left out stays so. Raises `ScheduleNotFound`."""
        resumed = await resume_schedule(await self._declare_schedules(), name)
        self._get_engine().scheduler.wake()
        return resumed

    async def run_schedule_now(self, name: str) -> JobStatus:
        """Add a job of this schedule at once, also of a paused one; its times stay as they are.

        Raises `ScheduleNotFound`, and what `enqueue` raises.
        """
        found = await find_schedule(await self._declare_schedules(), name)
        return (await self.accept(JobRequest(found.type, found.args))).status()

    async def _declare_schedules(self) -> JobRepository:
        """The repository, with what was declared up to now in it."""
        engine = self._get_engine()
        if self.max_workers:
            await engine.scheduler.store()
        return engine.repository

    async def workers(self) -> list[WorkerRow]:
        """The processes that work on this database."""
        return await self._get_engine().repository.list_workers()

    async def processes(self) -> list[Process]:
        """The same for people: with what each runs, and how long ago it gave a sign of life."""
        engine = self._get_engine()
        return await read_processes(engine.repository, engine.rescuer.heard_ago)

    def live(self, job: JobStatus) -> JobStatus:
        """The job with the progress that it made in this process since it was stored; else as it is.

        The database follows progress within a second, so a job that was just read may be behind the newest event.
        """
        return self._get_engine().executions.with_live_progress(job)

    async def _submit(self, handler: Handler, args: Mapping[str, Any]) -> JobHandle[Any]:
        return await self.configure()._submit(handler, args)

    async def _enqueue(self, request: JobRequest, db: Any) -> str:
        if self._is_early:
            return (await self._enqueue_early([self._new_job(request)], db))[0]
        return (await self.accept(request, db=db)).job_id

    @property
    def _is_early(self) -> bool:
        """Whether an app whose lifespan starts (or has stopped) this queue may add jobs that run at the next start."""
        return self._engine is None and self.starts_with_app

    async def _enqueue_early(self, news: list[NewJob], db: Any) -> list[str]:
        """With the database open for this call only: so it does not matter who starts and stops when."""
        repository = open_repository(self.path, durability=self._durability)
        await repository.open()
        try:
            repository.check_room()
            ids = await _create(repository, news, db)
        finally:
            await repository.close()
        log.info("stored while the queue is not running, to run when it starts: %s", ", ".join(ids[:10]))
        return ids

    def _repository_with_room(self) -> JobRepository:
        """The repository, if it has room for new jobs; else raises `StorageFull`."""
        repository = self._get_engine().repository
        repository.check_room()
        return repository

    def _new_job(self, request: JobRequest, scope: str = "") -> NewJob:
        return new_job(self.registry.get(request.job_type), request, scope, self.max_pending)

    async def _check_all(self, requests: Iterable[JobRequest]) -> list[NewJob]:
        news: list[NewJob] = []
        size = 0
        for request in requests:
            news.append(self._new_job(request))
            size += len(news[-1].args)
            if len(news) > _MOST_AT_ONCE or size > _LARGEST_AT_ONCE:
                raise InvalidArguments(
                    f"More than {_MOST_AT_ONCE:,} jobs, or 64 MiB of arguments, at once; use several calls."
                )
            if len(news) % _CHECKED_AT_ONCE == 0:
                await asyncio.sleep(0)
        return news

    def _make_engine(self) -> Engine:
        supervisor = Supervisor()
        return Engine(
            open_repository(self.path, durability=self._durability, supervisor=supervisor),
            self.registry,
            self.bus,
            max_workers=self.max_workers,
            grace=self.grace,
            retention=self.retention,
            schedules=self._schedules,
            new_job=self._new_job,
            supervisor=supervisor,
        )

    def _get_engine(self) -> Engine:
        if self._engine is None:
            raise QueueNotRunning(
                "The job queue is not running. Use `async with queue:`, `await queue.start()`, or include "
                "jobs_router(queue, ...) in an app whose lifespan runs. (In the app's own lifespan, which begins "
                "before the router's, only adding jobs works without `async with queue:`.)"
            )
        return self._engine


class ConfiguredQueue(Submitter):
    """A queue with options for the jobs that are added through it; made by `JobQueue.configure`."""

    def __init__(self, queue: JobQueue, job_id: str | None, options: JobOptions, db: Any) -> None:
        self._queue = queue
        self._job_id = None if job_id is None else check_name(job_id, "job id")
        self._options = cast("JobOptions", check_options(options, JOB_OPTIONS))
        self._db = db

    async def enqueue(self, job_type: str, job_args: Mapping[str, Any] | None = None) -> JobHandle[Any]:
        """Add a job by the name of its type; raises what `JobQueue.enqueue` raises."""
        job_id = await self._queue._enqueue(self._request(job_type, job_args), self._db)
        return JobHandle(self._queue, job_id)

    async def _submit(self, handler: Handler, args: Mapping[str, Any]) -> JobHandle[Any]:
        job_type = self._queue.registry.name_of(handler)
        job_id = await self._queue._enqueue(self._request(job_type, args), self._db)
        return JobHandle(self._queue, job_id, self._queue.registry.get(job_type).returns)

    def _request(self, job_type: str, args: Mapping[str, Any] | None) -> JobRequest:
        return JobRequest(job_type, args, self._job_id, **self._options)


async def _create(repository: JobRepository, news: list[NewJob], db: Any) -> list[str]:
    if not news:
        return []
    stored = await (repository.create_jobs(news) if db is None else repository.create_in(db, news))
    return [each.job_id for each in stored]


def _function_and_args(job_func: Any, job_args: Any) -> tuple[Handler | None, Mapping[str, Any]]:
    """What stands behind the type: a function and its arguments, or arguments alone, as most people write it."""
    if job_func is None or callable(job_func):
        return job_func, mapping("job_args", job_args)
    if job_args is not None:
        raise invalid("job_func", job_func, "the handler's function, or leave it out: job_args are given already")
    return None, mapping("job_args", job_func)


def _check_texts(option: str, values: Sequence[str]) -> list[str]:
    if isinstance(values, str):  # whose characters would be taken one by one
        return [values]
    return [instance(option, value, str, "a list of texts") for value in values]
