"""The front of the library, with real workers on a real database."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, query

from dayjob import InvalidArguments, JobContext, JobFailed, JobQueue, JobRegistry, JobRequest, JobStatus, Status
from dayjob.errors import (
    InvalidName,
    InvalidPayload,
    JobExists,
    JobNotFound,
    QueueNotRunning,
    StorageError,
    UnknownJobType,
)


class Gate:
    """A job type whose jobs tell that they began and then wait to be let through."""

    def __init__(self, registry: JobRegistry, name: str = "gated", **options: Any) -> None:
        self.began: asyncio.Queue[str] = asyncio.Queue()
        self.open = asyncio.Event()
        registry.register(name, self.run, **options)

    async def run(self, job_id: str, n: int = 0) -> int:
        self.began.put_nowait(job_id)
        await self.open.wait()
        return n

    async def next(self) -> str:
        return await asyncio.wait_for(self.began.get(), 10)


@pytest.fixture
def gate(registry: JobRegistry) -> Gate:
    return Gate(registry)


async def echo(job_id: str, value: Any = None) -> Any:
    return value


@pytest.fixture(autouse=True)
def _echo(registry: JobRegistry) -> None:
    registry.register("echo", echo)


def idle_queue(path: Path, registry: JobRegistry | None = None, **options: Any) -> JobQueue:
    """A second object on the same file, as in another process, that only enqueues and watches."""
    return JobQueue(f"sqlite:///{path}", registry=registry or JobRegistry(), max_workers=0, **options)


# --- enqueue ---


async def test_a_job_runs_and_its_result_comes_back(queue: JobQueue) -> None:
    job_id = await queue.enqueue("echo", job_args={"value": {"ä": [1, None]}})
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.result, job.progress, job.attempt) == (Status.COMPLETED, {"ä": [1, None]}, 100, 1)
    assert job.started_at is not None
    assert job.completed_at is not None
    assert job.created_at <= job.started_at <= job.completed_at
    assert await queue.get_job_status(job_id) == job


async def test_job_func_registers_a_new_type(queue: JobQueue) -> None:
    job_id = await queue.enqueue("fresh", echo, {"value": 7})
    assert await queue.result(job_id, timeout=10) == 7
    assert queue.registry.get_handler("fresh") is echo


async def test_an_unknown_type_never_enters_the_queue(queue: JobQueue, path: Path) -> None:
    with pytest.raises(UnknownJobType, match="echo"):
        await queue.enqueue("nope")
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(0,)]


@pytest.mark.parametrize(
    ("args", "error"),
    [
        ({"vlaue": 1}, InvalidArguments),
        ({"job_id": "mine"}, InvalidArguments),
        ({"value": float("nan")}, InvalidPayload),
        ({"value": {1, 2}}, InvalidPayload),
        ({"value": "x" * 300_000}, InvalidPayload),
    ],
)
async def test_bad_arguments_never_enter_the_queue(queue: JobQueue, path: Path, args: Any, error: type) -> None:
    with pytest.raises(error):
        await queue.enqueue("echo", job_args=args)
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(0,)]


@pytest.mark.parametrize(
    "options",
    [
        {"priority": 1001},
        {"priority": -1001},
        {"delay": -1},
        {"delay": float("nan")},
        {"delay": float("inf")},
        {"delay": "5"},
        {"run_at": datetime(2030, 1, 1)},
        {"run_at": "2030-01-01T00:00:00Z"},
        {"delay": 1, "run_at": datetime(2030, 1, 1, tzinfo=UTC)},
    ],
)
async def test_options_that_make_no_sense_are_refused(queue: JobQueue, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidArguments, match="priority|delay|time zone"):  # noqa: RUF043
        await queue.enqueue("echo", **options)


@pytest.mark.parametrize(
    "call",
    [
        lambda queue: queue.enqueue("echo"),
        lambda queue: queue.enqueue_many([JobRequest("echo")]),
        lambda queue: queue.cancel_job("a"),
        lambda queue: queue.wait("a"),
        lambda queue: anext(queue.updates("a")),
    ],
)
async def test_another_event_loop_is_told_how_to_hand_its_call_over(queue: JobQueue, path: Path, call: Any) -> None:
    """Else it would wait for ever: the answer comes on the queue's own loop."""

    async def elsewhere() -> None:
        with pytest.raises(QueueNotRunning, match="run_coroutine_threadsafe"):
            await call(queue)

    await asyncio.to_thread(asyncio.run, elsewhere())
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(0,)]


