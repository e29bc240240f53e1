"""The one writing connection of this process, in a thread of its own, with group commit.

Everything that waits is written in one transaction, and its callers are told after the commit. So the price of an
fsync is shared by all who came meanwhile, and nobody hears of a change that is not on disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import queue
import sqlite3
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

from ..errors import DayjobError, StorageError, StorageFull
from ..loop import check_loop, in_thread
from ..own_log import own_log
from ..states import Status
from ..supervision import SupervisedThread, Supervisor
from .checkpointer import Checkpointer, checkpoint
from .files import DatabaseFiles
from .migrate import migrate
from .rows import JobRow
from .statements import STATEMENTS
from .wakeup import Wakeup

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows has no flock; there only the fairness between processes is lost
    _CAN_LOCK = False

log = own_log("dayjob.repository")
T = TypeVar("T")

_MAX_BATCH = 512  # operations in one transaction
_IDLE_POLL = 0.25  # seconds between looks for what other processes wrote
_WOKEN_POLL = 1.0  # the same, while all of them say when they have written
_WATCH_FOR = 30.0  # seconds to look often for the commit of a caller's own transaction, of which nobody is told
_TURN_POLL = 0.001  # seconds between looks whether the gate is free
_LONGEST_TURN = 1.0  # seconds to wait for it; it is for fairness, not for safety
_BUSY_TIMEOUT = 10.0  # seconds to wait for another process's transaction
_LONGEST_CLOSE = 2 * _BUSY_TIMEOUT  # seconds that the last transactions get when the writer is closed


class NotAll(Exception):
    """A statement changed fewer rows than it was to change."""


class Transaction:
    """What an operation works with: named statements, the change number, and what there is to announce.

    ``changed`` are rows to announce, ``moved`` the ids of jobs whose rows are read after the commit if somebody wants
    to hear of them, ``ready`` says whether there may be something to claim, ``counts`` by how much the number of jobs
    of each status has changed.
    """

    def __init__(self, connection: sqlite3.Connection, rev: int, path: Path) -> None:
        self._connection = connection
        self._path = path
        self.rev = rev
        self.changed: list[JobRow] = []
        self.moved: list[str] = []
        self.ready = False
        self.counts: Counter[str] = Counter()
        self.counted: dict[tuple[str, str, int], int] = {}  # what was counted since the last change of jobs

    @property
    def is_over(self) -> bool:
        """Whether an error has ended it: whatever ran now would be committed on its own."""
        return not self._connection.in_transaction

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
            self.ready |= any(row.status == Status.PENDING for row in rows)
        if announce:
            self.changed += rows
        return rows

    def change_all(self, statement: str, values: dict[str, Any], expected: int) -> None:
        """Run a statement that gets a ``rev`` and has to change ``expected`` rows; raises `NotAll` if it does not.

        The rows are JSON in ``values``: several times faster than a row at a time, for between two statements another
        thread may take the interpreter, and keep it for milliseconds.
        """
        if self._connection.execute(STATEMENTS[statement], values).rowcount < expected:
            raise NotAll
        self.rev += 1
        self.counted = {}

    def move(self, job_ids: Sequence[str], before: Status | None, after: Status) -> None:
        """Take note that jobs have another status now."""
        if before is not None:
            self.counts[before] -= len(job_ids)
        self.counts[after] += len(job_ids)
        self.moved += job_ids
        self.ready |= after is Status.PENDING

    def each(self, operations: Iterable[Callable[[], T]]) -> list[T | BaseException]:
        """What each returned or raised: one that raises does not keep the others from being done."""
        return [self._tried(operation) for operation in operations]

    def _tried(self, operation: Callable[[], T]) -> T | BaseException:
        try:
            return operation()
        except Exception as error:
            if not self._connection.in_transaction:
                raise
            return _told(error, self._path)

    def store_counts(self) -> None:
        """Write by how much the numbers of jobs have changed."""
        for status, by in self.counts.items():
            if by:
                self.run("add_to_count", {"status": status, "by": by})
        self.counts.clear()

    def finish(self, rev: int) -> None:
        """The last writes before the commit; ``rev`` is the change number at the beginning."""
        self.store_counts()
        if self.rev != rev:
            self.run("set_rev", {"rev": self.rev})

    def read(self, moved: list[str]) -> None:
        """Add the rows of these jobs to what is announced, in the order of their changes."""
        self.changed += [JobRow(*row) for row in self.run("get_jobs", {"ids": json.dumps(moved)})]
        self.changed.sort(key=lambda row: row.rev)

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """All changes inside, or none of them when one raises; the rest of the transaction stays."""
        before = self.rev, len(self.changed), len(self.moved), self.ready, self.counts.copy()
        self._connection.execute("SAVEPOINT dayjob_atomic")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO dayjob_atomic")
                self._connection.execute("RELEASE dayjob_atomic")
            self.rev, changed, moved, self.ready, self.counts = before
            self.counted = {}
            del self.changed[changed:], self.moved[moved:]
            raise
        self._connection.execute("RELEASE dayjob_atomic")


Operation = Callable[[Transaction], T]


@dataclass(slots=True)
class _Request(Generic[T]):
    operation: Operation[T]
    future: asyncio.Future[T] | None
    durable: bool
    last: bool = False
    result: T | None = None
    error: BaseException | None = None


@dataclass(slots=True)
class Delivery:
    """What a transaction did, for the event loop.

    The jobs that it changed, whether there may be something to claim, and the change numbers that others had used.
    """

    requests: list[_Request[Any]] = field(default_factory=list)
    changed: list[JobRow] = field(default_factory=list)
    ready: bool = False
    foreign: tuple[int, int] | None = None


class Writer:
    """Runs operations in transactions, in the order in which they were submitted (claims last in each).

    An operation makes one change, or changes of which each is right alone: when it raises, only its own future gets
    the error. When the transaction as a whole cannot be committed, every future of the batch gets a `StorageError`.
    ``on_delivery`` is called on the event loop after each commit, before the futures' callbacks run. ``wanted`` is
    asked in the writer's thread whether anybody wants to hear of a job.
    """

    def __init__(
        self,
        path: Path,
        *,
        power_safe: bool,
        wanted: Callable[[str], bool],
        on_delivery: Callable[[Delivery], None],
        supervisor: Supervisor,
    ) -> None:
        self._path = path
        self._wanted = wanted
        self._power_safe = power_safe
        self._on_delivery = on_delivery
        self._requests: deque[list[_Request[Any]]] = deque()  # apart from the bell: who ends the thread that waits for
        self._bell: queue.SimpleQueue[None] = queue.SimpleQueue()  # the next ring takes that along, and nothing else
        self._submitted: list[_Request[Any]] = []
        self._urgent: deque[_Request[Any]] = deque()
        self._thread = SupervisedThread("writer", self._live, supervisor, self._drop_batch)
        self._connection: sqlite3.Connection
        self._batch: list[_Request[Any]] = []  # what the transaction under way is for
        self._connected = self._closing = False
        self._rev = 0
        self._data_version = 0
        self._full = False
        self._closed = False
        self._gate_patience = _LONGEST_TURN
        self._checkpointer = Checkpointer(path)
        self._files = DatabaseFiles(path)
        self._wakeup = Wakeup(path)
        self._watch_until = 0.0
        self._doubtful = False  # whether the connection may not be trusted any more
        self.trouble: StorageError | None = None  # why the last transaction failed, if it did

    async def open(self) -> None:
        """Open the database, migrate it, and begin. Raises `StorageError` (or `SchemaTooNew`)."""
        self._loop = asyncio.get_running_loop()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._thread.start()
        try:
            await asyncio.wait([self._opened])  # which leaves the future alone when this is cancelled
        except asyncio.CancelledError:
            self._end()
            raise
        self._opened.result()
        if self._wakeup.socket is not None:
            self._loop.add_reader(self._wakeup.socket, self._woken)

    async def close(self) -> None:
        """Write what was submitted, then close."""
        if self._wakeup.socket is not None:
            self._loop.remove_reader(self._wakeup.socket)
        self._closed = True
        self._hand_over()
        self._end()
        await in_thread(lambda: self._thread.join(_LONGEST_CLOSE))
        if self._thread.lost and self._connected:
            self._release()
        self._fail_waiting(StorageError(f"The job database {self._path} is closed: the queue was stopped."))

    def abandon(self) -> None:
        """The event loop was closed without `close`: have the thread end. For any thread."""
        self._closed = True
        self._end()

    def _end(self) -> None:
        """Have the thread end when all is written that was asked before."""
        self._closing = True
        self._bell.put(None)

    def submit(self, operation: Operation[T], *, durable: bool = True, last: bool = False) -> asyncio.Future[T]:
        """Have ``operation`` run in the next transaction, ``last`` if it wants to see what all others did in it; the
        future is done after the commit.

        ``durable=False`` is for what may be lost in a power failure (claims, progress, beats): a transaction of only
        such operations is committed without waiting for the disk.
        """
        self.check_loop()
        future: asyncio.Future[T] = self._loop.create_future()
        if self._closed:  # by a stop of the queue, while this caller was under way
            future.set_exception(StorageError(f"The job database {self._path} is closed: the queue was stopped."))
            return future
        if not self._submitted:  # once per turn of the loop: waking the writer for each would make it fight for the GIL
            self._loop.call_soon(self._hand_over)
        self._submitted.append(_Request(operation, future, durable, last))
        return future

    def check_loop(self) -> None:
        """Raise `QueueNotRunning` in another event loop than the one that this writer answers on."""
        check_loop(self._loop)

    def _hand_over(self) -> None:
        if self._submitted:
            self._requests.append(self._submitted)
            self._submitted = []
            self._bell.put(None)
        if self._thread.lost:
            self.trouble = StorageError(
                f"The thread that writes the job database {self._path} has ended. Restart this process."
            )
            self._fail_waiting(self.trouble)

    def _fail_waiting(self, error: StorageError) -> None:
        """On the event loop, when nobody is there who could do what was asked."""
        waiting, self._batch = self._batch, []
        while self._requests:
            waiting += self._requests.popleft()
        while self._urgent:
            waiting.append(self._urgent.popleft())
        for request in waiting:
            if request.future is not None and not request.future.done():
                request.future.set_exception(error)

    def submit_urgent(self, operation: Operation[T], future: asyncio.Future[T] | None) -> None:
        """Have ``operation`` run first in the next transaction; may be called from any thread."""
        self._urgent.append(_Request(operation, future, durable=False))
        self._bell.put(None)
        if self._thread.lost:
            self._post(self._hand_over)

    def watch_closely(self) -> None:
        """Look often for a while: somebody writes with a connection of his own."""
        self._watch_until = time.monotonic() + _WATCH_FOR
        self._bell.put(None)

    def _woken(self) -> None:
        self._wakeup.clear()
        self._bell.put(None)

    # From here on everything runs in the writer thread.

    def _live(self) -> None:
        """From the opening to the close; or on from where an error has ended the thread's last life."""
        if not self._connected and not self._open():
            return
        with self._gate_file():
            while self._requests or not self._closing:
                self._step()
        self._release()

    def _release(self) -> None:
        self._wakeup.close()
        self._connection.close()
        self._checkpointer.close()

    def _open(self) -> bool:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._gate_file(), self._turn():  # SQLite lets only one at a time switch a new file to WAL
                self._connection = self._connect()
                self._wakeup.open()
        except BaseException as error:  # noqa: BLE001 (it is handed to whoever awaits open())
            self._post(self._opened.set_exception, _storage_error(error, self._path))
            return False
        self._connected = True
        self._post(self._opened.set_result, None)
        return True

    def _drop_batch(self, error: BaseException) -> None:
        """An error beyond a transaction has ended the thread's life: who waits for its answer has to hear of it."""
        if not self._connected:
            return
        with contextlib.suppress(sqlite3.Error):
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        self._doubtful = self._doubtful or self._connection.in_transaction
        self.trouble = StorageError(
            f"The thread that writes the job database {self._path} failed ({type(error).__name__}: {error}) and begins "
            "anew. Try again; what was asked may have been stored."
        )
        batch, self._batch = self._batch, []
        for request in batch:
            request.error = self.trouble
        self._post(self._deliver, Delivery(batch, ready=True))

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False, cached_statements=256
        )
        try:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            self._checkpointer.attach(connection)
            migrate(connection)
            self._check_columns(connection)
            self._rev = connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
            self._data_version = _data_version(connection)
            self._files.adopt(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _check_columns(self, connection: sqlite3.Connection) -> None:
        """A column more, which new rows need not fill, is a newer version's; it is not read here."""
        columns = connection.execute(
            "SELECT name, \"notnull\" AND dflt_value IS NULL FROM pragma_table_info('dayjob_job')"
        )
        needed = dict(columns)
        missing = [name for name in JobRow._fields if name not in needed]
        unknown = [name for name, has_to in needed.items() if has_to and name not in JobRow._fields]
        if missing or unknown:
            told = ", ".join([*(f"no {name}" for name in missing), *(f"a {name}" for name in unknown)])
            raise StorageError(f"The table dayjob_job of {self._path} is not as dayjob made it: it has {told}.")

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
        """Not for ever: who was stopped with the gate in its hand must not stop all others. SQLite's lock is enough.

        Whoever has waited in vain does not wait again until the gate was found open.
        """
        ends = time.monotonic() + self._gate_patience
        while not self._try_gate():
            if time.monotonic() >= ends:
                self._gate_patience = 0.0
                return
            time.sleep(_TURN_POLL)
        self._gate_patience = _LONGEST_TURN

    def _try_gate(self) -> bool:
        try:
            fcntl.flock(self._gate, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _step(self) -> None:
        """One transaction, or one look for what others did."""
        rung = self._wait()
        batch = self._batch
        while self._requests and len(batch) < _MAX_BATCH:
            batch += self._requests.popleft()
        while self._urgent:
            batch.insert(0, self._urgent.popleft())
        if batch:
            batch.sort(key=lambda request: request.last)
            self._post(self._deliver, self._commit(batch))
            self._batch = []
            self._wakeup.tell()
            self._checkpoint()
        elif rung and self._look_around():
            self._wakeup.owed |= time.monotonic() < self._watch_until  # it may be what nobody else is told of
        elif not rung:
            self._wakeup.owed |= self._look_around()  # who wrote that has told nobody
            self._wakeup.look()
            self._wakeup.tell()
            self._checkpoint()

    def _wait(self) -> bool:
        """Wait for something to do; False if nothing came for so long that it is time to look at the others."""
        if not self._requests and not self._urgent:  # else a life of this thread ended after it had heard the bell
            try:
                self._bell.get(timeout=self._patience())
            except queue.Empty:
                return False
        while not self._bell.empty():
            self._bell.get_nowait()
        return True

    def _patience(self) -> float:
        """Seconds to wait for something to do before a look for what others did."""
        if self._wakeup.owed:
            return self._wakeup.due
        return _WOKEN_POLL if self._wakeup.complete and time.monotonic() > self._watch_until else _IDLE_POLL

    def _commit(self, batch: list[_Request[Any]]) -> Delivery:
        delivery = Delivery(batch)
        try:
            if self._doubtful:
                self._reopen()
            self._synchronize(any(request.durable for request in batch))
            transaction = self._begin(delivery)
            before = transaction.rev
            for request in batch:
                self._perform(request, transaction)
            transaction.finish(before)
            self._connection.execute("COMMIT")
            self._files.wrote()
            self._wakeup.owed |= transaction.rev != self._rev
            self._rev, delivery.ready = transaction.rev, transaction.ready
            self.trouble = None
        except Exception as error:  # noqa: BLE001 (an error that only this thread heard of would be a wait for ever)
            self._fail(batch, error)
        else:
            self._announce(transaction, delivery, before)
        return delivery

    def _announce(self, transaction: Transaction, delivery: Delivery, before: int) -> None:
        """After the commit: who begins to listen only now finds in the database what he has missed."""
        delivery.changed = transaction.changed
        wanted = [job_id for job_id in transaction.moved if self._wanted(job_id)]
        try:
            if wanted:
                transaction.read(wanted)
        except Exception:  # it is written: its callers hear of that, whatever is wrong with what they would read
            log.warning("what was written cannot be read; trying again", exc_info=True)
            delivery.foreign = ((delivery.foreign or (before, 0))[0], transaction.rev)

    def _begin(self, delivery: Delivery) -> Transaction:
        self._check_files()
        # SQLite's lock is not fair: a busy process starves the others for seconds. Taking turns at a gate is.
        with self._turn():
            self._connection.execute("BEGIN IMMEDIATE")
        rev = self._connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
        self._files.look(rev)
        if rev != self._rev:
            delivery.foreign = (self._rev, rev)
        return Transaction(self._connection, rev, self._path)

    def _check_files(self) -> None:
        try:
            self._files.check()
        except StorageError:
            if self._files.only_log_is_gone:  # somebody "cleaned up": what was accepted is saved at least
                with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                    checkpoint(self._connection, "PASSIVE")
            raise

    def _perform(self, request: _Request[Any], transaction: Transaction) -> None:
        try:
            request.result = request.operation(transaction)
        except Exception as error:
            if not self._connection.in_transaction:
                # A full disk or an I/O error has ended the transaction: nothing of the batch is written.
                raise sqlite3.OperationalError(str(error)) from error
            request.error = _told(error, self._path)

    def _fail(self, batch: list[_Request[Any]], error: Exception) -> None:
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                self._connection.execute("ROLLBACK")
        self._doubtful = self._doubtful or _is_doubtful(error)
        told = _storage_error(error, self._path)
        self.trouble = told if isinstance(told, StorageError) else None
        for request in batch:
            request.error = told

    def _reopen(self) -> None:
        """Go on after an I/O error, when nobody knows what of the log is on the disk.

        A kernel that failed to write pages at an fsync forgets that they are to be written, and says that the next
        fsync went well ("fsyncgate", PostgreSQL 2018). So nothing is built on this log: all of it is written anew, into
        the database, and the log begins again, before anything is acknowledged.
        """
        self._check_files()
        self._files.look(None)
        with self._turn():
            old, rev = self._connection, self._rev
            self._connection, self._rev = self._connect(), rev  # what others did meanwhile is told with the next batch
            old.close()
            self._full = False
            self._synchronize(durable=True)
            if not checkpoint(self._connection, "TRUNCATE"):
                raise StorageError(f"After an I/O error the log of {self._path} is still being read; trying again.")
        self._doubtful = False
        log.warning("the job database was opened anew after an I/O error")

    def _checkpoint(self) -> None:
        try:
            self._checkpointer.look(self._connection)
        except (sqlite3.Error, OSError) as error:
            self._doubtful = self._doubtful or _is_doubtful(error)
            log.warning("a checkpoint of %s failed; trying again: %s", self._path, error)

    def _synchronize(self, durable: bool) -> None:
        """FULL waits for the disk at every commit; the setting may change between transactions."""
        full = durable and self._power_safe
        if full != self._full:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full

    def _look_around(self) -> bool:
        """See whether other processes wrote something since we did."""
        try:
            version = _data_version(self._connection)
            if version == self._data_version:
                return False
            self._data_version = version
            rev = self._connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
        except sqlite3.Error as error:
            self._doubtful = self._doubtful or _is_doubtful(error)
            log.warning("cannot read the database; trying again", exc_info=True)
            return False
        if rev == self._rev:
            return False
        self._post(self._deliver, Delivery(foreign=(self._rev, rev)))
        self._rev = rev
        return True

    def _post(self, function: Callable[..., None], *args: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop was closed before the queue was stopped: the heartbeat
            self._loop.call_soon_threadsafe(function, *args)  # notices that, and says it

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


def _told(error: Exception, path: Path) -> BaseException:
    """What the caller hears: a full disk is worth another try (`StorageError`), a broken rule of the schema is not."""
    return _storage_error(error, path) if isinstance(error, sqlite3.OperationalError) else error


def _is_doubtful(error: BaseException) -> bool:
    """Whether ``error`` (or what it came from) leaves open what is on the disk: not a lock, and not a full disk."""
    code = getattr(error, "sqlite_errorcode", None) or getattr(error.__cause__, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN)


def _storage_error(error: BaseException, path: Path) -> BaseException:
    if isinstance(error, DayjobError):
        return error
    if "disk is full" in str(error):  # SQLITE_FULL; the code is lost where an error ended the whole transaction
        return StorageFull(f"The disk of the job database {path} is full. Make room; nothing needs to be restarted.")
    if isinstance(error, (sqlite3.Error, OSError)):
        return StorageError(f"The job database {path} cannot be used: {error}.")
    return error
