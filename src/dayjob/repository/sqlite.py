"""The repository on SQLite: one writer thread and a few readers on one file in WAL mode."""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import json
import queue
import shutil
import sqlite3
import time
from asyncio import Future
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from ..clock import now_micros
from ..errors import DayjobError, StorageError, StorageFull
from ..loop import in_thread
from ..models import (
    Attempt,
    AttemptRecord,
    Ended,
    JobDefinition,
    JobStatus,
    Limit,
    LogLine,
    NewJob,
    NewLines,
    Settlement,
    StopReason,
)
from ..states import TERMINAL, Event, Status
from ..supervision import SupervisedThread, Supervisor
from .base import PERIOD, Claim, EndedJobs, JobRepository, Order, Page, Pulse
from .children import as_child, cancel_family, read_ended, tell_parent, wait_for
from .creation import Stored, create_or_find, creating, drive
from .gathering import Gathering
from .line import first_in_line
from .logs import add_logs, with_gaps
from .rows import (
    AttemptRow,
    DefinitionRow,
    Health,
    JobRow,
    LogRow,
    WorkerRow,
    attempt_values,
    checkpoint_values,
    end_values,
    new_job_values,
    new_row,
    progress_values,
    unknown_types,
)
from .session import create_in
from .sqlite_schedules import SqliteSchedules
from .statements import STATEMENTS
from .writer import Delivery, NotAll, Operation, Transaction, Writer

T = TypeVar("T")
_READERS = 2
_LONGEST_READ = 10.0  # seconds that reads under way get when the repository is closed
_LONGEST_PAGE = 10_000  # jobs
_MOST_ATTEMPTS = 1000  # of one job that are listed
_NEWEST = 2**63 - 1
_SPARE = 64 * 1024 * 1024  # bytes of free space below which no new job is taken
_SPACE_EVERY = 0.1  # seconds
_HEALTHY = Health()


