"""kill -9 at any moment: nothing that was accepted is lost, nothing runs twice at once, everything ends."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.crash.queues import front
from tests.processes import Child, read_ledger
from tests.support import eventually, query

from dayjob.crashtest.loops import kill_loop, stop_loop

LOOPS = {
    "one process": ["app"],
    "two processes": ["api", "worker"],
    "four processes": ["api", "worker", "worker", "worker"],
}


@pytest.mark.campaign
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("roles", LOOPS.values(), ids=LOOPS)
async def test_kills_at_random_moments_lose_nothing_and_repeat_nothing_at_once(
    roles: list[str], tmp_path: Path, campaign: Campaign, figures: Figures
) -> None:
    tally = await kill_loop(tmp_path / "loop", campaign.seed, roles, kills=campaign.pick(15, 150, 3000))
    figures |= tally.figures()
    assert tally.wrong == []
    assert tally.repeated, "no kill met a running job: the test tested nothing"


@pytest.mark.campaign
@pytest.mark.timeout(7200)
async def test_a_process_that_was_stopped_changes_nothing_when_it_wakes_up(
    tmp_path: Path, campaign: Campaign, figures: Figures
) -> None:
    tally = await stop_loop(tmp_path, campaign.seed, stops=campaign.pick(2, 10, 250), beat=1.0)
    figures |= tally.figures()
    assert tally.wrong == []
    assert tally.stops > tally.holding, "no stopped process lost its jobs: the test tested nothing"


@pytest.mark.timeout(110)
async def test_one_of_several_workers_dies_and_the_others_take_over_only_its_jobs(tmp_path: Path) -> None:
    path, ledger = tmp_path / "jobs.db", tmp_path / "ledger"
    async with front(path) as queue:
        children = [await Child(path, ledger, beat=0.2).ready() for _ in range(2)]
        try:
            for _ in range(6):
                await queue.enqueue("hold")
            await eventually(lambda: len(read_ledger(ledger)) == 6)
            victim, survivor = children
            held = {line.job_id for line in read_ledger(ledger) if line.pid == victim.pid}
            others = {line.job_id for line in read_ledger(ledger)} - held
            assert held
            assert others
            victim.kill()
            for job_id in others:  # room for what the dead one held
                assert await queue.cancel_job(job_id)
            await eventually(lambda: held <= {ln.job_id for ln in read_ledger(ledger) if ln.attempt == 2})
            again = [line for line in read_ledger(ledger) if line.what == "begin" and line.attempt == 2]
            assert {line.job_id for line in again} == held
            assert {line.pid for line in again} == {survivor.pid}
            assert {(await queue.wait(job_id, timeout=10)).attempt for job_id in others} == {1}
        finally:
            for child in children:
                child.kill()


@pytest.mark.campaign
@pytest.mark.timeout(110)
async def test_a_job_that_kills_its_process_is_given_up_after_three(tmp_path: Path) -> None:
    path, ledger = tmp_path / "jobs.db", tmp_path / "ledger"
    async with front(path) as queue:
        job_id = await queue.enqueue("poison")
        for _ in range(3):
            child = Child(path, ledger)
            await asyncio.to_thread(child.process.wait, 30)
            child.kill()
        job = await queue.wait(job_id, timeout=30)
    assert (job.status, job.attempt, job.failures) == ("failed", 3, 0)
    assert "3 processes died" in (job.error or "")
    assert len(read_ledger(ledger)) == 3


@pytest.mark.campaign
@pytest.mark.timeout(110)
async def test_of_the_jobs_in_a_process_only_the_one_that_kills_it_is_given_up(tmp_path: Path) -> None:
    path, ledger = tmp_path / "jobs.db", tmp_path / "ledger"
    async with front(path) as queue:
        innocent = [await queue.enqueue("beside") for _ in range(2)]
        guilty = await queue.enqueue("poison_in_company", job_args={"company": 3})
        innocent.append(await queue.enqueue("beside"))
        for _ in range(3):
            child = Child(path, ledger)
            await asyncio.to_thread(child.process.wait, 30)
            child.kill()
        last = await Child(path, ledger).ready()
        try:
            ended = [await queue.wait(job_id, timeout=30) for job_id in innocent]
            assert (await queue.wait(guilty, timeout=30)).status == "failed"
        finally:
            last.kill()
    assert [job.status for job in ended] == ["completed"] * 3
    orphans = dict(query(path, "SELECT id, orphans FROM dayjob_job"))
    assert orphans == {guilty: 3, **dict.fromkeys(innocent, 2)}
