"""Numbers that are kept agree with what counting finds, whatever happens to jobs."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from tests.support import new_job, query, worker_row

import dayjob.stats
from dayjob import JobQueue, JobRegistry, Status
from dayjob.models import AttemptReport, Transition
from dayjob.repository import PERIOD, JobRepository, now_micros, open_repository
from dayjob.states import Event, next_status
from dayjob.stats import StatsReader
from dayjob.testing import inline


def counted(path: Path) -> dict[str, int]:
    found = dict(query(path, "SELECT status, count(*) FROM dayjob_job GROUP BY status"))
    return {status: found.get(status, 0) for status in Status}


async def test_the_counts_are_right_after_any_sequence_of_acts(path: Path) -> None:
    chance = random.Random(4)
    repository = open_repository(f"sqlite:///{path}", durability="process")
    await repository.open()
    await repository.register_worker(worker_row("w"))
    running = []
    for n in range(300):
        act = chance.choice(["create", "create", "claim", "end", "cancel", "prune"])
        if act == "create":
            await repository.create_job(new_job(f"j{chance.randrange(n + 1)}"))  # some ids are taken
        elif act == "claim":
            running += (await repository.claim("w", ["copy"], 2)).jobs
        elif act == "end" and running:
            event = chance.choice([Event.COMPLETE, Event.FAIL, Event.RETRY, Event.CANCEL])
            status, now = next_status(Status.RUNNING, event), now_micros()
            due = now if status is Status.PENDING else None
            await repository.settle(running.pop(), Transition(event, status, now, run_at=due), AttemptReport())
        elif act == "cancel":
            await repository.request_cancel(f"j{chance.randrange(n + 1)}")
        elif act == "prune":
            await repository.prune(chance.choice([Status.COMPLETED, Status.FAILED]), 2**62, 0, 1)
        assert await repository.count_jobs() == counted(path)
    assert sum(counted(path).values()) > 20
    await repository.close()


async def test_the_last_hour_is_told_by_type(path: Path, registry: JobRegistry) -> None:
    async def works() -> None:
        return None

    async def breaks() -> None:
        raise ValueError

    registry.register("works", works)
    registry.register("breaks", breaks)
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        with inline(queue):
            for job_type in ("works", "works", "breaks"):
                await queue.enqueue(job_type)
        stats = await queue.get_stats()
    assert stats.last_hour == {"works": {Status.COMPLETED: 2}, "breaks": {Status.FAILED: 1}}
    assert (stats.jobs[Status.COMPLETED], stats.workers) == (2, 1)
    assert {status: (len(each), sum(each)) for status, each in stats.per_minute.items()} == {
        Status.COMPLETED: (60, 2),
        Status.FAILED: (60, 1),
        Status.CANCELLED: (60, 0),
    }
    assert sum(stats.per_minute[Status.COMPLETED][-2:]) == 2  # the newest stand last
    repository = open_repository(f"sqlite:///{path}")
    await repository.open()
    assert await repository.count_ended(now_micros() // PERIOD + 1) == []
    await repository.close()


async def test_who_counts_on_says_the_same_as_who_counts_anew(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance, now, counts = random.Random(7), [now_micros()], []
    monkeypatch.setattr(dayjob.stats, "now_micros", lambda: now[0])
    repository = open_repository(f"sqlite:///{path}", durability="process")
    await repository.open()
    await repository.register_worker(worker_row("w"))
    reader, count_ended = StatsReader(repository), repository.count_ended
    for n in range(80):
        await _ended(repository, f"j{n}", chance, now[0] - chance.randrange(9_000_000))  # stored a little later
        told = await reader.read()
        assert told == await StatsReader(repository).read()
        with monkeypatch.context() as patched:
            patched.setattr(repository, "count_ended", lambda period: counts.append(period) or count_ended(period))
            assert await reader.read() == told
        assert counts.pop() >= now[0] // PERIOD - 1  # nothing older is counted for the second time
        now[0] += chance.choice([0, 1_000_000, 9_999_999, 45_000_000, 700_000_000, 4_000_000_000, -3_000_000])
    assert len({sum(told.per_minute[status]) for status in told.per_minute}) > 1
    await repository.close()


async def _ended(repository: JobRepository, job_id: str, chance: random.Random, at: int) -> None:
    await repository.create_job(new_job(job_id, job_type=chance.choice(["copy", "move"])))
    (claimed,) = (await repository.claim("w", ["copy", "move"], 1)).jobs
    event = chance.choice([Event.COMPLETE, Event.FAIL])
    await repository.settle(claimed, Transition(event, next_status(Status.RUNNING, event), at), AttemptReport())
