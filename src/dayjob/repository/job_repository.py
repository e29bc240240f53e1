"""All that is stored about jobs: what a queue needs of a database, whichever it is."""

from __future__ import annotations

import heapq
import itertools
import json
from asyncio import Future
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from ..clock import now_micros
from ..errors import Fail, IllegalTransition, JobNotFound, StorageError, StorageFull
from ..models import (
    AttemptRecord,
    AttemptReport,
    Ended,
    JobDefinition,
    JobStatus,
    Limit,
    LogLine,
    NewJob,
    NewLines,
    Progress,
    Settlement,
    StopReason,
    Transition,
)
from ..outcome import Ending, NotStarted, Raised, Returned, decide
from ..states import TERMINAL, Status
from ..supervision import Supervisor
from . import operations
from .batching import Batcher
from .children import read_ended
from .claiming import ClaimRequest
from .creation import Accepted
from .database import Database, ProcessLock, Worker
from .logs import add_lines, with_gaps
from .operations import Claim, HeartbeatReply
from .readers import Readers
from .rows import (
    AttemptRow,
    DefinitionRow,
    Health,
    JobRow,
    LogRow,
    WorkerRow,
    checkpoint_values,
    progress_values,
    unknown_types,
)
from .schedules import Schedules
from .transaction import Changes, Reader, Transaction
from .writer import Delivery, Operation, Writer

