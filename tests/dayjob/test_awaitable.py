"""A plain function that returns a coroutine runs as it is meant, in the app and in a child process."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob import awaitable_handlers as handlers
from tests.support import eventually

from dayjob import JobQueue, JobRegistry, Status
from dayjob.awaitable import awaited
from dayjob.testing import run_handler


class Later:
    def __await__(self) -> Generator[Any, None, str]:
        yield from asyncio.sleep(0).__await__()
        return "later"


class Itself:
    def __await__(self) -> Generator[Any, None, Itself]:
        yield from ()
        return self


WHERE = [{}, {"run_in": "process"}]
where = pytest.mark.parametrize("options", WHERE, ids=["in the app", "in a child process"])


@pytest.mark.parametrize(
    ("handler", "result"),
    [
        (lambda n=4: handlers.add(n), 6),
        (functools.partial(handlers.traced(handlers.add), m=5), 6),
        (lambda: functools.partial(handlers.add)(), 3),
        (lambda: Later(), "later"),
        (lambda: asyncio.sleep(0, "slept"), "slept"),
        (handlers.forgets_to_await, 3),
        (lambda: handlers.forgets_to_await(), 3),
    ],
)
async def test_what_a_handler_returns_to_be_awaited_is_awaited(
    queue: JobQueue, registry: JobRegistry, handler: Any, result: Any
) -> None:
    registry.register("add", handler)
    job = await queue.wait(await queue.enqueue("add"), 20)
    assert (job.result, job.error) == (result, None)


async def test_an_object_that_awaits_to_itself_ends() -> None:
    assert isinstance(await awaited(Itself()), Itself)
    assert await awaited(5) == 5


@where
async def test_it_has_all_that_a_coroutine_has(queue: JobQueue, registry: JobRegistry, options: Any) -> None:
    registry.register("add", handlers.add)
    registry.register("report", handlers.report, **options)
    job = await queue.wait(await queue.enqueue("report", {"n": 3}), 60)
    assert (job.status, job.result) == (Status.COMPLETED, {"job": job.id, "child": [5]})
    assert job.processed_items == 3
    assert "did 2" in [line.text for line in await queue.get_logs(job.id)]


@where
async def test_its_error_is_the_error_of_the_job(queue: JobQueue, registry: JobRegistry, options: Any) -> None:
    registry.register("fail", handlers.fail, **options)
    job = await queue.wait(await queue.enqueue("fail"), 60)
    assert (job.status, job.error) == (Status.FAILED, "ValueError: no such thing")


@where
async def test_it_is_cancelled_as_a_coroutine_is(
    path: Path, registry: JobRegistry, tmp_path: Path, options: Any
) -> None:
    registry.register("wait", handlers.wait, **options)
    ready, done = tmp_path / "ready", tmp_path / "done"
    async with JobQueue(f"sqlite:///{path}", registry=registry, grace=20) as queue:
        job_id = await queue.enqueue("wait", {"ready": str(ready), "done": str(done)})
        await eventually(ready.exists)
        await queue.cancel_job(job_id)
        assert (await queue.wait(job_id, 60)).status is Status.CANCELLED
        assert done.read_text() == "cancelled"


async def test_a_job_that_was_cancelled_in_its_thread_does_not_begin_to_await(
    queue: JobQueue, registry: JobRegistry
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()
    loop, ran = asyncio.get_running_loop(), []

    async def run() -> None:
        ran.append(True)

    def handler() -> Any:
        loop.call_soon_threadsafe(begun.set)
        asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(20)
        return run()

    registry.register("late", handler)
    job_id = await queue.enqueue("late")
    await begun.wait()
    await queue.cancel_job(job_id)
    go_on.set()
    assert (await queue.wait(job_id, 20)).status is Status.CANCELLED
    assert not ran


async def test_one_that_blocks_the_event_loop_is_known(queue: JobQueue, registry: JobRegistry) -> None:
    release = asyncio.Event()
    registry.register("wait", lambda: release.wait())
    job_id = await queue.enqueue("wait")
    execution = await eventually(lambda: queue._get_engine().executions.running.get(job_id))
    task = await eventually(lambda: getattr(execution._runner, "task", None))
    assert execution.runs_as(task)
    release.set()
    assert await queue.result(job_id, 20) is True


async def test_run_handler_awaits_it_too() -> None:
    assert await run_handler(lambda: handlers.forgets_to_await()) == 3