class SqliteRepository(JobRepository):
    """`JobRepository` on the SQLite file ``path``, which is made if it is not there.

    ``power_safe`` (the default): an accepted job survives a power failure; False: only a crash of the process.
    """

    def __init__(self, path: Path, *, power_safe: bool = True, supervisor: Supervisor | None = None) -> None:
        # Resolved: other paths to the file must mean the same locks, and a later chdir must mean nothing.
        self.path = path.resolve()
        supervisor = supervisor or Supervisor()
        self._writer = Writer(
            self.path,
            power_safe=power_safe,
            wanted=lambda job_id: self.wanted(job_id),
            on_delivery=self._delivered,
            supervisor=supervisor,
        )
        self._arriving: Gathering[NewJob, Stored] = Gathering(self._add_jobs)
        self._readers = _ReaderPool(self.path, supervisor)
        self._space = _Space(self.path)
        self.schedules = SqliteSchedules(self._writer, self._readers, _create_or_find)

    @property
    def trouble(self) -> StorageError | None:
        return self._writer.trouble or self._space.trouble()

    async def open(self) -> None:
        await self._writer.open()
        self._readers.open()

    async def close(self) -> None:
        self._arriving.flush()
        await self._writer.close()
        await self._readers.close()

    def abandon(self) -> None:
        """The event loop was closed without `close`: let the threads end, and with them the files. For any thread."""
        self._writer.abandon()
        self._readers.abandon()

    def create_job(self, new: NewJob) -> Future[tuple[JobRow, bool]]:
        return self._submit(lambda tx: _create_or_find(tx, new))

    def create_jobs(self, news: Sequence[NewJob]) -> Future[list[Stored]]:
        return self._submit(lambda tx: _create_all(tx, news))

    def add_job(self, new: NewJob) -> Future[Stored]:
        self._writer.check_loop()
        return self._arriving.add(new)

    async def create_in(self, db: Any, news: Sequence[NewJob]) -> list[Stored]:
        """Store jobs in the transaction of ``db``, all or none; see `session`."""
        stored = await create_in(db, self.path, news)
        self._writer.watch_closely()
        return stored

    def _submit(self, operation: Operation[T], *, durable: bool = True, last: bool = False) -> Future[T]:
        self._arriving.flush()  # what was asked first is done first
        return self._writer.submit(operation, durable=durable, last=last)

    def _add_jobs(self, news: Sequence[NewJob]) -> Future[list[Stored | BaseException]]:
        return self._writer.submit(lambda tx: _create_each(tx, news))

    def create_child(self, parent: JobDefinition, new: NewJob) -> Future[Stored | StopReason]:
        return self._submit(lambda tx: _create_child(tx, parent, new))

    async def read_children(self, parent_id: str, children: Sequence[str]) -> list[Ended] | None:
        return await self._readers.run(lambda reader: read_ended(reader, parent_id, children))

    def forget_keys(self, now: int) -> Future[int]:
        return self._submit(lambda tx: len(tx.run("forget_idempotency", {"now": now})), durable=False)

    def claim(
        self,
        worker: str,
        types: Sequence[str],
        limit: int,
        *,
        free: int | None = None,
        limits: Mapping[str, Limit] = MappingProxyType({}),
        at_once: Collection[str] = (),
        max_attempts: Mapping[str, int] = MappingProxyType({}),
    ) -> Future[Claim]:
        order = Order(worker, types, limit, limit if free is None else free, limits, at_once, max_attempts)
        return self._submit(lambda tx: _claim(tx, order), durable=False, last=True)

    def settle_all(self, ends: Sequence[Settlement]) -> Future[list[bool | BaseException]]:
        return self._submit(lambda tx: _settle_all(tx, ends))

    def request_cancel(self, job_id: str) -> Future[JobStatus | None]:
        return self._submit(lambda tx: _cancel(tx, job_id))

    def save_progress(self, job: JobDefinition, attempt: Attempt, *, announce: bool = True) -> Future[bool]:
        values = progress_values(job, attempt)
        return self._submit(lambda tx: bool(tx.change_jobs("save_progress", values, announce)), durable=False)

    def add_logs(self, job: JobDefinition, new: NewLines) -> Future[bool]:
        return self._submit(lambda tx: add_logs(tx, job, new), durable=False)

    async def list_logs(self, job_id: str, after: int, limit: int) -> list[LogLine]:
        found = await self._read("list_logs", {"id": job_id, "after": after, "limit": limit})
        return with_gaps([LogRow(*row).line() for row in found], after)

    async def list_attempts(self, job_id: str) -> list[AttemptRecord]:
        found = await self._read("list_attempts", {"id": job_id, "limit": _MOST_ATTEMPTS})
        return [AttemptRow(*row).record() for row in reversed(found)]

    async def list_unknown_types(self) -> dict[str, int]:
        waiting = await self._read("list_waiting_types", {})
        return unknown_types(waiting, [worker.types for worker in await self.list_workers() if worker.slots])

    async def count_jobs(self, owner: str | None = None) -> dict[Status, int]:
        statement = "count_jobs" if owner is None else "count_jobs_of_owner"
        counted = dict(await self._read(statement, {"owner": owner}))
        return {status: counted.get(status.value, 0) for status in Status}

    async def count_ended(self, period: int, owner: str | None = None) -> list[EndedJobs]:
        statement = "count_ended" if owner is None else "count_ended_of_owner"
        values = {"since": period * PERIOD, "period": PERIOD, "owner": owner}
        counted: list[EndedJobs] = []
        for status in sorted(TERMINAL):
            found = await self._read(statement, values | {"status": status.value})
            counted += [EndedJobs(job_type, status, each, jobs) for job_type, each, jobs in found]
        return counted

    async def count_prunable(self, status: Status, before: int, limit: int) -> int:
        values = {"status": status.value, "before": before, "limit": limit}
        return int((await self._read("count_prunable", values))[0][0])

    def prune(self, status: Status, before: int, keep: int, limit: int) -> Future[int]:
        values = {"status": status.value, "before": before, "keep": keep, "limit": limit}
        return self._submit(lambda tx: _prune(tx, values), durable=False)

    def save_checkpoint(self, job: JobDefinition, attempt: Attempt, checkpoint: str) -> Future[bool]:
        values = checkpoint_values(job, attempt, checkpoint)
        return self._submit(lambda tx: bool(tx.change_jobs("save_checkpoint", values, announce=False)))

    async def get_job(self, job_id: str) -> JobStatus | None:
        return _first(await self._jobs("get_job", {"id": job_id}))

    async def get_unique_key(self, job_id: str) -> str | None:
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
        if not 1 <= limit <= _LONGEST_PAGE:
            raise ValueError(f"limit is {limit}; use 1 to {_LONGEST_PAGE:,}.")
        common = {"before": _NEWEST if before is None else before, "limit": limit + 1}
        if parent is None:
            rows = await self._readers.run(lambda reader: _list_at_once(reader, statuses, types, owner, common))
        else:
            family = {"parent": parent, "owner": owner, "types": json.dumps(list(types))}
            family["statuses"] = json.dumps(list(statuses or Status))
            rows = await self._jobs("list_jobs_by_parent", family | common)
        items = [row.status_of_job() for row in rows[:limit]]
        return Page(items, rows[limit - 1].seq if len(rows) > limit else None)

    async def list_changed(self, after: int, upto: int) -> list[JobRow]:
        return await self._jobs("list_changed", {"after": after, "upto": upto})

    async def existing(self, job_ids: Collection[str]) -> list[str]:
        return [job_id for (job_id,) in await self._read("list_existing", {"ids": json.dumps(list(job_ids))})]

    async def list_running_of(self, worker: str) -> list[JobDefinition]:
        return [DefinitionRow(*row).definition() for row in await self._read("list_running_of", {"worker": worker})]

    def register_worker(self, row: WorkerRow) -> Future[None]:
        return self._submit(lambda tx: _do(tx, "register_worker", row._asdict()), durable=False)

    def remove_worker(self, worker: str) -> Future[bool]:
        return self._submit(lambda tx: bool(tx.run("remove_worker", {"id": worker})), durable=False)

    async def list_workers(self) -> list[WorkerRow]:
        return await self._readers.run(lambda r: [WorkerRow(*row) for row in r.execute(STATEMENTS["list_workers"])])

    def beat(self, worker: str, answer: Future[Pulse] | None, health: Health = _HEALTHY) -> None:
        self._writer.submit_urgent(lambda tx: _beat(tx, worker, health), answer)

    async def _read(self, statement: str, values: dict[str, Any]) -> list[Any]:
        return await self._readers.run(lambda reader: reader.execute(STATEMENTS[statement], values).fetchall())

    async def _jobs(self, statement: str, values: dict[str, Any]) -> list[JobRow]:
        return await self._readers.run(lambda reader: _rows(reader, statement, values))

    def _delivered(self, delivery: Delivery) -> None:
        if delivery.changed:
            self.on_changed(delivery.changed)
        if delivery.ready:
            self.on_ready()
        if delivery.foreign:
            self.on_foreign(*delivery.foreign)


