"""Children: added once, waited for without a slot, cancelled with their parent."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob import parent_handlers as handlers
from tests.support import eventually, query

from dayjob import (
    InvalidArguments,
    JobContext,
    JobFailed,
    JobQueue,
    JobRegistry,
    JobStatus,
    QueueFull,
    Retry,
    Status,
    Stopped,
    constant,
)
from dayjob.errors import JobExists, NotInJob, Waiting
from dayjob.repository import children as stored_children
from dayjob.types import Child

KINDS = ["task", "thread", "process"]


def family(path: Path) -> list[Any]:
    """(type, status, attempt) of all jobs in order of arrival."""
    return query(path, "SELECT type, status, attempt FROM dayjob_job ORDER BY seq")


async def job(queue: JobQueue, job_id: str) -> JobStatus:
    found = await queue.get_job_status(job_id)
    assert found is not None
    return found


async def waits(queue: JobQueue, job_id: str, number: int = 1) -> JobStatus:
    """The job when it waits for ``number`` children."""

    async def looked() -> JobStatus | None:
        found = await job(queue, job_id)
        return found if found.waits_for == number else None

    found: JobStatus = await eventually(looked)
    return found


def register(registry: JobRegistry, kind: str, name: str, plain: Any, in_task: Any = None) -> None:
    """A plain function in a thread or a process, or its twin as a task."""
    if kind == "task":
        registry.register(name, in_task)
    else:
        registry.register(name, plain, run_in="process" if kind == "process" else None)


# --- the way round ---


@pytest.mark.parametrize("kind", [*KINDS, "task in a process"])
async def test_a_parent_runs_again_when_its_children_have_ended(
    queue: JobQueue, registry: JobRegistry, tmp_path: Path, path: Path, kind: str
) -> None:
    register(registry, kind, "add_up", handlers.add_up, handlers.add_up_in_task)
    if kind == "task in a process":
        registry.register("task_up", handlers.add_up_in_task, run_in="process")
    registry.register("double", handlers.double)
    told = tmp_path / "told"
    name = "task_up" if kind == "task in a process" else "add_up"
    handlers.gate.clear()
    try:
        parent = await queue.enqueue(name, job_args={"ns": [1, 2, 1], "path": str(told)}, owner="ann")
        await waits(queue, parent, 4)
    finally:
        handlers.gate.set()
    done = await queue.wait(parent, timeout=30)
    assert done.result == {"sum": 208, "results": [2, 4, 2, 200]}, done.error
    assert told.read_text().splitlines() == ["run 1 None", "run 2 been here", "joined 4"]
    assert (done.attempt, done.failures, done.waits_for, done.parent_id) == (2, 0, None, None)
    assert [record.outcome.value for record in await queue.get_attempts(parent)] == ["wait", "complete"]
    children = (await queue.list_jobs(parent=parent)).items
    assert [(child.parent_id, child.args["n"]) for child in children] == [(parent, n) for n in (100, 1, 2, 1)]
    assert [child.timeout for child in children] == [30, None, None, None]
    assert {child.owner for child in children} == {"ann"}
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(5,)]


async def test_a_waiting_parent_uses_no_slot_and_says_what_it_waits_for(queue: JobQueue, registry: JobRegistry) -> None:
    go_on = asyncio.Event()

    @registry.job("child")
    async def child() -> None:
        await go_on.wait()

    @registry.job("parent")
    async def parent(ctx: JobContext) -> None:
        await ctx.join([await ctx.enqueue_child(child), await ctx.enqueue_child(child)])

    parent_id = await queue.enqueue("parent")
    waiting = await waits(queue, parent_id, 2)
    assert (waiting.status, waiting.attempt) == (Status.PENDING, 1)
    await eventually(lambda: len(queue._get_engine().executions.running) == 2)
    assert parent_id not in queue._get_engine().executions.running
    go_on.set()
    assert (await queue.wait(parent_id, timeout=10)).status is Status.COMPLETED


async def test_two_hundred_children_and_one_worker(path: Path, registry: JobRegistry) -> None:
    @registry.job("child")
    async def child(n: int) -> int:
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> int:
        children = await asyncio.gather(*(ctx.enqueue_child(child, {"n": n}) for n in range(200)))
        results = await ctx.join(children)
        assert results == list(range(200))
        return sum(results)

    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=1, durability="process") as queue:
        done = await queue.wait(await queue.enqueue("parent"), timeout=60)
    assert (done.result, done.attempt) == (19_900, 2)
    assert query(path, "SELECT count(*), count(DISTINCT id), max(attempt) FROM dayjob_job WHERE type = 'child'") == [
        (200, 200, 1)
    ]


async def test_nested_parents(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    @registry.job("tree")
    async def tree(ctx: JobContext, depth: int) -> int:
        if depth == 0:
            return 1
        return sum(await ctx.join([await ctx.enqueue_child("tree", {"depth": depth - 1}) for _ in range(3)]))

    assert await queue.result(await queue.enqueue("tree", job_args={"depth": 3}), timeout=30) == 27
    assert query(path, "SELECT status, count(*) FROM dayjob_job GROUP BY status") == [("completed", 40)]


async def test_a_join_of_nothing_and_a_join_twice(queue: JobQueue, registry: JobRegistry) -> None:
    runs = []

    @registry.job("child")
    async def child(n: int) -> int:
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[Any]:
        runs.append(ctx.attempt)
        nothing = await ctx.join([])
        one, two = await ctx.enqueue_child(child, {"n": 1}), await ctx.enqueue_child(child, {"n": 2})
        first = await ctx.join([one])
        return [nothing, first, await ctx.join([two, one, two]), await ctx.join([one])]

    done = await queue.wait(await queue.enqueue("parent"), timeout=10)
    assert done.result == [[], [1], [2, 1, 2], [1]], done.error
    assert runs == list(range(1, done.attempt + 1))


async def test_steps_that_need_each_other(queue: JobQueue, registry: JobRegistry) -> None:
    """A second round of children that is made of the results of the first."""

    @registry.job("increase")
    async def increase(n: int) -> int:
        return n + 1

    @registry.job("parent")
    async def parent(ctx: JobContext) -> int:
        (n,) = await ctx.join([await ctx.enqueue_child(increase, {"n": 1})])
        (n,) = await ctx.join([await ctx.enqueue_child(increase, {"n": n})])
        return n

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == 3


async def test_only_joined_children_are_waited_for(queue: JobQueue, registry: JobRegistry) -> None:
    go_on = asyncio.Event()

    @registry.job("slow")
    async def slow() -> None:
        await go_on.wait()

    @registry.job("quick")
    async def quick() -> str:
        return "quick"

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[str]:
        await ctx.enqueue_child(slow)
        return await ctx.join([await ctx.enqueue_child(quick)])

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == ["quick"]
    assert [job.status for job in (await queue.list_jobs(types=["slow"])).items] == [Status.RUNNING]
    go_on.set()


async def test_children_that_end_before_the_parent_is_settled_are_not_missed(
    queue: JobQueue, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, ended = asyncio.Event(), asyncio.Event()

    @registry.job("child")
    async def child() -> str:
        await looked.wait()
        return "in time"

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[str]:
        try:
            return await ctx.join([await ctx.enqueue_child(child)])
        except Waiting:
            looked.set()
            await ended.wait()
            raise

    parent_id = await queue.enqueue("parent")
    children = await eventually(lambda: _ended_children(queue, parent_id))
    assert (await job(queue, parent_id)).status is Status.RUNNING
    ended.set()
    assert await queue.result(parent_id, timeout=10) == ["in time"]
    assert len(children) == 1


async def _ended_children(queue: JobQueue, parent_id: str) -> list[JobStatus]:
    return (await queue.list_jobs([Status.COMPLETED], parent=parent_id)).items


# --- not twice ---


async def test_a_retried_parent_finds_its_children(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    @registry.job("child")
    async def child(n: int) -> int:
        return n

    @registry.job("parent", max_attempts=3, backoff=constant(0))
    async def parent(ctx: JobContext) -> list[int]:
        children = [await ctx.enqueue_child(child, {"n": 7}) for _ in range(2)]
        if ctx.attempt == 1:
            raise Retry(after=0)
        return await ctx.join(children)

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == [7, 7]
    assert query(path, "SELECT count(*), count(DISTINCT id) FROM dayjob_job WHERE type = 'child'") == [(2, 2)]


@pytest.mark.parametrize("kind", ["thread", "process"])
async def test_mistakes_are_told_in_the_handler(queue: JobQueue, registry: JobRegistry, kind: str) -> None:
    register(registry, kind, "make_mistakes", handlers.make_mistakes)
    registry.register("double", handlers.double)
    told = await queue.result(await queue.enqueue("make_mistakes"), timeout=30)
    expected = ["UnknownJobType", "InvalidArguments", "JobExists", "InvalidOption", "InvalidOption", "TypeError"]
    assert told == expected


async def test_children_of_a_unique_type(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    go_on = asyncio.Event()

    @registry.job("child", unique=True)
    async def child(n: int) -> int:
        await go_on.wait()
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[Any]:
        same = [await ctx.enqueue_child(child, {"n": 1}) for _ in range(2)]
        assert same[0] == same[1]
        if not go_on.is_set():
            with pytest.raises(JobExists, match="unique key"):
                await ctx.enqueue_child(child, {"n": 1}, key="another name for it")
            with pytest.raises(JobExists, match="unique key"):
                await ctx.enqueue_child(child, {"n": 2})
        go_on.set()
        return await ctx.join(same)

    stranger = await queue.enqueue("child", job_args={"n": 2})
    assert await queue.result(await queue.enqueue("parent"), timeout=10) == [1, 1]
    assert await queue.result(stranger, timeout=10) == 2
    assert query(path, "SELECT count(*) FROM dayjob_job WHERE type = 'child'") == [(2,)]


async def test_a_full_queue_is_told_and_known_children_need_no_room(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("child", max_pending=1)
    async def child(n: int) -> int:
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> str:
        await ctx.enqueue_child(child, {"n": 1}, delay=60, key="one")
        await ctx.enqueue_child(child, {"n": 1}, delay=60, key="one")
        with pytest.raises(QueueFull):
            await ctx.enqueue_child(child, {"n": 2}, delay=60)
        return "told"

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == "told"


async def test_the_number_of_children_is_bounded(
    queue: JobQueue, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_children, "MAX_CHILDREN", 3)

    @registry.job("child")
    async def child(n: int) -> int:
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[int]:
        children = [await ctx.enqueue_child(child, {"n": n}) for n in range(3)]
        with pytest.raises(InvalidArguments, match="3 children"):
            await ctx.enqueue_child(child, {"n": 3})
        return await ctx.join(children)

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == [0, 1, 2]


async def test_the_results_of_one_join_are_bounded(
    queue: JobQueue, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_children, "MAX_JOINED", 1000)

    @registry.job("child")
    async def child() -> str:
        return "x" * 600

    @registry.job("parent")
    async def parent(ctx: JobContext) -> int:
        children = [await ctx.enqueue_child(child) for _ in range(2)]
        return sum([len((await ctx.join([each]))[0]) for each in children]) + len(await ctx.join(children))

    done = await queue.wait(await queue.enqueue("parent"), timeout=10)
    assert "join fewer of them" in (done.error or "")


async def test_large_results_get_into_a_process(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("large", handlers.large, run_in="process")

    @registry.job("text")
    async def text(n: int) -> str:
        return "x" * n

    assert await queue.result(await queue.enqueue("large"), timeout=30) == 1_200_006


# --- where it does not belong ---


async def test_outside_of_the_job_it_is_refused(queue: JobQueue, registry: JobRegistry) -> None:
    leaked: list[JobContext] = []

    @registry.job("child")
    async def child() -> None: ...

    @registry.job("parent")
    async def parent(ctx: JobContext) -> None:
        leaked.append(ctx)

    await queue.wait(await queue.enqueue("parent"), timeout=10)
    with pytest.raises(NotInJob, match=r"queue\.enqueue"):
        await leaked[0].enqueue_child(child)
    with pytest.raises(NotInJob):
        await leaked[0].join([])


async def test_jobs_that_are_no_children_cannot_be_joined(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("other")
    async def other() -> None: ...

    @registry.job("parent")
    async def parent(ctx: JobContext, job_id: str) -> None:
        await ctx.join([Child(stranger)])

    stranger = await queue.enqueue("other")
    done = await queue.wait(await queue.enqueue("parent"), timeout=10)
    assert "Only children" in (done.error or "")


async def test_a_child_that_was_not_awaited_is_told(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("child")
    async def child() -> None: ...

    @registry.job("parent")
    async def parent(ctx: JobContext) -> None:
        not_awaited: Any = ctx.enqueue_child(child)
        try:
            await ctx.join([not_awaited])
        finally:
            await not_awaited

    done = await queue.wait(await queue.enqueue("parent"), timeout=10)
    assert "await ctx.enqueue_child" in (done.error or "")


@pytest.mark.parametrize("kind", ["thread", "process"])
async def test_a_handler_that_swallows_the_wish_to_wait_fails(
    queue: JobQueue, registry: JobRegistry, kind: str
) -> None:
    register(registry, kind, "swallow", handlers.swallow)

    @registry.job("never")
    async def never() -> None:
        await asyncio.Event().wait()

    parent_id = await queue.enqueue("swallow")
    done = await queue.wait(parent_id, timeout=30)
    assert done.status is Status.FAILED
    assert "went on after ctx.join" in (done.error or "")
    assert [child.finished for child in (await queue.list_jobs(parent=parent_id)).items] == [False]


async def test_a_join_in_a_task_group_waits_too(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("child")
    async def child(n: int) -> int:
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> int:
        async def one(n: int) -> int:
            return (await ctx.join([await ctx.enqueue_child(child, {"n": n})]))[0]

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(n)) for n in (1, 2)]
        return sum(task.result() for task in tasks)

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == 3


# --- children that fail, or take more than one try ---


@pytest.mark.parametrize("kind", ["task", "thread"])
async def test_a_failed_child_raises_when_all_have_ended_or_stands_in_the_list(
    queue: JobQueue, registry: JobRegistry, kind: str
) -> None:
    @registry.job("child")
    async def child(n: int) -> int:
        if n == 1:
            raise ValueError("not one")
        return n

    def call(ctx: JobContext) -> list[Any]:
        children = [ctx.enqueue_child(child, {"n": n}) for n in (0, 1, 2)]
        listed = ctx.join(children, return_exceptions=True)
        try:
            ctx.join(children)
        except JobFailed as failed:
            return [str(each) for each in listed] + [str(failed)]
        return []

    async def task(ctx: JobContext) -> list[Any]:
        children = [await ctx.enqueue_child(child, {"n": n}) for n in (0, 1, 2)]
        listed = await ctx.join(children, return_exceptions=True)
        try:
            await ctx.join(children)
        except JobFailed as failed:
            return [str(each) for each in listed] + [str(failed)]
        return []

    register(registry, kind, "parent", call, task)
    parent_id = await queue.enqueue("parent")
    result = await queue.result(parent_id, timeout=10)
    failed = (await queue.list_jobs([Status.FAILED], parent=parent_id)).items[0]
    text = f"Job '{failed.id}' failed: ValueError: not one"
    assert result == ["0", text, "2", text]


async def test_a_child_that_is_tried_again_has_not_ended(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("child", max_attempts=3, backoff=constant(0))
    async def child(ctx: JobContext) -> int:
        if ctx.attempt < 3:
            raise ValueError("again")
        return ctx.attempt

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[int]:
        return await ctx.join([await ctx.enqueue_child(child)])

    assert await queue.result(await queue.enqueue("parent"), timeout=10) == [3]


async def test_the_failure_of_a_parent_leaves_its_children_alone(queue: JobQueue, registry: JobRegistry) -> None:
    go_on = asyncio.Event()

    @registry.job("child")
    async def child() -> str:
        await go_on.wait()
        return "went on"

    @registry.job("parent")
    async def parent(ctx: JobContext) -> None:
        await ctx.enqueue_child(child)
        raise ValueError("the parent fails")

    parent_id = await queue.enqueue("parent")
    assert (await queue.wait(parent_id, timeout=10)).status is Status.FAILED
    go_on.set()
    (left,) = (await queue.list_jobs(parent=parent_id)).items
    assert await queue.result(left.id, timeout=10) == "went on"


# --- cancel ---


async def test_a_cancel_reaches_the_whole_family(queue: JobQueue, registry: JobRegistry, path: Path) -> None:
    @registry.job("leaf")
    async def leaf() -> None:
        await asyncio.Event().wait()

    @registry.job("middle")
    async def middle(ctx: JobContext) -> None:
        await ctx.join([await ctx.enqueue_child(leaf), await ctx.enqueue_child(leaf, delay=3600)])

    @registry.job("top")
    async def top(ctx: JobContext) -> None:
        await ctx.join([await ctx.enqueue_child(middle), await ctx.enqueue_child(leaf)])

    other = await queue.enqueue("leaf")
    top_id = await queue.enqueue("top")
    middle_id = (await waits(queue, top_id, 2)) and (await queue.list_jobs(types=["middle"])).items[0].id
    await waits(queue, middle_id, 2)
    await eventually(lambda: len(queue._get_engine().executions.running) == 3)
    assert await queue.cancel_job(top_id)
    top_job = await job(queue, top_id)
    assert (top_job.status, top_job.waits_for) == (Status.CANCELLED, None)
    await eventually(lambda: list(queue._get_engine().executions.running) == [other])
    await asyncio.wait_for(eventually(lambda: not queue._get_engine().executions.unsettled), 10)
    statuses = query(path, "SELECT id, status FROM dayjob_job ORDER BY seq")
    assert statuses[0] == (other, "running")
    assert {status for _, status in statuses[1:]} == {"cancelled"}
    assert len(statuses) == 6


@pytest.mark.parametrize("kind", ["task", "thread"])
async def test_a_running_parent_that_is_cancelled_adds_no_more_children(
    queue: JobQueue, registry: JobRegistry, path: Path, kind: str
) -> None:
    """Another process asked for the cancel: the handler's own has not heard of it."""
    outcome: list[str] = []

    @registry.job("child")
    async def child(n: int) -> None: ...

    def cancel_elsewhere(job_id: str) -> None:
        query(path, "UPDATE dayjob_job SET cancel_requested_at = 1 WHERE id = ?", job_id)

    def call(ctx: JobContext) -> None:
        ctx.enqueue_child(child, {"n": 1})
        cancel_elsewhere(ctx.job_id)
        try:
            ctx.enqueue_child(child, {"n": 2})
        except Stopped as stopped:
            outcome.append(str(stopped))
            raise

    async def task(ctx: JobContext) -> None:
        await ctx.enqueue_child(child, {"n": 1})
        cancel_elsewhere(ctx.job_id)
        try:
            await ctx.enqueue_child(child, {"n": 2})
        except Stopped as stopped:
            outcome.append(str(stopped))
            raise

    register(registry, kind, "parent", call, task)
    parent_id = await queue.enqueue("parent")
    done = await queue.wait(parent_id, timeout=20)
    assert (done.status, done.error) == (Status.CANCELLED, None)
    assert outcome == ["cancelled"]
    assert [child.args for child in (await queue.list_jobs(parent=parent_id)).items] == [{"n": 1}]


