"""A process whose wall clock jumps as told: ``jumping.py DATABASE LEDGER START``; lines ``at TIME``, ``by SECONDS``."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from datetime import datetime
from pathlib import Path

from dayjob import JobQueue, JobRegistry, constant, processes
from dayjob.clock import Clock, use_clock
from dayjob.repository import to_micros

processes.BEAT_EVERY = 0.2  # so that a wrong rescue would come soon


class Jumping(Clock):
    """The wall clock of this machine, and an offset; timers are not concerned, as on a real machine."""

    offset = 0

    def micros(self) -> int:
        return time.time_ns() // 1000 + self.offset


def make_registry(ledger: Path) -> JobRegistry:
    """Jobs that note that they began; ``hold`` ends when there is a file ``go``."""
    registry = JobRegistry()

    def note(job_id: str, attempt: int) -> None:
        with ledger.open("a") as file:
            file.write(f"begin {job_id} {attempt} {os.getpid()}\n")

    @registry.job("hold", timeout=1000, stalled_after=1000)
    async def hold(job_id: str) -> None:
        note(job_id, 1)
        while not ledger.with_name("go").exists():
            await asyncio.sleep(0.01)

    @registry.job("note")
    async def quick(job_id: str) -> None:
        note(job_id, 1)

    @registry.job("flaky", max_attempts=2, backoff=constant(3000))
    async def flaky(job_id: str) -> None:
        seen = ledger.with_name(f"{job_id}.tried")
        note(job_id, 2 if seen.exists() else 1)
        if not seen.exists():
            seen.touch()
            raise ValueError("once more")

    @registry.job("nightly", schedule="30 2 * * *", time_zone="Europe/Berlin")
    async def nightly() -> None: ...

    @registry.job("hourly", schedule="30 * * * *", time_zone="Europe/Berlin")
    async def hourly() -> None: ...

    return registry


async def main(database: str, ledger: Path, start: str) -> None:
    clock = Jumping()
    _obey(clock, f"at {start}" if start else "by 0")
    registry = make_registry(ledger)
    if not start:
        registry.schedules.clear()
    with use_clock(clock):
        async with JobQueue(f"sqlite:///{database}", registry=registry, max_workers=3, grace=0.5) as queue:
            await queue.schedules()  # what is declared is stored before the first jump
            print("ready", flush=True)
            while line := await asyncio.to_thread(sys.stdin.readline):
                _obey(clock, line)
                running = queue._get_engine()
                running.pool.wake()  # else it would take up to ten seconds until somebody looks
                while start and await running.scheduler.step() <= 0:
                    pass
                print("jumped", flush=True)


def _obey(clock: Jumping, line: str) -> None:
    how, value = line.split()
    if how == "by":
        clock.offset += int(value) * 1_000_000
    else:
        clock.offset = to_micros(datetime.fromisoformat(value)) - time.time_ns() // 1000


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