class _Space:
    """The free space on the disk of a database.

    Room is kept for what runs: its end has to be written, and a full disk takes not even a deletion.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._folder = str(path.parent)
        self._free = 0
        self._looked_at = 0.0

    def trouble(self) -> StorageError | None:
        """Why no new job should be taken. Enough room is not looked at again for a tenth of a second."""
        now = time.monotonic()
        if self._free >= _SPARE and now - self._looked_at < _SPACE_EVERY:
            return None
        try:
            self._free, self._looked_at = shutil.disk_usage(self._folder).free, now
        except OSError as error:
            return StorageError(f"The folder of the job database {self._path} cannot be read: {error}.")
        if self._free >= _SPARE:
            return None
        return StorageFull(
            f"Only {self._free >> 20} MiB are free on the disk of the job database {self._path}, and "
            f"{_SPARE >> 20} MiB are kept for the jobs that run. Make room; nothing needs to be restarted."
        )


def _create_all(tx: Transaction, news: Sequence[NewJob]) -> list[Stored]:
    """All or none. Jobs that are all new are stored several times faster than one by one."""
    if not any(map(_has_rules, news)):
        with contextlib.suppress(NotAll), tx.atomic():
            rev = tx.rev + 1
            tx.change_all("create_job", {"news": new_job_values(news), "rev": rev}, len(news))
            tx.move([new.id for new in news], None, Status.PENDING)
            return [Stored(new.id, partial(new_row, new, rev), created=True) for new in news]
    with tx.atomic():
        return [_create(tx, new) for new in news]


def _create_each(tx: Transaction, news: Sequence[NewJob]) -> list[Stored | BaseException]:
    """Each for itself, but at once if all are new."""
    try:
        return list(_create_all(tx, news))
    except (DayjobError, sqlite3.Error):
        if tx.is_over:
            raise
    return tx.each(partial(_create, tx, new) for new in news)


def _has_rules(new: NewJob) -> bool:
    """Whether more has to be asked than whether the job is new."""
    return bool(new.idempotency or new.max_pending or new.max_pending_in_all)


def _create(tx: Transaction, new: NewJob) -> Stored:
    stored = drive(creating(new, tx.rev + 1), partial(_run_counted, tx))
    if stored.created:
        _note(tx, new)
    return stored


def _create_child(tx: Transaction, parent: JobDefinition, new: NewJob) -> Stored | StopReason:
    child = as_child(tx, parent, new)
    return child if isinstance(child, StopReason) else _create(tx, child)


def _create_or_find(tx: Transaction, new: NewJob) -> tuple[JobRow, bool]:
    row, created = drive(create_or_find(new, tx.rev + 1), partial(_run_counted, tx))
    if created:
        _note(tx, new)
    return row, created


def _note(tx: Transaction, new: NewJob) -> None:
    """A job was made with the number ``rev + 1``."""
    tx.rev += 1
    tx.moved.append(new.id)
    tx.ready = True
    tx.counted = {key: n + (key[1] == new.type) for key, n in tx.counted.items()}


def _run_counted(tx: Transaction, statement: str, values: dict[str, Any]) -> list[Any]:
    """Run a step; what waits is counted once for many who come at once: a new job changes it by one."""
    if statement == "count_pending":
        return [(tx.run(statement)[0][0] + tx.counts[Status.PENDING],)]
    if statement == "count_pending_of_type":
        return [(_counted(tx, statement, values["type"], values["limit"]),)]
    if statement == "add_to_count":  # once for all, with the commit
        tx.counts[values["status"]] += values["by"]
        return []
    return tx.run(statement, values)


def _counted(tx: Transaction, statement: str, job_type: str, most: int) -> int:
    key = (statement, job_type, most)
    if key not in tx.counted:
        tx.counted[key] = tx.run(statement, {"type": job_type, "limit": most})[0][0]
    return tx.counted[key]


def _claim(tx: Transaction, order: Order) -> Claim:
    next_run_at = tx.run("next_run_at")[0][0]
    if next_run_at is not None:
        tx.run("ready_scheduled", {"now": now_micros()})
        next_run_at = tx.run("next_run_at")[0][0]
    seqs = first_in_line(tx, order)
    tx.ready &= len(seqs) == order.limit  # there is no more for this process, whatever was added before
    return Claim(_claim_jobs(tx, order, seqs), next_run_at)


def _claim_jobs(tx: Transaction, order: Order, seqs: list[int]) -> list[JobDefinition]:
    if not seqs:
        return []
    rev = tx.rev + 1
    with contextlib.suppress(NotAll):  # of these jobs all can be claimed, or, if this process counts as dead, none
        tx.change_all("claim", {"worker": order.worker, "seqs": f"{seqs}", "rev": rev}, len(seqs))
    claimed = json.loads(tx.run("list_claimed", {"seqs": f"{seqs}", "worker": order.worker, "rev": rev})[0][0])
    tx.move([row[0] for row in claimed], Status.PENDING, Status.RUNNING)
    jobs = [DefinitionRow(*row).definition() for row in claimed]
    for job in jobs:
        if not job.max_attempts:
            job.max_attempts = order.max_attempts.get(job.type, 1)
            tx.run("set_max_attempts", {"seq": job.seq, "max_attempts": job.max_attempts})
    return jobs


def _settle_all(tx: Transaction, ends: Sequence[Settlement]) -> list[bool | BaseException]:
    """All at once, which is fast; if that cannot be, each for itself."""
    if len({end.job.worker for end in ends}) == 1:
        with contextlib.suppress(NotAll, sqlite3.IntegrityError), tx.atomic():
            _settle_at_once(tx, ends)
            return [True] * len(ends)
    return tx.each(partial(_settle, tx, end) for end in ends)


def _settle(tx: Transaction, end: Settlement) -> bool:
    with contextlib.suppress(NotAll), tx.atomic():
        _settle_at_once(tx, [end])
        return True
    return False


def _settle_at_once(tx: Transaction, ends: Sequence[Settlement]) -> None:
    """Of attempts of one process."""
    for end in ends:
        if end.attempt.log:
            add_logs(tx, end.job, end.attempt.log)  # before the end, since only running attempts may write
    values = json.dumps([end_values(end) for end in ends], ensure_ascii=False)
    tx.change_all("settle", {"ends": values, "worker": ends[0].job.worker, "rev": tx.rev + 1}, len(ends))
    for status, moved in _by_status(ends).items():
        tx.move(moved, Status.RUNNING, status)
    for end in ends:
        if end.transition.event is not Event.COMPLETE:  # of that the job itself tells
            tx.run("add_attempt", attempt_values(end))
        if end.transition.status is Status.PENDING or end.job.parent_id is not None:
            _follow_up(tx, end)


def _follow_up(tx: Transaction, end: Settlement) -> None:
    """What else becomes of a job and its family, now that the end of the attempt is written."""
    job = _row(tx, end.job.id)
    if job.status == Status.PENDING and job.cancel_requested_at is not None:
        cancel_family(tx, job.id, end.transition.now)  # asked for when it was decided already how the job goes on
    elif end.transition.event is Event.WAIT:
        wait_for(tx, job, end.transition.children)
    else:
        tell_parent(tx, job)


def _by_status(ends: Sequence[Settlement]) -> dict[Status, list[str]]:
    found: dict[Status, list[str]] = {}
    for end in ends:
        found.setdefault(end.transition.status, []).append(end.job.id)
    return found


def _prune(tx: Transaction, values: dict[str, Any]) -> int:
    tx.store_counts()  # which say how many are to stay
    pruned = len(tx.run("prune", values))
    tx.counts[values["status"]] -= pruned
    return pruned


def _cancel(tx: Transaction, job_id: str) -> JobStatus | None:
    cancel_family(tx, job_id, now_micros())
    return _first([JobRow(*row) for row in tx.run("get_job", {"id": job_id})])


def _row(tx: Transaction, job_id: str) -> JobRow:
    return JobRow(*tx.run("get_job", {"id": job_id})[0])


def _beat(tx: Transaction, worker: str, health: Health) -> Pulse:
    tx.run("beat", {"id": worker, **health._asdict()})
    running = [DefinitionRow(*row).definition() for row in tx.run("list_running_of", {"worker": worker})]
    return Pulse(running, [WorkerRow(*row) for row in tx.run("list_workers")])


def _do(tx: Transaction, statement: str, values: dict[str, Any]) -> None:
    tx.run(statement, values)


def _first(rows: list[JobRow]) -> JobStatus | None:
    return rows[0].status_of_job() if rows else None


def _rows(reader: sqlite3.Connection, statement: str, values: dict[str, Any]) -> list[JobRow]:
    return [JobRow(*row) for row in reader.execute(STATEMENTS[statement], values)]


def _list_at_once(
    reader: sqlite3.Connection,
    statuses: Sequence[Status],
    types: Sequence[str],
    owner: str | None,
    common: dict[str, int],
) -> list[JobRow]:
    """As of one moment: else a job that goes from one status to another meanwhile would be in neither or both."""
    reader.execute("BEGIN")
    try:
        if owner is None:
            parts = _lists(reader, statuses, types, common)
        else:
            parts = _lists_of_owner(reader, statuses, {"owner": owner, "types": json.dumps(list(types)), **common})
    finally:
        reader.execute("ROLLBACK")
    merged = heapq.merge(*parts, key=lambda row: -row.seq)
    return list(itertools.islice(merged, common["limit"]))


def _lists(
    reader: sqlite3.Connection, statuses: Sequence[Status], types: Sequence[str], common: dict[str, int]
) -> list[list[JobRow]]:
    """One short index scan per wanted combination: no filter makes SQLite read history that is not shown."""
    if statuses and not types:
        types = [row[0] for row in reader.execute(STATEMENTS["list_types"])]
    if not types:
        return [_rows(reader, "list_jobs", dict(common))]
    pairs = itertools.product(dict.fromkeys(types), dict.fromkeys(statuses or Status))
    return [_rows(reader, "list_jobs_by_type", {"type": t, "status": s.value, **common}) for t, s in pairs]


def _lists_of_owner(
    reader: sqlite3.Connection, statuses: Sequence[Status], common: dict[str, Any]
) -> list[list[JobRow]]:
    wanted = dict.fromkeys(statuses or Status)
    return [_rows(reader, "list_jobs_by_owner", {"status": status.value, **common}) for status in wanted]


_Read = Callable[[sqlite3.Connection], Any]


class _ReaderPool:
    """A few threads with a reading connection each. Readers never wait for the writer (WAL), nor it for them."""

    def __init__(self, path: Path, supervisor: Supervisor) -> None:
        self._path = path
        self._asked: deque[tuple[_Read, Future[Any]]] = deque()
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()  # as in the writer
        names = [f"reader-{number}" for number in range(_READERS)]
        self._threads = [SupervisedThread(name, self._serve, supervisor) for name in names]
        self._closed = True

    def open(self) -> None:
        """Begin to serve."""
        self._closed = False
        for thread in self._threads:
            thread.start()

    async def run(self, read: Callable[[sqlite3.Connection], T]) -> T:
        """``read`` called with a connection in one of the threads; raises `StorageError`."""
        if self._closed or all(thread.lost for thread in self._threads):
            raise self._gone()
        future: Future[T] = asyncio.get_running_loop().create_future()
        self._asked.append((read, future))
        self._bell.put(None)
        try:
            return await future
        except sqlite3.Error as error:
            raise StorageError(f"The job database {self._path} cannot be read: {error}.") from error

    async def close(self) -> None:
        """Serve what was asked before, and end."""
        self.abandon()
        await in_thread(self._join)
        while self._asked:  # of threads that are lost, or that the disk holds up
            _end(self._asked.popleft()[1], None, self._gone())

    def abandon(self) -> None:
        """Have the threads end."""
        self._closed = True
        for _ in self._threads:
            self._bell.put(None)

    def _join(self) -> None:
        ends = time.monotonic() + _LONGEST_READ
        for thread in self._threads:
            thread.join(max(0.0, ends - time.monotonic()))

    def _gone(self) -> StorageError:
        return StorageError(f"The job database {self._path} is closed: the queue was stopped.")

    def _serve(self) -> None:
        """In a thread: a life of it, with a connection that is made for the first read."""
        with contextlib.ExitStack() as connected:
            connection: sqlite3.Connection | None = None
            while (asked := self._next()) is not None:
                read, future = asked
                try:
                    connection = connection or connected.enter_context(contextlib.closing(self._connect()))
                    _tell(future, read(connection), None)
                except sqlite3.Error as error:
                    connected.close()  # the next one sees the files as they are then
                    connection = None
                    _tell(future, None, error)
                except Exception as error:  # noqa: BLE001 (the caller gets it)
                    _tell(future, None, error)
                except BaseException:
                    ended = StorageError(f"A thread that reads the job database {self._path} was ended; try again.")
                    _tell(future, None, ended)
                    raise

    def _next(self) -> tuple[_Read, Future[Any]] | None:
        while True:
            with contextlib.suppress(IndexError):
                return self._asked.popleft()
            if self._closed:
                return None
            self._bell.get()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=10.0, check_same_thread=False)
        try:
            connection.execute("PRAGMA query_only = ON")
            connection.execute("PRAGMA wal_autocheckpoint = 0")
        except BaseException:
            connection.close()
            raise
        return connection


def _tell(future: Future[Any], result: Any, error: BaseException | None) -> None:
    with contextlib.suppress(RuntimeError):  # the event loop ended before: nobody waits any more
        future.get_loop().call_soon_threadsafe(_end, future, result, error)


def _end(future: Future[Any], result: Any, error: BaseException | None) -> None:
    if future.done():  # who waited has gone away
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)
