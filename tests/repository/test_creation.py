"""Which job a request stands for, and whether there is room for it."""

from __future__ import annotations

import pytest
from tests.support import new_job

from dayjob import Status
from dayjob.errors import IdempotencyConflict, QueueFull
from dayjob.models import Idempotency
from dayjob.repository import Accepted, JobRepository, now_micros

HOUR = 3_600_000_000


def key(hash_: str = "h", expires_in: int = HOUR) -> Idempotency:
    return Idempotency("", "k", hash_, now_micros() + expires_in)


async def test_an_idempotency_key_stands_for_its_job(repository: JobRepository) -> None:
    first = await repository.add_job(new_job("a", idempotency=key()))
    again = await repository.add_job(new_job("b", idempotency=key()))
    assert (first.job_id, first.created, first.replayed) == ("a", True, False)
    assert (again.job_id, again.created, again.replayed) == ("a", False, True)
    row = again.row()
    assert row is not None
    assert row.id == "a"
    with pytest.raises(IdempotencyConflict):
        await repository.add_job(new_job("c", idempotency=key("other")))


async def test_a_key_that_has_expired_is_free_and_forgotten(repository: JobRepository) -> None:
    await repository.add_job(new_job("a", idempotency=key(expires_in=-1)))
    assert (await repository.add_job(new_job("b", idempotency=key("other")))).created
    assert await repository.forget_keys(now_micros(), 10) == 0
    assert await repository.forget_keys(now_micros() + 2 * HOUR, 10) == 1
    assert (await repository.add_job(new_job("c", idempotency=key("third")))).created


@pytest.mark.parametrize("option", ["max_pending", "max_pending_in_all"])
async def test_no_more_jobs_wait_than_may(repository: JobRepository, option: str) -> None:
    for job_id in ("a", "b"):
        await repository.add_job(new_job(job_id, **{option: 2}))
    with pytest.raises(QueueFull):
        await repository.add_job(new_job("c", **{option: 2}))
    assert not (await repository.add_job(new_job("a", **{option: 2}))).created  # what is there needs no room
    await repository.claim("w", ["copy"], 1)
    assert (await repository.add_job(new_job("c", **{option: 2}))).created


async def test_jobs_are_stored_all_or_none(repository: JobRepository) -> None:
    await repository.create_job(new_job("a"))
    stored = await repository.create_jobs([new_job("b"), new_job("a"), new_job("c")])
    assert [(each.job_id, each.created) for each in stored] == [("b", True), ("a", False), ("c", True)]
    with pytest.raises(QueueFull):
        await repository.create_jobs([new_job("d"), new_job("e", max_pending=1)])
    assert sorted(await repository.existing(["a", "b", "c", "d", "e"])) == ["a", "b", "c"]
    assert (await repository.count_jobs())[Status.PENDING] == 3


async def test_a_job_without_attempts_of_its_own_gets_those_of_its_type(repository: JobRepository) -> None:
    stored = await repository.add_job(new_job("a", max_attempts=0))
    assert isinstance(stored, Accepted)
    (job,) = (await repository.claim("w", ["copy"], 1, max_attempts={"copy": 7})).jobs
    assert job.max_attempts == 7
    found = await repository.get_job("a")
    assert found is not None
    assert found.max_attempts == 7


async def test_jobs_are_counted_by_status_type_and_time(repository: JobRepository) -> None:
    for n in range(4):
        await repository.create_job(new_job(f"j{n}", owner="ann" if n else None))
    await repository.request_cancel("j0")
    await repository.request_cancel("j1")
    await repository.claim("w", ["copy"], 1)
    counted = await repository.count_jobs()
    assert [counted[s] for s in (Status.PENDING, Status.RUNNING, Status.CANCELLED)] == [1, 1, 2]
    assert (await repository.count_jobs("ann"))[Status.CANCELLED] == 1
    assert sum(each.jobs for each in await repository.count_ended(0)) == 2
    assert sum(each.jobs for each in await repository.count_ended(0, "ann")) == 1


async def test_a_ready_job_of_a_type_that_no_worker_knows_is_told(repository: JobRepository) -> None:
    new = new_job("a", "lost")
    await repository.create_job(new)
    assert await repository.list_unknown_types() == {"lost": new.run_at}


async def test_the_oldest_jobs_are_removed_and_so_many_are_kept(repository: JobRepository) -> None:
    for n in range(5):
        await repository.create_job(new_job(f"j{n}"))
        await repository.request_cancel(f"j{n}")
    later = now_micros() + HOUR
    assert await repository.count_prunable(Status.CANCELLED, later, 100) == 5
    assert await repository.prune(Status.CANCELLED, later, 3, 100) == 2
    assert await repository.prune(Status.CANCELLED, later, 3, 100) == 0
    assert [job.id for job in (await repository.list_jobs()).items] == ["j4", "j3", "j2"]
    assert (await repository.count_jobs())[Status.CANCELLED] == 3
