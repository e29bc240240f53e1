"""Handlers alone, as an application would test them."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from dayjob import (
    Fail,
    InvalidArguments,
    JobContext,
    JobFailed,
    JobQueue,
    JobRegistry,
    ProgressReporter,
)
from dayjob.errors import InvalidPayload, JobExists, NotInJob, Waiting
from dayjob.testing import (
    ProgressRecorder,
    drain,
    record_progress,
    run_handler,
)


class TestRecordProgress:
    def test_every_update_is_recorded(self) -> None:
        with record_progress("test") as recorded:
            progress = ProgressReporter("test", total_items=200)
            for number in range(200):
                progress.update(1, f"item {number}")
        assert len(recorded.updates) == 201
        assert [(u.processed, u.message) for u in recorded.updates[1:3]] == [(1, "item 0"), (2, "item 1")]
        assert (recorded.updates[-1].processed, recorded.updates[-1].percent) == (200, 99)

    async def test_it_can_be_awaited(self) -> None:
        with record_progress("mine") as recorded:
            await ProgressReporter("mine").update(3)
        assert recorded.updates[-1].processed == 3

    def test_nothing_is_left_afterwards(self) -> None:
        with record_progress("test"):
            reporter = ProgressReporter("test")
            reporter.update(1)
        with pytest.raises(NotInJob):
            ProgressReporter("test")

    def test_another_job_is_not_recorded(self) -> None:
        with record_progress("one"), pytest.raises(NotInJob, match="record_progress"):
            ProgressReporter("two")

    def test_recorders_nest(self) -> None:
        with record_progress("outer") as outer:
            with record_progress("inner") as inner:
                ProgressReporter("inner").update(1)
            ProgressReporter("outer").update(2)
        assert ([u.processed for u in inner.updates], [u.processed for u in outer.updates]) == ([1], [2])

    def test_bad_updates_are_ignored_as_in_a_job(self) -> None:
        with record_progress("test") as recorded:
            ProgressReporter("test").update(-1, 5)
        assert [(update.processed, update.message) for update in recorded.updates] == [(0, "5")]

    def test_nobody_finds_it_afterwards(self) -> None:
        with contextlib.suppress(KeyError), record_progress("test"):
            raise KeyError
        with ThreadPoolExecutor(1) as pool, pytest.raises(NotInJob):
            pool.submit(ProgressReporter, "test").result()


async def _greet(job_id: str, ctx: JobContext, name: str = "you", **kwargs: Any) -> tuple[str, str, int, str]:
    await ctx.progress.update(1, "greeting")
    assert ctx.stop_reason is None
    ctx.check()
    return (job_id, ctx.job_id, ctx.attempt, f"Hello {name}")


def _double(number: int) -> int:
    return number * 2


class TestRunHandler:
    async def test_arguments_are_injected(self) -> None:
        assert await run_handler(_greet, name="Ada") == ("test", "test", 1, "Hello Ada")
        assert await run_handler(_greet, job_id="j7", attempt=3) == ("j7", "j7", 3, "Hello you")

    async def test_a_plain_function(self) -> None:
        assert await run_handler(_double, number=4) == 8

    @pytest.mark.parametrize("args", [{}, {"number": "x"}, {"number": 1, "more": 2}, {"nummer": 1}])
    async def test_arguments_are_checked(self, args: dict[str, Any]) -> None:
        with pytest.raises(InvalidArguments):
            await run_handler(_double, **args)

    async def test_what_it_raises_comes_through(self) -> None:
        async def broken() -> None:
            raise KeyError("mine")

        with pytest.raises(KeyError, match="mine"):
            await run_handler(broken)

    async def test_nothing_is_left_afterwards(self) -> None:
        await run_handler(_greet)
        with pytest.raises(NotInJob):
            ProgressReporter("test")


class TestCheckpoints:
    async def _import(self, ctx: JobContext, pages: int) -> None:
        for page in range((ctx.restored or {"page": 0})["page"] + 1, pages + 1):
            await ctx.progress.update(1, f"page {page}")
            await ctx.checkpoint({"page": page})

    async def test_they_are_recorded(self) -> None:
        recorder = ProgressRecorder("test")
        await run_handler(self._import, recorder=recorder, pages=2)
        assert recorder.checkpoints == [{"page": 1}, {"page": 2}]
        assert [update.message for update in recorder.updates] == ["page 1", "page 2"]

    async def test_a_handler_goes_on_at_one(self) -> None:
        recorder = ProgressRecorder("test")
        await run_handler(self._import, restored={"page": 7}, recorder=recorder, pages=9)
        assert recorder.checkpoints == [{"page": 8}, {"page": 9}]

    async def test_a_plain_function_needs_no_await(self) -> None:
        def call(ctx: JobContext) -> None:
            ctx.checkpoint(1)

        recorder = ProgressRecorder("test")
        await run_handler(call, recorder=recorder)
        assert recorder.checkpoints == [1]

    async def test_what_cannot_be_kept_is_refused_as_in_a_job(self) -> None:
        async def bad(ctx: JobContext) -> None:
            await ctx.checkpoint({1, 2})

        with pytest.raises(InvalidPayload):
            await run_handler(bad)
        with pytest.raises(InvalidPayload):
            await run_handler(bad, restored={1})


async def double(n: int) -> int:
    return 2 * n


class TestChildren:
    async def _parent(self, ctx: JobContext, pages: int) -> int:
        children = [await ctx.enqueue_child(double, {"n": page}) for page in range(pages)]
        children.append(await ctx.enqueue_child("other", key="one", delay=5))
        return sum(await ctx.join(children))

    async def test_they_are_recorded_and_their_results_are_given(self) -> None:
        recorder = ProgressRecorder("test")
        results = {double: lambda n: 3 * n, "other": 100}
        assert await run_handler(self._parent, recorder=recorder, children=results, pages=3) == 109
        asked = [(child.job, child.job_args, child.key, child.options) for child in recorder.children]
        assert asked == [(double, {"n": n}, None, {}) for n in range(3)] + [("other", {}, "one", {"delay": 5})]

    async def test_without_all_results_the_handler_ends_to_wait(self) -> None:
        with pytest.raises(Waiting):
            await run_handler(self._parent, children={double: 1}, pages=2)

    async def test_what_a_result_raises_is_the_failure_of_the_child(self) -> None:
        def broken(n: int) -> int:
            raise ValueError("no page")

        with pytest.raises(JobFailed, match="ValueError: no page"):
            await run_handler(self._parent, children={double: broken, "other": 1}, pages=1)

    async def test_a_plain_function_needs_no_await(self) -> None:
        def call(ctx: JobContext) -> list[int]:
            same = [ctx.enqueue_child(double, {"n": 1}, key="k") for _ in range(2)]
            with pytest.raises(JobExists):
                ctx.enqueue_child(double, {"n": 2}, key="k")
            return ctx.join(same)

        recorder = ProgressRecorder("test")
        assert await run_handler(call, children={double: 7}, recorder=recorder) == [7, 7]
        assert len(recorder.children) == 1

    async def test_mistakes_are_told_as_in_a_job(self) -> None:
        async def bad(ctx: JobContext) -> None:
            await ctx.enqueue_child(double, {"m": 1})

        async def swallows(ctx: JobContext) -> None:
            with contextlib.suppress(Waiting):
                await ctx.join([await ctx.enqueue_child(double, {"n": 1})])

        with pytest.raises(InvalidArguments):
            await run_handler(bad)
        with pytest.raises(Fail, match="went on after"):
            await run_handler(swallows)

    async def test_a_drained_queue_may_hold_a_parent_that_waits_for_later(
        self, queue: JobQueue, registry: JobRegistry
    ) -> None:
        registry.register("double", double)

        @registry.job("parent")
        async def parent(ctx: JobContext) -> None:
            await ctx.join([await ctx.enqueue_child(double, {"n": 1}, delay=3600)])

        async with queue:
            parent_id = await queue.enqueue("parent")
            await drain(queue, timeout=10)
            job = await queue.get_job_status(parent_id)
        assert job is not None
        assert (job.status, job.waits_for) == ("pending", 1)


# --- apps ---
