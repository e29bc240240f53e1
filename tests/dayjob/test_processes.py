"""The processes of a database as people see them: the oldest first, each with what it runs and how it is."""

from __future__ import annotations

import asyncio

from tests.support import new_job, worker_row

from dayjob.processes import RunningJob, read_processes
from dayjob.repository import Health, JobRepository, now_micros, to_datetime


async def test_each_with_the_jobs_that_it_runs(repository: JobRepository) -> None:
    await repository.register_worker(worker_row("younger", "there", 8)._replace(started_at=2, types='["copy"]'))
    await repository.register_worker(worker_row("older", "here", 7)._replace(started_at=1, slots=4))
    for job_id in ("a", "b"):
        await repository.create_job(new_job(job_id))
    await repository.claim("younger", ["copy"], 1)
    older, younger = await read_processes(repository, {"older": 1.23456}.get)
    assert (older.id, older.host, older.pid, older.slots, older.types) == ("older", "here", 7, 4, [])
    assert (older.running, older.heartbeat_age_seconds, older.started_at) == ([], 1.235, to_datetime(1))
    assert (younger.id, younger.host, younger.pid, younger.types) == ("younger", "there", 8, ["copy"])
    assert younger.running == [RunningJob("a", "copy")]
    assert younger.heartbeat_age_seconds is None
    assert (younger.blocked_since, younger.blocked_by, younger.stuck, younger.loop_lag_seconds) == (None, [], 0, None)


async def test_one_that_is_blocked_says_since_when_and_by_what(repository: JobRepository) -> None:
    since = now_micros() - 3_000_000
    await repository.register_worker(worker_row("w"))
    await tell(repository, Health(since, '["a"]', 2))
    (process,) = await read_processes(repository, lambda _: 0.0)
    assert (process.blocked_since, process.blocked_by, process.stuck) == (to_datetime(since), ["a"], 2)
    assert process.loop_lag_seconds is not None
    assert 3 <= process.loop_lag_seconds < 60


async def test_a_clock_that_was_set_back_makes_no_negative_lag(repository: JobRepository) -> None:
    await repository.register_worker(worker_row("w"))
    await tell(repository, Health(now_micros() + 3_600_000_000))
    (process,) = await read_processes(repository, lambda _: None)
    assert process.loop_lag_seconds == 0


async def tell(repository: JobRepository, health: Health) -> None:
    """As the process does with a beat."""
    beaten = asyncio.get_running_loop().create_future()
    repository.beat("w", beaten, health)
    await asyncio.wait_for(beaten, 10)