async def test_a_parent_whose_job_was_taken_over_adds_nothing(
    queue: JobQueue, registry: JobRegistry, path: Path
) -> None:
    outcome: list[str] = []

    @registry.job("child")
    async def child() -> None: ...

    @registry.job("parent")
    async def parent(ctx: JobContext) -> None:
        query(path, "UPDATE dayjob_job SET worker = 'another', attempt = attempt + 1")
        try:
            await ctx.enqueue_child(child)
        except Stopped as stopped:
            outcome.append(str(stopped))
            raise

    await queue.enqueue("parent")
    await eventually(lambda: outcome)
    await asyncio.wait_for(queue._get_engine().executions.quiet(), 10)
    assert outcome == ["lease_lost"]
    assert family(path) == [("parent", "running", 2)]


async def test_the_cancel_of_a_child_wakes_its_parent(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("child")
    async def child() -> None: ...

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[str]:
        children = [await ctx.enqueue_child(child, delay=3600)]
        return [str(each) for each in await ctx.join(children, return_exceptions=True)]

    parent_id = await queue.enqueue("parent")
    await waits(queue, parent_id)
    (child_job,) = (await queue.list_jobs(parent=parent_id)).items
    assert await queue.cancel_job(child_job.id)
    assert await queue.result(parent_id, timeout=10) == [f"Job '{child_job.id}' cancelled: no reason was given"]


# --- stops ---


async def test_a_parent_waits_through_a_restart(path: Path, registry: JobRegistry) -> None:
    runs: list[str] = []
    begun, go_on = asyncio.Event(), asyncio.Event()

    @registry.job("child")
    async def child(n: int) -> int:
        begun.set()
        await go_on.wait()
        return n

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[int]:
        runs.append(f"parent {ctx.attempt} {ctx.restored}")
        await ctx.checkpoint("kept")
        return await ctx.join([await ctx.enqueue_child(child, {"n": n}) for n in range(3)])

    url = f"sqlite:///{path}"
    async with JobQueue(url, registry=registry, grace=0.5, max_workers=2) as queue:
        parent_id = await queue.enqueue("parent")
        await waits(queue, parent_id, 3)
        await asyncio.wait_for(begun.wait(), 10)
    assert runs == ["parent 1 None"]
    go_on.set()
    async with JobQueue(url, registry=registry, grace=0.5) as queue:
        assert await queue.result(parent_id, timeout=10) == [0, 1, 2]
    assert runs == ["parent 1 None", "parent 2 kept"]
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(4,)]


async def test_two_processes_share_the_children(path: Path, registry: JobRegistry) -> None:
    elsewhere = JobRegistry()
    begun: set[str] = set()
    both = asyncio.Event()

    async def meet(name: str, n: int) -> int:
        begun.add(name)
        if len(begun) == 2:
            both.set()
        await both.wait()
        return n

    @registry.job("child")
    async def here(n: int) -> int:
        return await meet("here", n)

    @elsewhere.job("child")
    async def there(n: int) -> int:
        return await meet("there", n)

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[int]:
        return await ctx.join([await ctx.enqueue_child(here, {"n": n}) for n in range(9)])

    url = f"sqlite:///{path}"
    async with (
        JobQueue(url, registry=registry, max_workers=2, durability="process") as mine,
        JobQueue(url, registry=elsewhere, max_workers=2, durability="process"),
    ):
        assert await mine.result(await mine.enqueue("parent"), timeout=20) == list(range(9))
    assert query(path, "SELECT count(DISTINCT worker) FROM dayjob_job WHERE type = 'child'") == [(2,)]
    assert query(path, "SELECT count(*), max(attempt) FROM dayjob_job WHERE type = 'child'") == [(9, 1)]
