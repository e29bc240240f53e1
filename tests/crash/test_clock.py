"""The wall clock of one of two processes jumps: no job is lost, repeated, or rescued from the living."""

from __future__ import annotations

import asyncio
import random
import time
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.support import eventually

from dayjob import JobQueue
from dayjob.crashtest.ledger import Ledger
from dayjob.crashtest.nursery import Nursery
from dayjob.crashtest.oracle import Oracle, count_unfinished, read_state
from dayjob.crashtest.roles import Orders, job_types

HOUR, DAY = 3600, 86_400
JUMPS = [-30 * DAY, -DAY, -2 * HOUR, -61, 0, 61, HOUR, DAY, 30 * DAY]


@pytest.mark.timeout(600)
async def test_jumps_of_the_wall_clock_change_nothing(
    tmp_path: Path, campaign: Campaign, figures: Figures, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, ledger = tmp_path / "jobs.db", Ledger(tmp_path / "ledger")
    chance, real, offset = random.Random(campaign.seed), time.time_ns, 0
    monkeypatch.setattr(time, "time_ns", lambda: real() + offset * 10**9)
    queue = JobQueue(f"sqlite:///{database}", registry=job_types(ledger, chance), max_workers=4)
    jumps = campaign.pick(20, 200, 2000)
    async with Nursery() as nursery, queue:
        await nursery.start(Orders("worker", database, tmp_path / "ledger", campaign.seed))
        for number in range(jumps):
            for part in range(5):
                job_id = f"{number}-{part}"
                ledger.note("asked", job_id)
                await queue.enqueue(chance.choice(["task", "thread"]), job_id=job_id, delay=chance.choice([0, 0, 0.02]))
                ledger.note("accepted", job_id)
            await asyncio.sleep(chance.uniform(0, 0.05))
            offset = chance.choice(JUMPS)
        offset = 60 * DAY  # by now all that waits for its time is due
        await eventually(lambda: count_unfinished(database) == 0, timeout=60)
    assert Oracle(database, tmp_path / "ledger").look(over=True) == []
    rows = read_state(database).rows.values()
    assert {(row.status, row.attempt, row.orphans) for row in rows} == {("completed", 1, 0)}
    figures |= {"jumps": jumps, "jobs": len(rows)}
