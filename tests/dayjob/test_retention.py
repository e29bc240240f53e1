"""What is kept of jobs that ended, and that removing the rest takes everything of them and nothing else."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.support import eventually, new_job, query, worker_row

from dayjob import JobContext, JobQueue, JobRegistry, Keep, Retention, Status, retention
from dayjob.models import AttemptReport, NewLines, Transition
from dayjob.repository import JobRepository, now_micros
from dayjob.retention import Pruner
from dayjob.states import Event

DAY = 86_400_000_000  # microseconds
EVENTS = {Status.COMPLETED: Event.COMPLETE, Status.FAILED: Event.FAIL, Status.CANCELLED: Event.CANCEL}
KEEP_ALL = Retention(Keep(), Keep(), Keep())


@pytest.fixture
async def repository(repository: JobRepository) -> JobRepository:
    """With the worker that the jobs are claimed for."""
    await repository.register_worker(worker_row("w"))
    return repository


async def ended(repository: JobRepository, job_id: str, status: Status, days: float) -> None:
    """A job with a log line that ended ``days`` ago."""
    await repository.create_job(new_job(job_id))
    (job,) = (await repository.claim("w", ["copy"], 1)).jobs
    now = now_micros() - int(days * DAY)
    log = NewLines(((now, "INFO", "a line"),))
    assert await repository.settle(job, Transition(EVENTS[status], status, now), AttemptReport(now - 1, log=log))


def ids(path: Path) -> list[str]:
    return [row[0] for row in query(path, "SELECT id FROM dayjob_job ORDER BY id")]


def left(path: Path) -> list[int]:
    """How many jobs, attempts, log lines and totals there are."""
    tables = ("dayjob_job", "dayjob_attempt", "dayjob_log", "dayjob_log_total")
    return [query(path, f"SELECT count(*) FROM {table}")[0][0] for table in tables]


async def test_the_defaults_keep_a_week_of_completed_and_a_month_of_others(
    repository: JobRepository, path: Path
) -> None:
    for status, days in ((Status.COMPLETED, 7), (Status.FAILED, 30), (Status.CANCELLED, 30)):
        await ended(repository, f"{status}-old", status, days + 0.1)
        await ended(repository, f"{status}-young", status, days - 0.1)
    await repository.create_job(new_job("waiting"))
    pruner = Pruner(repository, Retention())
    assert await pruner.due() == dict.fromkeys(EVENTS, 1)
    assert left(path) == [7, 4, 6, 6]  # counting removes nothing; who completed has no row of an attempt
    assert await pruner.run() == dict.fromkeys(EVENTS, 1)
    assert ids(path) == ["cancelled-young", "completed-young", "failed-young", "waiting"]
    assert left(path) == [4, 2, 3, 3]


async def test_none_keeps_for_ever(repository: JobRepository, path: Path) -> None:
    for status in EVENTS:
        await ended(repository, status, status, 4000)
    assert sum((await Pruner(repository, KEEP_ALL).run()).values()) == 0
    assert left(path) == [3, 2, 3, 3]


async def test_a_count_keeps_those_that_ended_last(repository: JobRepository, path: Path) -> None:
    for n, days in enumerate((1, 3, 5, 2, 4)):
        await ended(repository, f"j{n}-{days}", Status.COMPLETED, days)
        await ended(repository, f"f{n}-{days}", Status.FAILED, days)
    pruner = Pruner(repository, Retention(completed=Keep(count=2), failed=Keep(age=timedelta(days=4.5), count=3)))
    assert await pruner.due() == {Status.COMPLETED: 3, Status.FAILED: 2, Status.CANCELLED: 0}
    assert await pruner.run() == {Status.COMPLETED: 3, Status.FAILED: 2, Status.CANCELLED: 0}
    assert ids(path) == ["f0-1", "f1-3", "f3-2", "j0-1", "j3-2"]


async def test_two_that_remove_at_the_same_time_do_not_remove_too_much(repository: JobRepository, path: Path) -> None:
    for n in range(20):
        await ended(repository, f"j{n:02}", Status.COMPLETED, 1)
    pruners = [Pruner(repository, Retention(completed=Keep(count=10))) for _ in range(4)]
    await asyncio.gather(*(pruner.run() for pruner in pruners))
    assert left(path)[0] == 10


async def test_batches_are_small_and_follow_each_other(
    repository: JobRepository, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for n in range(5):
        await ended(repository, f"j{n}", Status.COMPLETED, 10 - n * 0.1)
    pruner = Pruner(repository, Retention())
    pauses = [await pruner.step(), await pruner.step(), await pruner.step()]
    assert pauses[0] == pauses[1] < 1 < pauses[2] == retention.PRUNE_EVERY
    assert left(path) == [0, 0, 0, 0]


async def test_batches_grow_while_they_are_quick_and_shrink_when_they_are_slow(
    repository: JobRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    clock = [0.0]

    def prune(_status: Status, _before: int, _keep: int, limit: int) -> asyncio.Future[int]:
        sizes.append(limit)
        clock[0] += 0.001 * limit  # a millisecond a job
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        done.set_result(limit if len(sizes) < 12 else 0)
        return done

    monkeypatch.setattr(repository, "prune", prune)
    monkeypatch.setattr(retention, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    await Pruner(repository, Retention(completed=Keep(count=0), failed=Keep(), cancelled=Keep())).run()
    assert max(sizes) <= 40
    monkeypatch.setattr(retention, "_QUICK", 1.0)
    monkeypatch.setattr(retention, "_SLOW", 0.1)
    sizes.clear()
    await Pruner(repository, Retention(completed=Keep(count=0), failed=Keep(), cancelled=Keep())).run()
    assert sizes[:7] == [10, 20, 40, 80, 160, 320, 500]


async def test_a_working_queue_removes_by_itself_and_one_that_only_watches_does_not(
    repository: JobRepository, path: Path
) -> None:
    await ended(repository, "old", Status.COMPLETED, 8)
    async with JobQueue(f"sqlite:///{path}", max_workers=0, registry=JobRegistry()) as watching:
        assert await watching.prune(dry_run=True) == {Status.COMPLETED: 1, Status.FAILED: 0, Status.CANCELLED: 0}
    assert ids(path) == ["old"]
    async with JobQueue(f"sqlite:///{path}", max_workers=1, registry=JobRegistry()):
        await eventually(lambda: ids(path) == [])


async def test_a_number_that_is_given_out_again_finds_nothing_of_the_old_job(path: Path, registry: JobRegistry) -> None:
    async def copy(ctx: JobContext) -> None:
        ctx.log.info("by %s", ctx.job_id)

    registry.register("copy", copy)
    at_once = Retention(completed=Keep(age=timedelta(0)))
    async with JobQueue(f"sqlite:///{path}", registry=registry, retention=at_once) as queue:
        for job_id in ("first", "second"):
            await queue.enqueue("copy", job_id=job_id)
            await queue.wait(job_id, timeout=10)
            assert [(line.seq, line.text) for line in await queue.get_logs(job_id)] == [(1, f"by {job_id}")]
            assert len(await queue.get_attempts(job_id)) == 1
            assert (await queue.prune())[Status.COMPLETED] == 1
            assert (await queue.get_logs(job_id), await queue.get_attempts(job_id)) == ([], [])
    assert left(path) == [0, 0, 0, 0]


@pytest.mark.parametrize("wrong", [{"age": timedelta(seconds=-1)}, {"count": -1}])
def test_less_than_nothing_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"age is|count is"):
        Keep(**wrong)  # type: ignore[arg-type]
