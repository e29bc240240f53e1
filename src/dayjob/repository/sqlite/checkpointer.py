"""Copies the write-ahead log into the database: one connection of one process does it, whoever has the lock.

SQLite before 3.51.3 can corrupt a database when two connections checkpoint at the same moment, and many that do it
wait for each other. So automatic checkpoints are off everywhere but in the holder of a lock on
``<database>.checkpoint``. The kernel drops it when its holder dies, and another process takes over within a second.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

try:
    import fcntl

    _CAN_LOCK = True
except ImportError:  # Windows has no lockf; there every process checkpoints, as SQLite does by itself
    _CAN_LOCK = False

_PAGES = 1000  # in the log when SQLite begins to copy, at a commit: its own default
_TRY_EVERY = 1.0  # seconds between two attempts to get the lock, or to cut the log
_LONGEST_LOG = 16 * 1024 * 1024  # bytes; above it readers are waited for, so that the log can begin anew
_WAIT_FOR_READERS = 50  # milliseconds, in which nobody writes

_holding: set[Path] = set()  # a lock of this kind is the process's: another queue of ours must not even open the file
_guard = threading.Lock()


class Checkpointer:
    """The checkpoints of one database, if they are this connection's business. Used in the writer thread alone."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._log = f"{path}-wal"
        self._file = path.with_name(path.name + ".checkpoint")
        self._descriptor: int | None = None
        self._try_at = 0.0

    @property
    def mine(self) -> bool:
        """Whether this process does it."""
        return self._descriptor is not None or not _CAN_LOCK

    def attach(self, connection: sqlite3.Connection) -> None:
        """Tell a new connection whether it checkpoints by itself."""
        connection.execute(f"PRAGMA wal_autocheckpoint = {_PAGES if self.mine else 0}")

    def look(self, connection: sqlite3.Connection) -> None:
        """Between two transactions: take over if nobody does it, and keep the log short whatever readers do.

        Raises `sqlite3.Error` and `OSError`; the next look tries again.
        """
        now = time.monotonic()
        if now < self._try_at:
            return
        self._try_at = now + _TRY_EVERY
        if not self.mine and self._take():
            self.attach(connection)
        if self.mine and (size := self._size()) > _PAGES * 4096:
            # At commits SQLite copies what no reader needs; but it begins the log anew only when nobody reads at all.
            checkpoint(connection, "TRUNCATE" if size > _LONGEST_LOG else "PASSIVE")

    def close(self) -> None:
        """Leave it to others."""
        if self._descriptor is not None:
            with _guard:
                os.close(self._descriptor)
                _holding.discard(self._file)
            self._descriptor = None

    def _take(self) -> bool:
        with _guard:
            if self._file in _holding:
                return False
            try:
                descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o666)
            except PermissionError:  # another user's: it is his business, and his successors'
                return False
            try:
                fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(descriptor)
                return False
            _holding.add(self._file)
            self._descriptor = descriptor
            return True

    def _size(self) -> int:
        try:
            return os.stat(self._log).st_size
        except OSError:
            return 0


def checkpoint(connection: sqlite3.Connection, mode: str) -> bool:
    """Copy the log, in a mode of SQLite's ``wal_checkpoint``; whether all of it was. Waits for nobody for long."""
    (before,) = connection.execute("PRAGMA busy_timeout").fetchone()
    connection.execute(f"PRAGMA busy_timeout = {_WAIT_FOR_READERS}")
    try:
        busy, _, _ = connection.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
    finally:
        connection.execute(f"PRAGMA busy_timeout = {before}")
    return not busy
