"""A queue that is drained, runs jobs inline, or has a database of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from dayjob import (
    Fail,
    JobFailed,
    JobQueue,
    JobRegistry,
    JobRequest,
)
from dayjob.testing import (
    drain,
    inline,
    run_handler,
    temporary_database,
)


def _double(number: int) -> int:
    return number * 2


class TestDrain:
    async def test_all_that_is_ready_is_done(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("step")
        async def step(number: int) -> None:
            await asyncio.sleep(0)
            done.append(number)

        async with queue:
            for number in range(30):
                await queue.enqueue("step", job_args={"number": number})
            await drain(queue)
            assert sorted(done) == list(range(30))

    async def test_jobs_that_jobs_add_are_waited_for(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("chain")
        async def chain(left: int) -> None:
            done.append(left)
            if left:
                await queue.enqueue("chain", job_args={"left": left - 1})

        async with queue:
            await queue.enqueue("chain", job_args={"left": 5})
            await drain(queue)
        assert done == [5, 4, 3, 2, 1, 0]

    async def test_an_empty_queue_is_drained(self, queue: JobQueue) -> None:
        async with queue:
            await drain(queue, timeout=5)

    async def test_later_jobs_are_not_waited_for(self, queue: JobQueue, registry: JobRegistry) -> None:
        registry.register("double", _double)
        async with queue:
            later = await queue.enqueue("double", job_args={"number": 1}, delay=60)
            await drain(queue, timeout=5)
            job = await queue.get_job_status(later)
            assert job is not None
            assert job.status == "pending"

    async def test_it_gives_up(self, queue: JobQueue, registry: JobRegistry) -> None:
        @registry.job("endless")
        async def endless() -> None:
            await asyncio.Event().wait()

        async with queue:
            job_id = await queue.enqueue("endless")
            with pytest.raises(TimeoutError):
                await drain(queue, timeout=0.05)
            assert not queue.bus._everything, "it goes on listening"
            await queue.cancel_job(job_id)


class TestInline:
    """Whoever adds a job goes on when it has ended."""

    async def test_every_way_to_add_a_job(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("note")
        async def note(number: int) -> None:
            await asyncio.sleep(0)
            done.append(number)

        async with queue:
            with inline(queue):
                first = await queue.enqueue("note", job_args={"number": 1})
                assert done == [1]
                await queue.enqueue_many(JobRequest("note", {"number": number}) for number in (2, 3))
                assert sorted(done) == [1, 2, 3]
                await queue.submit(note, number=4)
                assert done[3:] == [4]
                await queue.configure(priority=5).enqueue("note", {"number": 5})
                assert done[4:] == [5]
                await queue.retry_job(first)
                assert done[5:] == [1]
            assert await queue.get_job_status(await queue.enqueue("note", job_args={"number": 7}))
            await drain(queue)

    async def test_what_a_job_adds_needs_no_second_slot(self, tmp_path: Path, registry: JobRegistry) -> None:
        done: list[str] = []
        queue = JobQueue(f"sqlite:///{tmp_path}/jobs.db", max_workers=1, registry=registry, durability="process")

        @registry.job("outer")
        async def outer() -> None:
            await queue.enqueue("inner")
            done.append("outer")

        @registry.job("inner")
        async def inner() -> None:
            done.append("inner")

        async with queue:
            with inline(queue, timeout=10):
                await queue.enqueue("outer")
                assert done == ["outer", "inner"]

    async def test_a_handler_alone_holds_no_slot(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("note")
        async def note(number: int) -> None:
            done.append(number)

        async def handler() -> list[int]:
            await queue.enqueue("note", job_args={"number": 8})
            return list(done)

        async with queue:
            with inline(queue):
                assert await run_handler(handler) == [8]

    async def test_a_failure_is_the_jobs_own(self, queue: JobQueue, registry: JobRegistry) -> None:
        @registry.job("broken")
        async def broken() -> None:
            raise Fail("no such page")

        async with queue:
            with inline(queue):
                job_id = await queue.enqueue("broken")
            with pytest.raises(JobFailed, match="no such page"):
                await queue.result(job_id, timeout=0)

    async def test_later_jobs_are_not_waited_for(self, queue: JobQueue, registry: JobRegistry) -> None:
        registry.register("double", _double)
        async with queue:
            with inline(queue, timeout=5):
                later = await queue.enqueue("double", job_args={"number": 1}, delay=60)
            job = await queue.get_job_status(later)
            assert job is not None
            assert job.status == "pending"

    async def test_a_queue_without_workers(self, tmp_path: Path) -> None:
        queue = JobQueue(f"sqlite:///{tmp_path}/jobs.db", max_workers=0)
        with pytest.raises(ValueError, match="give it workers"), inline(queue):
            pass


async def test_a_temporary_database_is_for_a_queue_that_is_stopped(doubling: JobQueue, path: Path) -> None:
    async with doubling:
        with pytest.raises(RuntimeError, match="The queue is running"), temporary_database(doubling):
            pass
    with pytest.raises(RuntimeError, match="leave it after its stop"), temporary_database(doubling):
        await doubling.start()
    await doubling.stop()
    assert doubling.url == f"sqlite:///{path}"
