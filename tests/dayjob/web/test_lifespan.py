"""The app's own lifespan around the router's: jobs are added, queues started and stopped, in any order."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import make_app, serve
from tests.support import query

from dayjob import InvalidArguments, JobQueue, JobRegistry, JobRequest
from dayjob.errors import QueueNotRunning
from dayjob.testing import drain


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture
def ran() -> list[str]:
    return []


@pytest.fixture
def queue(path: Path, ran: list[str]) -> JobQueue:
    registry = JobRegistry()

    @registry.job("note")
    async def note(what: str) -> None:
        ran.append(what)

    return JobQueue(f"sqlite:///{path}", registry=registry, durability="process")


def app_with(queue: JobQueue, before: Any, after: Any = None) -> FastAPI:
    """An app whose own lifespan calls these around its life."""

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        await before()
        yield
        if after is not None:
            await after()

    return make_app(queue, lifespan=lifespan)


async def test_what_is_added_before_the_router_starts_the_queue_runs(queue: JobQueue, ran: list[str]) -> None:
    note = queue.registry.get_handler("note")

    async def before() -> None:
        assert not queue.running
        await queue.enqueue("note", job_args={"what": "one"})
        await queue.enqueue_many(JobRequest("note", {"what": what}) for what in ("two", "three"))
        await queue.submit(note, what="four")
        await queue.configure(unique_key="five").enqueue("note", {"what": "five"})
        assert ran == []

    async with serve(app_with(queue, before)):
        await drain(queue)
        assert sorted(ran) == sorted(["one", "two", "three", "four", "five"])


async def test_what_is_added_after_the_router_stopped_it_runs_at_the_next_start(
    queue: JobQueue, path: Path, ran: list[str]
) -> None:
    async def before() -> None:
        return

    async def after() -> None:
        assert not queue.running
        await queue.enqueue("note", job_args={"what": "late"})

    async with serve(app_with(queue, before, after)):
        pass
    assert query(path, "SELECT status FROM dayjob_job") == [("pending",)]
    assert query(path, "SELECT count(*) FROM dayjob_worker") == [(0,)]
    async with queue:
        await drain(queue)
    assert ran == ["late"]


async def test_the_rules_hold_before_the_start_too(queue: JobQueue) -> None:
    async def before() -> None:
        ids = {await queue.enqueue("note", job_args={"what": "a"}, unique_key="once") for _ in range(2)}
        assert len(ids) == 1
        with pytest.raises(InvalidArguments):
            await queue.enqueue("note", job_args={"what": 1})
        with pytest.raises(QueueNotRunning, match="only adding jobs works"):
            await queue.get_job_status("a")

    async with serve(app_with(queue, before)):
        await drain(queue)


async def test_in_a_transaction_before_the_start(queue: JobQueue, path: Path, ran: list[str]) -> None:
    async def before() -> None:
        with closing(sqlite3.connect(path)) as db:
            await queue.enqueue("note", job_args={"what": "kept"}, db=db)
            db.commit()
            await queue.enqueue("note", job_args={"what": "rolled back"}, db=db)
            db.rollback()

    async with serve(app_with(queue, before)):
        await drain(queue)
        assert ran == ["kept"]


@pytest.mark.parametrize("stopped_by", ["router", "app"])
async def test_who_starts_it_in_the_app_s_lifespan_too_stops_it_in_either_order(
    queue: JobQueue, ran: list[str], stopped_by: str
) -> None:
    async def before() -> None:
        await queue.start()
        await queue.wait(await queue.enqueue("note", job_args={"what": "waited for"}), timeout=10)

    async def after() -> None:
        if stopped_by == "app":
            assert queue.running  # the router has let go of it
            await queue.stop()

    app = app_with(queue, before, after)
    async with serve(app):
        assert queue.running
        if stopped_by == "router":
            await queue.stop()
            assert queue.running
    assert not queue.running
    assert ran == ["waited for"]


async def test_a_queue_that_no_router_starts_is_not_opened_behind_anybody_s_back(queue: JobQueue, path: Path) -> None:
    with pytest.raises(QueueNotRunning):
        await queue.enqueue("note", job_args={"what": "never"})
    assert not path.exists()