async def test_an_id_of_ones_own_makes_enqueue_repeatable(queue: JobQueue) -> None:
    assert await queue.enqueue("echo", job_args={"value": 1}, job_id="mine") == "mine"
    assert await queue.enqueue("echo", job_args={"value": 1}, job_id="mine") == "mine"
    await queue.wait("mine", timeout=10)
    accepted = await queue.accept(JobRequest("echo", {"value": 1}, job_id="mine"))
    assert (accepted.status(), accepted.created) == (await queue.get_job_status("mine"), False)


@pytest.mark.parametrize("value", [(1, 2), [(1,), {"a": ()}], {"b": 1, "a": 2}])
async def test_what_json_writes_alike_is_the_same_job(queue: JobQueue, value: Any) -> None:
    for _ in range(2):
        await queue.enqueue("echo", job_args={"value": value}, job_id="mine")


@pytest.mark.parametrize("other", [("echo", {"value": 2}), ("echo", {}), ("other", {"value": 1})])
async def test_an_id_with_other_arguments_or_type_is_refused(queue: JobQueue, other: tuple[str, Any]) -> None:
    queue.registry.register("other", echo)
    await queue.enqueue("echo", job_args={"value": 1}, job_id="mine")
    with pytest.raises(JobExists, match="mine"):
        await queue.enqueue(other[0], job_args=other[1], job_id="mine")


@pytest.mark.parametrize("job_id", ["", "a/b", "ws", "x" * 200])
async def test_an_id_that_breaks_routes_is_refused(queue: JobQueue, job_id: str) -> None:
    with pytest.raises(InvalidName):
        await queue.enqueue("echo", job_id=job_id)


async def test_a_unique_key_gives_the_active_job_back(queue: JobQueue, gate: Gate) -> None:
    first = await queue.enqueue("gated", unique_key="k")
    assert await queue.enqueue("gated", unique_key="k") == first
    await gate.next()
    assert await queue.enqueue("gated", unique_key="k") == first
    gate.open.set()
    await queue.wait(first, timeout=10)
    assert await queue.enqueue("gated", unique_key="k") != first


async def test_unique_keys_of_different_types_never_meet(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("a", echo)
    registry.register("a:b", echo)
    one = await queue.enqueue("a", unique_key="b:c", delay=60)
    assert await queue.enqueue("a:b", unique_key="c", delay=60) != one


async def test_a_unique_type_has_one_active_job_per_arguments(queue: JobQueue, registry: JobRegistry) -> None:
    gate = Gate(registry, "single", unique=True)
    ids = await asyncio.gather(*(queue.enqueue("single", job_args={"n": n % 2}) for n in range(20)))
    assert len(set(ids)) == 2
    gate.open.set()


async def test_higher_priorities_run_first_and_equals_in_order(path: Path, registry: JobRegistry) -> None:
    ran: list[str] = []

    async def note(job_id: str) -> None:
        ran.append(job_id)

    registry.register("note", note)
    async with idle_queue(path, registry) as early:
        for job_id, priority in (("a", 0), ("b", 0), ("c", 10), ("d", -10), ("e", 10)):
            await early.enqueue("note", job_id=job_id, priority=priority)
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=1) as one_worker:
        await one_worker.wait("d", timeout=10)
    assert ran == ["c", "e", "a", "b", "d"]


