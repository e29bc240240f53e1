"""Checkpoints: what a handler keeps, who may keep it, and where the next attempt goes on."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob import child_handlers
from tests.support import eventually, query

from dayjob import JobContext, JobQueue, JobRegistry, Retry, Stopped, constant
from dayjob.errors import InvalidPayload, PayloadTooLarge
from dayjob.events import JobEvent, ProgressMade


def kept(path: Path) -> Any:
    return query(path, "SELECT checkpoint FROM dayjob_job")[0][0]


async def test_it_is_on_disk_when_the_call_is_over(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    seen = []

    @registry.job("task")
    async def task(ctx: JobContext) -> None:
        for number in (1, 2):
            await ctx.checkpoint({"page": number})
            seen.append(kept(path))

    await queue.wait(await queue.enqueue("task"), timeout=10)
    assert seen == ['{"page":1}', '{"page":2}']


async def test_a_plain_function_waits_for_it(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    seen = []

    @registry.job("call")
    def call(ctx: JobContext) -> None:
        for number in (1, 2):
            ctx.checkpoint({"page": number})
            seen.append(kept(path))

    await queue.wait(await queue.enqueue("call"), timeout=10)
    assert seen == ['{"page":1}', '{"page":2}']


@pytest.mark.parametrize("plain", [False, True])
async def test_the_next_attempt_goes_on_where_this_one_stood(
    queue: JobQueue, registry: JobRegistry, plain: bool
) -> None:
    found: list[Any] = []

    def begin(ctx: JobContext) -> None:
        found.append((ctx.restored, ctx.progress.processed_items, ctx.progress.total_items))

    async def task(ctx: JobContext) -> int:
        begin(ctx)
        if ctx.attempt == 1:
            ctx.progress.update(370, "page 37", total=1000)
            await ctx.checkpoint([37])
            ctx.progress.update(5, "after it")
            raise Retry(after=0)
        return ctx.progress.processed_items

    def call(ctx: JobContext) -> int:
        begin(ctx)
        if ctx.attempt == 1:
            ctx.progress.update(370, "page 37", total=1000)
            ctx.checkpoint([37])
            ctx.progress.update(5, "after it")
            raise Retry(after=0)
        return ctx.progress.processed_items

    registry.register("job", call if plain else task, max_attempts=2)
    frames = []

    def listener(event: JobEvent) -> None:
        if isinstance(event, ProgressMade):
            frames.append((event.progress.processed, event.progress.message))

    queue.bus.listen(listener)
    job = await queue.wait(await queue.enqueue("job"), timeout=10)
    assert found == [(None, 0, None), ([37], 370, 1000)]
    assert (job.result, job.processed_items) == (370, 370)
    assert (370, "resumed at 370") in frames


@pytest.mark.parametrize("sized", [True, False])
@pytest.mark.parametrize("run_in", [None, "process"])
@pytest.mark.parametrize("handler", [child_handlers.tracked, child_handlers.tracked_in_task])
async def test_one_in_a_tracked_loop_counts_its_item(
    queue: JobQueue, registry: JobRegistry, handler: Any, run_in: str | None, sized: bool
) -> None:
    registry.register("job", handler, run_in=run_in, max_attempts=5)
    job = await queue.wait(await queue.enqueue("job", job_args={"sized": sized}), timeout=30)
    assert (job.result, job.processed_items, job.total_items, job.message) == (5, 20, 20, None)


async def test_without_one_the_next_attempt_begins_at_nothing(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("job", max_attempts=2)
    async def job(ctx: JobContext) -> list[Any]:
        if ctx.attempt == 1:
            ctx.progress.update(370, total=1000)
            raise Retry(after=0)
        return [ctx.restored, ctx.progress.processed_items, ctx.progress.total_items]

    assert await queue.result(await queue.enqueue("job"), timeout=10) == [None, 0, None]


async def test_a_shutdown_keeps_it(path: Path, registry: JobRegistry) -> None:
    waiting = asyncio.Event()

    @registry.job("job")
    async def job(ctx: JobContext) -> Any:
        if ctx.restored is None:
            await ctx.checkpoint("here")
            waiting.set()
            await asyncio.Event().wait()
        return ctx.restored

    async with JobQueue(f"sqlite:///{path}", registry=registry, grace=0.5) as queue:
        job_id = await queue.enqueue("job")
        await asyncio.wait_for(waiting.wait(), 10)
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        assert await queue.result(job_id, timeout=10) == "here"


@pytest.mark.parametrize(
    ("value", "error"),
    [({1, 2}, InvalidPayload), (float("nan"), InvalidPayload), ("x" * 65_535, PayloadTooLarge)],
)
async def test_what_cannot_be_kept_is_refused_in_the_handler(
    queue: JobQueue, registry: JobRegistry, path: Path, value: object, error: type[Exception]
) -> None:
    @registry.job("job")
    async def job(ctx: JobContext) -> str:
        await ctx.checkpoint("x" * 65_534)
        with pytest.raises(error, match="checkpoint"):
            await ctx.checkpoint(value)
        return f"went on, with {len(kept(path))}"

    assert await queue.result(await queue.enqueue("job"), timeout=10) == "went on, with 65536"


@pytest.mark.parametrize("plain", [False, True])
async def test_an_attempt_that_lost_its_job_keeps_nothing(
    queue: JobQueue, registry: JobRegistry, path: Path, plain: bool
) -> None:
    outcomes: list[str] = []
    ended = threading.Event()

    async def task(ctx: JobContext) -> None:
        await ctx.checkpoint("mine")
        query(path, "UPDATE dayjob_job SET worker = 'another', attempt = attempt + 1")
        try:
            await ctx.checkpoint("stale")
        except Stopped as stopped:
            outcomes.append(str(stopped))
            raise
        finally:
            ended.set()

    def call(ctx: JobContext) -> None:
        ctx.checkpoint("mine")
        query(path, "UPDATE dayjob_job SET worker = 'another', attempt = attempt + 1")
        try:
            ctx.checkpoint("stale")
        except Stopped as stopped:
            outcomes.append(str(stopped))
            raise
        finally:
            ended.set()

    registry.register("job", call if plain else task)
    await queue.enqueue("job")
    assert await asyncio.to_thread(ended.wait, 10)
    await asyncio.wait_for(queue._get_engine().executions.quiet(), 10)
    assert outcomes == ["lease_lost"]
    assert kept(path) == '"mine"'
    assert query(path, "SELECT status, worker FROM dayjob_job") == [("running", "another")]


async def test_a_plain_function_that_has_to_stop_stops_at_its_checkpoint_which_is_kept(
    queue: JobQueue, registry: JobRegistry, path: Path
) -> None:
    begun, cancelled = threading.Event(), threading.Event()
    found: list[Any] = []

    @registry.job("call")
    def call(ctx: JobContext) -> None:
        begun.set()
        assert cancelled.wait(10)
        try:
            ctx.checkpoint("before the end")
        finally:
            found.append(kept(path))
        raise AssertionError("unreachable")

    job_id = await queue.enqueue("call")
    assert await asyncio.to_thread(begun.wait, 10)
    await queue.cancel_job(job_id)
    cancelled.set()
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.error) == ("cancelled", None)
    assert found == ['"before the end"']


async def test_what_an_attempt_left_behind_keeps_nothing(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    go_on, outcome = threading.Event(), []
    ended = threading.Event()

    @registry.job("call", timeout=0.05)
    def call(ctx: JobContext) -> None:
        assert go_on.wait(20)
        try:
            ctx.checkpoint("too late")
        except Stopped:
            outcome.append("stopped")
        ended.set()

    job = await queue.wait(await queue.enqueue("call"), timeout=10)
    assert "written off" in (job.error or "")
    go_on.set()
    assert await asyncio.to_thread(ended.wait, 10)
    assert (outcome, kept(path)) == (["stopped"], None)


async def test_a_thread_of_a_coroutine_may_keep_too(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    @registry.job("job")
    async def job(ctx: JobContext) -> None:
        await asyncio.to_thread(ctx.checkpoint, "from a thread")
        assert kept(path) == '"from a thread"'

    await queue.result(await queue.enqueue("job"), timeout=10)


async def test_the_stage_goes_on_too(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("job", max_attempts=2)
    async def job(ctx: JobContext) -> list[Any]:
        progress = ctx.progress
        if ctx.restored is None:
            with progress.stage("Tags", total=10, share=20):
                progress.update(10)
        async with progress.stage("Scenes", total=100, share=80):
            async for number in progress.track(range(ctx.restored or 0, 100)):
                if ctx.attempt == 1 and number == 60:
                    await ctx.checkpoint(60)
                    raise Retry(after=0)
                if number == 60:
                    return [progress.processed_items, progress.total_items, progress._progress.snapshot().percent]
        return []

    job_id = await queue.enqueue("job")
    assert await queue.result(job_id, timeout=10) == [60, 100, 68]
    status = await queue.get_job_status(job_id)
    assert status is not None
    assert status.stage == "Scenes"


@pytest.mark.parametrize("ends", ["completed", "failed", "cancelled"])
async def test_a_job_that_ended_keeps_none(queue: JobQueue, registry: JobRegistry, path: Path, ends: str) -> None:
    made = asyncio.Event()

    @registry.job("task")
    async def task(ctx: JobContext) -> None:
        await ctx.checkpoint({"page": 1})
        made.set()
        if ends == "failed":
            raise ValueError
        if ends == "cancelled":
            await asyncio.Event().wait()

    job_id = await queue.enqueue("task")
    await asyncio.wait_for(made.wait(), 10)
    if ends == "cancelled":
        await queue.cancel_job(job_id)
    assert (await queue.wait(job_id, timeout=10)).status == ends
    assert query(path, "SELECT checkpoint, checkpoint_progress FROM dayjob_job") == [(None, None)]


async def test_a_job_that_is_cancelled_before_its_retry_keeps_none(
    queue: JobQueue, registry: JobRegistry, path: Path
) -> None:
    @registry.job("task", max_attempts=2, backoff=constant(3600))
    async def task(ctx: JobContext) -> None:
        await ctx.checkpoint({"page": 1})
        raise ValueError

    job_id = await queue.enqueue("task")
    await eventually(lambda: query(path, "SELECT failures FROM dayjob_job") == [(1,)])
    assert kept(path) == '{"page":1}'
    await queue.cancel_job(job_id)
    assert query(path, "SELECT checkpoint, checkpoint_progress FROM dayjob_job") == [(None, None)]
