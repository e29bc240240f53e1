"""A process whose event loop is blocked is shown as such, with the job that does it, and loses nothing."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
import time
from pathlib import Path

import pytest
from tests.processes import Child, read_ledger
from tests.support import PATIENCE, eventually, query

from dayjob import JobQueue, JobRegistry, Status, processes
from dayjob.engine import loop_monitor
from dayjob.repository import WorkerRow


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules on a faster clock."""
    monkeypatch.setattr(processes, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(processes, "DEAD_AFTER", 0.6)
    monkeypatch.setattr(loop_monitor, "BLOCKED_AFTER", 0.3)


async def only_worker(queue: JobQueue) -> WorkerRow:
    (row,) = await queue.workers()
    return row


def block_until_seen(path: Path, after_beat: int = 0) -> tuple[str, int]:
    """Block the event loop until the database says so; what it says about whose fault it is, and at which beat."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        ((since, by, beat),) = query(path, "SELECT blocked_since, blocked_by, beat FROM dayjob_worker")
        if since is not None and beat > after_beat:
            return str(by), beat
    raise AssertionError("nobody noticed")


@pytest.mark.timeout(60)
async def test_another_process_sees_who_blocks_and_takes_nothing_away(path: Path, tmp_path: Path) -> None:
    from tests.crash.child import registry as child_types  # noqa: PLC0415 (the types only; nothing of it runs here)

    ledger = tmp_path / "ledger"
    async with JobQueue(f"sqlite:///{path}", registry=child_types, max_workers=0) as queue:
        child = await Child(path, ledger, beat=0.2).ready()
        try:
            await queue.enqueue("hold", job_id="innocent")
            await eventually(lambda: len(read_ledger(ledger)) == 1)
            await queue.enqueue("block", job_id="guilty")
            (row,) = [row for row in await eventually(lambda: blocked(queue)) if row.blocked]
            assert (row.pid, json.loads(row.blocked_by or "")) == (child.pid, ["guilty"])
            beat = row.beat
            await eventually(lambda: beats_of(queue, row.id, beat + 10))  # far longer than a dead one would have
            assert query(path, "SELECT attempt, orphans FROM dayjob_job") == [(1, 0), (1, 0)]
            Path(f"{ledger}.enough").touch()
            assert (await queue.wait("guilty", 20)).status is Status.COMPLETED
            await eventually(lambda: nobody_blocked(queue))
        finally:
            child.kill()
    assert [line.what for line in read_ledger(ledger) if line.job_id == "guilty"] == ["begin", "end"]


async def blocked(queue: JobQueue) -> list[WorkerRow]:
    return [row for row in await queue.workers() if row.blocked]


async def nobody_blocked(queue: JobQueue) -> bool:
    return not await blocked(queue)


async def beats_of(queue: JobQueue, worker: str, beat: int) -> bool:
    return any(row.id == worker and row.beat >= beat for row in await queue.workers())


async def test_the_job_is_named_once_in_the_log_and_its_end_is_told(
    queue: JobQueue, registry: JobRegistry, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def block(job_id: str) -> str:
        said, beat = block_until_seen(path)
        block_until_seen(path, beat + 3)
        return said

    registry.register("block", block)
    job_id = await queue.enqueue("block")
    assert await queue.result(job_id, 20) == json.dumps([job_id])
    await eventually(lambda: nobody_blocked(queue))
    await eventually(lambda: any("answers again" in record.message for record in caplog.records))
    told = [record for record in caplog.records if "has not answered" in record.message]
    assert [record.levelno for record in told] == [logging.WARNING]
    assert f"{job_id} (block)" in told[0].message


async def test_a_task_of_the_handlers_own_blocks_and_its_job_is_among_the_named(
    queue: JobQueue, registry: JobRegistry, path: Path
) -> None:
    async def inner() -> str:
        return block_until_seen(path)[0]

    async def block(job_id: str) -> str:
        return await asyncio.create_task(inner())

    registry.register("block", block)
    job_id = await queue.enqueue("block")
    assert await queue.result(job_id, 20) == json.dumps([job_id])


async def test_nobody_is_accused_of_what_the_app_does(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    began, ended = threading.Event(), threading.Event()

    def in_thread(job_id: str) -> None:
        began.set()
        ended.wait(PATIENCE)

    registry.register("in_thread", in_thread)
    await queue.enqueue("in_thread")
    await eventually(began.is_set)
    assert block_until_seen(path)[0] == "[]"
    ended.set()


async def test_handlers_that_were_written_off_are_counted_while_they_run(
    queue: JobQueue, registry: JobRegistry
) -> None:
    began, ended = threading.Event(), threading.Event()

    def deaf(job_id: str) -> None:
        began.set()
        ended.wait(PATIENCE)

    async def stuck(count: int) -> bool:
        return (await only_worker(queue)).stuck == count

    registry.register("deaf", deaf)
    job_id = await queue.enqueue("deaf")
    await eventually(began.is_set)
    await queue.cancel_job(job_id)
    await eventually(lambda: stuck(1))
    ended.set()
    await eventually(lambda: stuck(0))