async def test_a_delayed_job_runs_when_its_time_has_come(queue: JobQueue) -> None:
    enqueued = time.time()
    job = await queue.wait(await queue.enqueue("echo", delay=0.4), timeout=10)
    assert job.started_at is not None
    assert job.started_at.timestamp() >= enqueued + 0.4


async def test_run_at_in_the_past_runs_now_and_in_the_future_waits(queue: JobQueue) -> None:
    past = await queue.enqueue("echo", run_at=datetime(2001, 1, 1, tzinfo=UTC))
    future = await queue.enqueue("echo", run_at=datetime.now(UTC) + timedelta(hours=1))
    assert (await queue.wait(past, timeout=10)).status is Status.COMPLETED
    job = await queue.get_job_status(future)
    assert job is not None
    assert job.status is Status.PENDING


async def test_long_jobs_are_not_hoarded(path: Path, registry: JobRegistry, gate: Gate) -> None:
    async with idle_queue(path, registry) as early:
        for n in range(20):
            await early.enqueue("gated", job_args={"n": n})
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=3):
        for _ in range(3):
            await gate.next()
        assert query(path, "SELECT count(*) FROM dayjob_job WHERE status = 'running'") == [(3,)]


# --- wait and result ---


async def test_waiting_for_an_unknown_job_raises(queue: JobQueue) -> None:
    with pytest.raises(JobNotFound):
        await queue.wait("nope")


async def test_a_wait_that_takes_too_long_raises_and_the_job_goes_on(queue: JobQueue, gate: Gate) -> None:
    job_id = await queue.enqueue("gated", job_args={"n": 7})
    with pytest.raises(TimeoutError):
        await queue.wait(job_id, timeout=0.05)
    gate.open.set()
    assert await queue.result(job_id, timeout=10) == 7
    assert not queue.bus.wants(job_id)


async def test_many_may_wait_for_one_job(queue: JobQueue, gate: Gate) -> None:
    job_id = await queue.enqueue("gated", job_args={"n": 7})
    waits = [asyncio.create_task(queue.result(job_id, timeout=10)) for _ in range(50)]
    await gate.next()
    gate.open.set()
    assert await asyncio.gather(*waits) == [7] * 50


async def test_the_result_of_a_failed_job_raises_its_error(queue: JobQueue) -> None:
    async def broken(job_id: str) -> None:
        raise OSError("disk on fire")

    with pytest.raises(JobFailed, match="failed: OSError: disk on fire"):
        await queue.result(await queue.enqueue("broken", broken), timeout=10)


# --- cancel ---


async def test_a_cancelled_pending_job_never_runs(queue: JobQueue, gate: Gate) -> None:
    for _ in range(3):
        await queue.enqueue("gated")
        await gate.next()
    waiting = await queue.enqueue("gated")
    assert await queue.cancel_job(waiting)
    job = await queue.wait(waiting, timeout=1)
    assert (job.status, job.attempt, job.started_at) == (Status.CANCELLED, 0, None)
    gate.open.set()
    await queue.wait(await queue.enqueue("gated"), timeout=10)
    assert waiting not in list(gate.began._queue)  # type: ignore[attr-defined]


async def test_a_cancelled_running_job_stops_and_ends_cancelled(queue: JobQueue, gate: Gate) -> None:
    job_id = await queue.enqueue("gated")
    await gate.next()
    assert await queue.cancel_job(job_id)
    job = await queue.wait(job_id, timeout=10)
    assert (job.status, job.error, job.failures) == (Status.CANCELLED, None, 0)
    assert job.cancel_requested_at is not None


async def test_cancel_tells_whether_it_makes_sense(queue: JobQueue, gate: Gate) -> None:
    done = await queue.enqueue("echo")
    await queue.wait(done, timeout=10)
    assert not await queue.cancel_job(done)
    assert not await queue.cancel_job("nope")
    job_id = await queue.enqueue("gated")
    await gate.next()
    assert await queue.cancel_job(job_id)
    assert await queue.cancel_job(job_id)  # under way
    await queue.wait(job_id, timeout=10)
    assert await queue.cancel_job(job_id)  # already


