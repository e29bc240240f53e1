"""Which jobs may be claimed: limits per type and key, over all processes, in order."""

from __future__ import annotations

from typing import Any

import pytest
from tests.repository.conftest import Storage
from tests.support import new_job

from dayjob.models import AttemptReport, JobDefinition, Limit, StopReason
from dayjob.outcome import Orphaned, Returned, decide
from dayjob.repository import JobRepository, claiming, now_micros

TYPES = ["copy", "move", "scan"]


async def create(repository: JobRepository, *ids: str, **values: Any) -> None:
    for job_id in ids:
        await repository.create_job(new_job(job_id, **values))


async def claim(
    repository: JobRepository, limit: int = 10, worker: str = "w", types: list[str] = TYPES, **options: Any
) -> list[JobDefinition]:
    return (await repository.claim(worker, types, limit, **options)).jobs


def ids(jobs: list[JobDefinition]) -> list[str]:
    return [job.id for job in jobs]


async def finish(repository: JobRepository, job: JobDefinition) -> None:
    assert await repository.settle(job, decide(job, Returned(None), None, now_micros()), AttemptReport())


async def orphan(repository: JobRepository, job: JobDefinition) -> None:
    assert await repository.settle(job, decide(job, Orphaned(), None, now_micros()), AttemptReport())


async def orphaned_twice(repository: JobRepository, storage: Storage, *names: str, **values: Any) -> None:
    await create(repository, *names, **values)
    for job_id in names:
        storage.rows("UPDATE dayjob_job SET orphans = 2 WHERE id = ?", job_id)


# --- limits per type ---


async def test_no_more_jobs_of_a_type_are_claimed_than_its_limit(repository: JobRepository) -> None:
    await create(repository, "a", "b", "c")
    limits = {"copy": Limit(2)}
    first = await claim(repository, limits=limits)
    assert ids(first) == ["a", "b"]
    assert await claim(repository, limits=limits) == []
    await finish(repository, first[0])
    assert ids(await claim(repository, limits=limits)) == ["c"]


async def test_a_limit_holds_over_all_processes(repository: JobRepository, storage: Storage) -> None:
    await create(repository, "a", "b", "c")
    limits = {"copy": Limit(2)}
    other = await storage.open()
    assert ids(await claim(repository, 1, limits=limits)) == ["a"]
    assert ids(await claim(other, worker="v", limits=limits)) == ["b"]
    assert await claim(repository, limits=limits) == []
    await other.close()


async def test_jobs_without_room_block_nobody_behind_them(repository: JobRepository) -> None:
    await create(repository, "a", "b", "c", priority=5)
    await create(repository, "x", "y", job_type="move")
    assert ids(await claim(repository, 3, limits={"copy": Limit(1)})) == ["a", "x", "y"]


async def test_the_types_together_keep_the_order(repository: JobRepository) -> None:
    await create(repository, "a", job_type="move")
    await create(repository, "b", job_type="copy")
    await create(repository, "c", job_type="scan", priority=1)
    await create(repository, "d", job_type="move", priority=1)
    await create(repository, "e", job_type="copy")
    assert ids(await claim(repository, 4, limits={"copy": Limit(5)})) == ["c", "d", "a", "b"]


async def test_the_death_of_a_process_leaks_no_permit(repository: JobRepository) -> None:
    await create(repository, "a", "b")
    limits = {"copy": Limit(1)}
    (lost,) = await claim(repository, worker="v", limits=limits)
    assert await claim(repository, limits=limits) == []
    await orphan(repository, lost)
    assert ids(await claim(repository, limits=limits)) == ["a"]


async def test_jobs_that_were_given_back_free_their_permit(repository: JobRepository) -> None:
    await create(repository, "a")
    limits = {"copy": Limit(1)}
    (job,) = await claim(repository, limits=limits)
    await repository.settle(job, decide(job, Orphaned(), StopReason.SHUTDOWN, now_micros()), AttemptReport())
    assert ids(await claim(repository, limits=limits)) == ["a"]


# --- limits per key ---


async def create_keyed(repository: JobRepository, *jobs: str, job_type: str = "copy") -> None:
    """``"a1"`` is job 1 of key a."""
    for job in jobs:
        await create(repository, job, job_type=job_type, concurrency_key=f"{job_type} {job[0]}")