T = TypeVar("T")
_LONGEST_PAGE = 10_000  # jobs
_MOST_ATTEMPTS = 1000  # of one job that are listed
_NEWEST = 2**63 - 1
_HEALTHY = Health()


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, newest first, and the cursor of the next part (None: this was the last)."""

    items: list[JobStatus]
    next: int | None


PERIOD = 10_000_000  # microseconds, in which ended jobs are counted together


class EndedJobs(NamedTuple):
    """So many ``jobs`` of a type ended with ``status`` in a `PERIOD`, counted as Unix time is."""

    type: str
    status: Status
    period: int
    jobs: int


@dataclass(slots=True)
class Listener:
    """Who hears, on the event loop, of what was committed.

    ``on_changed`` gets rows that this process has committed: of progress all, of other changes those of jobs that it
    ``wants`` (which is asked in any thread). ``on_ready`` is called when one of them may be claimed, ``on_foreign``
    when other processes changed something: `JobRepository.list_changed` reads it.
    """

    on_changed: Callable[[list[JobRow]], None] = lambda _rows: None
    wants: Callable[[str], bool] = lambda _job_id: True
    on_ready: Callable[[], None] = lambda: None
    on_foreign: Callable[[Changes], None] = lambda _changes: None


class JobRepository:
    """All that is stored about jobs, and the only code that writes it: through one writer, and a few readers.

    Four methods write a status: `create_job`, `claim`, `settle` and `request_cancel`. What concerns a running attempt
    carries (worker, attempt) and takes effect only while both still match; else the answer is False.
    Futures are done after the commit; awaiting them is optional. Raises `StorageError` when the database cannot.
    """

    def __init__(self, database: Database, supervisor: Supervisor | None = None) -> None:
        supervisor = supervisor or Supervisor()
        self.database = database
        self.listener = Listener()
        wants = lambda job_id: self.listener.wants(job_id)  # noqa: E731 (who listens comes later)
        self._writer = Writer(database, wanted=wants, on_delivery=self._deliver, supervisor=supervisor)
        self._readers = Readers(database, supervisor)
        self._arriving: Batcher[NewJob, Accepted] = Batcher(self._add_jobs)
        self.schedules = Schedules(self._writer, self._readers)

    @property
    def trouble(self) -> StorageError | None:
        """Why nothing can be stored now, as far as is known; None if all is well. Cheap: asked for every new job."""
        return self._writer.trouble or self.database.trouble

    def check_room(self) -> None:
        """Raise `StorageFull` if there is no room for new jobs."""
        if isinstance(trouble := self.trouble, StorageFull):
            raise trouble

    async def open(self, listener: Listener | None = None) -> None:
        """Connect, and bring the schema up to date; the ``listener`` hears of what is committed."""
        self.listener = listener or self.listener
        await self._writer.open()
        self._readers.open()

    async def close(self) -> None:
        """Write what was submitted and disconnect."""
        self._arriving.flush()
        await self._writer.close()
        await self._readers.close()

    def abandon(self) -> None:
        """The event loop was closed without `close`: let the threads end, and with them the files. For any thread."""
        self._writer.abandon()
        self._readers.abandon()

    # --- create ---

    def create_job(self, new: NewJob) -> Future[tuple[JobRow, bool]]:
        """Store a job as pending. False as the second value: the job with this id or unique key, which was there.

        Raises `QueueFull` if the job is new and ``max_pending`` jobs wait already.
        """
        return self._submit(lambda tx: operations.create_by_id(tx, new))

    def add_job(self, new: NewJob) -> Future[Accepted]:
        """Like `create_jobs` for one; what comes at the same time from others is written with it, each for itself."""
        self._writer.check_loop()
        return self._arriving.add(new)

    def create_jobs(self, news: Sequence[NewJob]) -> Future[list[Accepted]]:
        """Store jobs as pending, all of them or none; what was there already is found, in this order of rules:
        by idempotency key, by id, by the owner's unique key. Raises `IdempotencyConflict`, `JobExists`, `QueueFull`."""
        return self._submit(lambda tx: operations.create_all(tx, news))

    async def create_in(self, db: Any, news: Sequence[NewJob]) -> list[Accepted]:
        """Store jobs in the transaction of ``db``, a session or connection of the caller, all or none.

        Raises `WrongDatabase` for one to another database, `TypeError` for what is no connection.
        """
        stored = await self.database.create_in(db, news)
        self._writer.watch_closely()
        return stored

    def create_child(self, parent: JobDefinition, new: NewJob) -> Future[Accepted | StopReason]:
        """Store a job that the running attempt ``parent`` adds, as `create_jobs` does; or why that attempt has to stop.

        It has its parent's owner. Raises `InvalidArguments` if there are too many, and `JobExists` also if ``new``
        would be another child's twin.
        """
        return self._submit(lambda tx: operations.create_child(tx, parent, new))

    def forget_keys(self, now: int, most: int) -> Future[int]:
        """Remove idempotency keys that expired before ``now`` (microseconds), at most so many; how many."""
        return self._submit(lambda tx: len(tx.run("forget_idempotency", {"now": now, "most": most})), durable=False)

    # --- run ---

    def claim(
        self,
        worker: str,
        types: Sequence[str],
        limit: int,
        *,
        free: int | None = None,
        limits: Mapping[str, Limit] = MappingProxyType({}),
        no_prefetch: Collection[str] = (),
        max_attempts: Mapping[str, int] = MappingProxyType({}),
    ) -> Future[Claim]:
        """Make up to ``limit`` ready jobs running attempts of ``worker``: by priority, then in order of arrival.

        ``limits`` holds over all processes; jobs that it keeps waiting are passed over. Of the jobs that two processes
        died under one is taken at most, if it is among the first ``free`` (those that start at once; default: all) and
        ``worker`` runs no other; and of the types ``no_prefetch`` as many as are among these ``free``. ``max_attempts``
        of the types (else 1) is for jobs that were added without. A process that is not registered gets none.
        """
        starts = limit if free is None else free
        request = ClaimRequest(worker, types, limit, starts, limits, no_prefetch, max_attempts)
        return self._submit(lambda tx: operations.claim(tx, request), durable=False, last=True)

    def settle_all(self, ends: Sequence[Settlement]) -> Future[list[bool | BaseException]]:
        """Write how attempts ended, with the lines and the tracebacks that they left.

        A job that waits for children is ready when the last of them ends, at once if none is left. What ends tells
        the parent that waits for it, in the same transaction.
        For each False, and nothing is written, if it was not the job's current attempt any more, or what went wrong.
        """
        return self._submit(lambda tx: operations.settle_all(tx, ends))

    async def settle(self, job: JobDefinition, transition: Transition, report: AttemptReport) -> bool:
        """`settle_all` for one; raises what went wrong."""
        (settled,) = await self.settle_all([Settlement(job, transition, report)])
        if isinstance(settled, BaseException):
            raise settled
        return settled

    def request_cancel(self, job_id: str) -> Future[JobStatus | None]:
        """Cancel a pending job, or ask a running one to stop; the job as it is then (None: there is none).

        With it go all jobs that it added, and those that they added, as far as they have not ended.
        """
        return self._submit(lambda tx: operations.cancel(tx, job_id))

    def save_progress(self, job: JobDefinition, report: AttemptReport, *, announce: bool = True) -> Future[bool]:
        """Store how far a running attempt is, silently or not; False if it was not the current one any more."""
        values = progress_values(job, report)
        return self._submit(lambda tx: bool(tx.update_jobs("save_progress", values, announce)), durable=False)

    def save_checkpoint(self, job: JobDefinition, report: AttemptReport, checkpoint: str) -> Future[bool]:
        """Store ``checkpoint`` (JSON) with how far the attempt is, safe from power failures; else False, as above."""
        values = checkpoint_values(job, report, checkpoint)
        return self._submit(lambda tx: bool(tx.update_jobs("save_checkpoint", values, announce=False)))

    def add_logs(self, job: JobDefinition, new: NewLines) -> Future[bool]:
        """Store lines of a running attempt; False if it was not the current one any more.

        A job keeps its newest lines: `MAX_LINES` and `MAX_LOG` bytes.
        """
        return self._submit(lambda tx: add_lines(tx, job, new), durable=False)

    async def update_job_status(
        self,
        job_id: str,
        status: str,
        progress: int | None = None,
        result: Any = None,
        error: str | None = None,
        *,
        worker: str,
        attempt: int,
    ) -> JobStatus:
        """End the running attempt (``worker``, ``attempt``) of a job with ``status``, through `settle` like all do.

        Raises `JobNotFound`, and `IllegalTransition` if that attempt does not run or may not go to ``status``.
        """
        if Status(status) is Status.RUNNING:
            raise IllegalTransition("A job becomes running by a claim, not by an update.")
        ending, stop = _ending(Status(status), result, error)
        reached = None if progress is None else Progress(processed=progress, total=100)
        settled = False
        for job in await self.list_running_of(worker):
            if (job.id, job.attempt) == (job_id, attempt):
                transition = decide(job, ending, stop, now_micros())
                settled = await self.settle(job, transition, AttemptReport(progress=reached))
        found = await self.get_job(job_id)
        if found is None:
            raise JobNotFound(f"There is no job '{job_id}'.")
        if not settled:
            raise IllegalTransition(f"Attempt {attempt} of job '{job_id}' does not run (any more) on '{worker}'.")
        return found

    # --- read ---

    async def get_job(self, job_id: str) -> JobStatus | None:
        """The job with this id."""
        rows = await self._jobs("get_job", {"id": job_id})
        return rows[0].status_of_job() if rows else None

    async def get_unique_key(self, job_id: str) -> str | None:
        """The unique key of this job, if it has one."""
        rows = await self._jobs("get_job", {"id": job_id})
        return rows[0].unique_key if rows else None

    async def list_jobs(
        self,
        statuses: Sequence[Status] = (),
        types: Sequence[str] = (),
        limit: int = 50,
        before: int | None = None,
        parent: str | None = None,
        owner: str | None = None,
    ) -> Page:
        """Newest first; empty ``statuses`` or ``types`` mean all of them; ``before`` is a page's ``next``.

        ``parent``: only the children of this job. ``owner``: only the jobs of this owner.
        """
        if not 1 <= limit <= _LONGEST_PAGE:
            raise ValueError(f"limit is {limit}; use 1 to {_LONGEST_PAGE:,}.")
        common = {"before": _NEWEST if before is None else before, "limit": limit + 1}
        if parent is None:
            rows = await self._readers.run(lambda reader: _list_of_a_moment(reader, statuses, types, owner, common))
        else:
            family = {"parent": parent, "owner": owner, "types": json.dumps(list(types))}
            family["statuses"] = json.dumps(list(statuses or Status))
            rows = await self._jobs("list_jobs_by_parent", family | common)
        items = [row.status_of_job() for row in rows[:limit]]
        return Page(items, rows[limit - 1].seq if len(rows) > limit else None)

    async def list_changed(self, changes: Changes) -> list[JobRow]:
        """The jobs whose last change is one of these, in the order of their changes."""
        return await self._jobs("list_changed", changes.values())

    async def existing(self, job_ids: Collection[str]) -> list[str]:
        """Those of these jobs that are there."""
        return [job_id for (job_id,) in await self._read("list_existing", {"ids": json.dumps(list(job_ids))})]

    async def read_children(self, parent_id: str, children: Sequence[str]) -> list[Ended] | None:
        """How these children of a job ended, in their order; None if some of them have not.

        Raises `InvalidArguments` for what is no child of that job, `PayloadTooLarge` for more than 16 MiB of results.
        """
        return await self._readers.run(lambda reader: read_ended(reader, parent_id, children))

    async def list_logs(self, job_id: str, after: int, limit: int) -> list[LogLine]:
        """The lines with a ``seq`` above ``after``, oldest first. Where some were dropped, a line says how many."""
        found = await self._read("list_logs", {"id": job_id, "after": after, "limit": limit})
        return with_gaps([LogRow(*row).line() for row in found], after)

    async def list_attempts(self, job_id: str) -> list[AttemptRecord]:
        """The attempts that ended, oldest first (of very many the last ones)."""
        found = await self._read("list_attempts", {"id": job_id, "limit": _MOST_ATTEMPTS})
        return [AttemptRow(*row).record() for row in reversed(found)]

    async def list_unknown_types(self) -> dict[str, int]:
        """Types that no process knows which runs jobs, and since when (microseconds) a job of each is ready.

        Empty also if no process runs jobs at all.
        """
        waiting = await self._read("list_waiting_types", {})
        return unknown_types(waiting, [worker.types for worker in await self.list_workers() if worker.slots])

    async def count_jobs(self, owner: str | None = None) -> dict[Status, int]:
        """How many jobs there are of each status, without counting them; those of an ``owner`` are counted."""
        statement = "count_jobs" if owner is None else "count_jobs_of_owner"
        counted = dict(await self._read(statement, {"owner": owner}))
        return {status: counted.get(status.value, 0) for status in Status}

    async def count_ended(self, period: int, owner: str | None = None) -> list[EndedJobs]:
        """How many jobs (of this ``owner``) of each type ended how in each `PERIOD`, from that one on."""
        statement = "count_ended" if owner is None else "count_ended_of_owner"
        values = {"since": period * PERIOD, "period": PERIOD, "owner": owner}
        counted: list[EndedJobs] = []
        for status in sorted(TERMINAL):
            found = await self._read(statement, values | {"status": status.value})
            counted += [EndedJobs(job_type, status, each, jobs) for job_type, each, jobs in found]
        return counted

    # --- retention ---

    async def count_prunable(self, status: Status, before: int, limit: int) -> int:
        """How many jobs of ``status`` ended before that time (microseconds); counts to ``limit`` at most."""
        values = {"status": status.value, "before": before, "limit": limit}
        return int((await self._read("count_prunable", values))[0][0])

    def prune(self, status: Status, before: int, keep: int, limit: int) -> Future[int]:
        """Delete the oldest jobs of ``status`` that ended before that time (microseconds), and return how many.

        At most ``limit``, and never so many that fewer than ``keep`` would be left.
        """
        return self._submit(lambda tx: operations.prune(tx, status, before, keep, limit), durable=False)

    # --- processes ---

    def process_lock(self, worker: str) -> ProcessLock:
        """The lock of this process, whose id is ``worker``; not taken yet."""
        return self.database.process_lock(worker)

    def lost_its_lock(self, worker: Worker) -> bool:
        """Whether a process has certainly ended, since its lock is free; False wherever that cannot be seen."""
        return self.database.lost_its_lock(worker)

    def remove_lock(self, worker: Worker) -> None:
        """Nothing is left of a process that has ended."""
        self.database.remove_lock(worker)

    async def list_running_of(self, worker: str) -> list[JobDefinition]:
        """The attempts that a process runs, or ran when it died."""
        return [DefinitionRow(*row).definition() for row in await self._read("list_running_of", {"worker": worker})]

    def register_worker(self, row: WorkerRow) -> Future[None]:
        """Tell the other processes that this one is there."""
        return self._submit(lambda tx: _run(tx, "register_worker", row._asdict()), durable=False)

    def remove_worker(self, worker: str) -> Future[bool]:
        """Forget a process, unless jobs are still running there; whether it is forgotten now."""
        return self._submit(lambda tx: operations.remove_worker(tx, worker), durable=False)

    async def list_workers(self) -> list[WorkerRow]:
        """All processes that are registered."""
        return [WorkerRow(*row) for row in await self._read("list_workers", {})]

    def beat(self, worker: str, reply: Future[HeartbeatReply] | None, health: Health = _HEALTHY) -> None:
        """Raise the counter of ``worker`` and store its health, ahead of all that waits. For any thread."""
        self._writer.submit_urgent(lambda tx: operations.beat(tx, worker, health), reply)

    # --- how ---

    def _submit(self, operation: Operation[T], *, durable: bool = True, last: bool = False) -> Future[T]:
        self._arriving.flush()  # what was asked first is done first
        return self._writer.submit(operation, durable=durable, last=last)

    def _add_jobs(self, news: Sequence[NewJob]) -> Future[list[Accepted | BaseException]]:
        return self._writer.submit(lambda tx: operations.create_each(tx, news))

    async def _read(self, statement: str, values: dict[str, Any]) -> list[Any]:
        return await self._readers.run(lambda reader: reader.run(statement, values))

    async def _jobs(self, statement: str, values: dict[str, Any]) -> list[JobRow]:
        return await self._readers.run(lambda reader: _rows(reader, statement, values))

    def _deliver(self, delivery: Delivery) -> None:
        if delivery.changed:
            self.listener.on_changed(delivery.changed)
        if delivery.ready:
            self.listener.on_ready()
        if delivery.foreign is not None:
            self.listener.on_foreign(delivery.foreign)


