"""The signs of life of a process: it is known as long as it lives, with the types that it knows."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import pytest
from tests.dayjob.engine.support import done, queue_on, workers
from tests.processes import Child
from tests.support import eventually, query

from dayjob import JobQueue, JobRegistry, Status, processes
from dayjob.errors import StorageError
from dayjob.repository import JobRepository


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules on a faster clock."""
    monkeypatch.setattr(processes, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(processes, "DEAD_AFTER", 0.6)


@pytest.fixture
def registry() -> JobRegistry:
    made = JobRegistry()
    made.register("copy", done)
    return made


async def test_a_process_that_others_forgot_registers_again(path: Path, registry: JobRegistry) -> None:
    async with queue_on(path, registry) as queue:
        (me,) = workers(path)
        file = path.with_name(f"{path.name}.workers") / me
        file.unlink()
        query(path, "DELETE FROM dayjob_worker")
        job_id = await queue.enqueue("copy")
        assert (await queue.wait(job_id, timeout=10)).worker == me
        assert workers(path) == {me}
        assert file.exists()


async def test_a_stop_ends_although_the_process_cannot_sign_off(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise StorageError("disk I/O error")

    queue = queue_on(path, registry)
    await queue.start()
    monkeypatch.setattr(JobRepository, "remove_worker", refuse)
    await queue.stop()
    monkeypatch.undo()
    assert not any(thread.name == "dayjob-writer" for thread in threading.enumerate())
    async with queue_on(path, registry, max_workers=0) as front:  # which takes it for dead at once
        assert len(await front.workers()) == 1


async def test_a_handler_that_blocks_the_event_loop_does_not_look_dead(path: Path, tmp_path: Path) -> None:
    registry = JobRegistry()
    release = tmp_path / "release"
    os.mkfifo(release)
    ledger = tmp_path / "ledger"
    child = await Child(path, ledger, beat=0.1).ready()
    try:

        async def block(job_id: str) -> str:
            with release.open() as pipe:  # the whole loop waits here, until the observer below has looked long enough
                return pipe.read()

        registry.register("block", block)
        async with queue_on(path, registry, max_workers=1) as queue:
            job_id = await queue.enqueue("block")
            watcher = asyncio.create_task(asyncio.to_thread(_watch, path, release))
            job = await queue.wait(job_id, timeout=30)
            await watcher
        assert (job.status, job.attempt) == (Status.COMPLETED, 1)
    finally:
        child.kill()


def _watch(path: Path, release: Path) -> None:
    """Let the handler go on when both processes have beaten for more than the time after which one is dead."""
    with release.open("w") as pipe:
        first = min(beat for (beat,) in query(path, "SELECT beat FROM dayjob_worker"))
        while min(beat for (beat,) in query(path, "SELECT beat FROM dayjob_worker")) < first + 12:
            pass
        pipe.write("done")


async def test_a_type_that_is_registered_later_is_known_to_the_others(path: Path, registry: JobRegistry) -> None:
    other = JobRegistry()
    async with queue_on(path, registry) as queue, queue_on(path, other) as watching:
        other.register("late", done)
        await eventually(lambda: _knows(queue, "late"))
        assert len(await watching.workers()) == 2


async def _knows(queue: JobQueue, job_type: str) -> bool:
    return any(job_type in worker.types for worker in await queue.workers())
