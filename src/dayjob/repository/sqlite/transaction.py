"""A transaction on SQLite: it has the write lock, so nobody else writes until its end."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import DayjobError, StorageError, StorageFull
from ...models import JobDefinition, Settlement
from ..rows import DefinitionRow, end_values
from ..transaction import Changes, Hold, Reader, Transaction, TransactionEnded
from .statements import STATEMENTS


@dataclass(frozen=True, slots=True)
class Span(Changes):
    """The change numbers in ``(after, upto]``."""

    after: int
    upto: int

    def join(self, other: Any) -> Span:
        return Span(min(self.after, other.after), max(self.upto, other.upto))

    def values(self) -> dict[str, Any]:
        return {"after": self.after, "upto": self.upto}


class SqliteTransaction(Transaction):
    """Begun with the change number ``rev``; each statement that changes jobs uses the next one."""

    Error = sqlite3.Error
    Refused = sqlite3.IntegrityError

    def __init__(self, connection: sqlite3.Connection, rev: int, path: Path) -> None:
        super().__init__()
        self._connection = connection
        self._path = path
        self.first_rev = self.rev = rev

    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        return self._connection.execute(STATEMENTS[statement], values or {}).fetchall()

    def open(self, statement: str, values: dict[str, Any]) -> sqlite3.Cursor:
        return self._connection.execute(STATEMENTS[statement], values)

    @property
    def is_over(self) -> bool:
        return not self._connection.in_transaction

    def explain(self, error: Exception) -> BaseException:
        """A full disk is worth another try, a broken rule of the schema is not."""
        return explain(error, self._path) if isinstance(error, sqlite3.OperationalError) else error

    def hold(self, what: Hold, names: Iterable[str]) -> bool:
        """It has the write lock: nobody else writes anything."""
        return False

    def stamp(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "rev": self.rev + 1}

    def used_stamp(self) -> None:
        super().used_stamp()
        self.rev += 1

    def make_ready(self, now: int) -> int | None:
        next_run_at: int | None = self.run("next_run_at")[0][0]
        if next_run_at is not None and next_run_at <= now:
            self.run("ready_scheduled", {"now": now})
            next_run_at = self.run("next_run_at")[0][0]
        return next_run_at

    def claim_jobs(self, worker: str, seqs: Sequence[int]) -> list[JobDefinition]:
        values = self.stamp({"worker": worker, "seqs": f"{seqs}"})
        self._connection.execute(STATEMENTS["claim"], values)
        claimed = json.loads(self.run("list_claimed", values)[0][0])
        if claimed:
            self.used_stamp()
        return [DefinitionRow(*row).definition() for row in claimed]

    def end_attempts(self, worker: str, ends: Sequence[Settlement]) -> Sequence[Settlement]:
        # As JSON: several times faster than a row at a time, for between two statements another thread may take the
        # interpreter, and keep it for milliseconds.
        text = json.dumps([end_values(end) for end in ends], ensure_ascii=False)
        values = self.stamp({"worker": worker, "ends": text})
        changed = self._connection.execute(STATEMENTS["settle"], values).rowcount
        ended = ends if changed == len(ends) else self._find_ended(ends)
        if ended:
            self.used_stamp()
        return ended

    def _find_ended(self, ends: Sequence[Settlement]) -> Sequence[Settlement]:
        by_seq = {end.job.seq: end for end in ends}
        if len(by_seq) < len(ends):
            raise self.Refused("an attempt ends once")
        found = self.run("list_settled", self.stamp({"seqs": json.dumps(list(by_seq))}))
        return [by_seq[seq] for (seq,) in found]

    def store_counts(self) -> None:
        for status, by in self.counts.items():
            if by:
                self.run("add_to_count", {"status": status, "by": by})
        self.counts.clear()

    def finish(self) -> None:
        """The last writes before the commit."""
        self.store_counts()
        if self.rev != self.first_rev:  # a number for nothing would wake every other process
            self.run("set_rev", {"rev": self.rev})

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        before = self.rev
        self._connection.execute("SAVEPOINT dayjob_atomic")
        try:
            yield
        except BaseException:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK TO dayjob_atomic")
                self._connection.execute("RELEASE dayjob_atomic")
            self.rev = before
            raise
        self._connection.execute("RELEASE dayjob_atomic")


class SqliteReader(Reader):
    """A connection that only reads."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=10.0, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA query_only = ON")
            self._connection.execute("PRAGMA wal_autocheckpoint = 0")
        except BaseException:
            self._connection.close()
            raise

    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        return self._connection.execute(STATEMENTS[statement], values or {}).fetchall()

    def open(self, statement: str, values: dict[str, Any]) -> sqlite3.Cursor:
        return self._connection.execute(STATEMENTS[statement], values)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        self._connection.execute("BEGIN")
        try:
            yield
        finally:
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


def explain(error: BaseException, path: Path) -> BaseException:
    """What a caller hears of an error."""
    if isinstance(error, DayjobError):
        return error
    if "disk is full" in str(error):  # SQLITE_FULL; the code is lost where an error ended the whole transaction
        return StorageFull(f"The disk of the job database {path} is full. Make room; nothing needs to be restarted.")
    if isinstance(error, (sqlite3.Error, OSError, TransactionEnded)):
        return StorageError(f"The job database {path} cannot be used: {error}.")
    return error
