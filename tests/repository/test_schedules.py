"""Schedules in the database: who declares one, when it is moved on, and what is told of it."""

from __future__ import annotations

import dataclasses

from tests.support import new_job

from dayjob.cron import Cron
from dayjob.repository import JobRepository, ScheduleRow, now_micros, to_datetime
from dayjob.schedule import Due, Schedule

HOUR = 3_600_000_000
NIGHTLY = Schedule("nightly", "copy", Cron("0 3 * * *", "UTC"), "{}", "one")


async def only(repository: JobRepository, worker: str = "") -> ScheduleRow:
    (row,) = await repository.schedules.list(worker)
    return row


def due(occurrence: int, following: int) -> Due:
    return Due(to_datetime(occurrence), to_datetime(following))


async def test_a_schedule_is_there_while_somebody_declares_it(repository: JobRepository) -> None:
    await repository.schedules.declare(NIGHTLY, HOUR, "w")
    await repository.schedules.adopt("nightly", "v")
    row = await only(repository, "v")
    assert (row.schedule(), row.next_run_at) == (NIGHTLY, HOUR)
    assert (bool(row.mine), bool(row.orphaned), bool(row.paused)) == (True, False, False)
    await repository.schedules.withdraw("nightly", "w")
    assert not (await only(repository)).orphaned
    await repository.schedules.withdraw("nightly", "v")
    assert await repository.schedules.list() == []


async def test_a_schedule_of_a_process_that_is_gone_is_an_orphan(repository: JobRepository) -> None:
    await repository.schedules.declare(NIGHTLY, HOUR, "v")
    await repository.remove_worker("v")
    assert (await only(repository)).orphaned
    await repository.schedules.adopt("nightly", "nobody")
    assert (await only(repository)).orphaned


async def test_new_times_count_at_once_and_the_same_ones_only_if_they_are_earlier(repository: JobRepository) -> None:
    await repository.schedules.declare(NIGHTLY, 2 * HOUR, "w")
    await repository.schedules.declare(NIGHTLY, 3 * HOUR, "w")
    assert (await only(repository)).next_run_at == 2 * HOUR
    await repository.schedules.declare(NIGHTLY, HOUR, "w")
    assert (await only(repository)).next_run_at == HOUR
    await repository.schedules.declare(dataclasses.replace(NIGHTLY, cron=Cron("0 4 * * *", "UTC")), 4 * HOUR, "w")
    assert (await only(repository)).next_run_at == 4 * HOUR


async def test_an_occurrence_is_run_once(repository: JobRepository) -> None:
    await repository.schedules.declare(NIGHTLY, HOUR, "w")
    assert await repository.schedules.fire(NIGHTLY, HOUR, due(HOUR, 2 * HOUR), new_job("a"))
    assert not await repository.schedules.fire(NIGHTLY, HOUR, due(HOUR, 2 * HOUR), new_job("b"))
    row = await only(repository)
    assert (row.next_run_at, row.last_run_at, row.last_job_id) == (2 * HOUR, HOUR, "a")
    assert [job.id for job in (await repository.list_jobs()).items] == ["a"]
    nothing = Due(None, to_datetime(3 * HOUR))
    assert await repository.schedules.fire(NIGHTLY, 2 * HOUR, nothing, None)
    row = await only(repository)
    assert (row.next_run_at, row.last_run_at, row.last_job_id) == (3 * HOUR, HOUR, "a")


async def test_a_paused_schedule_runs_when_it_is_resumed(repository: JobRepository) -> None:
    await repository.schedules.declare(NIGHTLY, HOUR, "w")
    await repository.schedules.pause("nightly")
    assert (await only(repository)).paused
    assert not await repository.schedules.fire(NIGHTLY, HOUR, due(HOUR, 2 * HOUR), new_job("a"))
    await repository.schedules.resume("nightly", now := now_micros())
    row = await only(repository)
    assert (bool(row.paused), row.next_run_at) == (False, now)
    assert await repository.schedules.fire(NIGHTLY, now, due(now, now + HOUR), new_job("a"))


async def test_why_an_occurrence_cannot_be_run_is_kept_until_one_can(repository: JobRepository) -> None:
    await repository.schedules.declare(NIGHTLY, HOUR, "w")
    await repository.schedules.fail("nightly", HOUR, "why")
    assert (await only(repository)).error == "why"
    await repository.schedules.fail("nightly", 5, "of another time")
    assert (await only(repository)).error == "why"
    await repository.schedules.fire(NIGHTLY, HOUR, due(HOUR, 2 * HOUR), new_job("a"))
    assert (await only(repository)).error is None
