"""A job that gets no further is shown as stalled, told once, and left alone."""

from __future__ import annotations

import asyncio
import logging

import pytest

from dayjob import JobContext, JobQueue, JobRegistry, JobStatus
from dayjob.engine.stall import StallWatch
from dayjob.events import JobEvent, StatusChanged


async def test_it_tells_once_and_again_after_more_progress() -> None:
    told: asyncio.Queue[None] = asyncio.Queue()
    watch = StallWatch(0.02, lambda: told.put_nowait(None))
    await asyncio.wait_for(told.get(), 5)
    assert watch.since is not None
    assert watch.note_progress()
    assert watch.since is None
    assert not watch.note_progress()
    await asyncio.wait_for(told.get(), 5)
    assert told.empty()
    watch.close()


async def test_progress_in_time_is_no_stall() -> None:
    told = []
    loop = asyncio.get_running_loop()
    watch = StallWatch(0.5, lambda: told.append(loop.time()))
    begins = loop.time()
    while loop.time() < begins + 0.7:
        last = loop.time()
        watch.note_progress()
        await asyncio.sleep(0.01)
        assert loop.time() - last > 0.4 or not told
    watch.close()


async def test_without_a_limit_nobody_looks() -> None:
    watch = StallWatch(None, lambda: None)
    assert watch._timer is None
    assert not watch.note_progress()
    watch.close()


async def test_a_stalled_job_is_shown_told_once_and_goes_on(
    queue: JobQueue, registry: JobRegistry, caplog: pytest.LogCaptureFixture
) -> None:
    go_on, end = asyncio.Event(), asyncio.Event()

    @registry.job("copy", stalled_after=0.1)
    async def copy(ctx: JobContext) -> str:
        ctx.progress.update(1)
        await go_on.wait()
        ctx.progress.update(1)
        await end.wait()
        return "done"

    heard: asyncio.Queue[JobStatus] = asyncio.Queue()

    def listener(event: JobEvent) -> None:
        if isinstance(event, StatusChanged):
            heard.put_nowait(event.status)

    queue.bus.listen(listener)

    async def told(stalled: bool) -> JobStatus:
        while True:
            status = await asyncio.wait_for(heard.get(), 10)
            if status.stalled is stalled and status.progressed_at is not None:
                return status

    with caplog.at_level(logging.WARNING, "dayjob"):
        job_id = await queue.enqueue("copy")
        first = await told(True)
        stored = await queue.get_job_status(job_id)
        assert stored is not None
        assert (stored.stalled, stored.stalled_since) == (True, first.stalled_since)
        assert (stored.status, stored.rev) == ("running", first.rev)
        warnings = [record for record in caplog.records if "stalled" in record.message]
        assert len(warnings) == 1
    go_on.set()
    assert (await told(False)).rev > first.rev
    end.set()
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.result, job.stalled, job.processed_items) == ("completed", "done", False, 2)


async def test_a_job_that_never_reports_is_stalled_from_its_start(queue: JobQueue, registry: JobRegistry) -> None:
    end = asyncio.Event()
    stalled: asyncio.Future[JobStatus] = asyncio.get_running_loop().create_future()

    @registry.job("silent", stalled_after=0.05)
    async def silent() -> None:
        await end.wait()

    def listener(event: JobEvent) -> None:
        if isinstance(event, StatusChanged) and event.status.stalled and not stalled.done():
            stalled.set_result(event.status)

    queue.bus.listen(listener)
    job_id = await queue.enqueue("silent")
    status = await asyncio.wait_for(stalled, 10)
    assert status.progressed_at is None
    assert status.started_at is not None
    end.set()
    assert not (await queue.wait(job_id, timeout=10)).stalled


@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf")])
def test_nonsense_is_refused(registry: JobRegistry, seconds: float) -> None:
    async def job() -> None: ...

    with pytest.raises(ValueError, match="stalled_after"):
        registry.register("job", job, stalled_after=seconds)