def _ending(status: Status, result: Any, error: str | None) -> tuple[Ending, StopReason | None]:
    """How an attempt has ended that leads to ``status``."""
    if status is Status.COMPLETED:
        return Returned(result), None
    if status is Status.FAILED:
        return Raised(Fail(error or "")), None
    return NotStarted(), StopReason.CANCELLED if status is Status.CANCELLED else None


def _run(tx: Transaction, statement: str, values: dict[str, Any]) -> None:
    tx.run(statement, values)


def _rows(reader: Reader, statement: str, values: dict[str, Any]) -> list[JobRow]:
    return [JobRow(*row) for row in reader.run(statement, values)]


def _list_of_a_moment(
    reader: Reader,
    statuses: Sequence[Status],
    types: Sequence[str],
    owner: str | None,
    common: dict[str, int],
) -> list[JobRow]:
    """As of one moment: else a job that goes from one status to another meanwhile would be in neither or both."""
    with reader.snapshot():
        if owner is None:
            parts = _lists(reader, statuses, types, common)
        else:
            parts = _lists_of_owner(reader, statuses, {"owner": owner, "types": json.dumps(list(types)), **common})
    merged = heapq.merge(*parts, key=lambda row: -row.seq)
    return list(itertools.islice(merged, common["limit"]))


def _lists(
    reader: Reader, statuses: Sequence[Status], types: Sequence[str], common: dict[str, int]
) -> list[list[JobRow]]:
    """One short index scan per wanted combination: no filter makes it read history that is not shown."""
    if statuses and not types:
        types = [row[0] for row in reader.run("list_types")]
    if not types:
        return [_rows(reader, "list_jobs", dict(common))]
    pairs = itertools.product(dict.fromkeys(types), dict.fromkeys(statuses or Status))
    return [_rows(reader, "list_jobs_by_type", {"type": t, "status": s.value, **common}) for t, s in pairs]


def _lists_of_owner(reader: Reader, statuses: Sequence[Status], common: dict[str, Any]) -> list[list[JobRow]]:
    wanted = dict.fromkeys(statuses or Status)
    return [_rows(reader, "list_jobs_by_owner", {"status": status.value, **common}) for status in wanted]
