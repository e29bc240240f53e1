"""Slots and claims of running queues: limits hold between processes, and short jobs are prefetched within them."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, query

from dayjob import InvalidArguments, JobQueue, JobRegistry, JobRequest, QueueFull, Status
from dayjob.engine import prefetched


class Meter:
    """A job type that knows how many of its jobs run at the same time, in all and per ``n``."""

    def __init__(self, registry: JobRegistry, name: str = "metered", **options: Any) -> None:
        self.running: Counter[int] = Counter()
        self.most: Counter[int] = Counter()
        self.most_in_all = 0
        registry.register(name, self.run, **options)

    async def run(self, job_id: str, n: int = 0) -> None:
        self.running[n] += 1
        self.most[n] = max(self.most[n], self.running[n])
        self.most_in_all = max(self.most_in_all, self.running.total())
        await asyncio.sleep(0.002)
        self.running[n] -= 1


def pair(path: Path, registry: JobRegistry) -> tuple[JobQueue, JobQueue]:
    """Two queues on one database, which know of each other what processes know."""
    url = f"sqlite:///{path}"
    return JobQueue(url, registry=registry, max_workers=4), JobQueue(url, registry=registry, max_workers=4)


async def test_a_limit_holds_while_two_queues_work_and_everything_ends(path: Path, registry: JobRegistry) -> None:
    meter = Meter(registry, max_concurrency=2)
    one, two = pair(path, registry)
    async with one, two:
        jobs = await one.enqueue_many([JobRequest("metered", {"n": n}) for n in range(40)])
        ended = [await two.wait(job_id, 20) for job_id in jobs]
    assert {job.status for job in ended} == {Status.COMPLETED}
    assert meter.most_in_all == 2


async def test_a_limit_per_key_holds_while_two_queues_work(path: Path, registry: JobRegistry) -> None:
    meter = Meter(registry, max_concurrency=1, concurrency_key=lambda args: str(args["n"]))
    one, two = pair(path, registry)
    async with one, two:
        jobs = await one.enqueue_many([JobRequest("metered", {"n": n % 4}) for n in range(40)])
        for job_id in jobs:
            await two.wait(job_id, 20)
    assert set(meter.most.values()) == {1}
    assert meter.most_in_all > 1


async def test_a_text_is_one_key_for_several_types(path: Path, registry: JobRegistry) -> None:
    meter = Meter(registry, "read", max_concurrency=1, concurrency_key="disk")
    registry.register("write", meter.run, max_concurrency=1, concurrency_key="disk")
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=4) as queue:
        jobs = [await queue.enqueue(("read", "write")[n % 2]) for n in range(10)]
        for job_id in jobs:
            await queue.wait(job_id, 20)
    assert meter.most_in_all == 1


async def test_jobs_that_wait_for_their_limit_hold_no_slot(queue: JobQueue, registry: JobRegistry) -> None:
    opened = asyncio.Event()

    async def hold(job_id: str) -> None:
        await opened.wait()

    registry.register("hold", hold, max_concurrency=1)
    Meter(registry)
    held = [await queue.enqueue("hold", priority=9) for _ in range(10)]
    await queue.wait(await queue.enqueue("metered"), 10)
    assert query(Path(queue.url.removeprefix("sqlite:///")), "SELECT sum(attempt) FROM dayjob_job") == [(2,)]
    opened.set()
    assert {(await queue.wait(job_id, 10)).attempt for job_id in held} == {1}


@pytest.mark.parametrize("returned", [7, None])
async def test_a_unique_key_that_is_no_text_is_refused(queue: JobQueue, registry: JobRegistry, returned: Any) -> None:
    """Else all jobs without one would be the same."""
    Meter(registry, unique=lambda _args: returned)
    with pytest.raises(InvalidArguments, match="unique of 'metered'"):
        await queue.enqueue("metered")


@pytest.mark.parametrize("returned", [7, None])
async def test_a_key_that_is_no_text_is_refused(queue: JobQueue, registry: JobRegistry, returned: Any) -> None:
    Meter(registry, max_concurrency=1, concurrency_key=lambda _args: returned)
    with pytest.raises(InvalidArguments, match="concurrency_key of 'metered'"):
        await queue.enqueue("metered")


async def test_a_key_without_end_is_refused(queue: JobQueue, registry: JobRegistry) -> None:
    Meter(registry, max_concurrency=1, concurrency_key=lambda _args: "x" * 501)
    with pytest.raises(InvalidArguments, match="500"):
        await queue.enqueue("metered")


# --- how many jobs may wait ---


async def test_a_type_that_is_full_takes_no_more_and_others_do(path: Path, registry: JobRegistry) -> None:
    Meter(registry, "metered", max_pending=2)
    Meter(registry, "other")
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0) as queue:
        first = await queue.enqueue("metered", job_id="a", unique_key="k")
        await queue.enqueue("metered", delay=60)  # what waits for a time waits, too
        with pytest.raises(QueueFull, match="2 jobs of type 'metered'"):
            await queue.enqueue("metered")
        # What is there already needs no room.
        assert await queue.enqueue("metered", job_id="a", unique_key="k") == first
        assert await queue.enqueue("metered", unique_key="k") == first
        await queue.enqueue("other")
        await queue.cancel_job(first)
        await queue.enqueue("metered")


async def test_of_many_who_come_at_once_only_so_many_get_in(path: Path, registry: JobRegistry) -> None:
    Meter(registry, max_pending=5)
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0) as queue:
        answers = await asyncio.gather(*(queue.enqueue("metered") for _ in range(20)), return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {str: 5, QueueFull: 15}


async def test_who_comes_at_once_with_changes_of_others_is_counted_right(path: Path, registry: JobRegistry) -> None:
    Meter(registry, "a", max_pending=3)
    Meter(registry, "b", max_pending=3)
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0, max_pending=5) as queue:
        calls: list[Any] = []
        for n in range(4):
            calls += [queue.enqueue("a", job_id=f"a{n}"), queue.enqueue("b", job_id=f"b{n}")]
        calls.append(queue.cancel_job("a0"))
        calls += [queue.enqueue("a", job_id="a4"), queue.enqueue("b", job_id="b4")]
        answers = await asyncio.gather(*calls, return_exceptions=True)
    assert query(path, "SELECT id FROM dayjob_job WHERE status = 'pending' ORDER BY seq") == [
        *[("b0",), ("a1",), ("b1",), ("a2",), ("a4",)]
    ]
    assert sum(isinstance(answer, QueueFull) for answer in answers) == 4


async def test_a_queue_that_is_full_takes_no_job_of_any_type(path: Path, registry: JobRegistry) -> None:
    Meter(registry, "a")
    Meter(registry, "b")
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0, max_pending=2) as queue:
        await queue.enqueue("a")
        await queue.enqueue("b")
        with pytest.raises(QueueFull, match="2 jobs wait"):
            await queue.enqueue("a")
    with pytest.raises(ValueError, match="max_pending"):
        JobQueue(f"sqlite:///{path}", max_pending=0)


# --- prefetched ---


@pytest.mark.parametrize("on_orphan", ["retry", "fail"])
async def test_what_must_not_run_twice_is_not_prefetched(path: Path, registry: JobRegistry, on_orphan: Any) -> None:
    """A dead process would make failures of jobs that it never began."""
    most = 0

    async def careful(job_id: str) -> None:
        nonlocal most
        most = max(
            most, len(queue._get_engine().executions.prefetched.jobs) + len(queue._get_engine().executions.running)
        )
        await asyncio.sleep(0)

    registry.register("careful", careful, on_orphan=on_orphan)
    queue = JobQueue(f"sqlite:///{path}", registry=registry, max_workers=2)
    async with queue:
        jobs = await queue.enqueue_many(JobRequest("careful") for _ in range(500))
        await eventually(lambda: query(path, "SELECT count(*) FROM dayjob_job WHERE status = 'completed'") == [(500,)])
    assert len(jobs) == 500
    assert (most <= 2) == (on_orphan == "fail")


async def test_behind_long_jobs_nothing_is_prefetched(path: Path, registry: JobRegistry) -> None:
    """Else it would be given back and claimed again, and count attempts that nobody began."""
    seen: list[Any] = []

    async def long(job_id: str) -> None:
        seen.append(query(path, "SELECT status, attempt FROM dayjob_job ORDER BY seq"))
        await asyncio.sleep(0.15)  # is long

    registry.register("long", long)
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=1) as queue:
        jobs = await queue.enqueue_many(JobRequest("long") for _ in range(3))
        await queue.wait(jobs[-1], timeout=10)
    assert seen == [
        [("running", 1), ("pending", 0), ("pending", 0)],
        [("completed", 1), ("running", 1), ("pending", 0)],
        [("completed", 1), ("completed", 1), ("running", 1)],
    ]


async def test_what_was_prefetched_goes_back_when_long_jobs_have_all_slots(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would wait behind them, for hours, while another process has nothing to do."""
    monkeypatch.setattr(prefetched, "_LONGEST_WAIT", 0.05)
    prefetches, release = asyncio.Event(), asyncio.Event()

    async def short_then_long(job_id: str) -> None:
        if queue._get_engine().executions.prefetched.jobs:
            prefetches.set()
        if prefetches.is_set():
            await release.wait()

    async def short(job_id: str) -> None: ...

    registry.register("copy", short_then_long)
    others = JobRegistry()
    others.register("copy", short)
    queue = JobQueue(f"sqlite:///{path}", registry=registry, max_workers=2)
    async with queue, JobQueue(f"sqlite:///{path}", registry=others, max_workers=0) as front:
        await front.enqueue_many(JobRequest("copy") for _ in range(500))
        await asyncio.wait_for(prefetches.wait(), 10)
        async with JobQueue(f"sqlite:///{path}", registry=others, max_workers=2):
            await eventually(
                lambda: (
                    query(path, "SELECT status, count(*) FROM dayjob_job GROUP BY status ORDER BY status")
                    == [("completed", 498), ("running", 2)]
                )
            )
        release.set()


async def test_a_quarantined_job_behind_prefetched_ones_gets_its_turn(path: Path, registry: JobRegistry) -> None:
    """It is never prefetched, and a stream of short jobs, which are, does not overtake it for ever."""
    order: list[str] = []

    async def note(job_id: str) -> None:
        order.append(job_id)
        await asyncio.sleep(0)

    registry.register("note", note)
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0) as front:
        for n in range(300):
            await front.enqueue("note", job_id=f"j{n}")
    query(path, "UPDATE dayjob_job SET orphans = 2 WHERE id IN ('j100', 'j101', 'j200')")
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=2):
        await eventually(lambda: len(order) == 300)
    assert order.index("j100") < order.index("j101")
    assert order.index("j100") < 110
    assert query(path, "SELECT status, max(attempt), count(*) FROM dayjob_job") == [("completed", 1, 300)]
