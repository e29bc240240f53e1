"""Handlers that do not stop, and handlers that block the event loop: nothing is lost, and nobody else suffers."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path

import pytest
from tests.crash.child import registry as child_types
from tests.crash.conftest import Campaign, Figures
from tests.processes import Child, read_ledger
from tests.support import eventually, query

from dayjob import JobQueue, JobRegistry

HANDLERS = 50
GRACE = 0.5


def stubborn_types(begun: list[str], enough: threading.Event) -> JobRegistry:
    registry = JobRegistry()

    @registry.job("swallow")
    async def swallow() -> None:
        begun.append("swallow")
        while not enough.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    @registry.job("wait")
    def wait() -> None:
        begun.append("wait")
        enough.wait(60)

    return registry


@pytest.mark.parametrize("job_type", ["swallow", "wait"])
async def test_stop_is_over_in_time_with_fifty_handlers_that_do_not(
    job_type: str, tmp_path: Path, figures: Figures
) -> None:
    begun: list[str] = []
    enough = threading.Event()
    path = tmp_path / "jobs.db"
    queue = JobQueue(f"sqlite:///{path}", registry=stubborn_types(begun, enough), max_workers=HANDLERS)
    await queue.start()
    try:
        for _ in range(HANDLERS):
            await queue.enqueue(job_type)
        await eventually(lambda: len(begun) == HANDLERS)
        before = time.monotonic()
        await queue.stop(grace=GRACE)
        figures["seconds"] = round(time.monotonic() - before, 2)
        assert figures["seconds"] < GRACE + 1
        assert query(path, "SELECT status, failures, orphans, count(*) FROM dayjob_job") == [
            ("pending", 0, 0, HANDLERS)
        ]
    finally:
        enough.set()
        await eventually(lambda: not [task for task in asyncio.all_tasks() if "swallow" in task.get_name()])


@pytest.mark.campaign
@pytest.mark.timeout(300)
async def test_a_blocked_event_loop_is_not_taken_for_death(
    tmp_path: Path, campaign: Campaign, figures: Figures
) -> None:
    """Five times as long as a dead process would keep its jobs, at least, beside one that would take them."""
    path, ledger = tmp_path / "jobs.db", tmp_path / "ledger"
    seconds = campaign.pick(3, 10, 60)
    async with JobQueue(f"sqlite:///{path}", registry=child_types, max_workers=0) as queue:
        children = [await Child(path, ledger, beat=0.2).ready() for _ in range(2)]
        try:
            ids = [await queue.enqueue("block") for _ in range(2)]
            await eventually(lambda: read_ledger(ledger))
            ends = time.monotonic() + seconds
            await eventually(lambda: time.monotonic() > ends, timeout=2 * seconds)
            Path(f"{ledger}.enough").touch()
            ended = [await queue.wait(job_id, 30) for job_id in ids]
        finally:
            for child in children:
                child.kill()
    figures["seconds"] = seconds
    assert [(job.status, job.attempt) for job in ended] == [("completed", 1)] * 2
