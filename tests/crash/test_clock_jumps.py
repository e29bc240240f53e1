"""Real processes under a wall clock that jumps: nothing is lost, run twice, rescued wrongly, or out of order."""

from __future__ import annotations

import asyncio
import contextlib
import random
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.crash.jumping import Jumping, make_registry
from tests.processes import begun_twice, read_ledger
from tests.support import eventually, query

from dayjob import JobQueue, Status, processes
from dayjob.clock import use_clock
from dayjob.crashtest.fork_server import ForkServer
from dayjob.crashtest.ledger import Ledger
from dayjob.crashtest.oracle import Oracle, count_unfinished, read_state
from dayjob.crashtest.roles import Orders, job_types

PROGRAM = Path(__file__).with_name("jumping.py")
HOUR = 3600


class Jumper:
    """A process with workers and a clock of its own."""

    def __init__(self, folder: Path, start: str = "") -> None:
        command = [sys.executable, str(PROGRAM), str(folder / "jobs.db"), str(folder / "ledger"), start]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    async def answers(self, expected: str) -> None:
        assert self.process.stdout is not None
        assert await asyncio.wait_for(asyncio.to_thread(self.process.stdout.readline), 30) == f"{expected}\n"

    async def jump(self, command: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{command}\n")
        self.process.stdin.flush()
        await self.answers("jumped")


@contextlib.asynccontextmanager
async def jumpers(folder: Path, number: int, start: str = "") -> AsyncIterator[list[Jumper]]:
    started = [Jumper(folder, start) for _ in range(number)]
    try:
        for jumper in started:
            await jumper.answers("ready")
        yield started
        for jumper in started:
            jumper.process.communicate(timeout=20)  # the end of its input is the end
            assert jumper.process.returncode == 0
    finally:
        for jumper in started:
            jumper.process.kill()
            jumper.process.communicate()


async def test_jumps_of_an_hour_under_running_waiting_and_scheduled_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "BEAT_EVERY", 0.2)
    monkeypatch.setattr(processes, "DEAD_AFTER", 0.6)
    registry = make_registry(tmp_path / "ledger")
    registry.schedules.clear()
    watching = JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry, max_workers=0)  # with the right time

    async def beats(more: int) -> None:
        """Time enough to take the other process for dead, if anybody went by clocks."""
        (before,) = [worker.beat for worker in await watching.workers() if worker.slots]

        async def went_on() -> bool:
            return any(worker.beat >= before + more for worker in await watching.workers() if worker.slots)

        await eventually(went_on)

    async with watching, jumpers(tmp_path, 1) as (jumper,):
        hold, flaky = [await watching.enqueue(kind) for kind in ("hold", "flaky")]
        later = await watching.enqueue("note", delay=HOUR)
        much_later = await watching.enqueue("note", delay=3 * HOUR)
        await eventually(lambda: len(read_ledger(tmp_path / "ledger")) == 2)
        await jumper.jump(f"by {HOUR + 60}")
        assert (await watching.wait(later, timeout=20)).status is Status.COMPLETED
        assert (await watching.wait(flaky, timeout=20)).attempt == 2  # its retry was due in 50 minutes
        await beats(8)
        await jumper.jump(f"by {-2 * HOUR}")
        now = await watching.enqueue("note")  # what is due at once does not wait for the clock to come back
        assert (await watching.wait(now, timeout=20)).status is Status.COMPLETED
        await beats(8)
        (tmp_path / "go").touch()
        held = await watching.wait(hold, timeout=20)
        assert (held.status, held.attempt, held.error) == (Status.COMPLETED, 1, None)
        waiting = await watching.get_job_status(much_later)
        assert waiting is not None
        assert (waiting.status, waiting.attempt) == (Status.PENDING, 0)
        listed = [job.id for job in (await watching.list_jobs()).items]
        assert listed == [now, much_later, later, flaky, hold]  # by arrival
    assert begun_twice(read_ledger(tmp_path / "ledger")) == []
    assert query(tmp_path / "jobs.db", "SELECT max(orphans) FROM dayjob_job") == [(0,)]


DAY = 24 * HOUR
JUMPS = [-30 * DAY, -DAY, -2 * HOUR, -61, 0, 61, HOUR, DAY, 30 * DAY]  # seconds


@pytest.mark.campaign
@pytest.mark.timeout(1800)
async def test_jumps_at_random_moments_in_one_of_two_processes(
    tmp_path: Path, campaign: Campaign, figures: Figures
) -> None:
    database, ledger = tmp_path / "jobs.db", Ledger(tmp_path / "ledger")
    chance, clock, jumps = random.Random(campaign.seed), Jumping(), campaign.pick(20, 200, 2000)
    queue = JobQueue(f"sqlite:///{database}", registry=job_types(ledger, chance), max_workers=4)
    with use_clock(clock):
        async with ForkServer() as fork_server, queue:
            await fork_server.start(Orders("worker", database, tmp_path / "ledger", campaign.seed))
            for jump in range(jumps):
                for job_id in (f"{jump}-{part}" for part in range(5)):
                    ledger.note("asked", job_id)
                    kind, delay = chance.choice(["task", "thread"]), chance.choice([0, 0, 0.02])
                    await queue.enqueue(kind, job_id=job_id, delay=delay)
                    ledger.note("accepted", job_id)
                await asyncio.sleep(chance.uniform(0, 0.05))
                clock.offset = chance.choice(JUMPS) * 1_000_000
            clock.offset = 60 * DAY * 1_000_000  # by now all that waits for its time is due
            await eventually(lambda: count_unfinished(database) == 0, timeout=60)
    assert Oracle(database, tmp_path / "ledger").look(over=True) == []
    rows = read_state(database).rows.values()
    assert {(row.status, row.attempt, row.orphans) for row in rows} == {("completed", 1, 0)}
    figures |= {"jumps": jumps, "jobs": len(rows)}


SPRING, AUTUMN = datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 10, 24, 23, tzinfo=UTC)


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("begins", "nightly", "hourly"),
    [
        pytest.param(SPRING, ["01:00"], ["23:30", "00:30", "01:30", "02:30"], id="spring"),  # 2:30 is not: 3:00 is
        pytest.param(AUTUMN, ["00:30"], ["23:30", "00:30", "01:30", "02:30"], id="autumn"),  # the first of two 2:30
    ],
)
async def test_schedules_at_both_ends_of_summer_time(
    tmp_path: Path, begins: datetime, nightly: list[str], hourly: list[str]
) -> None:
    moments = [begins + timedelta(minutes=30 * half, seconds=1) for half in range(1, 8)]
    async with jumpers(tmp_path, 2, begins.isoformat()) as processes:
        await _to_all(processes, moments)
        await _to_all(processes, [moments[-1] - timedelta(hours=1), *moments[-2:]])  # and put back by hand
    rows = query(tmp_path / "jobs.db", "SELECT type, run_at FROM dayjob_job ORDER BY run_at")
    ran = [(kind, f"{datetime.fromtimestamp(run_at / 1e6, UTC):%H:%M}") for kind, run_at in rows]
    assert [at for kind, at in ran if kind == "nightly"] == nightly
    assert [at for kind, at in ran if kind == "hourly"] == hourly


async def _to_all(processes: Iterable[Jumper], moments: Iterable[datetime]) -> None:
    for moment in moments:
        await asyncio.gather(*(process.jump(f"at {moment.isoformat()}") for process in processes))
