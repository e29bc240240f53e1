"""Processes are killed, or stopped and continued, at random moments; the oracle looks after each."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import random
import signal
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..processes import BEAT_EVERY
from .fork_server import ForkServer
from .ledger import Ledger, Line, jobs_noted
from .oracle import Oracle, count_unfinished, read_state
from .roles import Orders

_KILLS_PER_DATABASE = 40  # then a new one is begun: what is looked at each time stays small
_STOPS_PER_DATABASE = 4  # each takes seconds, in which thousands of jobs are run
_LEAST_KILLS = 5  # however little time there is
_LONGEST_DRAIN = 60.0  # seconds
_LONGEST_STOP = 30.0  # seconds
_LONGEST_WAIT = 0.5  # seconds for the database's lock, after which the stopped one is taken to hold it
_MOST_STOPS = 6  # for one that did not hold it
_LOOK_EVERY = 0.02  # seconds


@dataclass(slots=True)
class Tally:
    """What a loop did, and what was wrong."""

    kills: int = 0
    stops: int = 0
    holding: int = 0  # of them in the middle of a transaction, so that all others had to wait
    accepted: int = 0
    completed: int = 0
    repeated: int = 0  # jobs that took more than one attempt
    wrong: list[str] = field(default_factory=list)

    def figures(self) -> dict[str, int]:
        """All numbers by name."""
        return {name: value for name, value in asdict(self).items() if name != "wrong"}

    def add(self, other: Tally) -> None:
        """Add the numbers of another one."""
        for name, value in asdict(other).items():
            setattr(self, name, getattr(self, name) + value)


async def kill_loop(folder: Path, seed: str, roles: Sequence[str], *, kills: int, seconds: float = 1e9) -> Tally:
    """Kill one of the processes in these ``roles``, or all, until there were ``kills`` or ``seconds`` are over."""
    tally, number = Tally(), 0
    async with ForkServer() as fork_server:
        ends = asyncio.get_running_loop().time() + seconds
        while tally.kills < kills and not tally.wrong and asyncio.get_running_loop().time() < ends:
            number += 1
            crew = _Crew(fork_server, folder / f"{number}", f"{seed}-{number}", roles)
            tally.add(await crew.killed(min(_KILLS_PER_DATABASE, kills - tally.kills), ends))
    return tally


async def stop_loop(folder: Path, seed: str, *, stops: int, beat: float = BEAT_EVERY) -> Tally:
    """Stop one of two workers until the other has taken its jobs over, and let it go on as if nothing had been.

    Three beats (of ``beat`` seconds) are what a process may miss: with short ones, a slow disk looks like death.
    """
    tally, number = Tally(), 0
    async with ForkServer() as fork_server:
        while (done := tally.stops - tally.holding) < stops and number < stops * _MOST_STOPS and not tally.wrong:
            number += 1
            roles = ["api", "worker", "worker"]
            crew = _Crew(fork_server, folder / f"stopped-{number}", f"{seed}-{number}", roles, beat)
            tally.add(await crew.stopped(min(_STOPS_PER_DATABASE, stops - done)))
    return tally


class _Crew:
    """The processes on one database."""

    def __init__(
        self, fork_server: ForkServer, folder: Path, seed: str, roles: Sequence[str], beat: float = BEAT_EVERY
    ) -> None:
        folder.mkdir(parents=True)
        self._fork_server = fork_server
        self._roles = roles
        self._seed = hashlib.sha256(seed.encode()).hexdigest()[:8]  # part of job ids, in which not all is allowed
        self._beat = beat
        self._database = folder / "jobs.db"
        self._ledger = Ledger(folder / "ledger")
        self._path = folder / "ledger"
        self._oracle = Oracle(self._database, self._path)
        self._chance = random.Random(seed)  # noqa: S311 (repeatable, not secret)
        self._pids: list[int] = []
        self._begun = 0
        self._tally = Tally()

    async def killed(self, kills: int, ends: float) -> Tally:
        """``kills`` times (or until the loop's time ``ends``): wait, kill, look, start anew."""
        self._pids = [await self._start(role) for role in self._roles]
        loop = asyncio.get_running_loop()
        while self._tally.kills < kills and not self._tally.wrong:
            if loop.time() > ends and self._tally.kills >= _LEAST_KILLS:
                break
            await asyncio.sleep(self._chance.uniform(0, 0.15))
            all_of_them = len(self._pids) > 1 and self._chance.random() < 0.2
            places = range(len(self._pids)) if all_of_them else [self._chance.randrange(len(self._pids))]
            for place in places:
                await self._kill(self._pids[place])
            self._tally.wrong += self._oracle.look()
            for place in places:
                self._pids[place] = await self._start(self._roles[place])
        return await self._over()

    async def stopped(self, stops: int) -> Tally:
        """``stops`` times: stop a worker, see its jobs begin elsewhere, continue it, look."""
        self._pids = [await self._start(role) for role in self._roles]
        tally = self._tally
        while tally.stops - tally.holding < stops and tally.stops < stops * _MOST_STOPS and not tally.wrong:
            await asyncio.sleep(self._chance.uniform(0, 0.05))
            victim = self._chance.choice(self._pids[1:])
            os.kill(victim, signal.SIGSTOP)
            try:
                if held := _held(self._ledger.read(), victim):
                    self._ledger.note("stop", pid=victim)
                    tally.stops += 1
                    await self._taken_over(held)
            finally:
                os.kill(victim, signal.SIGCONT)
            if held:
                await asyncio.sleep(self._beat / 2)  # what it has to say it says now, or before the next look
                tally.wrong += self._oracle.look()
        return await self._over()

    async def _taken_over(self, held: set[tuple[str, int]]) -> None:
        """Wait until the others have begun all that it runs, unless it was stopped in a transaction."""
        if _is_locked(self._database):
            self._tally.holding += 1
            return
        ends = asyncio.get_running_loop().time() + _LONGEST_STOP
        while asyncio.get_running_loop().time() < ends:
            lines = self._ledger.read()
            unwanted = jobs_noted(lines, "unwanted")  # which need not begin again to be cancelled
            if all(job_id in unwanted or _begun_later(lines, job_id, attempt) for job_id, attempt in held):
                return
            await asyncio.sleep(_LOOK_EVERY)

    async def _start(self, role: str) -> int:
        self._begun += 1
        orders = Orders(role, self._database, self._path, f"{self._seed}-{self._begun}", self._beat)
        return await self._fork_server.start(orders)

    async def _kill(self, pid: int) -> None:
        self._ledger.note("kill", pid=pid)  # before: as soon as it is dead, others may begin what it ran
        await self._fork_server.kill(pid)
        self._tally.kills += 1

    async def _over(self) -> Tally:
        """No new jobs any more; what is left is done, and looked at for the last time.

        What was wrong already stays as it is, to be looked into.
        """
        if not self._tally.wrong:
            await self._drain()
        for pid in self._pids:
            await self._fork_server.kill(pid)
        if not self._tally.wrong:
            self._tally.wrong += self._oracle.look(over=True)
        self._count()
        self._ledger.close()
        return self._tally

    async def _drain(self) -> None:
        for place, role in enumerate(self._roles):
            if role != "worker":
                self._ledger.note("kill", pid=self._pids[place])
                await self._fork_server.kill(self._pids[place])
                self._pids[place] = await self._start("worker")
        ends = asyncio.get_running_loop().time() + _LONGEST_DRAIN
        while count_unfinished(self._database) and asyncio.get_running_loop().time() < ends:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_EVERY)

    def _count(self) -> None:
        rows = read_state(self._database).rows.values()
        self._tally.accepted += len(jobs_noted(self._ledger.read(), "accepted"))
        self._tally.completed += sum(row.status == "completed" for row in rows)
        self._tally.repeated += sum(row.attempt > 1 for row in rows)


def _is_locked(database: Path) -> bool:
    with contextlib.closing(sqlite3.connect(database, timeout=_LONGEST_WAIT, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return True
        connection.execute("ROLLBACK")
    return False


def _held(lines: list[Line], pid: int) -> set[tuple[str, int]]:
    """The attempts that process ``pid`` has begun and not ended."""
    begun = {(line.job_id, line.attempt) for line in lines if line.what == "begin" and line.pid == pid}
    return begun - {(line.job_id, line.attempt) for line in lines if line.what in ("end", "left")}


def _begun_later(lines: list[Line], job_id: str, attempt: int) -> bool:
    return any(line.what == "begin" and line.job_id == job_id and line.attempt > attempt for line in lines)
