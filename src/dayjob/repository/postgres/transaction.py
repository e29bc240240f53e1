"""A transaction on PostgreSQL, beside which others write: READ COMMITTED, and locks on what a rule reads."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.pq import TransactionStatus

from ...models import JobDefinition, Settlement
from ..rows import DefinitionRow, end_values
from ..transaction import Changes, Hold, Reader, Transaction
from .errors import explain, may_succeed
from .statements import STATEMENTS

T = TypeVar("T")
Connection = psycopg.Connection[tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Since(Changes):
    """What could not be seen yet in the ``snapshot``, a text of ``pg_current_snapshot()``."""

    snapshot: str

    def join(self, other: Any) -> Since:
        return self if self._age() <= Since._age(other) else Since(other.snapshot)

    def values(self) -> dict[str, Any]:
        return {"since": self.snapshot}

    def _age(self) -> tuple[int, int, int]:
        """The later the snapshot, the larger: its ends never go back, and between them transactions only end."""
        xmin, xmax, running = self.snapshot.split(":")
        return int(xmax), int(xmin), -len(running)


class PostgresTransaction(Transaction):
    """Begun on ``connection``."""

    Error = psycopg.Error
    Refused = psycopg.IntegrityError

    def __init__(self, connection: Connection, name: str) -> None:
        super().__init__()
        self.connection = connection
        self._name = name
        self.has_changed = self.has_claimed = False

    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        return fetch(self.connection, statement, values)

    def open(self, statement: str, values: dict[str, Any]) -> Any:
        return self.connection.execute(STATEMENTS[statement].encode(), values)

    @property
    def is_over(self) -> bool:
        return self.connection.info.transaction_status != TransactionStatus.INTRANS

    def explain(self, error: Exception) -> BaseException:
        return explain(error, self._name) if may_succeed(error) else error

    def hold(self, what: Hold, names: Iterable[str]) -> bool:
        values = {"names": sorted(names)}
        if not values["names"]:
            return False
        held = self.run(f"hold_{what.value}", values)
        if what is Hold.LIMITS and len(held) < len(values["names"]):
            self.run("add_limits", values)
            self.run("hold_limits", values)
        return True

    def stamp(self, values: dict[str, Any]) -> dict[str, Any]:
        return values

    def used_stamp(self) -> None:
        super().used_stamp()
        self.has_changed = True

    def make_ready(self, now: int) -> int | None:
        next_run_at: int | None = self.run("next_run_at")[0][0]
        if next_run_at is not None and self.run("ready_scheduled"):
            next_run_at = self.run("next_run_at")[0][0]
        return next_run_at

    def claimable(self, statement: str, types: Iterable[str], most: Callable[[str], int]) -> list[list[Any]]:
        names = list(types)
        found: list[list[Any]] = [[] for _ in names]
        values = {"types": names, "most": [max(0, most(name)) for name in names]}
        for number, *row in self.run(_LINES[statement], values):
            found[number - 1].append(row)
        return found

    def claim_jobs(self, worker: str, seqs: Sequence[int]) -> list[JobDefinition]:
        rows = [DefinitionRow(*row) for row in self.run("claim", {"worker": worker, "seqs": list(seqs)})]
        if rows:
            self.has_claimed = True
            self.used_stamp()
        place = {seq: number for number, seq in enumerate(seqs)}
        return [row.definition() for row in sorted(rows, key=lambda row: place[row.seq])]

    def end_attempts(self, worker: str, ends: Sequence[Settlement]) -> Sequence[Settlement]:
        by_seq = {end.job.seq: end for end in ends}
        if len(by_seq) < len(ends):
            raise self.Refused("an attempt ends once")
        text = json.dumps([end_values(end) for end in ends], ensure_ascii=False)
        # In their order, for whoever locks several rows does it in this one.
        ended = {seq for (seq,) in self.run("settle", {"worker": worker, "ends": text, "seqs": sorted(by_seq)})}
        if ended:
            self.used_stamp()
        return ends if len(ended) == len(ends) else [end for end in ends if end.job.seq in ended]

    def store_counts(self) -> None:
        for status, by in sorted(self.counts.items()):
            if by:
                self.run("add_to_count", {"status": status, "by": by})
        self.counts.clear()

    @contextlib.contextmanager
    def savepoint(self) -> Iterator[None]:
        self.connection.execute("SAVEPOINT dayjob_atomic")
        try:
            yield
        except BaseException:
            if self.connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
                self.connection.execute("ROLLBACK TO dayjob_atomic; RELEASE dayjob_atomic")
            raise
        self.connection.execute("RELEASE dayjob_atomic")

    def _try(self, operation: Callable[[], T]) -> T | BaseException:
        """With a savepoint, since an error of one would end the transaction of all."""

        def alone() -> T:
            with self.atomic():
                return operation()

        return super()._try(alone)


_LINES = {"ready_of_type": "claimable", "ready_quarantined": "claimable_quarantined"}


class PostgresReader(Reader):
    """A connection that only reads."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute("SET default_transaction_read_only = on; SET statement_timeout = '5s'")

    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        return fetch(self._connection, statement, values)

    def open(self, statement: str, values: dict[str, Any]) -> Any:
        return self._connection.cursor().stream(STATEMENTS[statement].encode(), values)

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[None]:
        self._connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield
        finally:
            if not self._connection.broken:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        self._connection.close()


def fetch(connection: Connection, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    """The rows of a named statement."""
    cursor = connection.execute(STATEMENTS[statement].encode(), values or {})
    return cursor.fetchall() if cursor.description else []
