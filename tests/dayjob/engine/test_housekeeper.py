"""Types that no process knows are warned of; idempotency keys are tested with the requests that have them."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from tests.dayjob.engine.support import done, queue_on
from tests.support import new_job

from dayjob import JobRegistry
from dayjob.repository import JobRepository


@pytest.fixture
def registry() -> JobRegistry:
    made = JobRegistry()
    made.register("copy", done)
    return made


async def test_a_type_that_no_process_knows_is_warned_of_once(
    path: Path, registry: JobRegistry, repository: JobRepository, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "dayjob.housekeeper")
    await repository.create_job(new_job("a", "renamed", delay=-60))
    await repository.create_job(new_job("b", "just_added"))
    await repository.create_job(new_job("c", "for_later", delay=60))
    async with queue_on(path, registry) as queue:
        await queue._get_engine().housekeeper.tidy()
        assert "'renamed'" in caplog.text
        assert (await queue.get_stats()).unknown_types == ["just_added", "renamed"]
        for _ in range(3):
            await queue._get_engine().housekeeper.tidy()
    (record,) = caplog.records
    assert "jobs of the type 'renamed' wait, and no running process knows it" in record.getMessage()


async def test_who_runs_no_jobs_says_nothing_of_their_types(
    path: Path, registry: JobRegistry, repository: JobRepository, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "dayjob.housekeeper")
    await repository.create_job(new_job("a", "renamed", delay=-60))
    async with queue_on(path, registry, max_workers=0) as queue:
        await queue._get_engine().housekeeper.tidy()
        assert (await queue.get_stats()).unknown_types == []  # no process at all works: that is another matter
    assert caplog.records == []
