"""SQLite as the simulated processes meet it: the real one, on a real file, with faults at its edges.

A transaction may be refused (BUSY), fail before it is committed, fail after it was committed (so that nobody knows),
take its time with the lock in its hands, answer late, or be the last thing that its process does.
"""

from __future__ import annotations

import sqlite3
import types
from dataclasses import dataclass, field
from typing import Any

import greenlet

from .audit import COLUMNS, Change
from .threads import Condition, this_thread

COMMIT_FAULTS = ("failed commit", "lost answer", "slow commit", "late answer", "crash before", "crash after")
_RARE = (
    "fail",
    "fail as orphan",
    "cancel waiting",
    "cancel running",
    "release",
    "wait",
)  # so their commits fail more often
_BUSY_TIMEOUT = 10.0
_AUDIT = f"SELECT {', '.join(COLUMNS)} FROM sim_audit WHERE n > ? ORDER BY n"


@dataclass
class Rates:
    """How likely each fault is: of a commit, of a BEGIN, of a read."""

    commit: dict[str, float] = field(default_factory=dict)
    busy: float = 0.0
    read: float = 0.0
    stale: float = 0.0


class Connection(sqlite3.Connection):
    """A connection of a simulated process."""

    world: Any
    host: Any
    reads_only = False

    def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
        if sql == "BEGIN IMMEDIATE":
            return self._begin()
        if sql == "COMMIT":
            return self._commit()
        if sql == "PRAGMA query_only = ON":
            self.reads_only = True
        elif self.reads_only:
            self._before_read()
        elif sql == "PRAGMA data_version":
            return self._look(super().execute(sql))
        return super().execute(sql, *values)

    def _begin(self) -> sqlite3.Cursor:
        world, thread = self.world, _thread()
        ends = world.scheduler.now + _BUSY_TIMEOUT
        if world.hits(world.rates.busy):
            world.fault("busy", self.host)
            thread.nap(_BUSY_TIMEOUT)
            raise sqlite3.OperationalError("database is locked")
        if world.hits(0.3):
            thread.nap(world.random.random() * 0.01)
        while True:
            try:
                return super().execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                if world.scheduler.now >= ends:
                    world.fault("busy", self.host)
                    raise
            thread.nap(0.05)

    def _commit(self) -> sqlite3.Cursor:
        world, thread = self.world, _thread()
        changes = [Change(*row) for row in super().execute(_AUDIT, (world.audit.last,))]
        rare = any(world.audit.transition(change) in _RARE for change in changes)
        fault = world.draw(COMMIT_FAULTS, world.rates.commit, 4.0 if rare else 1.0)
        if fault is not None:
            world.fault(fault, self.host, changes)
        if fault == "slow commit":
            thread.nap(world.random.random() * 8)
        if fault == "failed commit":
            super().execute("ROLLBACK")
            raise sqlite3.OperationalError("disk I/O error")
        if fault == "crash before":
            self._die()
        done = super().execute("COMMIT")
        world.audit.committed(changes, self.host)
        if fault == "lost answer":
            raise sqlite3.OperationalError("disk I/O error")
        if fault == "crash after":
            self._die()
        if fault == "late answer":
            thread.nap(world.random.random() * 8)
        return done

    def _die(self) -> None:
        self.world.crash(self.host)
        greenlet.getcurrent().parent.switch()  # nobody ever comes back
        raise greenlet.GreenletExit

    def _before_read(self) -> None:
        if self.world.hits(self.world.rates.read):
            self.world.fault("failed read", self.host)
            raise sqlite3.OperationalError("disk I/O error")
        if (thread := this_thread()) is not None and self.world.hits(0.1):
            thread.nap(self.world.random.random() * 0.05)

    def _look(self, cursor: sqlite3.Cursor) -> Any:
        """What another process did is seen late, or seen although it did nothing."""
        (version,) = cursor.fetchone()
        before, self.seen = getattr(self, "seen", version), version
        if version != before and self.world.hits(self.world.rates.stale):
            self.world.fault("lost wake-up", self.host)
            self.seen = before
            return _One((before,))
        if version == before and self.world.hits(self.world.rates.stale / 4):
            self.world.fault("needless wake-up", self.host)
            return _One((version + 1_000_000,))
        return _One((version,))


class _One:
    def __init__(self, row: tuple[int]) -> None:
        self._row = row

    def fetchone(self) -> tuple[int]:
        return self._row


def _thread() -> Any:
    thread = this_thread()
    assert thread is not None, "a transaction on the event loop"
    return thread


def sqlite3_module(world: Any) -> types.ModuleType:
    """``sqlite3`` whose connections are of the process that opens them."""
    module = types.ModuleType("sqlite3")
    module.__dict__.update(sqlite3.__dict__)

    def connect(path: Any, **options: Any) -> sqlite3.Connection:
        host = world.scheduler.current
        made = sqlite3.connect(path, factory=Connection, **{**options, "timeout": 0.0})
        made.world, made.host = world, host
        host.connections.append(made)
        return made

    module.connect = connect
    return module


class Gates:
    """``fcntl`` for the gate before a transaction: one turn at a time, dropped when its process dies."""

    def __init__(self, world: Any, real: Any) -> None:
        self.LOCK_EX, self.LOCK_UN, self.LOCK_NB, self.LOCK_SH = real.LOCK_EX, real.LOCK_UN, real.LOCK_NB, real.LOCK_SH
        self.lockf = real.lockf
        self._world = world
        self._holder: dict[str, Any] = {}
        self._opened: dict[Any, list[Any]] = {}  # by process
        self._free: dict[str, Condition] = {}

    def flock(self, file: Any, operation: int) -> None:
        path = file.name
        self._remember(file)
        free = self._free.setdefault(path, Condition(self._world.scheduler))
        if operation == self.LOCK_UN:
            if self._holder.get(path) is self._world.scheduler.current:
                del self._holder[path]
                free.notify()
        else:
            if path in self._holder and operation & self.LOCK_NB:
                raise BlockingIOError("the gate is taken")
            free.wait(lambda: path not in self._holder, None)
            self._holder[path] = self._world.scheduler.current

    def _remember(self, file: Any) -> None:
        opened = self._opened.setdefault(self._world.scheduler.current, [])
        if file not in opened:
            opened.append(file)

    def drop(self, host: Any) -> None:
        """What the system does with the gates of a process that has ended."""
        for file in self._opened.pop(host, []):
            file.close()
        for path in [path for path, holder in self._holder.items() if holder is host]:
            del self._holder[path]
            self._free[path].notify()
