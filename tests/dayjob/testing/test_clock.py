"""A clock that tests turn."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from dayjob import (
    JobContext,
    JobQueue,
    Status,
    constant,
)
from dayjob.testing import (
    fake_clock,
)

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


class TestFakeClock:
    async def test_delays_pass_without_waiting(self, queue: JobQueue) -> None:
        ran: list[datetime] = []

        async def note(job_id: str) -> None:
            ran.append(clock.now)

        async with queue:
            with fake_clock(queue, NEW_YEAR) as clock:
                await queue.enqueue("note", note, delay=3600)
                await queue.enqueue("note", delay=86_400 * 365)
                await clock.advance(seconds=3599)
                assert ran == []
                await clock.advance(seconds=1)
                await clock.advance(days=400)
        assert ran == [NEW_YEAR + timedelta(hours=1), NEW_YEAR + timedelta(days=365)]

    async def test_retries_come_at_their_time(self, queue: JobQueue) -> None:
        tried: list[datetime] = []

        async def fail(job_id: str) -> None:
            tried.append(clock.now)
            raise ValueError("again")

        queue.registry.register("fail", fail, max_attempts=3, backoff=constant(60))
        async with queue:
            with fake_clock(queue, NEW_YEAR) as clock:
                job_id = await queue.enqueue("fail")
                await clock.advance(hours=1)
                job = await queue.get_job_status(job_id)
        assert tried == [NEW_YEAR + timedelta(minutes=minutes) for minutes in (0, 1, 2)]
        assert job is not None
        assert (job.status, job.completed_at) == (Status.FAILED, tried[-1])

    async def test_every_tick_of_a_schedule_runs_also_when_summer_time_begins(self, queue: JobQueue) -> None:
        ran: list[str] = []

        async def note(job_id: str) -> None:
            ran.append(f"{clock.now.astimezone(ZoneInfo('Europe/Berlin')):%d %H:%M}")

        queue.registry.register("note", note, schedule="30 1,2,3 * * *", time_zone="Europe/Berlin")
        with fake_clock(queue, datetime(2026, 3, 28, 12, tzinfo=UTC)) as clock:
            async with queue:
                await clock.advance(days=2)
        assert ran == ["29 01:30", "29 03:00", "29 03:30", "30 01:30", "30 02:30", "30 03:30"]

    @pytest.mark.parametrize("form", ["coroutine", "thread"])
    async def test_a_job_that_waits_for_ever_reaches_its_timeout(self, queue: JobQueue, form: str) -> None:
        async def wait() -> None:
            await asyncio.Event().wait()

        def look(ctx: JobContext) -> None:
            while True:
                ctx.check()
                time.sleep(0.001)

        queue.registry.register("wait", wait if form == "coroutine" else look, timeout=7200, stalled_after=3600)
        async with queue:
            with fake_clock(queue) as clock:
                job_id = await queue.enqueue("wait")
                await clock.advance(minutes=119)
                job = await queue.get_job_status(job_id)
                assert job is not None
                assert (job.status, job.stalled) == (Status.RUNNING, True)
                await clock.advance(minutes=1)
                job = await queue.get_job_status(job_id)
        assert job is not None
        assert job.error == "The job ran longer than its timeout."

    async def test_what_ended_long_ago_is_removed(self, queue: JobQueue) -> None:
        async def nothing() -> None: ...

        async with queue:
            with fake_clock(queue) as clock:
                job_id = await queue.enqueue("nothing", nothing)
                await clock.advance(days=6.9)
                assert await queue.get_job_status(job_id)
                await clock.advance(days=0.2)
                assert await queue.get_job_status(job_id) is None

    async def test_a_wall_clock_that_jumps_brings_no_timeout_nearer(self, queue: JobQueue) -> None:
        async def wait() -> None:
            await asyncio.Event().wait()

        queue.registry.register("wait", wait, timeout=60)
        async with queue:
            with fake_clock(queue, NEW_YEAR) as clock:
                job_id = await queue.enqueue("wait")
                await clock.advance(seconds=30)
                await clock.jump(days=1)
                await clock.jump(days=-2)
                job = await queue.get_job_status(job_id)
                assert job is not None
                assert job.status is Status.RUNNING
                assert clock.now == NEW_YEAR - timedelta(days=1) + timedelta(seconds=30)

    async def test_afterwards_the_real_clock_goes_on(self, queue: JobQueue) -> None:
        async def wait() -> None:
            await asyncio.Event().wait()

        queue.registry.register("wait", wait, timeout=0.2)
        async with queue:
            with fake_clock(queue, NEW_YEAR):
                job_id = await queue.enqueue("wait")
                while not queue._get_engine().executions.running:
                    await asyncio.sleep(0)
            job = await queue.wait(job_id, timeout=10)
        assert job.error == "The job ran longer than its timeout."
        assert job.completed_at is not None
        assert job.completed_at > NEW_YEAR + timedelta(days=1)

    async def test_time_does_not_go_back_and_has_a_zone(self, queue: JobQueue) -> None:
        async with queue:
            with fake_clock(queue) as clock, pytest.raises(ValueError, match="jump"):
                await clock.advance(seconds=-1)
        with pytest.raises(ValueError, match="time zone"), fake_clock(queue, datetime(2026, 1, 1)):
            pass
