"""Several processes run one schedule, and are killed: every tick has one job, none has two."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign
from tests.support import eventually, query

from dayjob.engine.scheduler import occurrence_id

SECOND = 1_000_000
NAME = "often"  # the schedule of ticking.py


@asynccontextmanager
async def processes(path: Path, count: int) -> AsyncIterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, str(Path(__file__).parent / "ticking.py"), str(path)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    try:
        for process in running:
            assert process.stdout is not None
            assert await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 30) == "ready\n"
        yield running
    finally:
        for process in running:
            process.kill()
            process.communicate()


def ticks(path: Path) -> list[int]:
    """The times that jobs were added for, in order: by their ids, since the rescue of a job gives it a new time."""
    rows = query(path, "SELECT id, created_at FROM dayjob_job")
    if not rows:
        return []
    seconds = range(min(row[1] for row in rows) // SECOND - 60, max(row[1] for row in rows) // SECOND + 1)
    known = {occurrence_id(NAME, second * SECOND): second * SECOND for second in seconds}
    return sorted(known[row[0]] for row in rows)


@pytest.mark.timeout(110)
async def test_four_processes_add_exactly_one_job_for_each_second(tmp_path: Path, campaign: Campaign) -> None:
    path, seconds = tmp_path / "jobs.db", campaign.pick(3, 8, 60)
    async with processes(path, 4):
        await eventually(lambda: len(ticks(path)) >= seconds, timeout=seconds + 30)
    found = ticks(path)
    assert {later - tick for tick, later in pairwise(found)} == {SECOND}
    assert all(tick % SECOND == 0 for tick in found)


@pytest.mark.campaign
@pytest.mark.timeout(110)
async def test_kills_at_any_moment_of_a_tick_lose_none_and_repeat_none(tmp_path: Path) -> None:
    """One process runs at a time, and is killed near a tick: before, while or after it is written."""
    path, chance = tmp_path / "jobs.db", random.Random(7)
    for round_ in range(6):
        async with processes(path, 1) as (victim,):
            before = len(ticks(path))
            await eventually(lambda before=before: len(ticks(path)) > before, timeout=30)
            # Not to wait for anything: this is the random moment, around the next full second.
            await asyncio.sleep(1 - time.time() % 1 + chance.uniform(-0.02, 0.06))
            victim.kill()
            victim.wait(10)
        assert len(ticks(path)) > round_
    async with processes(path, 1):
        ended = time.time_ns() // 1000
        await eventually(lambda: ticks(path)[-1] > ended, timeout=30)
    assert {later - tick for tick, later in pairwise(ticks(path))} == {SECOND}
    rows = query(path, "SELECT count(*), count(DISTINCT run_at), count(DISTINCT id) FROM dayjob_job")
    assert len(set(rows[0])) == 1


@pytest.mark.campaign
@pytest.mark.timeout(110)
async def test_the_process_that_ran_the_last_run_at_dies_and_the_others_go_on(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    async with processes(path, 3) as running:
        for victim in running[:2]:
            await eventually(lambda: len(ticks(path)) >= 2, timeout=30)
            victim.kill()
            at = len(ticks(path))
            await eventually(lambda at=at: len(ticks(path)) >= at + 3, timeout=30)
    found = ticks(path)
    assert {later - tick for tick, later in pairwise(found)} == {SECOND}
    assert query(path, "SELECT orphans FROM dayjob_job WHERE orphans > 1") == []
