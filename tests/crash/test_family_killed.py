"""kill -9 while a parent adds children, and while it waits and they run: each is made once, and all of it ends."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.crash.queues import front, unfinished
from tests.processes import Child, begun_twice, read_ledger
from tests.support import eventually, query

CHILDREN = 30
SUM = sum(range(CHILDREN))


def leaves(path: Path) -> int:
    return int(query(path, "SELECT count(*) FROM dayjob_job WHERE type = 'leaf'")[0][0])


def waiting(path: Path) -> int:
    return int(query(path, "SELECT coalesce(sum(waits_for), 0) FROM dayjob_job")[0][0])


@pytest.mark.campaign
@pytest.mark.timeout(110)
@pytest.mark.parametrize("kind", ["task", "thread", "process"])
async def test_a_family_survives_the_death_of_its_process(tmp_path: Path, kind: str) -> None:
    path, ledger, gate = tmp_path / "jobs.db", tmp_path / "ledger", tmp_path / "gate"
    async with front(path) as queue:
        parent = await queue.enqueue(f"family_{kind}", job_args={"children": CHILDREN, "gate": str(gate)})
        first = Child(path, ledger)
        try:
            await eventually(lambda: leaves(path) >= 3)  # while it adds them
        finally:
            first.kill()
        assert leaves(path) < CHILDREN, "the kill came too late: the test tested nothing"
        second = Child(path, ledger)
        try:
            await eventually(lambda: waiting(path) == CHILDREN)  # while it waits, and while children run
            await eventually(lambda: any(line.pid == second.pid for line in read_ledger(ledger)))
        finally:
            second.kill()
        assert waiting(path) == CHILDREN
        gate.touch()
        last = Child(path, ledger)
        try:
            await eventually(lambda: unfinished(path) == 0, timeout=60)
        finally:
            last.kill()
        job = await queue.wait(parent, timeout=5)
    assert (job.status, job.result, job.attempt, job.failures) == ("completed", SUM, 3, 0)
    assert query(path, "SELECT count(*), count(DISTINCT args), count(DISTINCT id) FROM dayjob_job") == [
        (CHILDREN + 1, CHILDREN + 1, CHILDREN + 1)
    ]
    assert query(path, "SELECT DISTINCT status FROM dayjob_job") == [("completed",)]
    assert begun_twice(read_ledger(ledger)) == []


@pytest.mark.timeout(110)
async def test_two_processes_and_one_dies_under_its_children(tmp_path: Path) -> None:
    """The other one runs the children to their end, and then the parent."""
    path, ledger, gate = tmp_path / "jobs.db", tmp_path / "ledger", tmp_path / "gate"
    async with front(path) as queue:
        workers = [await Child(path, ledger, beat=0.2).ready() for _ in range(2)]
        try:
            parent = await queue.enqueue("family_task", job_args={"children": CHILDREN, "gate": str(gate)})
            await eventually(lambda: waiting(path) == CHILDREN)
            await eventually(lambda: len({line.pid for line in read_ledger(ledger)}) == 2)
            workers[0].kill()
            gate.touch()
            job = await queue.wait(parent, timeout=60)
        finally:
            for worker in workers:
                worker.kill()
    assert (job.result, job.attempt) == (SUM, 2)
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(CHILDREN + 1,)]
    assert begun_twice(read_ledger(ledger)) == []
