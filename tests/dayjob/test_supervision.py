"""Each thread and task that carries a queue is killed: that is told, nobody waits for ever, and it begins anew."""

from __future__ import annotations

import asyncio
import ctypes
import itertools
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, query

from dayjob import JobQueue, JobRegistry, Status
from dayjob.errors import PartFailed, StorageError
from dayjob.repository.sqlite.connection import SqliteConnection
from dayjob.repository.transaction import Reader, Transaction
from dayjob.repository.writer import Writer
from dayjob.supervision import SupervisedTask, SupervisedThread, Supervisor

THREADS = ("writer", "reader-0", "reader-1", "heartbeat")
TASKS = ("feeder", "worker-0", "rescuer", "scheduler", "registrar", "housekeeper", "pruner", "change-reader")


class Troubles(logging.Handler):
    """What ``queue.trouble`` says at the moment when the end of a part is logged."""

    def __init__(self, queue: JobQueue) -> None:
        super().__init__(logging.ERROR)
        self._queue = queue
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "begins anew" in record.getMessage():
            self.told.append(f"{record.getMessage()} | {self._queue.trouble!r}")


@pytest.fixture
def troubles(queue: JobQueue) -> Iterator[Troubles]:
    seen = Troubles(queue)
    logging.getLogger("dayjob.supervision").addHandler(seen)
    yield seen
    logging.getLogger("dayjob.supervision").removeHandler(seen)


@pytest.fixture(autouse=True)
def handlers(registry: JobRegistry) -> None:
    @registry.job("add")
    async def add(n: int = 0) -> int:
        return n + 1

    @registry.job("slow")
    async def slow() -> int:
        await asyncio.sleep(0.3)
        return 7

    @registry.job("in_thread")
    def in_thread() -> int:
        time.sleep(0.3)
        return 8


def kill_thread(name: str) -> None:
    (thread,) = [thread for thread in threading.enumerate() if thread.name == f"dayjob-{name}"]
    exception = ctypes.py_object(SystemExit)
    assert ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident or 0), exception) == 1


def kill_task(name: str) -> None:
    (task,) = [task for task in asyncio.all_tasks() if task.get_name() == f"dayjob-{name}"]
    task.cancel()


def cancel_all_tasks() -> None:
    """All but those of the test's own framework."""
    for task in asyncio.all_tasks():
        if task is not asyncio.current_task() and task.get_name().startswith("dayjob-"):
            task.cancel()


async def works(queue: JobQueue) -> None:
    """Whatever is asked is answered; after a while, well."""

    async def once() -> bool:
        try:
            async with asyncio.timeout(10):
                return bool(await queue.result(await queue.enqueue("add", job_args={"n": 1})) == 2)
        except StorageError:
            return False

    await eventually(once)
    await eventually(lambda: queue.trouble is None)


@pytest.mark.parametrize("name", THREADS)
async def test_a_thread_that_was_killed_is_told_and_begins_anew(queue: JobQueue, troubles: Troubles, name: str) -> None:
    kill_thread(name)
    await works(queue)
    for _ in range(4):
        await queue.list_jobs()  # a reader hears of it when it has something to do
    told = await eventually(lambda: [line for line in troubles.told if f"the {name} was ended" in line])
    assert "SystemExit" in told[0]
    assert "| None" not in told[0]
    assert [thread.name for thread in threading.enumerate()].count(f"dayjob-{name}") == 1
    await works(queue)


@pytest.mark.parametrize("name", TASKS)
async def test_a_task_that_was_cancelled_is_told_and_begins(queue: JobQueue, troubles: Troubles, name: str) -> None:
    kill_task(name)
    await eventually(lambda: troubles.told)
    assert f"the {name} was ended" in troubles.told[0]
    assert isinstance(queue.trouble, PartFailed)
    await works(queue)
    await eventually(lambda: f"dayjob-{name}" in {task.get_name() for task in asyncio.all_tasks()})


@pytest.mark.parametrize("job_type", ["slow", "in_thread"])
async def test_a_slot_that_was_cancelled_goes_on_with_the_job_that_it_runs(queue: JobQueue, job_type: str) -> None:
    job_id = await queue.enqueue(job_type)
    await eventually(lambda: queue._get_engine().executions.running)
    for number in range(3):
        kill_task(f"worker-{number}")
    job = await queue.wait(job_id, 10)
    assert (job.status, job.attempt, job.failures) == (Status.COMPLETED, 1, 0)
    await works(queue)