PER_KEY = {"copy": Limit(1, per_key=True)}


async def test_a_limit_per_key_holds_per_key(repository: JobRepository) -> None:
    await create_keyed(repository, "a1", "a2", "b1", "a3", "c1", "b2")
    jobs = await claim(repository, limits=PER_KEY)
    assert ids(jobs) == ["a1", "b1", "c1"]
    await finish(repository, jobs[1])
    assert ids(await claim(repository, worker="v", limits=PER_KEY)) == ["b2"]


@pytest.fixture(params=[1000, 2])
def window(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claiming, "_WINDOW", request.param)


@pytest.mark.usefixtures("window")
async def test_keys_behind_many_jobs_without_room_are_found_in_order(repository: JobRepository) -> None:
    await create_keyed(repository, "a1", "a2", "a3", "a4", "z1", "c1", "b1", "z2", "b2")
    limits = {"copy": Limit(2, per_key=True)}
    assert ids(await claim(repository, 3, limits=limits)) == ["a1", "a2", "z1"]
    assert ids(await claim(repository, 2, limits=limits)) == ["c1", "b1"]
    assert ids(await claim(repository, 9, limits=limits)) == ["z2", "b2"]


@pytest.mark.usefixtures("window")
async def test_a_text_as_key_is_one_limit_for_all_types_that_have_it(repository: JobRepository) -> None:
    await create(repository, "a", "b", job_type="copy", concurrency_key=" disk")
    await create(repository, "c", job_type="move", concurrency_key=" disk")
    limits = {"copy": Limit(1, per_key=True), "move": Limit(1, per_key=True)}
    (first,) = await claim(repository, limits=limits)
    assert first.id == "a"
    # A process that knows only one of the types counts the others, too.
    assert await claim(repository, worker="v", types=["move"], limits={"move": limits["move"]}) == []
    await finish(repository, first)
    assert ids(await claim(repository, limits=limits)) == ["b"]


@pytest.mark.usefixtures("window")
async def test_jobs_from_before_their_type_had_keys_share_one(repository: JobRepository) -> None:
    await create(repository, "old", "older", "oldest")
    await create_keyed(repository, "a1")
    assert ids(await claim(repository, limits=PER_KEY)) == ["old", "a1"]


async def test_jobs_from_when_their_type_had_keys_run_without(repository: JobRepository) -> None:
    await create_keyed(repository, "a1", "a2")
    assert ids(await claim(repository)) == ["a1", "a2"]


# --- jobs that two processes died under ---


async def test_one_job_that_was_orphaned_twice_is_claimed_at_a_time(
    repository: JobRepository, storage: Storage
) -> None:
    await orphaned_twice(repository, storage, "a", "b")
    await create(repository, "c")
    first = await claim(repository)
    assert ids(first) == ["a", "c"]
    assert await claim(repository) == []
    assert ids(await claim(repository, worker="v")) == ["b"]
    await finish(repository, first[0])
    await orphaned_twice(repository, storage, "d")
    assert ids(await claim(repository)) == ["d"]


async def test_a_job_that_was_orphaned_twice_is_not_claimed_ahead_nor_overtaken_by_it(
    repository: JobRepository,
    storage: Storage,
) -> None:
    await create(repository, "a")
    await orphaned_twice(repository, storage, "b")
    await create(repository, "c")
    assert ids(await claim(repository, 10, free=1)) == ["a"]
    assert await claim(repository, 10, free=0) == []
    assert ids(await claim(repository, 10, free=1)) == ["b", "c"]


async def test_a_job_that_was_orphaned_twice_keeps_to_its_limit(repository: JobRepository, storage: Storage) -> None:
    await orphaned_twice(repository, storage, "a")
    await create(repository, "b", "c")
    limits = {"copy": Limit(1)}
    (first,) = await claim(repository, limits=limits)
    assert first.id == "a"
    await finish(repository, first)
    assert ids(await claim(repository, limits=limits)) == ["b"]
    await orphaned_twice(repository, storage, "d", priority=9)
    assert await claim(repository, limits=limits) == []
