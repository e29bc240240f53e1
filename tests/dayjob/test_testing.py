"""The helpers for tests of applications, used as an application would."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from dayjob import (
    Fail,
    InvalidArguments,
    JobContext,
    JobFailed,
    JobQueue,
    JobRegistry,
    JobRequest,
    ProgressReporter,
    Status,
    constant,
)
from dayjob.errors import InvalidPayload, JobExists, NotInJob, Waiting
from dayjob.testing import (
    LOCAL,
    ProgressRecorder,
    drain,
    fake_clock,
    inline,
    record_progress,
    run_handler,
    running_app,
    temporary_database,
)
from dayjob.web import LocalOnly, get_job_queue, jobs_router

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def registry() -> JobRegistry:
    return JobRegistry()


@pytest.fixture
def queue(tmp_path: Path, registry: JobRegistry) -> JobQueue:
    return JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry, durability="process")


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


class TestDrain:
    async def test_all_that_is_ready_is_done(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("step")
        async def step(number: int) -> None:
            await asyncio.sleep(0)
            done.append(number)

        async with queue:
            for number in range(30):
                await queue.enqueue("step", job_args={"number": number})
            await drain(queue)
            assert sorted(done) == list(range(30))

    async def test_jobs_that_jobs_add_are_waited_for(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("chain")
        async def chain(left: int) -> None:
            done.append(left)
            if left:
                await queue.enqueue("chain", job_args={"left": left - 1})

        async with queue:
            await queue.enqueue("chain", job_args={"left": 5})
            await drain(queue)
        assert done == [5, 4, 3, 2, 1, 0]

    async def test_an_empty_queue_is_drained(self, queue: JobQueue) -> None:
        async with queue:
            await drain(queue, timeout=5)

    async def test_later_jobs_are_not_waited_for(self, queue: JobQueue, registry: JobRegistry) -> None:
        registry.register("double", _double)
        async with queue:
            later = await queue.enqueue("double", job_args={"number": 1}, delay=60)
            await drain(queue, timeout=5)
            job = await queue.get_job_status(later)
            assert job is not None
            assert job.status == "pending"

    async def test_it_gives_up(self, queue: JobQueue, registry: JobRegistry) -> None:
        @registry.job("endless")
        async def endless() -> None:
            await asyncio.Event().wait()

        async with queue:
            job_id = await queue.enqueue("endless")
            with pytest.raises(TimeoutError):
                await drain(queue, timeout=0.05)
            assert not queue.bus._everything, "it goes on listening"
            await queue.cancel_job(job_id)


class TestInline:
    """Whoever adds a job goes on when it has ended."""

    async def test_every_way_to_add_a_job(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("note")
        async def note(number: int) -> None:
            await asyncio.sleep(0)
            done.append(number)

        async with queue:
            with inline(queue):
                first = await queue.enqueue("note", job_args={"number": 1})
                assert done == [1]
                await queue.enqueue_many(JobRequest("note", {"number": number}) for number in (2, 3))
                assert sorted(done) == [1, 2, 3]
                await queue.submit(note, number=4)
                assert done[3:] == [4]
                await queue.configure(priority=5).enqueue("note", {"number": 5})
                assert done[4:] == [5]
                await queue.retry_job(first)
                assert done[5:] == [1]
            assert await queue.get_job_status(await queue.enqueue("note", job_args={"number": 7}))
            await drain(queue)

    async def test_what_a_job_adds_needs_no_second_slot(self, tmp_path: Path, registry: JobRegistry) -> None:
        done: list[str] = []
        queue = JobQueue(f"sqlite:///{tmp_path}/jobs.db", max_workers=1, registry=registry, durability="process")

        @registry.job("outer")
        async def outer() -> None:
            await queue.enqueue("inner")
            done.append("outer")

        @registry.job("inner")
        async def inner() -> None:
            done.append("inner")

        async with queue:
            with inline(queue, timeout=10):
                await queue.enqueue("outer")
                assert done == ["outer", "inner"]

    async def test_a_handler_alone_holds_no_slot(self, queue: JobQueue, registry: JobRegistry) -> None:
        done: list[int] = []

        @registry.job("note")
        async def note(number: int) -> None:
            done.append(number)

        async def handler() -> list[int]:
            await queue.enqueue("note", job_args={"number": 8})
            return list(done)

        async with queue:
            with inline(queue):
                assert await run_handler(handler) == [8]

    async def test_a_failure_is_the_jobs_own(self, queue: JobQueue, registry: JobRegistry) -> None:
        @registry.job("broken")
        async def broken() -> None:
            raise Fail("no such page")

        async with queue:
            with inline(queue):
                job_id = await queue.enqueue("broken")
            with pytest.raises(JobFailed, match="no such page"):
                await queue.result(job_id, timeout=0)

    async def test_later_jobs_are_not_waited_for(self, queue: JobQueue, registry: JobRegistry) -> None:
        registry.register("double", _double)
        async with queue:
            with inline(queue, timeout=5):
                later = await queue.enqueue("double", job_args={"number": 1}, delay=60)
            job = await queue.get_job_status(later)
            assert job is not None
            assert job.status == "pending"

    async def test_a_queue_without_workers(self, tmp_path: Path) -> None:
        queue = JobQueue(f"sqlite:///{tmp_path}/jobs.db", max_workers=0)
        with pytest.raises(ValueError, match="give it workers"), inline(queue):
            pass


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


class TestFakeClock:
    async def test_delays_pass_without_waiting(self, queue: JobQueue) -> None:
        ran: list[datetime] = []

        async def note(job_id: str) -> None:
            ran.append(clock.now)

        async with queue:
            with fake_clock(queue, NEW_YEAR) as clock:
                await queue.enqueue("note", note, delay=3600)
                await queue.enqueue("note", delay=86_400 * 365)
                await clock.advance(seconds=3599)
                assert ran == []
                await clock.advance(seconds=1)
                await clock.advance(days=400)
        assert ran == [NEW_YEAR + timedelta(hours=1), NEW_YEAR + timedelta(days=365)]

    async def test_retries_come_at_their_time(self, queue: JobQueue) -> None:
        tried: list[datetime] = []

        async def fail(job_id: str) -> None:
            tried.append(clock.now)
            raise ValueError("again")

        queue.registry.register("fail", fail, max_attempts=3, backoff=constant(60))
        async with queue:
            with fake_clock(queue, NEW_YEAR) as clock:
                job_id = await queue.enqueue("fail")
                await clock.advance(hours=1)
                job = await queue.get_job_status(job_id)
        assert tried == [NEW_YEAR + timedelta(minutes=minutes) for minutes in (0, 1, 2)]
        assert job is not None
        assert (job.status, job.completed_at) == (Status.FAILED, tried[-1])

    async def test_every_tick_of_a_schedule_runs_also_when_summer_time_begins(self, queue: JobQueue) -> None:
        ran: list[str] = []

        async def note(job_id: str) -> None:
            ran.append(f"{clock.now.astimezone(ZoneInfo('Europe/Berlin')):%d %H:%M}")

        queue.registry.register("note", note, schedule="30 1,2,3 * * *", time_zone="Europe/Berlin")
        with fake_clock(queue, datetime(2026, 3, 28, 12, tzinfo=UTC)) as clock:
            async with queue:
                await clock.advance(days=2)
        assert ran == ["29 01:30", "29 03:00", "29 03:30", "30 01:30", "30 02:30", "30 03:30"]

    @pytest.mark.parametrize("form", ["coroutine", "thread"])
    async def test_a_job_that_waits_for_ever_reaches_its_timeout(self, queue: JobQueue, form: str) -> None:
        async def wait() -> None:
            await asyncio.Event().wait()

        def look(ctx: JobContext) -> None:
            while True:
                ctx.check()
                time.sleep(0.001)

        queue.registry.register("wait", wait if form == "coroutine" else look, timeout=7200, stalled_after=3600)
        async with queue:
            with fake_clock(queue) as clock:
                job_id = await queue.enqueue("wait")
                await clock.advance(minutes=119)
                job = await queue.get_job_status(job_id)
                assert job is not None
                assert (job.status, job.stalled) == (Status.RUNNING, True)
                await clock.advance(minutes=1)
                job = await queue.get_job_status(job_id)
        assert job is not None
        assert job.error == "The job ran longer than its timeout."

    async def test_what_ended_long_ago_is_removed(self, queue: JobQueue) -> None:
        async def nothing() -> None: ...

        async with queue:
            with fake_clock(queue) as clock:
                job_id = await queue.enqueue("nothing", nothing)
                await clock.advance(days=6.9)
                assert await queue.get_job_status(job_id)
                await clock.advance(days=0.2)
                assert await queue.get_job_status(job_id) is None

    async def test_a_wall_clock_that_jumps_brings_no_timeout_nearer(self, queue: JobQueue) -> None:
        async def wait() -> None:
            await asyncio.Event().wait()

        queue.registry.register("wait", wait, timeout=60)
        async with queue:
            with fake_clock(queue, NEW_YEAR) as clock:
                job_id = await queue.enqueue("wait")
                await clock.advance(seconds=30)
                await clock.jump(days=1)
                await clock.jump(days=-2)
                job = await queue.get_job_status(job_id)
                assert job is not None
                assert job.status is Status.RUNNING
                assert clock.now == NEW_YEAR - timedelta(days=1) + timedelta(seconds=30)

    async def test_afterwards_the_real_clock_goes_on(self, queue: JobQueue) -> None:
        async def wait() -> None:
            await asyncio.Event().wait()

        queue.registry.register("wait", wait, timeout=0.2)
        async with queue:
            with fake_clock(queue, NEW_YEAR):
                job_id = await queue.enqueue("wait")
                while not queue._get_engine().executions.running:
                    await asyncio.sleep(0)
            job = await queue.wait(job_id, timeout=10)
        assert job.error == "The job ran longer than its timeout."
        assert job.completed_at is not None
        assert job.completed_at > NEW_YEAR + timedelta(days=1)

    async def test_time_does_not_go_back_and_has_a_zone(self, queue: JobQueue) -> None:
        async with queue:
            with fake_clock(queue) as clock, pytest.raises(ValueError, match="jump"):
                await clock.advance(seconds=-1)
        with pytest.raises(ValueError, match="time zone"), fake_clock(queue, datetime(2026, 1, 1)):
            pass


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


@pytest.fixture
def doubling(registry: JobRegistry, path: Path) -> JobQueue:
    """A queue on a file that no test may touch."""

    @registry.job("double")
    async def double(n: int) -> int:
        return 2 * n

    return JobQueue(f"sqlite:///{path}", registry=registry)


def app_of(queue: JobQueue, **options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")

    @app.post("/double")
    async def ask(n: int, own: Annotated[JobQueue, Depends(get_job_queue)]) -> str:
        return await own.enqueue("double", job_args={"n": n})

    return app


def client_of(app: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=LOCAL["base_url"])


def test_a_test_client_on_this_machine_gets_in_by_http_and_by_socket(doubling: JobQueue, path: Path) -> None:
    app = app_of(doubling)
    for _ in range(2):  # a loop of its own each time
        with temporary_database(doubling), TestClient(app, **LOCAL) as client:
            answer = client.post("/jobs/double", json={"n": 4}, headers={"Prefer": "wait=10"})
            assert (answer.status_code, answer.json()["result"]) == (200, 8)
            with client.websocket_connect(f"ws://localhost/jobs/{answer.json()['id']}/ws") as socket:
                assert socket.receive_json()["job"]["status"] == "completed"
            assert len(client.get("/jobs").json()["items"]) == 1
    assert not path.exists()


async def test_an_app_runs_in_the_loop_of_the_test(doubling: JobQueue, path: Path) -> None:
    with temporary_database(doubling):
        async with running_app(app_of(doubling)) as app, client_of(app) as client:
            answers = [await client.post("/jobs/double", json={"n": 4}), await client.post("/double?n=5")]
            await drain(doubling)
            ids = answers[0].json()["id"], answers[1].json()
            assert [await doubling.result(job_id) for job_id in ids] == [8, 10]
        assert not doubling.running
    assert not path.exists()
    assert doubling.url == f"sqlite:///{path}"


async def test_inline_and_fake_clock_work_on_a_running_app(doubling: JobQueue) -> None:
    with temporary_database(doubling):
        async with running_app(app_of(doubling)) as app, client_of(app) as client:
            with inline(doubling):
                job = (await client.post("/jobs/double", json={"n": 4})).json()
                assert (await client.get(f"/jobs/{job['id']}")).json()["result"] == 8
            with fake_clock(doubling) as clock:
                late = (await client.post("/jobs/double?delay=3600", json={"n": 5})).json()
                await clock.advance(hours=1)
                assert (await doubling.result(late["id"])) == 10


@pytest.mark.parametrize("at", ["startup", "shutdown"])
async def test_what_the_lifespan_of_an_app_raises_is_raised(doubling: JobQueue, at: str) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if at == "startup":
            raise OSError("no model")
        yield
        raise OSError("no model")

    with temporary_database(doubling), pytest.raises(OSError, match="no model"):
        async with running_app(app_of(doubling, lifespan=lifespan)):
            assert at == "shutdown"
    assert not doubling.running


async def test_an_app_without_a_lifespan_is_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    with pytest.raises(RuntimeError, match="ended its lifespan at startup"):
        async with running_app(app):
            pass


async def test_a_temporary_database_is_for_a_queue_that_is_stopped(doubling: JobQueue, path: Path) -> None:
    async with doubling:
        with pytest.raises(RuntimeError, match="The queue is running"), temporary_database(doubling):
            pass
    with pytest.raises(RuntimeError, match="leave it after its stop"), temporary_database(doubling):
        await doubling.start()
    await doubling.stop()
    assert doubling.url == f"sqlite:///{path}"
