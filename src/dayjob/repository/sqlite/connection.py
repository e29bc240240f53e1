"""The connection of this process that writes a SQLite file, and what comes with it: its turn among the processes, its
durability, checkpoints, a new start after an I/O error, the files under it, and the bell of the other processes.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from socket import socket
from typing import IO

from ...errors import StorageError
from ...logger import logger
from ..database import Connection
from ..rows import JobRow
from .checkpointer import Checkpointer, checkpoint
from .files import DatabaseFiles
from .migrate import migrate
from .statements import STATEMENTS
from .transaction import Span, SqliteTransaction, explain
from .wakeup import Wakeup

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows has no flock; there only the fairness between processes is lost
    _CAN_LOCK = False

log = logger("dayjob.repository")

_IDLE_POLL = 0.25  # seconds between looks for what other processes wrote
_WOKEN_POLL = 1.0  # the same, while all of them say when they have written
_WATCH_FOR = 30.0  # seconds to look often for the commit of a caller's own transaction, of which nobody is told
_TURN_POLL = 0.001  # seconds between looks whether the gate is free
_LONGEST_TURN = 1.0  # seconds to wait for it; it is for fairness, not for safety
_BUSY_TIMEOUT = 10.0  # seconds to wait for another process's transaction


class SqliteConnection(Connection):
    """`Connection` to the file ``path``. ``power_safe``: commits that are to be durable survive a power failure."""

    def __init__(self, path: Path, *, power_safe: bool) -> None:
        self._path = path
        self._power_safe = power_safe
        self._gate: IO[bytes]
        self._connection: sqlite3.Connection
        self._transaction: SqliteTransaction
        self._rev = 0
        self._data_version = 0
        self._full = False
        self._gate_patience = _LONGEST_TURN
        self.checkpointer = Checkpointer(path)
        self._files = DatabaseFiles(path)
        self.wakeup = Wakeup(path)
        self._watch_until = 0.0
        self._doubtful = False  # whether the connection may not be trusted any more

    @property
    def signal(self) -> socket | None:
        return self.wakeup.socket

    def open(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._gate = open(f"{self._path}.gate", "wb")  # noqa: SIM115 (closed with the connection)
        try:
            with self._turn():  # SQLite lets only one at a time switch a new file to WAL
                self._connection = self._connect()
                self.wakeup.open()
        except BaseException:
            self._gate.close()
            raise

    def close(self) -> None:
        self.wakeup.close()
        self._connection.close()
        self.checkpointer.close()
        self._gate.close()

    def begin(self, *, durable: bool) -> SqliteTransaction:
        if self._doubtful:
            self._reopen()
        self._synchronize(durable)
        self._check_files()
        # SQLite's lock is not fair: a busy process starves the others for seconds. Taking turns at a gate is.
        with self._turn():
            self._connection.execute("BEGIN IMMEDIATE")
        rev = self._connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
        self._files.look(rev)
        self._transaction = SqliteTransaction(self._connection, rev, self._path)
        if rev != self._rev:
            self._transaction.foreign = Span(self._rev, rev)
        return self._transaction

    def commit(self) -> None:
        self._transaction.finish()
        self._connection.execute("COMMIT")
        self._files.wrote()
        self.wakeup.owed |= self._transaction.rev != self._rev
        self._rev = self._transaction.rev

    def rollback(self, error: BaseException) -> bool:
        if self._connection.in_transaction:
            with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                self._connection.execute("ROLLBACK")
        self._doubtful = self._doubtful or _is_doubtful(error) or self._connection.in_transaction
        return False  # an error of one operation ends no transaction, and others are not over in a moment

    def explain(self, error: BaseException) -> BaseException:
        return explain(error, self._path)

    def own_changes(self) -> Span:
        return Span(self._transaction.first_rev, self._transaction.rev)

    def attend(self) -> None:
        self.wakeup.tell()
        self._checkpoint()

    def look(self, *, called: bool) -> Span | None:
        seen = self._look_around()
        if called:
            # It may be what nobody else is told of.
            self.wakeup.owed |= seen is not None and time.monotonic() < self._watch_until
            return seen
        self.wakeup.owed |= seen is not None  # who wrote that has told nobody
        self.wakeup.look()
        self.attend()
        return seen

    @property
    def patience(self) -> float:
        if self.wakeup.owed:
            return self.wakeup.due
        return _WOKEN_POLL if self.wakeup.complete and time.monotonic() > self._watch_until else _IDLE_POLL

    def watch_closely(self) -> None:
        self._watch_until = time.monotonic() + _WATCH_FOR

    def heard(self) -> None:
        self.wakeup.clear()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, isolation_level=None, timeout=_BUSY_TIMEOUT, check_same_thread=False, cached_statements=256
        )
        try:
            _use_wal(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            self.checkpointer.attach(connection)
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

    def _check_files(self) -> None:
        try:
            self._files.check()
        except StorageError:
            if self._files.only_log_is_gone:  # somebody "cleaned up": what was accepted is saved at least
                with contextlib.suppress(sqlite3.Error):  # the first error is the one to tell
                    checkpoint(self._connection, "PASSIVE")
            raise

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
            self.checkpointer.look(self._connection)
        except (sqlite3.Error, OSError) as error:
            self._doubtful = self._doubtful or _is_doubtful(error)
            log.warning("a checkpoint of %s failed; trying again: %s", self._path, error)

    def _synchronize(self, durable: bool) -> None:
        """FULL waits for the disk at every commit; the setting may change between transactions."""
        full = durable and self._power_safe
        if full != self._full:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._full = full

    def _look_around(self) -> Span | None:
        """What other processes changed since the last look, or the last transaction."""
        try:
            version = _data_version(self._connection)
            if version == self._data_version:
                return None
            self._data_version = version
            rev = self._connection.execute(STATEMENTS["get_rev"]).fetchone()[0]
        except sqlite3.Error as error:
            self._doubtful = self._doubtful or _is_doubtful(error)
            log.warning("cannot read the database; trying again", exc_info=True)
            return None
        before, self._rev = self._rev, rev
        return Span(before, rev) if rev != before else None


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


def _is_doubtful(error: BaseException) -> bool:
    """Whether ``error`` (or what it came from) leaves open what is on the disk: not a lock, and not a full disk."""
    code = getattr(error, "sqlite_errorcode", None) or getattr(error.__cause__, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_CANTOPEN)
