"""What handlers can do to a worker: end their job, and nothing else."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from tests.support import eventually

from dayjob import (
    Fail,
    JobContext,
    JobFailed,
    JobQueue,
    JobRegistry,
    JobStatus,
    ProgressReporter,
    Retry,
    Status,
    Stopped,
    StopReason,
    constant,
    outcome,
)
from dayjob.engine import executions
from dayjob.errors import NotInJob


class OneOfItsOwn(BaseException):
    """Neither an Exception nor one that Python knows."""


async def works(queue: JobQueue) -> None:
    """As many jobs as there are slots run at the same time: all workers are alive."""
    barrier = asyncio.Barrier(queue.max_workers)

    async def meet(job_id: str) -> int:
        async with barrier:
            return 7

    ids = [await queue.enqueue("meet", meet) for _ in range(queue.max_workers)]
    assert [await queue.result(job_id, timeout=10) for job_id in ids] == [7] * queue.max_workers
    del queue.registry.job_types["meet"]


async def run(queue: JobQueue, handler: Callable[..., Any], *, cancel: bool = False, **options: Any) -> JobStatus:
    queue.registry.register("tried", handler, **options)
    return await queue.wait(await queue.enqueue("tried"), timeout=15)


async def test_a_handler_that_finds_no_thread_has_not_begun_and_is_tried_again(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcome, "START_AGAIN", 200_000)
    monkeypatch.setattr(executions, "_LONGEST_TROUBLE", 0.6)
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("dayjob-tried"):
            raise RuntimeError("can't start new thread")  # what CPython says at the limit
        start(thread)

    queue.registry.register("tried", lambda: 1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        job_id = await queue.enqueue("tried")
        trouble = await eventually(lambda: queue.trouble)
        assert (trouble.code, job_id in str(trouble)) == ("out_of_resources", True)
        assert "Its thread could not be started: RuntimeError: can't start new thread" in str(trouble)
        job = await eventually(lambda: pending(queue, job_id))
        assert (job.failures, job.started_at) == (0, None)
    job = await queue.wait(job_id, timeout=15)
    assert (job.status, job.failures, job.result) == (Status.COMPLETED, 0, 1)
    await eventually(lambda: queue.trouble is None)


async def pending(queue: JobQueue, job_id: str) -> JobStatus | None:
    job = await queue.get_job_status(job_id)
    return job if job is not None and job.status is Status.PENDING else None


async def test_a_handler_that_finds_no_thread_can_be_cancelled(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dayjob.engine.runners.threading.Thread", _NoThread)
    queue.registry.register("tried", lambda: 1)
    job_id = await queue.enqueue("tried")
    await eventually(lambda: queue.trouble)
    assert await queue.cancel_job(job_id)
    assert (await queue.wait(job_id, timeout=15)).status is Status.CANCELLED


class _NoThread(threading.Thread):
    def start(self) -> None:
        raise RuntimeError("can't start new thread")


# --- cancelling ---


async def test_a_hundred_cancelled_running_jobs_leave_three_workers(queue: JobQueue) -> None:
    began: asyncio.Queue[str] = asyncio.Queue()

    async def endless(job_id: str) -> None:
        began.put_nowait(job_id)
        await asyncio.Event().wait()

    ids = [await queue.enqueue("endless", endless) for _ in range(100)]
    for _ in range(100):
        assert await queue.cancel_job(await asyncio.wait_for(began.get(), 10))
    jobs = [await queue.wait(job_id, timeout=10) for job_id in ids]
    assert {job.status for job in jobs} == {Status.CANCELLED}
    assert not queue._get_engine().executions.running
    await works(queue)


async def test_jobs_that_are_cancelled_while_they_start_all_end(queue: JobQueue) -> None:
    async def short(job_id: str) -> None:
        await asyncio.sleep(0)

    queue.registry.register("short", short)

    async def one() -> Status:
        job_id = await queue.enqueue("short")
        await queue.cancel_job(job_id)
        return (await queue.wait(job_id, timeout=15)).status

    ends = await asyncio.gather(*(one() for _ in range(200)))
    assert set(ends) <= {Status.CANCELLED, Status.COMPLETED}
    await works(queue)


async def test_a_plain_function_stops_where_it_asks(queue: JobQueue) -> None:
    began, reasons = threading.Event(), list[Any]()

    def poll(ctx: JobContext) -> None:
        began.set()
        try:
            while True:
                ctx.check()
                time.sleep(0.005)
        except Stopped:
            reasons.append(ctx.stop_reason)
            raise

    job_id = await queue.enqueue("poll", poll)
    await asyncio.to_thread(began.wait, 10)
    await queue.cancel_job(job_id)
    assert (await queue.wait(job_id, timeout=10)).status is Status.CANCELLED
    assert reasons == [StopReason.CANCELLED]
    await works(queue)


async def test_a_plain_function_stops_where_it_reports_progress(queue: JobQueue) -> None:
    began = threading.Event()

    def count(job_id: str) -> None:
        progress = ProgressReporter(job_id)
        while True:
            progress.update(1)
            began.set()
            time.sleep(0.005)

    job_id = await queue.enqueue("count", count)
    await asyncio.to_thread(began.wait, 10)
    await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    assert job.status is Status.CANCELLED
    assert job.processed_items > 0


async def test_a_coroutine_that_only_reports_progress_can_be_cancelled(queue: JobQueue) -> None:
    began = asyncio.Event()

    async def count(job_id: str) -> None:
        progress = ProgressReporter(job_id)
        while True:
            began.set()
            await progress.update(1)

    job_id = await queue.enqueue("count", count)
    await began.wait()
    await queue.cancel_job(job_id)
    assert (await queue.wait(job_id, timeout=10)).status is Status.CANCELLED


async def test_work_that_is_done_in_spite_of_a_cancel_counts_as_done(queue: JobQueue) -> None:
    began = asyncio.Event()

    async def stubborn(job_id: str) -> str:
        began.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return "done"

    job_id = await queue.enqueue("stubborn", stubborn)
    await began.wait()
    await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.result) == (Status.COMPLETED, "done")
    assert "too late" in (job.message or "")


# --- handlers that raise ---

RAISED: dict[str, Callable[[], BaseException]] = {
    "SystemExit": lambda: SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt,
    "GeneratorExit": GeneratorExit,
    "a bare BaseException": lambda: OneOfItsOwn("mine"),
    "asyncio's CancelledError": asyncio.CancelledError,
    "the CancelledError of futures": concurrent.futures.CancelledError,
    "Stopped": Stopped,
    "StopIteration": lambda: StopIteration(1),
    "StopAsyncIteration": StopAsyncIteration,
    "ExceptionGroup": lambda: ExceptionGroup("many", [ValueError("a"), ValueError("b")]),
    "BaseExceptionGroup": lambda: BaseExceptionGroup("many", [OneOfItsOwn("a")]),
    "TimeoutError": TimeoutError,
    "MemoryError": MemoryError,
}


@pytest.mark.parametrize("form", ["coroutine", "thread"])
@pytest.mark.parametrize("name", RAISED)
async def test_whatever_a_handler_raises_fails_its_job_and_leaves_the_workers(
    queue: JobQueue, name: str, form: str
) -> None:
    async def coroutine(job_id: str) -> None:
        raise RAISED[name]()

    def thread(job_id: str) -> None:
        raise RAISED[name]()

    job = await run(queue, coroutine if form == "coroutine" else thread)
    assert job.status is Status.FAILED
    assert job.error
    assert (job.failures, job.attempt) == (1, 1)
    await works(queue)


@pytest.mark.parametrize("form", ["coroutine", "thread"])
async def test_endless_recursion_fails_its_job(queue: JobQueue, form: str) -> None:
    def thread(job_id: str) -> Any:
        return thread(job_id)

    async def coroutine(job_id: str) -> Any:
        return thread(job_id)

    job = await run(queue, coroutine if form == "coroutine" else thread)
    assert (job.status, (job.error or "").startswith("RecursionError")) == (Status.FAILED, True)
    await works(queue)


def circular() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


RESULTS: dict[str, Callable[[], Any]] = {
    "NaN": lambda: float("nan"),
    "bytes": lambda: {"a": b"x"},
    "circular": circular,
    "huge": lambda: "x" * 2_000_000,
    "two keys that become one": lambda: {1: 2, "1": 3},
    "a surrogate": lambda: "\ud800",
    "a generator": lambda: (n for n in [1]),
    "a future": lambda: concurrent.futures.Future[int](),
}


@pytest.mark.parametrize("form", ["coroutine", "thread"])
@pytest.mark.parametrize("name", RESULTS)
async def test_a_result_that_cannot_be_stored_fails_its_job(queue: JobQueue, name: str, form: str) -> None:
    async def coroutine(job_id: str) -> Any:
        return RESULTS[name]()

    def thread(job_id: str) -> Any:
        return RESULTS[name]()

    job = await run(queue, coroutine if form == "coroutine" else thread, max_attempts=3)
    assert (job.status, job.result, job.attempt) == (Status.FAILED, None, 1)
    assert (job.error or "").startswith("The result ")


async def test_arguments_that_no_longer_fit_fail_the_job(queue: JobQueue, registry: JobRegistry) -> None:
    async def old(job_id: str, n: int = 0) -> None: ...

    async def new(job_id: str, number: int = 0) -> None: ...

    registry.register("changed", old)
    job_id = await queue.enqueue("changed", job_args={"n": 1}, delay=0.2)
    del registry.job_types["changed"]
    registry.register("changed", new)
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, "is not an argument" in (job.error or "")) == (Status.FAILED, True)


# --- failures, retries, timeouts ---


async def test_a_job_is_tried_as_often_as_its_type_says(queue: JobQueue) -> None:
    attempts: list[int] = []

    async def flaky(ctx: JobContext) -> str:
        attempts.append(ctx.attempt)
        raise OSError("down")

    job = await run(queue, flaky, max_attempts=3, backoff=constant(0.01))
    assert (attempts, job.status, job.failures, job.error) == ([1, 2, 3], Status.FAILED, 3, "OSError: down")


async def test_a_job_that_succeeds_at_last_is_completed(queue: JobQueue) -> None:
    async def flaky(ctx: JobContext) -> int:
        if ctx.attempt < 3:
            raise OSError("down")
        return ctx.attempt

    job = await run(queue, flaky, max_attempts=5, backoff=constant(0))
    assert (job.status, job.result, job.failures, job.error) == (Status.COMPLETED, 3, 2, None)


async def test_fail_ends_a_job_at_once_with_its_sentence(queue: JobQueue) -> None:
    async def hopeless(job_id: str) -> None:
        raise Fail("The key was refused.")

    job = await run(queue, hopeless, max_attempts=5)
    assert (job.status, job.attempt, job.error) == (Status.FAILED, 1, "The key was refused.")


async def test_retry_says_when_to_come_back(queue: JobQueue) -> None:
    ran: list[float] = []

    async def later(ctx: JobContext) -> None:
        ran.append(time.monotonic())
        if ctx.attempt == 1:
            raise Retry("busy", after=0.3)

    job = await run(queue, later, max_attempts=2, backoff=constant(3600))
    assert job.status is Status.COMPLETED
    assert ran[1] - ran[0] >= 0.3


async def test_retries_are_bounded_by_max_attempts_too(queue: JobQueue) -> None:
    async def forever(job_id: str) -> None:
        raise Retry(after=0)

    assert (await run(queue, forever, max_attempts=3)).attempt == 3


@pytest.mark.parametrize("form", ["coroutine", "thread"])
async def test_a_timeout_stops_the_handler_and_fails_the_job(queue: JobQueue, form: str) -> None:
    reasons: list[Any] = []

    async def coroutine(ctx: JobContext) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            reasons.append(ctx.stop_reason)

    def thread(ctx: JobContext) -> None:
        while ctx.stop_reason is None:
            time.sleep(0.005)
        reasons.append(ctx.stop_reason)
        ctx.check()

    job = await run(queue, coroutine if form == "coroutine" else thread, timeout=0.1)
    assert (job.status, job.error) == (Status.FAILED, "The job ran longer than its timeout.")
    assert reasons == [StopReason.TIMEOUT]
    await works(queue)


async def test_a_timeout_is_a_failure_that_is_retried(queue: JobQueue) -> None:
    async def slow_once(ctx: JobContext) -> int:
        if ctx.attempt == 1:
            await asyncio.Event().wait()
        return ctx.attempt

    assert (await run(queue, slow_once, timeout=0.1, max_attempts=2, backoff=constant(0))).result == 2


@pytest.mark.parametrize("of_type", [None, 60.0])
async def test_a_job_may_have_a_timeout_of_its_own(queue: JobQueue, of_type: float | None) -> None:
    async def slow() -> None:
        await asyncio.Event().wait()

    queue.registry.register("slow", slow, timeout=of_type)
    handle = await queue.configure(timeout=0.1).submit(slow)
    with pytest.raises(JobFailed, match="The job ran longer than its timeout"):
        await handle.result(timeout=10)
    assert (await handle.status()).timeout == 0.1
    assert (await queue.retry_job(handle.id)).timeout == 0.1


async def test_a_job_may_have_more_time_than_its_type(queue: JobQueue) -> None:
    over = asyncio.Event()

    async def slow() -> str:
        await over.wait()
        return "done"

    async def quick() -> None:
        await asyncio.Event().wait()

    queue.registry.register("slow", slow, timeout=0.05)
    queue.registry.register("quick", quick, timeout=0.1)
    job_id = await queue.enqueue("slow", timeout=60)
    await queue.wait(await queue.enqueue("quick"), 10)  # whose timeout is the longer one
    over.set()
    assert await queue.result(job_id, 10) == "done"


async def test_a_job_that_ends_in_time_is_not_touched_by_its_timeout(queue: JobQueue) -> None:
    async def quick(job_id: str) -> str:
        return "done"

    assert (await run(queue, quick, timeout=0.3)).result == "done"
    await works(queue)


# --- handlers that do not stop ---


@pytest.fixture
async def finish() -> AsyncIterator[threading.Event]:
    """Set at the end of a test, so that handlers which ignore everything else end after all."""
    event = threading.Event()
    yield event
    event.set()
    await eventually(lambda: not [t for t in asyncio.all_tasks() if t.get_name().startswith("dayjob-tried")])
    await eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("dayjob-tried")])


def that_ignores_everything(form: str, finish: threading.Event, began: threading.Event) -> Callable[..., Any]:
    async def coroutine(job_id: str) -> str:
        began.set()
        while not finish.is_set():
            try:
                await asyncio.sleep(0.02)
            except asyncio.CancelledError:
                continue
        return "too late to count"

    def thread(job_id: str) -> str:
        began.set()
        finish.wait(30)
        return "too late to count"

    return coroutine if form == "coroutine" else thread


@pytest.mark.parametrize("form", ["coroutine", "thread"])
async def test_a_handler_that_swallows_the_cancel_loses_its_slot_and_not_the_worker(
    queue: JobQueue, finish: threading.Event, form: str, caplog: pytest.LogCaptureFixture
) -> None:
    began = threading.Event()
    queue.registry.register("tried", that_ignores_everything(form, finish, began))
    job_id = await queue.enqueue("tried")
    await asyncio.to_thread(began.wait, 10)
    await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, "written off" in (job.error or "")) == (Status.CANCELLED, True)
    assert [execution.job.id for execution in queue._get_engine().executions.stuck if execution.is_stuck] == [job_id]
    await works(queue)
    with caplog.at_level(logging.WARNING):
        finish.set()
        await eventually(lambda: not any(execution.is_stuck for execution in queue._get_engine().executions.stuck))
        await eventually(lambda: "has ended now" in caplog.text)
    assert await queue.get_job_status(job_id) == job


@pytest.mark.parametrize("form", ["coroutine", "thread"])
async def test_a_handler_that_ignores_its_timeout_is_written_off_and_fails(
    queue: JobQueue, finish: threading.Event, form: str
) -> None:
    job = await run(queue, that_ignores_everything(form, finish, threading.Event()), timeout=0.1)
    assert job.status is Status.FAILED
    assert "longer than its timeout" in (job.error or "")
    assert "written off" in (job.error or "")
    await works(queue)


async def test_a_task_that_a_handler_left_behind_cannot_report_for_it(queue: JobQueue) -> None:
    refused: asyncio.Future[type[BaseException]] = asyncio.get_running_loop().create_future()
    ended = asyncio.Event()

    async def afterwards(progress: ProgressReporter) -> None:
        await ended.wait()
        try:
            progress.update(1, "still here")
        except BaseException as error:  # noqa: BLE001
            refused.set_result(type(error))

    leaked: list[asyncio.Task[None]] = []

    async def leaky(job_id: str) -> None:
        progress = ProgressReporter(job_id, total_items=10)
        progress.update(5)
        leaked.append(asyncio.create_task(afterwards(progress)))

    job = await run(queue, leaky)
    ended.set()
    assert await asyncio.wait_for(refused, 10) is NotInJob
    assert await queue.get_job_status(job.id) == job
    assert (job.processed_items, job.message) == (5, None)


async def test_the_progress_of_a_job_is_exact_at_its_end(queue: JobQueue) -> None:
    async def count(job_id: str) -> None:
        progress = ProgressReporter(job_id, total_items=1000)
        for n in range(777):
            await progress.update(1, f"item {n}")
        raise Fail("enough")

    job = await run(queue, count)
    assert (job.processed_items, job.total_items, job.progress, job.message) == (777, 1000, 77, "item 776")


async def test_the_start_of_a_long_job_and_its_progress_are_stored_while_it_runs(queue: JobQueue) -> None:
    finish = asyncio.Event()

    async def long(job_id: str) -> None:
        ProgressReporter(job_id, total_items=10).update(4, "four")
        await finish.wait()

    job_id = await queue.enqueue("long", long)

    async def stored() -> bool:
        job = await queue.get_job_status(job_id)
        return job is not None and job.started_at is not None and job.progress == 40 and job.message == "four"

    await eventually(stored)
    finish.set()
    await queue.wait(job_id, timeout=10)


async def test_a_thread_cannot_take_the_others_with_it(queue: JobQueue) -> None:
    """A blocking plain function in each slot leaves the event loop free."""
    finish = threading.Event()

    def block(job_id: str) -> None:
        finish.wait(30)

    ids = [await queue.enqueue("block", block) for _ in range(3)]
    await eventually(lambda: len(queue._get_engine().executions.running) == 3)
    await asyncio.wait_for(queue.get_job_status(ids[0]), 5)
    finish.set()
    for job_id in ids:
        await queue.wait(job_id, timeout=10)
