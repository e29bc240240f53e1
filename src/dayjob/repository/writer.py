"""The one writing connection of this process, in a thread of its own, with group commit.

Everything that waits is written in one transaction, and its callers are told after the commit. So the price of an
fsync is shared by all who came meanwhile, and nobody hears of a change that is not on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ..errors import DayjobError, StorageError, StorageFull
from ..loop import in_thread
from .migrate import migrate
from .rows import JobRow
from .statements import STATEMENTS

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows has no flock; there only the fairness between processes is lost
    _CAN_LOCK = False

log = logging.getLogger("dayjob.repository")
T = TypeVar("T")

_MAX_BATCH = 512  # operations in one transaction
_IDLE_POLL = 0.25  # seconds between looks for what other processes wrote
_TURN_POLL = 0.001  # seconds between looks whether the gate is free
_LONGEST_TURN = 1.0  # seconds to wait for it; it is for fairness, not for safety
_BUSY_TIMEOUT = 10.0  # seconds to wait for another process's transaction


class _NotNew(Exception):
    """Among new jobs was one that was not."""


class Transaction:
    """What an operation works with: named statements, the change number, and the list of changed jobs to announce."""

    def __init__(self, connection: sqlite3.Connection, rev: int) -> None:
        self._connection = connection
        self.rev = rev
        self.changed: list[JobRow] = []
        self.counted: dict[tuple[str, str, int], int] = {}  # what was counted since the last change of jobs

    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        """Rows (tuples) of a statement in ``sql/``."""
        return self._connection.execute(STATEMENTS[statement], values or {}).fetchall()

    def open(self, statement: str, values: dict[str, Any]) -> sqlite3.Cursor:
        """Like `run`, for who may stop reading early; to be closed."""
        return self._connection.execute(STATEMENTS[statement], values)

    def change_jobs(self, statement: str, values: dict[str, Any], announce: bool = True) -> list[JobRow]:
        """Like `run` for a statement that changes jobs: gives it a ``rev`` and has its rows announced."""
        rows = [JobRow(*row) for row in self.run(statement, {**values, "rev": self.rev + 1})]
        if rows:  # A number for nothing would wake every other process, whose look for work would wake this one.
            self.rev += 1
            self.counted = {}
        if announce:
            self.changed += rows
        return rows

    def create_new(self, values: list[dict[str, Any]]) -> list[JobRow] | None:
        """Jobs that are all new, stored several times faster than one by one; None (and nothing) if one is not."""
        after, upto = self.rev, self.rev + len(values)
        numbered = [each | {"rev": rev} for rev, each in enumerate(values, after + 1)]
        with contextlib.suppress(_NotNew), self.atomic():
            # Rows are counted only of statements that return none.
            insert = STATEMENTS["create_job"].replace("RETURNING *", "")
            if self._connection.executemany(insert, numbered).rowcount < len(values):
                raise _NotNew
            rows = [JobRow(*row) for row in self.run("list_changed", {"after": after, "upto": upto})]
            self.rev, self.counted = upto, {}
            self.changed += rows
            return rows
        return None

    def created(self, row: JobRow) -> None:
        """Take note of a job that `run` made with the number ``rev + 1``, and have it announced."""
        self.rev += 1
        self.changed.append(row)

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """All changes inside, or none of them when one raises; the rest of the transaction stays."""
        rev, changed = self.rev, len(self.changed)
        self._connection.execute("SAVEPOINT dayjob_atomic")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO dayjob_atomic")
                self._connection.execute("RELEASE dayjob_atomic")
            self.rev = rev
            self.counted = {}
            del self.changed[changed:]
            raise
        self._connection.execute("RELEASE dayjob_atomic")


Operation = Callable[[Transaction], T]


@dataclass(slots=True)
class _Request(Generic[T]):
    operation: Operation[T]
    future: asyncio.Future[T] | None
    durable: bool
    result: T | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Delivery:
    """What a transaction did, for the event loop: the jobs that it changed, and the numbers that others had used."""

    requests: list[_Request[Any]] = field(default_factory=list)
    changed: list[JobRow] = field(default_factory=list)
    foreign: tuple[int, int] | None = None


class Writer:
    """Runs operations in transactions, in the order in which they were submitted.

    An operation makes one change, or changes of which each is right alone: when it raises, only its own future gets
    the error. When the transaction as a whole cannot be committed, every future of the batch gets a `StorageError`.
    ``on_delivery`` is called on the event loop after each commit, before the futures' callbacks run.
    """

    def __init__(self, path: Path, *, power_safe: bool, on_delivery: Callable[[Delivery], None]) -> None:
        self._path = path
        self._power_safe = power_safe
        self._on_delivery = on_delivery
        self._requests: queue.SimpleQueue[_Request[Any] | None] = queue.SimpleQueue()
        self._urgent: queue.SimpleQueue[_Request[Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="dayjob-writer", daemon=True)
        self._rev = 0
        self._data_version = 0
        self._full = False
        self.trouble: StorageError | None = None  # why the last transaction failed, if it did

    async def open(self) -> None:
        """Open the database, migrate it, and begin. Raises `StorageError` (or `SchemaTooNew`)."""
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._thread.start()
        try:
            await asyncio.wait([self._opened])  # which leaves the future alone when this is cancelled
        except asyncio.CancelledError:
            self._requests.put(None)
            raise
        self._opened.result()

    async def close(self) -> None:
        """Write what was submitted, then close."""
        self._requests.put(None)
        await in_thread(self._thread.join)

    def submit(self, operation: Operation[T], *, durable: bool = True) -> asyncio.Future[T]:
        """Have ``operation`` run in the next transaction; the future is done after the commit.

        ``durable=False`` is for what may be lost in a power failure (claims, progress, beats): a transaction of only
        such operations is committed without waiting for the disk.
        """
        future: asyncio.Future[T] = self._loop.create_future()
        self._requests.put(_Request(operation, future, durable))
        return future

    def submit_urgent(self, operation: Operation[T], future: asyncio.Future[T] | None) -> None:
        """Have ``operation`` run first in the next transaction; may be called from any thread."""
        self._urgent.put(_Request(operation, future, durable=False))
        self._requests.put(_Request(_nothing, None, durable=False))

    # From here on everything runs in the writer thread.

    def _run(self) -> None:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._gate_file(), self._turn():  # SQLite lets only one at a time switch a new file to WAL
                self._connection = self._connect()
        except BaseException as error:  # noqa: BLE001 (it is handed to whoever awaits open())
            self._post(self._opened.set_exception, _storage_error(error, self._path))
            return
        self._post(self._opened.set_result, None)
        with contextlib.closing(self._connection), self._gate_file():
            while self._step():
                pass

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False, cached_statements=256
        )
        try:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            migrate(connection)
            columns = tuple(row[1] for row in connection.execute("PRAGMA table_info(dayjob_job)"))
            if columns != JobRow._fields:
                raise StorageError(f"The table dayjob_job of {self._path} is not as dayjob made it: {columns}.")
            self._rev = connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
            self._data_version = _data_version(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    @contextlib.contextmanager
    def _gate_file(self) -> Iterator[None]:
        with open(f"{self._path}.gate", "wb") as self._gate:
            yield

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if _CAN_LOCK:
            self._wait_for_turn()
        try:
            yield
        finally:
            if _CAN_LOCK:
                fcntl.flock(self._gate, fcntl.LOCK_UN)

    def _wait_for_turn(self) -> None:
        """Not for ever: who was stopped with the gate in its hand must not stop all others. SQLite's lock is enough."""
        ends = time.monotonic() + _LONGEST_TURN
        while time.monotonic() < ends:
            try:
                fcntl.flock(self._gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(_TURN_POLL)
            else:
                return

    def _step(self) -> bool:
        """One transaction, or one look for what others did; False when there is nothing more to do, ever."""
        try:
            request = self._requests.get(timeout=_IDLE_POLL)
        except queue.Empty:
            self._look_around()
            return True
        batch: list[_Request[Any]] = []
        while not self._urgent.empty():
            batch.append(self._urgent.get())
        while request is not None:
            batch.append(request)
            if len(batch) >= _MAX_BATCH or self._requests.empty():
                break
            request = self._requests.get()
        if batch:
            self._post(self._deliver, self._commit(batch))
        return request is not None

    def _commit(self, batch: list[_Request[Any]]) -> Delivery:
        delivery = Delivery(batch)
        try:
            self._synchronize(any(request.durable for request in batch))
            transaction = self._begin(delivery)
            before = transaction.rev
            for request in batch:
                self._perform(request, transaction)
            if transaction.rev != before:
                transaction.run("set_rev", {"rev": transaction.rev})
            self._connection.execute("COMMIT")
            self._rev, delivery.changed = transaction.rev, transaction.changed
            self.trouble = None
        except Exception as error:  # noqa: BLE001 (an error that only this thread heard of would be a wait for ever)
            self._fail(batch, error)
        return delivery

    def _begin(self, delivery: Delivery) -> Transaction:
        # SQLite's lock is not fair: a busy process starves the others for seconds. Taking turns at a gate is.
        with self._turn():
            self._connection.execute("BEGIN IMMEDIATE")
        rev = self._connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
        if rev != self._rev:
            delivery.foreign = (self._rev, rev)
        return Transaction(self._connection, rev)

    def _perform(self, request: _Request[Any], transaction: Transaction) -> None:
        try:
            request.result = request.operation(transaction)
        except Exception as error:
            if not self._connection.in_transaction:
                # A full disk or an I/O error has ended the transaction: nothing of the batch is written.
                raise sqlite3.OperationalError(str(error)) from error
            # A full disk is worth another try, a broken rule of the schema is not: only the first is a StorageError.
            full = isinstance(error, sqlite3.OperationalError)
            request.error = _storage_error(error, self._path) if full else error

    def _fail(self, batch: list[_Request[Any]], error: Exception) -> None:
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                self._connection.execute("ROLLBACK")
        told = _storage_error(error, self._path)
        self.trouble = told if isinstance(told, StorageError) else None
        for request in batch:
            request.error = told

    def _synchronize(self, durable: bool) -> None:
        """FULL waits for the disk at every commit; the setting may change between transactions."""
        full = durable and self._power_safe
        if full != self._full:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full

    def _look_around(self) -> None:
        """See whether other processes wrote something since we did."""
        try:
            version = _data_version(self._connection)
            if version == self._data_version:
                return
            self._data_version = version
            rev = self._connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
        except sqlite3.Error:
            log.warning("cannot read the database; trying again", exc_info=True)
            return
        if rev != self._rev:
            delivery = Delivery(foreign=(self._rev, rev))
            self._rev = rev
            self._post(self._deliver, delivery)

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(function, *args)
        except RuntimeError:
            log.warning("the event loop ended before the job queue was stopped; use `async with queue:`")

    def _deliver(self, delivery: Delivery) -> None:
        """On the event loop: resolve the futures and announce what was committed."""
        for request in delivery.requests:
            if request.future is None or request.future.done():
                continue
            if request.error is not None:
                request.future.set_exception(request.error)
            else:
                request.future.set_result(request.result)
        self._on_delivery(delivery)


def _nothing(_transaction: Transaction) -> None:
    """An operation that only wakes the writer."""


def _use_wal(connection: sqlite3.Connection) -> None:
    """Wait for who holds the lock of a new file: SQLite itself does not, in this one statement."""
    ends = time.monotonic() + _BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > ends:
                raise
        time.sleep(_TURN_POLL)


def _data_version(connection: sqlite3.Connection) -> int:
    version: int = connection.execute("PRAGMA data_version").fetchone()[0]
    return version


def _storage_error(error: BaseException, path: Path) -> BaseException:
    if isinstance(error, DayjobError):
        return error
    if "disk is full" in str(error):  # SQLITE_FULL; the code is lost where an error ended the whole transaction
        return StorageFull(f"The disk of the job database {path} is full. Make room; nothing needs to be restarted.")
    if isinstance(error, (sqlite3.Error, OSError)):
        return StorageError(f"The job database {path} cannot be used: {error}.")
    return error
