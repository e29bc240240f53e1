"""One simulated world: processes with the real engine in them, on one database, in virtual time.

Nothing in dayjob knows of it. While a world exists, dayjob's modules find substitutes under the names that they
imported from the standard library: clocks, threads, queues, randomness, sqlite3, file locks. `World.close` puts all
back.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import fcntl
import functools
import logging
import os
import queue
import random
import shutil
import socket
import sqlite3
import sys
import tempfile
import threading
import time
import types
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import greenlet

from dayjob import JobQueue, Keep, Retention, ids, job_log
from dayjob import host as hosts
from dayjob.errors import StorageError
from dayjob.repository.sqlite import checkpointer, migrate, process_lock

from . import handlers
from .audit import TRIGGERS, Audit, Change, Job
from .scheduler import Actor, Scheduler, Violation, VirtualLoop
from .store import Gates, Rates, sqlite3_module
from .threads import asyncio_module, queue_module, this_thread, threading_module

EPOCH = 1_900_000_000.0
_SHORTLY = 30.0  # seconds: after trouble a process may be taken for dead
_RETENTION = Retention(completed=Keep(age=timedelta(minutes=2)), failed=Keep(age=timedelta(minutes=4)))
_MOST_LINES = 5000
_SHORTEST_NAP = 0.02  # seconds: who looks every millisecond whether a gate is free is most of what there is to do
_log = logging.getLogger("dayjob")


class Process:
    """A simulated process: an event loop, threads, connections and a `JobQueue`."""

    def __init__(self, world: World, number: int, machine: str) -> None:
        self.world = world
        self.number = number
        self.machine = machine
        self.loop = VirtualLoop(world.scheduler, self)
        self.threads: list[Any] = []
        self.connections: list[sqlite3.Connection] = []
        self.files: dict[int, Path] = {}
        self.held: list[Any] = []
        self.coroutines: list[Any] = []
        self.dead = self.paused = self.blocked = self.stopping = self.started = False
        self.ended = False  # stopped in order, to the end
        self.troubled_at = -1e9
        self.worker_ids: set[str] = set()
        self.queue = JobQueue(
            f"sqlite:///{world.path}",
            max_workers=world.random.choice((1, 3, 8)),
            registry=handlers.registry(world.kinds),
            grace=2.0,
            retention=_RETENTION,
        )
        if world.hits(0.3):  # who listens to everything makes the queue read what other processes did
            self.queue.bus.listen(world.audit.told)
        if world.schedule:
            self.queue.schedule("tick", "every 7 seconds")

    def __repr__(self) -> str:
        return f"p{self.number}"

    @property
    def usable(self) -> bool:
        return self.started and not (self.dead or self.paused or self.stopping)

    def spawn(self, coro: Any, name: str = "client") -> asyncio.Task[Any]:
        return self.loop.create_task(coro, name=name)

    def had_trouble(self) -> bool:
        return self.paused or self.world.scheduler.now - self.troubled_at < _SHORTLY

    async def start(self) -> None:
        while True:
            try:
                await self.queue.start()
            except StorageError as error:
                self.world.say(self, "cannot start", str(error))
                await asyncio.sleep(1)
            else:
                break
        self.started = True
        self.world.say(self, "started")

    async def stop(self) -> None:
        self.stopping = True
        self.world.say(self, "stops")
        try:
            await self.queue.stop()
        except StorageError as error:  # the database was out of order at the last moment
            self.world.say(self, "stopped badly", str(error))
            self.world.crash(self)
            return
        self.ended = True
        self.world.say(self, "stopped")


class World:
    """Everything of one run. ``seed`` decides the order, ``rates`` the faults."""

    def __init__(
        self,
        seed: int,
        rates: Rates | None = None,
        *,
        schedule: bool = False,
        machines: int = 1,
        kinds: tuple[str, ...] = (),
    ) -> None:
        self.scheduler = Scheduler(seed)
        self.random = random.Random(seed + 1)
        self.rates = rates or Rates()
        self.schedule = schedule
        self.machines = machines
        self.kinds = kinds
        self.wall = 0.0  # how far the wall clock is from where it began
        self.furthest = 0.0
        self.audit = Audit(self)
        self.cells: Counter[tuple[str, str]] = Counter()
        self.lines: list[tuple[float, str, tuple[Any, ...]]] = []
        self.processes: list[Process] = []
        self.tokens = 0
        self.violation: Violation | None = None
        self.rev = 0
        self._faults: dict[str, float] = {}
        self._folder = tempfile.mkdtemp(prefix="dayjob-sim-", dir=_memory())
        self.path = Path(self._folder) / "jobs.db"
        shutil.copy(_template(), self.path)
        self._gates = Gates(self, fcntl)
        self._put_back = _replace(self._substitutes())
        handlers.now.world = self
        self._listener = _Listener(self)
        _log.addHandler(self._listener)

    # --- processes ---

    def start_process(self, machine: str = "") -> Process:
        machine = machine or "ab"[self.random.randrange(self.machines)]
        process = Process(self, len(self.processes) + 1, machine)
        self.processes.append(process)
        process.spawn(process.start(), "client-start")
        return process

    def crash(self, process: Process) -> None:
        """It is gone at once, like after SIGKILL: the kernel drops its locks, and nothing of it ever runs again."""
        if process.dead or process.ended:
            return
        self.fault("crash", process)
        process.dead = True
        for connection in process.connections:
            connection.close()
        for descriptor, path in process.files.items():
            os.close(descriptor)
            _let_go(path)
        process.files.clear()
        self._gates.drop(process)

    def pause(self, process: Process) -> None:
        self.fault("pause", process)
        process.paused = True

    def resume(self, process: Process) -> None:
        if process.paused:
            process.paused = False
            process.troubled_at = self.scheduler.now
            self.say(process, "resumes")
            self.scheduler.release(process)

    def block_loop(self, process: Process, seconds: float) -> None:
        """What a handler does that does not await: the loop is taken, threads go on."""
        process.blocked = True

        def over() -> None:
            process.blocked = False
            self.scheduler.release(process)

        self.scheduler.at(self.scheduler.now + seconds, self.outside, over)

    @functools.cached_property
    def outside(self) -> Any:
        """An actor that belongs to no process."""
        return Actor(types.SimpleNamespace(dead=False, paused=False, blocked=False, loop=None, held=[]), on_loop=False)

    def jump(self, seconds: float) -> None:
        """Somebody sets the wall clock."""
        self.wall += seconds
        self.furthest = max(self.furthest, self.wall)
        self.fault("clock jump", None)

    def host_of(self, worker: str | None) -> Process:
        return next(p for p in self.processes if worker in p.worker_ids)

    # --- faults, and what is told ---

    def hits(self, rate: float) -> bool:
        return rate > 0 and self.random.random() < rate

    def draw(self, names: tuple[str, ...], rates: dict[str, float], scale: float) -> str | None:
        """One of ``names``, or None at least once in five times."""
        if not rates:
            return None
        scale = min(scale, 0.8 / sum(rates.values()))
        at = self.random.random()
        for name in names:
            at -= scale * rates.get(name, 0.0)
            if at < 0:
                return name
        return None

    def fault(self, name: str, process: Process | None, changes: list[Change] | None = None) -> None:
        """Take note of a fault; with ``changes`` it hits exactly these, else all jobs that are under way."""
        self.say(process, "FAULT", name)
        if process is not None and name not in ("lost wake-up", "needless wake-up", "stop"):
            process.troubled_at = self.scheduler.now + 10
        if changes is None:
            self._faults[name] = self.scheduler.now
        for change in changes or ():
            if transition := self.audit.transition(change):
                self.cells[transition, name] += 1

    def moved(self, transition: str, job: Job, change: Change, process: Process) -> None:
        """A change of status is committed: count the faults that came since the job's last one."""
        self.say(process, transition, job.id, change.attempt)
        self.cells[transition, "any"] += 1
        for name, when in self._faults.items():
            if when >= job.changed_at:
                self.cells[transition, name] += 1

    def say(self, process: Process | None, *words: Any) -> None:
        if words[0] in ("log", "cannot start", "stopped badly"):
            words = (words[0], words[1].replace(self._folder, ""))
        if len(self.lines) >= _MOST_LINES:
            del self.lines[: _MOST_LINES // 2]
        self.lines.append((self.scheduler.now, repr(process) if process else "-", words))

    def violated(self, what: str) -> None:
        violation = Violation(what)
        self.violation = self.violation or violation
        self.say(None, "VIOLATION", what)
        raise violation

    def unexpected(self, what: str) -> None:
        """Something came up where it cannot be raised."""
        if not self.scheduler.over and self.violation is None:
            self.violation = Violation(what)
            self.say(None, "VIOLATION", what)

    def next_token(self) -> int:
        self.tokens += 1
        return self.tokens

    def run(self, seconds: float, done: Any = lambda: False) -> bool:
        """Let time pass, until ``done``. Raises the `Violation` that there was."""
        reached = self.scheduler.run(self.scheduler.now + seconds, lambda: self.violation is not None or done())
        if self.violation is not None:
            raise self.violation
        return reached

    # --- the end ---

    def close(self) -> None:
        """Everything ends, whatever it was doing; the standard library is as before."""
        self.scheduler.over = True
        for process in self.processes:
            for thread in process.threads:
                if thread and not thread.dead:
                    _end_thread(thread)
            for task in process.loop.tasks:
                _end_task(task)
            for coro in process.coroutines:
                coro.close()
            for connection in process.connections:
                connection.close()
            for descriptor, path in process.files.items():
                os.close(descriptor)
                _let_go(path)
            self._gates.drop(process)
        _log.removeHandler(self._listener)
        while job_log._users:
            job_log.stop_capture()
        _restore(self._put_back)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _substitutes(self) -> list[tuple[Any, Any]]:
        """What stands in for what."""
        s = self.scheduler
        clock = types.SimpleNamespace(
            monotonic=lambda: s.now,
            perf_counter=lambda: s.now,
            time=lambda: EPOCH + s.now + self.wall,
            time_ns=lambda: int((EPOCH + s.now + self.wall) * 1_000_000) * 1000,
            sleep=lambda seconds: this_thread().nap(max(seconds, _SHORTEST_NAP)),  # type: ignore[union-attr]
        )
        files = types.ModuleType("os")
        files.__dict__.update(os.__dict__)
        files.open, files.close = self._open, self._close
        no_wake_ups = types.ModuleType("socket")  # other processes are heard of by polling
        no_wake_ups.__dict__.update((name, value) for name, value in vars(socket).items() if name != "AF_UNIX")
        room = types.SimpleNamespace(disk_usage=lambda _path: types.SimpleNamespace(free=1 << 40))
        return [
            (time, clock),
            *((getattr(time, name), function) for name, function in vars(clock).items()),
            (threading, threading_module(s)),
            (queue, queue_module(s)),
            (asyncio, asyncio_module(s)),
            (random, self.random),
            (sqlite3, sqlite3_module(self)),
            (fcntl, self._gates),
            (os, files),
            (shutil, room),
            (socket, no_wake_ups),
            (ids.uuid7, self._uuid),
            (migrate.migrations, _known_migrations),
            (hosts.host_name, lambda: s.current.machine),
        ]

    def _uuid(self) -> str:
        made = f"{len(self.processes):04x}-{self.random.getrandbits(64):016x}"
        self.scheduler.current.worker_ids.add(made)  # jobs' ids are among them, which does no harm
        return made

    def _open(self, path: Any, flags: int, mode: int = 0o777) -> int:
        descriptor = os.open(path, flags, mode)
        self.scheduler.current.files[descriptor] = Path(path)
        return descriptor

    def _close(self, descriptor: int) -> None:
        self.scheduler.current.files.pop(descriptor, None)
        os.close(descriptor)


class _Listener(logging.Handler):
    """What dayjob logs goes into the trace; a traceback is a finding, unless of a fault of ours or of a job."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.INFO)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        if self._world.scheduler.over:
            return
        self._world.say(self._world.scheduler.current, "log", record.getMessage())
        failed = record.name == "dayjob.jobs"  # a job, as it was meant to
        error = record.exc_info[1] if record.exc_info and not failed else None
        if record.levelno >= logging.WARNING and error is not None and not isinstance(error, _EXPECTED):
            self._world.unexpected(f"dayjob logged {error!r}: {record.getMessage()}")


_EXPECTED = (StorageError, sqlite3.OperationalError)


def _let_go(path: Path) -> None:
    """Locks of files are a process's, and here all processes are one: dayjob keeps lists of those that it holds."""
    process_lock._held.discard(path)
    checkpointer._holding.discard(path)


def _end_thread(thread: Any) -> None:
    with contextlib.suppress(Exception):  # it ends in the middle of anything
        thread.throw(greenlet.GreenletExit)


def _end_task(task: asyncio.Task[Any]) -> None:
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    if task.done():
        if not task.cancelled():
            task.exception()
        return
    with contextlib.suppress(Exception):  # as above
        task.get_coro().close()  # type: ignore[union-attr]


def _replace(substitutes: list[tuple[Any, Any]]) -> list[tuple[Any, str, Any]]:
    """Put substitutes in place of what the modules of dayjob imported."""
    by_id = {id(real): substitute for real, substitute in substitutes}
    found = []
    for module in _modules():
        for name, value in list(vars(module).items()):
            if id(value) in by_id and not name.startswith("__"):
                found.append((module, name, value))
                setattr(module, name, by_id[id(value)])
    return found


def _restore(replaced: list[tuple[Any, str, Any]]) -> None:
    for module, name, value in replaced:
        setattr(module, name, value)


def _modules() -> Iterator[types.ModuleType]:
    for name, module in list(sys.modules.items()):
        if (name == "dayjob" or name.startswith("dayjob.")) and not name.startswith(("dayjob.web", "dayjob.cli")):
            yield module


def _memory() -> str | None:
    return "/dev/shm" if os.path.isdir("/dev/shm") else None


_known_migrations = functools.cache(migrate.migrations)  # reading and splitting them takes longer than asking for them


@functools.cache
def _template() -> Path:
    """A database with the schema and the triggers of the audit, made once."""
    folder = tempfile.mkdtemp(prefix="dayjob-sim-template-", dir=_memory())
    path = Path(folder) / "template.db"
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    migrate.migrate(connection)
    connection.executescript(TRIGGERS)
    connection.close()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return path
