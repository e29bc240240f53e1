"""The seam between the rules and a database: what a rule may do in a transaction, and what nobody else does meanwhile.

A rule may rely on nothing that is not said here. What it has read and does not hold may have changed when it writes,
for on some databases others write at the same time.
"""

from __future__ import annotations

import contextlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from enum import Enum
from typing import Any, ClassVar, Protocol, TypeVar

from ..models import JobDefinition, NewJob, Settlement
from ..states import Status
from .rows import JobRow, new_job_values

T = TypeVar("T")


class TransactionEnded(Exception):
    """An error of one operation, which is its cause, has ended the whole transaction."""


class Changes(ABC):
    """What other processes have changed, by marks of the database's own: it finds the jobs by them."""

    @abstractmethod
    def join(self, other: Any) -> Changes:
        """These and those."""

    @abstractmethod
    def values(self) -> dict[str, Any]:
        """The parameters of ``list_changed.sql``."""


class Rows(Protocol):
    """Rows that are read one by one, and may be closed before their end."""

    def __iter__(self) -> Any: ...
    def close(self) -> None:
        """Read no more."""


class Reader(ABC):
    """A connection that statements are read with; `Transaction` is one that writes, too."""

    @abstractmethod
    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        """The rows (tuples) of a named statement (see `statements`)."""

    @abstractmethod
    def open(self, statement: str, values: dict[str, Any]) -> Rows:
        """Like `run`, for who may stop reading early; to be closed."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[None]:
        """All that is read inside is as of one moment."""

    @abstractmethod
    def close(self) -> None:
        """Disconnect."""


class Hold(Enum):
    """What nobody else does until the end of the transaction, with what is named."""

    LIMITS = "limits"  # claim jobs of these types ('': of any with a limit per key): what runs is counted, then claimed
    WORKER = "worker"  # remove this process: it claims, and its jobs are found by it when it dies
    REMOVAL = "removal"  # claim for this process, which is looked at and then removed
    PARENT = "parent"  # cancel this job, or add a child to it: no child escapes a cancel of its family
    PENDING = "pending"  # count the jobs of this type ('': of all) and then add one: what waits is counted
    SCHEDULE = "schedule"  # move this schedule on, or change it


class Transaction(ABC):
    """What an operation works with, and the notes that it leaves for who listens.

    ``changed`` are rows to announce, ``moved`` the ids of jobs whose rows are read after the commit if somebody wants
    to hear of them, ``ready`` says whether there may be something to claim, ``foreign`` what others had changed
    before it began, ``counts`` by how much the number of jobs of each status has changed. ``apart``: each operation is
    to be `atomic`, for one of them has ended the transaction before.
    """

    Error: ClassVar[type[Exception]]  # what the database raises
    Refused: ClassVar[type[Exception]]  # what it raises for a row that breaks a rule of the schema

    def __init__(self) -> None:
        self.changed: list[JobRow] = []
        self.moved: list[str] = []
        self.ready = False
        self.apart = False
        self.foreign: Changes | None = None
        self.counts: Counter[str] = Counter()
        self._counted: dict[tuple[str, int], int] = {}  # by type and most: what was counted since jobs were changed

    # --- what a database does ---

    @abstractmethod
    def run(self, statement: str, values: dict[str, Any] | None = None) -> list[Any]:
        """The rows (tuples) of a named statement (see `statements`)."""

    @abstractmethod
    def open(self, statement: str, values: dict[str, Any]) -> Rows:
        """Like `run`, for who may stop reading early; to be closed."""

    @abstractmethod
    def savepoint(self) -> AbstractContextManager[None]:
        """What the database does for `atomic`; when an error has ended the transaction, nothing."""

    @property
    @abstractmethod
    def is_over(self) -> bool:
        """Whether an error has ended it: whatever ran now would be committed on its own."""

    @abstractmethod
    def explain(self, error: Exception) -> BaseException:
        """What a caller hears of an error of one operation: a `StorageError` if another try may succeed."""

    @abstractmethod
    def hold(self, what: Hold, names: Iterable[str]) -> bool:
        """Keep others from what `Hold` says, until the transaction ends; nothing to do where only one can write.

        Whether they could do it before, so that what was read by then has to be read again.
        """

    @abstractmethod
    def stamp(self, values: dict[str, Any]) -> dict[str, Any]:
        """``values`` with what a statement needs that changes jobs, so that other processes notice."""

    @abstractmethod
    def store_counts(self) -> None:
        """Write by how much the numbers of jobs have changed."""

    @abstractmethod
    def make_ready(self, now: int) -> int | None:
        """Scheduled jobs that are due (microseconds) become ready; when the next one is due, None if there is none."""

    @abstractmethod
    def claim_jobs(self, worker: str, seqs: Sequence[int]) -> list[JobDefinition]:
        """Make pending jobs, which `claimable` gave, attempts of ``worker``; in this order. None if it is unknown."""

    @abstractmethod
    def end_attempts(self, worker: str, ends: Sequence[Settlement]) -> Sequence[Settlement]:
        """Write how attempts of ``worker`` ended; those of them that still were the current ones of their jobs.

        Raises `Refused` if one of them cannot be stored; then none is.
        """

    # --- what is the same for all ---

    @contextlib.contextmanager
    def atomic(self) -> Iterator[None]:
        """All changes inside, or none of them when one raises; the rest of the transaction stays."""
        before = len(self.changed), len(self.moved), self.ready, self.counts.copy()
        with self.savepoint():
            try:
                yield
            except BaseException:
                changed, moved, self.ready, self.counts = before
                self._counted.clear()
                del self.changed[changed:], self.moved[moved:]
                raise

    def read_moved(self, job_ids: Sequence[str]) -> None:
        """Add the rows of these jobs to what is announced, in the order of their changes."""
        self.changed += [JobRow(*row) for row in self.run("get_jobs", {"ids": json.dumps(job_ids)})]
        self.changed.sort(key=lambda row: row.rev)

    def claimable(self, statement: str, types: Iterable[str], most: Callable[[str], int]) -> list[list[Any]]:
        """For each of ``types``, in their order, the first ``most`` rows of its line, which nobody else can claim."""
        return [
            self.run(statement, {"type": name, "limit": limit}) if (limit := most(name)) > 0 else [] for name in types
        ]

    def insert_jobs(self, news: Sequence[NewJob]) -> dict[str, int]:
        """Store those of these jobs whose id, and unique key, is nobody's: their ids, and change numbers."""
        created = dict(self.run("create_jobs", self.stamp({"news": new_job_values(news)})))
        self.note_created([new for new in news if new.id in created])
        return created

    def note_created(self, news: Sequence[NewJob]) -> None:
        """Take note that these jobs were stored with the last `stamp`."""
        if not news:
            return
        counted = self._counted.copy()
        self.used_stamp()
        self.move([new.id for new in news], None, Status.PENDING)
        added = Counter(new.type for new in news) if counted else {}
        self._counted = {key: n + added.get(key[0], 0) for key, n in counted.items()}

    def update_jobs(self, statement: str, values: dict[str, Any], announce: bool = True) -> list[JobRow]:
        """Run a statement that changes jobs and returns their rows, and have them announced."""
        rows = [JobRow(*row) for row in self.run(statement, self.stamp(values))]
        if rows:
            self.used_stamp()
            self.ready |= any(row.status == Status.PENDING for row in rows)
        if announce:
            self.changed += rows
        return rows

    def used_stamp(self) -> None:
        """Jobs were changed with the last `stamp`."""
        self._counted.clear()

    def move(self, job_ids: Sequence[str], before: Status | None, after: Status) -> None:
        """Take note that jobs have another status now."""
        if before is not None:
            self.counts[before] -= len(job_ids)
        self.counts[after] += len(job_ids)
        self.moved += job_ids
        self.ready |= after is Status.PENDING

    def each(self, operations: Iterable[Callable[[], T]]) -> list[T | BaseException]:
        """What each returned or raised: one that raises does not keep the others from being done."""
        return [self._try(operation) for operation in operations]

    def _try(self, operation: Callable[[], T]) -> T | BaseException:
        try:
            return operation()
        except Exception as error:
            if self.is_over:
                raise
            return self.explain(error)

    def count_pending(self) -> int:
        """How many jobs wait, with those that this transaction adds."""
        return int(self.run("count_pending")[0][0]) + self.counts[Status.PENDING]

    def count_pending_of_type(self, job_type: str, most: int) -> int:
        """How many jobs of a type wait, with those that this transaction adds; no more than ``most`` are counted.

        Counted once for many that come at the same time: a new job changes it by one.
        """
        key = (job_type, most)
        if key not in self._counted:
            self._counted[key] = self.run("count_pending_of_type", {"type": job_type, "limit": most})[0][0]
        return self._counted[key]
