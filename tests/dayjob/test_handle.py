"""A handle: status, result, cancel, and the states that a follower sees."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import Any

import pytest
from tests.support import eventually

from dayjob import JobContext, JobFailed, JobQueue, JobRegistry, JobStatus, Status
from dayjob.errors import JobNotFound, QueueNotRunning


class Steps:
    """A job type that goes on by one item each time a test says so."""

    def __init__(self, registry: JobRegistry) -> None:
        self.go: asyncio.Queue[bool] = asyncio.Queue()
        self.began = asyncio.Event()
        registry.register("steps", self.run)

    async def run(self, ctx: JobContext, total: int = 3) -> int:
        self.began.set()
        for number in range(1, total + 1):
            await self.go.get()
            await ctx.progress.update(1, f"at {number}", total=total)
        return total


@pytest.fixture
def steps(registry: JobRegistry) -> Steps:
    return Steps(registry)


async def test_a_handle_knows_status_result_and_cancel(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure(delay=60).enqueue("steps")
    assert (await handle.status()).status is Status.PENDING
    assert await handle.cancel()
    with pytest.raises(JobFailed, match="cancelled"):
        await handle.result()


async def test_a_result_may_take_too_long(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure(delay=60).enqueue("steps")
    with pytest.raises(TimeoutError):
        await handle.result(timeout=0.01)


@pytest.mark.parametrize("job_id", ["unknown", "\ud800", "no name", "", 7])
async def test_what_can_be_no_id_is_unknown(queue: JobQueue, job_id: Any) -> None:
    handle = queue.handle(job_id)
    assert await queue.get_job_status(job_id) is None
    assert not await handle.cancel()
    with pytest.raises(JobNotFound):
        await handle.status()
    with pytest.raises(JobNotFound):
        await handle.result(5)
    with pytest.raises(JobNotFound):
        await anext(handle.updates())


async def test_updates_begin_with_now_and_end_with_the_end(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure().enqueue("steps", {"total": 2})
    seen: list[JobStatus] = []
    async for status in handle.updates():
        seen.append(status)
        if len(seen) == 1:
            steps.go.put_nowait(True)
        if status.message == "at 1":
            steps.go.put_nowait(True)
    assert seen[0].status in (Status.PENDING, Status.RUNNING)
    assert (Status.RUNNING, 50, "at 1") in [(s.status, s.progress, s.message) for s in seen]
    assert [s.status.value for s in seen if s.finished] == ["completed"]
    assert (seen[-1].result, seen[-1].progress) == (2, 100)
    assert [s.rev for s in seen] == sorted(s.rev for s in seen)


async def test_updates_tell_the_stage(queue: JobQueue, registry: JobRegistry) -> None:
    go = asyncio.Event()

    async def staged(ctx: JobContext) -> None:
        for name in ("Tags", "Scenes"):
            ctx.progress.stage(name, total=2)
            await ctx.progress.update()
            await go.wait()
            go.clear()

    registry.register("staged", staged)
    handle = await queue.configure().enqueue("staged")
    seen = []
    async for status in handle.updates():
        if status.stage and status.stage not in seen and status.processed_items:
            seen.append(status.stage)
            go.set()
    assert seen == ["Tags", "Scenes"]


async def test_updates_of_a_job_that_ended_are_its_end(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure(delay=60).enqueue("steps")
    await handle.cancel()
    assert [s.status async for s in handle.updates()] == [Status.CANCELLED]


async def test_a_slow_follower_misses_states_but_not_the_end(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure().enqueue("steps", {"total": 100})
    async with aclosing(handle.updates()) as updates:
        await anext(updates)
        for _ in range(100):
            steps.go.put_nowait(True)
        await handle.result(10)
        rest = [status async for status in updates]
    assert [status.status for status in rest] == [Status.COMPLETED]


async def test_who_leaves_is_not_told_any_more(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure(delay=60).enqueue("steps")
    async for _ in handle.updates():
        assert queue.bus.wants(handle.id)
        break
    await eventually(lambda: not queue.bus.wants(handle.id))


async def test_a_queue_that_stops_ends_the_updates(queue: JobQueue, steps: Steps) -> None:
    handle = await queue.configure(delay=60).enqueue("steps")
    updates = handle.updates()
    await anext(updates)
    waiting = asyncio.create_task(anext(updates))  # type: ignore[arg-type,var-annotated]
    await asyncio.sleep(0)
    await queue.stop()
    with pytest.raises(QueueNotRunning, match="before the job ended"):
        await waiting
    assert not queue.bus.wants(handle.id)