# --- start and stop ---


async def test_a_queue_that_does_not_run_says_how_to_start_it(path: Path, registry: JobRegistry) -> None:
    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    calls = [
        queue.enqueue("echo"),
        queue.cancel_job("a"),
        queue.get_job_status("a"),
        queue.list_jobs(),
        queue.wait("a"),
    ]
    for call in calls:
        with pytest.raises(QueueNotRunning, match="async with queue"):
            await call
    assert not path.exists()


async def test_starts_and_stops_are_counted(path: Path, registry: JobRegistry) -> None:
    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    await queue.start()
    await queue.start()
    await queue.stop()
    assert queue.running
    await queue.wait(await queue.enqueue("echo"), timeout=10)
    await queue.stop()
    assert not queue.running
    await queue.stop()
    await queue.start()
    assert queue.running
    await queue.stop()


async def test_starting_at_the_same_time_starts_once(path: Path, registry: JobRegistry) -> None:
    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    await asyncio.gather(*(queue.start() for _ in range(5)))
    assert len(await queue.workers()) == 1
    for _ in range(5):
        await queue.stop()
    assert not queue.running


async def test_stop_gives_back_what_it_interrupted_and_the_next_start_runs_it(
    path: Path, registry: JobRegistry, gate: Gate
) -> None:
    queue = JobQueue(f"sqlite:///{path}", registry=registry, max_workers=2)
    async with queue:
        ids = [await queue.enqueue("gated", job_args={"n": n}) for n in range(4)]
        await gate.next()
        await gate.next()
    columns = "SELECT status, attempt, failures, orphans FROM dayjob_job ORDER BY seq"
    assert query(path, columns) == [("pending", 1, 0, 0)] * 2 + [("pending", 0, 0, 0)] * 2
    gate.open.set()
    async with queue:
        jobs = [await queue.wait(job_id, timeout=10) for job_id in ids]
    assert [(job.result, job.attempt) for job in jobs] == [(0, 2), (1, 2), (2, 1), (3, 1)]


async def test_a_cancel_that_was_asked_for_holds_when_the_queue_stops(
    path: Path, registry: JobRegistry, gate: Gate
) -> None:
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        job_id = await queue.enqueue("gated")
        await gate.next()
        await queue.cancel_job(job_id)
    assert query(path, "SELECT status FROM dayjob_job") == [("cancelled",)]


@pytest.mark.parametrize("form", ["coroutine", "thread"])
async def test_stop_returns_in_time_whatever_handlers_do(path: Path, registry: JobRegistry, form: str) -> None:
    began, finish = threading.Event(), threading.Event()

    async def swallow(job_id: str) -> None:
        began.set()
        while not finish.is_set():
            try:
                await asyncio.sleep(0.05)
            except asyncio.CancelledError:
                continue

    def block(job_id: str) -> None:
        began.set()
        finish.wait(30)

    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    await queue.start()
    try:
        await queue.enqueue("stubborn", swallow if form == "coroutine" else block)
        await asyncio.to_thread(began.wait, 10)
        before = time.monotonic()
        await queue.stop(grace=0.3)
        assert time.monotonic() - before < 1.3
        assert query(path, "SELECT status, failures FROM dayjob_job") == [("pending", 0)]
    finally:
        finish.set()
        await eventually(lambda: not [t for t in asyncio.all_tasks() if "stubborn" in t.get_name()])


async def test_a_handler_may_stop_its_own_queue(path: Path, registry: JobRegistry) -> None:
    stopped = JobQueue(f"sqlite:///{path}", registry=registry, grace=1.0)

    async def stop() -> None:
        await stopped.stop()

    await stopped.start()
    job_id = await stopped.enqueue("stop", stop)
    await eventually(lambda: stopped._stopping and stopped._stopping.done())
    assert not [thread for thread in threading.enumerate() if thread.name == "dayjob-writer"]
    assert query(path, "SELECT status, failures FROM dayjob_job WHERE id = ?", job_id) == [("pending", 0)]


