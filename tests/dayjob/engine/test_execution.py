"""One attempt: its parts are made when they are asked for, once, and nothing of it is left when it is over."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.support import eventually

from dayjob import JobContext, JobQueue, JobRegistry, Stopped
from dayjob.engine.execution import Execution
from dayjob.engine.executions import Executions
from dayjob.engine.recorder import Recorder
from dayjob.errors import NotInJob
from dayjob.events import EventBus
from dayjob.models import AttemptReport, JobDefinition


@pytest.fixture
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
async def execution(registry: JobRegistry) -> Execution:
    async def endless() -> None:
        await asyncio.Event().wait()

    repository: Any = None
    owner = Executions(repository, EventBus(), grace=0.1, new_child=repository, on_written=lambda: None)
    job = JobDefinition("a", "endless", {}, datetime.now(UTC))
    return Execution(job, registry.register("endless", endless), owner, 7)


async def test_who_asks_for_nothing_has_no_parts(execution: Execution) -> None:
    execution.start()
    assert execution._parts == {}
    execution.stop(execution.stop_reason, 0.0)  # type: ignore[arg-type]
    await asyncio.wait_for(execution.ended, 10)
    assert execution.close() == AttemptReport(7)


async def test_threads_that_ask_at_the_same_time_get_the_same_part(execution: Execution) -> None:
    together = threading.Barrier(8)

    def ask(_number: int) -> Recorder:
        together.wait(10)
        return execution.recorder

    with ThreadPoolExecutor(8) as pool:
        found = await asyncio.to_thread(lambda: set(pool.map(ask, range(8))))
    assert found == {execution.recorder}


async def test_what_is_asked_for_after_the_end_is_closed(execution: Execution) -> None:
    execution.close()
    with pytest.raises(NotInJob, match="has ended"):
        execution.progress.update(1, None, None)
    with pytest.raises(NotInJob, match="is over"):
        await execution.children.read(["b"])
    with pytest.raises(Stopped):
        await execution.keep("1")
    execution.log.add(1, "INFO", "late")
    assert not execution.log.take()


@pytest.mark.parametrize("plain", [False, True], ids=["task", "thread"])
async def test_nothing_of_an_attempt_waits_for_the_garbage_collector(
    queue: JobQueue, registry: JobRegistry, no_collector: None, plain: bool
) -> None:
    async def task(ctx: JobContext) -> None:
        ctx.log.info("begins")
        await ctx.progress.update(1, "one")
        await ctx.checkpoint(1)

    def call(ctx: JobContext) -> None:
        ctx.log.info("begins")
        ctx.progress.update(1, "one")
        ctx.checkpoint(1)

    registry.register("busy", call if plain else task)
    for _ in range(5):
        assert (await queue.wait(await queue.enqueue("busy"), 10)).processed_items == 1
    await asyncio.wait_for(queue._get_engine().executions.quiet(), 10)
    # Timers that are still to come hold it: that of the throttle, and that of the starts to be stored.
    await eventually(lambda: not any(isinstance(each, Execution | Recorder) for each in gc.get_objects()))