async def test_a_handler_that_cancels_all_tasks_ends_no_part_for_good(
    queue: JobQueue, registry: JobRegistry, troubles: Troubles
) -> None:
    @registry.job("mad")
    async def mad() -> None:
        cancel_all_tasks()

    waiting = [await queue.enqueue("slow"), await queue.enqueue("in_thread")]
    await eventually(lambda: len(queue._get_engine().executions.running) == 2)
    assert (await queue.wait(await queue.enqueue("mad"), 10)).status is Status.COMPLETED
    assert len(troubles.told) >= len(TASKS)
    assert all("PartFailed" in line for line in troubles.told)
    await works(queue)
    assert (await queue.wait(waiting[1], 10)).status is Status.COMPLETED  # it is no task
    assert (await queue.wait(waiting[0], 10)).finished
    jobs = [await queue.enqueue("add", job_args={"n": n}) for n in range(20)]
    assert [await queue.result(job_id, 10) for job_id in jobs] == list(range(1, 21))


async def test_a_stop_is_carried_through_although_a_handler_cancels_it(path: Path, registry: JobRegistry) -> None:
    cleaned_up = []

    @registry.job("mad")
    async def mad() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            cancel_all_tasks()
            cleaned_up.append(True)

    queue = JobQueue(f"sqlite:///{path}", registry=registry, grace=0.5)
    await queue.start()
    job_id = await queue.enqueue("mad")
    await eventually(lambda: queue._get_engine().executions.running)
    async with asyncio.timeout(20):
        await queue.stop()
    assert cleaned_up
    assert query(path, "SELECT status, worker IS NOT NULL FROM dayjob_job WHERE id = ?", job_id) == [("pending", 1)]
    assert query(path, "SELECT id FROM dayjob_worker") == []


async def test_an_error_that_is_none_of_sqlites_fails_its_batch_and_the_writer_lives(queue: JobQueue) -> None:
    def mad(_tx: Transaction) -> None:
        raise KeyError("unknown column")

    writer = queue._get_engine().repository._writer
    with pytest.raises(KeyError):
        await writer.submit(mad)
    await works(queue)


_STEPS = [(Writer, "_commit"), (Writer, "_announce"), (SqliteConnection, "look"), (SqliteConnection, "attend")]


@pytest.mark.parametrize(("part", "step"), _STEPS)
async def test_an_error_in_any_step_of_the_writer_ends_nothing(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch, part: type, step: str
) -> None:
    real, left = getattr(part, step), [True]
    writer = queue._get_engine().repository._writer

    def fails_once(self: Any, *args: Any, **options: Any) -> Any:
        if left and self in (writer, writer.connection):
            left.pop()
            raise TypeError("a row of another shape")
        return real(self, *args, **options)

    monkeypatch.setattr(part, step, fails_once)
    await works(queue)
    async with JobQueue(queue.url, registry=queue.registry, max_workers=0) as other:
        await other.enqueue("add", job_args={"n": 1}, delay=3600)  # what others write is looked at
        await eventually(lambda: not left)
    await works(queue)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
async def test_a_writer_that_never_comes_back_keeps_nobody_waiting(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = JobQueue(f"sqlite:///{path}", registry=registry, grace=0.2)
    await queue.start()
    monkeypatch.setattr(SupervisedThread, "_fail", _end_thread)
    kill_thread("writer")
    async with asyncio.timeout(20):
        await eventually(lambda: queue.trouble)
        for _ in range(3):
            with pytest.raises(StorageError, match="Restart this process"):
                await queue.enqueue("add")
        assert isinstance(queue.trouble, StorageError)
        await queue.stop()


def _end_thread(_self: SupervisedThread, _error: BaseException) -> None:
    raise SystemExit


async def test_a_step_that_fails_again_and_again_is_told_until_it_works(
    queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    feeder = queue._get_engine().pool._feeder
    real = feeder._step

    async def fails() -> float | None:
        raise TypeError("no number")

    monkeypatch.setattr(feeder, "_step", fails)
    feeder.wake()
    trouble = await eventually(lambda: queue.trouble)
    assert trouble.code == "part_failed"
    assert "feeder of the job queue failed (TypeError: no number)" in str(trouble)
    monkeypatch.setattr(feeder, "_step", real)
    feeder.wake()
    await eventually(lambda: queue.trouble is None)


async def test_what_ends_again_and_again_is_begun_at_growing_intervals() -> None:
    began: list[float] = []

    async def fails() -> None:
        began.append(asyncio.get_running_loop().time())
        raise OSError("sick")

    task = SupervisedTask("sick", fails, Supervisor())
    task.start()
    await eventually(lambda: len(began) == 4)
    await task.stop(1)
    pauses = [later - earlier for earlier, later in itertools.pairwise(began)]
    assert pauses[0] >= 0.1
    assert pauses[1] >= 0.2
    assert pauses[2] >= 0.4
    await asyncio.sleep(0.9)
    assert len(began) == 4, "it was stopped"


async def test_readers_open_the_file_anew_after_an_error(queue: JobQueue) -> None:
    repository = queue._get_engine().repository

    def broken(reader: Reader) -> None:
        reader.close()
        reader.run("list_types")

    for _ in range(4):
        with pytest.raises(StorageError):
            await repository._readers.run(broken)
        assert (await queue.list_jobs()).items == []