async def test_stop_does_not_wait_for_threads_that_handlers_left_in_the_default_executor(
    path: Path, registry: JobRegistry
) -> None:
    finish = threading.Event()
    slots = min(32, (os.cpu_count() or 1) + 4)
    began = threading.Semaphore(0)

    def block() -> None:
        began.release()
        finish.wait(30)

    async def offload(job_id: str) -> None:
        await asyncio.gather(*(asyncio.to_thread(block) for _ in range(slots)))

    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    await queue.start()
    try:
        await queue.enqueue("offload", offload)
        await eventually(lambda: began.acquire(blocking=False))
        before = time.monotonic()
        async with asyncio.timeout(5):
            await queue.stop(grace=0.2)
        assert time.monotonic() - before < 1.2
    finally:
        finish.set()


async def test_nothing_of_a_stopped_queue_is_left(path: Path, registry: JobRegistry) -> None:
    tasks, threads = asyncio.all_tasks(), set(threading.enumerate())
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        await queue.wait(await queue.enqueue("echo"), timeout=10)
    await eventually(lambda: asyncio.all_tasks() <= tasks)
    await eventually(lambda: set(threading.enumerate()) <= threads)
    assert query(path, "SELECT count(*) FROM dayjob_worker") == [(0,)]
    assert list(path.with_name("jobs.db.workers").iterdir()) == []


async def test_a_wait_ends_when_the_queue_stops(path: Path, registry: JobRegistry) -> None:
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        waiting = asyncio.create_task(queue.wait(await queue.enqueue("echo", delay=60)))
        await eventually(lambda: len(queue.bus._by_job) == 1)
    with pytest.raises(QueueNotRunning):
        await asyncio.wait_for(waiting, 5)


def test_a_url_that_names_no_file_is_refused_when_the_queue_is_made() -> None:
    with pytest.raises(ValueError, match=r"url is 'jobs.db'; use a database URL"):
        JobQueue("jobs.db")


