"""Notices what happens to the files of a database while it is in use, other than through SQLite.

SQLite goes on with a file that was removed, cut, or overwritten in place (``cp backup.db jobs.db``), and what it writes
there is lost without a word. It can hardly be otherwise: it holds the file open, and believes what it knows of it.

Nothing here opens the database or its shared memory by itself: to close such a descriptor drops the locks that SQLite
holds on that file in this process. Only ``stat`` and SQLite's own connections look at them; the log has no such locks.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from ...errors import StorageError
from .statements import STATEMENTS

_LOOK_EVERY = 2.0  # seconds between two looks inside, as between two heartbeats
_LOOK_APART = 0.25  # seconds between two that a change of the database, a checkpoint perhaps, is the reason for
_TRIES, _APART = 3, 0.02  # looks, and seconds between them, until a file counts as cut and not as half copied
_LOG_MAGIC = (0x377F0682, 0x377F0683)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_ERROR)  # the last: there is no such table


class DatabaseFiles:
    """The files of one database as its writer knows them. Used in the writer's thread alone.

    That nobody else writes meanwhile makes what is compared in `look` certain: it is called in a transaction.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._names = (str(path), f"{path}-wal", f"{path}-shm")
        self._known: list[os.stat_result] = []
        self._id: int | None = None
        self._copied = 0  # the change number in the database without its log: up to there the log was copied
        self._shortest_log = 0
        self._suspicious = self._shrunk = False
        self._look_at = self._soonest = 0.0  # when the next look is due, and when at the soonest
        self._looked_for = -1  # when the database had changed, at the last look
        self._damage: StorageError | None = None

    def adopt(self, connection: sqlite3.Connection) -> None:
        """Take the files of a new connection for the right ones; or only compare, if they are known already."""
        if self._known:
            self.check()
            return
        meta = _read_meta(connection)
        if "id" not in meta:
            connection.execute(STATEMENTS["identify"])
            meta = _read_meta(connection)
        self._id = meta["id"]
        self._known = [os.stat(name) for name in self._names]
        self._look_at_copy()

    def check(self) -> None:
        """Before each transaction: the same files are there. Raises `StorageError`."""
        if self._damage is not None:
            raise self._damage
        now = [self._stat(index) for index in range(len(self._names))]
        (before, _, shared), (database, log, memory) = self._known, now
        if memory.st_size < shared.st_size:
            raise self._mark_damaged(f"{self._names[2]} was cut")
        self._shrunk |= database.st_size < before.st_size
        self._suspicious |= self._shrunk or log.st_size < self._shortest_log
        self._known, self._shortest_log = now, log.st_size

    @property
    def only_log_is_gone(self) -> bool:
        """Whether the database is there, and no log: only who has it open can save what is in it."""
        with contextlib.suppress(StorageError, OSError):
            self._stat(0)
            return self._damage is None and not os.path.lexists(self._names[1])
        return False

    def wrote(self) -> None:
        """A transaction was committed: so the log is not empty, until it is copied and cut."""
        self._shortest_log = max(self._shortest_log, 1)

    def look(self, rev: int | None) -> None:
        """In a transaction that has changed nothing yet, when it is time: what is in the files is what was written.

        ``rev`` is the change number (None: not known). Raises `StorageError`.
        """
        now, changed = time.monotonic(), self._known[0].st_mtime_ns
        if now < (self._look_at if changed == self._looked_for else self._soonest) and not self._suspicious:
            return
        self._look_at, self._soonest, self._looked_for = now + _LOOK_EVERY, now + _LOOK_APART, changed
        self._look_at_log()
        self._look_through_log(rev)
        self._look_at_copy()
        self._suspicious = self._shrunk = False

    def _stat(self, index: int) -> os.stat_result:
        name = self._names[index]
        try:
            found = os.stat(name)
        except FileNotFoundError:
            found = None
        if found is None or not os.path.samestat(found, self._known[index]):
            raise StorageError(
                f"The job database {self._path} was deleted or replaced while it was in use ({name}). Put the file "
                "back, or restart this process to begin with what is there."
            )
        return found

    def _look_at_log(self) -> None:
        with open(self._names[1], "rb") as log:
            head = log.read(4)
        if len(head) == 4 and int.from_bytes(head, "big") not in _LOG_MAGIC:
            raise self._mark_damaged(f"{self._names[1]} was cut or overwritten")

    def _look_through_log(self, rev: int | None) -> None:
        """As a new process would see it: a connection of some age has pages in its memory."""
        try:
            with closing(sqlite3.connect(self._path, isolation_level=None)) as connection:
                meta = _read_meta(connection)
        except sqlite3.Error as error:
            if _is_damage(error):
                raise self._mark_damaged(f"what was written cannot be read: {error}") from error
            if self._suspicious:
                raise  # this transaction at least is not certain to be found again
            return
        if meta.get("id") != self._id or (rev is not None and meta.get("rev") != rev):
            raise self._mark_damaged("it has not what was written last")

    def _look_at_copy(self) -> None:
        """In the database without its log there is nothing older than there was before, and nothing foreign.

        Another process may copy the log there at this moment: nothing is concluded from what is half copied. Only if
        the file became smaller it has to be whole, for that is the last that a checkpoint does.
        """
        for _ in range(_TRIES):
            before = os.stat(self._path)
            meta = self._read_copy()
            if os.stat(self._path).st_mtime_ns != before.st_mtime_ns:
                return
            if meta is not None or not self._shrunk:
                break
            time.sleep(_APART)
        else:
            raise self._mark_damaged(f"{self._path} was cut")
        rev, found = (meta or {}).get("rev", self._copied), (meta or {}).get("id", self._id)
        if rev < self._copied or found != self._id:
            raise self._mark_damaged("the file was overwritten, by a backup perhaps")
        self._copied = rev

    def _read_copy(self) -> dict[str, int] | None:
        try:
            with closing(sqlite3.connect(f"{self._path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
                return _read_meta(connection)
        except sqlite3.Error as error:
            return None if _is_damage(error) else {}

    def _mark_damaged(self, what: str) -> StorageError:
        self._damage = StorageError(
            f"The files of the job database {self._path} were changed while it was in use, and not by SQLite: {what}. "
            "Nothing is accepted any more. Stop all processes that use it, put a backup in its place (without the -wal "
            "and -shm of the damaged one), and start again."
        )
        return self._damage


def _read_meta(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute(STATEMENTS["list_meta"]).fetchall())


def _is_damage(error: sqlite3.Error) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and (code & 0xFF in _DAMAGED or code == sqlite3.SQLITE_IOERR_SHORT_READ)
