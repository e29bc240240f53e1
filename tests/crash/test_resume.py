"""kill -9 at any moment: a job with checkpoints goes on behind the last one, in every kind of runner."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign
from tests.crash.queues import front, unfinished
from tests.processes import Child
from tests.support import eventually

TYPES = ["resume_task", "resume_thread", "resume_process"]
ITEMS = 150
KILLS = 2  # a third death under one job is the poison rule


def lines(path: Path) -> list[tuple[str, int]]:
    """What a handler did, but for a line that was torn by its death."""
    found = path.read_text().split("\n")[:-1] if path.exists() else []
    return [(what, int(number)) for what, number in (line.split() for line in found)]


def kept(path: Path) -> int:
    return sum(what == "kept" for what, _ in lines(path))


def repeated(done: list[tuple[str, int]]) -> list[int]:
    """Items that were done again although a checkpoint behind them had been kept."""
    found, last = [], 0
    for what, number in done:
        if what == "kept":
            last = max(last, number)
        elif number <= last:
            found.append(number)
    return found


@pytest.mark.campaign
@pytest.mark.timeout(110)
async def test_every_item_is_done_and_none_below_the_last_checkpoint_again(tmp_path: Path, campaign: Campaign) -> None:
    path, chance = tmp_path / "jobs.db", random.Random(campaign.seed)
    ledgers = {name: tmp_path / name for name in TYPES}
    async with front(path) as queue:
        ids = [
            await queue.enqueue(name, job_args={"items": str(ledger), "to": ITEMS}) for name, ledger in ledgers.items()
        ]
        for _ in range(KILLS):
            before = {ledger: kept(ledger) for ledger in ledgers.values()}
            more = chance.randint(2, 20)
            child = Child(path, tmp_path / "unused")
            try:
                await eventually(lambda: all(kept(ledger) >= n + more for ledger, n in before.items()))  # noqa: B023
            finally:
                child.kill()
        last = Child(path, tmp_path / "unused")
        try:
            await eventually(lambda: unfinished(path) == 0, timeout=60)
        finally:
            last.kill()
        jobs = [await queue.wait(job_id, timeout=5) for job_id in ids]
    assert [(job.status, job.attempt, job.result) for job in jobs] == [("completed", KILLS + 1, ITEMS)] * 3
    for ledger in ledgers.values():
        done = lines(ledger)
        assert {number for what, number in done if what == "item"} == set(range(1, ITEMS + 1)), ledger.name
        assert repeated(done) == [], ledger.name
        assert len([1 for what, _ in done if what == "item"]) <= ITEMS + KILLS, ledger.name