async def test_a_relative_path_means_the_folder_in_which_the_queue_was_made(
    tmp_path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    queue = JobQueue("sqlite:///jobs.db", registry=registry)
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert (queue.path, queue.url) == (tmp_path / "jobs.db", f"sqlite:///{tmp_path}/jobs.db")
    async with queue:
        assert (tmp_path / "jobs.db").exists()
    assert not any((tmp_path / "elsewhere").iterdir())


# --- two queues on one file ---


async def test_a_queue_without_workers_only_enqueues_and_watches(
    path: Path, registry: JobRegistry, queue: JobQueue
) -> None:
    async with idle_queue(path, registry) as front:
        ids = [await front.enqueue("echo", job_args={"value": n}) for n in range(5)]
        assert [await front.result(job_id, timeout=10) for job_id in ids] == [0, 1, 2, 3, 4]
        assert {(await front.wait(job_id)).worker for job_id in ids} == {
            w.id for w in await queue.workers() if w.slots == 3
        }


async def test_a_cancel_reaches_the_process_that_runs_the_job(
    path: Path, registry: JobRegistry, queue: JobQueue, gate: Gate
) -> None:
    async with idle_queue(path, registry) as front:
        job_id = await front.enqueue("gated")
        await gate.next()
        assert await front.cancel_job(job_id)
        assert (await front.wait(job_id, timeout=10)).status is Status.CANCELLED


async def test_a_change_elsewhere_that_cannot_be_read_is_read_again(
    path: Path, registry: JobRegistry, queue: JobQueue, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may be the last change of a job: no other would follow."""
    async with idle_queue(path, registry) as front:
        job_id = await front.enqueue("gated")
        await gate.next()
        repository = front._get_engine().repository
        get, read, failed = repository.get_job, repository.list_changed, 0
        looked = asyncio.Event()

        async def get_and_tell(job_id: str) -> Any:
            job = await get(job_id)
            looked.set()
            return job

        async def fail_twice(changes: Any) -> Any:
            nonlocal failed
            failed += 1
            if failed <= 2:
                raise StorageError("disk I/O error")
            return await read(changes)

        monkeypatch.setattr(repository, "get_job", get_and_tell)
        monkeypatch.setattr(repository, "list_changed", fail_twice)
        waiting = asyncio.ensure_future(front.wait(job_id, timeout=15))
        await looked.wait()  # else it may find that the job has ended, and need no news
        gate.open.set()
        done, _ = await asyncio.wait([waiting], timeout=20)
        assert [task.exception() for task in done] == [None]
        assert failed > 2


@pytest.mark.parametrize("how", ["wait", "updates"])
async def test_who_waits_for_a_job_that_others_removed_is_told(path: Path, registry: JobRegistry, how: str) -> None:
    async with idle_queue(path, registry) as front:
        job_id = await front.enqueue("echo", delay=3600)

        async def wait() -> None:
            if how == "wait":
                await front.wait(job_id)
            async for _ in front.updates(job_id):
                pass

        waiting = asyncio.ensure_future(wait())
        await eventually(lambda: front._get_engine().feed._waits)
        # It ended in another process, and was removed there, before this one looked.
        query(path, "DELETE FROM dayjob_job WHERE id = ?", job_id)
        query(path, "UPDATE dayjob_meta SET value = value + 1 WHERE key = 'rev'")
        done, _ = await asyncio.wait([waiting], timeout=10)
        assert [type(task.exception()) for task in done] == [JobNotFound]


async def test_a_job_of_a_type_that_only_others_know_stays_pending(path: Path, queue: JobQueue) -> None:
    elsewhere = JobRegistry()
    elsewhere.register("exotic", echo)
    async with idle_queue(path, elsewhere) as front:
        job_id = await front.enqueue("exotic")
        await queue.wait(await queue.enqueue("echo"), timeout=10)  # the worker was there and looked
        job = await queue.get_job_status(job_id)
        assert job is not None
        assert (job.status, job.attempt) == (Status.PENDING, 0)


async def test_two_queues_share_the_work_and_run_nothing_twice(path: Path, registry: JobRegistry) -> None:
    ran: list[tuple[str, int]] = []
    numbers = itertools.count()

    async def note(job_id: str) -> None:
        ran.append((job_id, next(numbers)))
        await asyncio.sleep(0)

    registry.register("note", note)
    queues = [JobQueue(f"sqlite:///{path}", registry=registry, durability="process") for _ in range(2)]
    async with queues[0], queues[1]:
        ids = await asyncio.gather(*(queues[n % 2].enqueue("note") for n in range(300)))
        for job_id in ids:
            await queues[0].wait(job_id, timeout=20)
    assert sorted(job_id for job_id, _ in ran) == sorted(ids)


async def test_a_file_that_is_reached_by_another_path_is_the_same_queue(path: Path, registry: JobRegistry) -> None:
    # The lock files lie beside the database; a process that looked elsewhere would take the others for dead.
    gate = Gate(registry)
    link = path.parent / "link" / "other.db"
    link.parent.mkdir()
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        job_id = await queue.enqueue("gated")
        await gate.next()
        link.symlink_to(path)
        async with idle_queue(link, registry) as front:
            assert len(await front.workers()) == 2
        gate.open.set()
        assert (await queue.wait(job_id, timeout=10)).attempt == 1


async def test_a_relative_path_means_the_folder_of_the_start(
    tmp_path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(tmp_path)
    async with JobQueue("sqlite:///jobs.db", registry=registry) as queue:
        monkeypatch.chdir(elsewhere)  # as a careless handler might
        waits = [queue.wait(await queue.enqueue("echo"), timeout=10) for _ in range(10)]
        assert {job.status for job in await asyncio.gather(*waits)} == {Status.COMPLETED}
    assert list(elsewhere.iterdir()) == []


# --- several event loops ---


def on_new_loop(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What ``work`` gives on an event loop of its own, in a thread of its own; that loop is closed then."""
    with ThreadPoolExecutor(1) as executor:
        return executor.submit(lambda: asyncio.run(work())).result(60)


async def test_a_queue_whose_loop_died_starts_anew_on_another_one(path: Path, registry: JobRegistry) -> None:
    left = JobQueue(f"sqlite:///{path}", registry=registry, grace=0.5)
    began = threading.Event()
    runs: list[bool] = []

    @registry.job("once_stuck")
    def once_stuck(ctx: JobContext) -> int:
        runs.append(True)
        began.set()
        while len(runs) == 1:  # the first one goes on until it is told to stop
            ctx.check()
            time.sleep(0.01)
        return 7

    async def no_stop() -> str:
        await left.start()
        job_id = await left.enqueue("once_stuck")
        await asyncio.to_thread(began.wait, 20)
        return job_id

    job_id = await asyncio.to_thread(on_new_loop, no_stop)
    assert isinstance(left.trouble, QueueNotRunning)
    with pytest.raises(QueueNotRunning, match=r"was closed without `await queue.stop\(\)`. Start it again on this one"):
        await left.enqueue("once_stuck")
    async with left:
        assert left.trouble is None
        assert await left.result(job_id, 20) == 7
        assert (await left.get_job_status(job_id)).attempt == 2  # type: ignore[union-attr]
    await eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("dayjob-")])


async def test_what_a_dead_loop_left_is_found_by_others_at_once(path: Path, registry: JobRegistry) -> None:
    left = JobQueue(f"sqlite:///{path}", registry=registry, grace=0.5)
    other = JobQueue(f"sqlite:///{path}", registry=registry)
    runs: list[bool] = []

    @registry.job("second_time")
    async def second_time() -> int:
        runs.append(True)
        while len(runs) == 1:
            await asyncio.sleep(60)
        return 8

    async def no_stop() -> str:
        await left.start()
        job_id = await left.enqueue("second_time")
        await eventually(lambda: runs)
        return job_id

    job_id = await asyncio.to_thread(on_new_loop, no_stop)
    async with other:
        assert await other.result(job_id, 20) == 8
    await left.stop()  # there is nothing left to be stopped
    assert not left.running
    await eventually(lambda: not [t for t in threading.enumerate() if t.name.startswith("dayjob-")])


async def test_a_queue_that_runs_on_another_loop_says_so(queue: JobQueue) -> None:
    for call in (queue.start, queue.stop):
        with pytest.raises(QueueNotRunning, match="on another event loop, which is not closed"):
            await asyncio.to_thread(on_new_loop, call)
    assert queue.running
    assert queue.trouble is None


async def test_a_start_that_died_with_its_loop_holds_up_nobody(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = JobQueue(f"sqlite:///{path}", registry=registry)

    async def killed() -> None:
        await late._lock_of_this_loop().acquire()

    await asyncio.to_thread(on_new_loop, killed)
    async with asyncio.timeout(20), late:
        assert late.trouble is None


async def test_a_live_job_has_the_progress_that_was_not_stored_yet(queue: JobQueue, registry: JobRegistry) -> None:
    reported, go_on = asyncio.Event(), asyncio.Event()

    async def report(ctx: JobContext) -> None:
        ctx.progress.update(3, "three")
        reported.set()
        await go_on.wait()

    registry.register("report", report)
    job_id = await queue.enqueue("report")
    job = await eventually(lambda: running_job(queue, job_id))
    await reported.wait()
    stored = replace(job, processed_items=0, message=None)
    assert (queue.live(stored).processed_items, queue.live(stored).message) == (3, "three")
    go_on.set()
    ended = await queue.wait(job_id, 20)
    assert queue.live(ended) is ended


async def running_job(queue: JobQueue, job_id: str) -> JobStatus | None:
    job = await queue.get_job_status(job_id)
    return job if job is not None and job.status is Status.RUNNING else None
