"""Jobs in the caller's own transaction: SQLAlchemy's sessions and connections, sqlite3's and aiosqlite's."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosqlite
import pytest
import sqlalchemy
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session
from tests.support import query

from dayjob import InvalidArguments, JobQueue, JobRegistry, JobRequest
from dayjob.errors import IdempotencyConflict, JobExists, JobNotFound, WrongDatabase
from dayjob.events import StatusChanged


class Caller:
    """A caller's session on a database: how it writes a row of its own, commits and rolls back."""

    def __init__(self, db: Any, execute: Callable[[str], Any]) -> None:
        self.db = db
        self._execute = execute

    async def note(self, text: str) -> None:
        await _done(self._execute(f"INSERT INTO note VALUES ('{text}')"))

    async def commit(self) -> None:
        await _done(self.db.commit())

    async def rollback(self) -> None:
        await _done(self.db.rollback())


async def _done(value: Any) -> Any:
    return await value if isinstance(value, Awaitable) else value


@contextlib.asynccontextmanager
async def sqlalchemy_sync(path: Path, make: Callable[[Any], Any]) -> AsyncIterator[Caller]:
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    with make(engine) as db:
        yield Caller(db, lambda sql: db.execute(sqlalchemy.text(sql)))
    engine.dispose()


@contextlib.asynccontextmanager
async def sqlalchemy_async(path: Path, make: Callable[[Any], Any]) -> AsyncIterator[Caller]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    async with make(engine) as db:
        yield Caller(db, lambda sql: db.execute(sqlalchemy.text(sql)))
    await engine.dispose()


@contextlib.asynccontextmanager
async def plain(path: Path, _make: Any) -> AsyncIterator[Caller]:
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.row_factory = lambda cursor, row: {"a": "row that is no tuple"}
        yield Caller(db, db.execute)


@contextlib.asynccontextmanager
async def plain_async(path: Path, _make: Any) -> AsyncIterator[Caller]:
    async with aiosqlite.connect(path) as db:
        db.row_factory = sqlite3.Row
        yield Caller(db, db.execute)


KINDS: dict[str, Any] = {
    "Session": (sqlalchemy_sync, Session),
    "Connection": (sqlalchemy_sync, lambda engine: engine.connect()),
    "AsyncSession": (sqlalchemy_async, AsyncSession),
    "AsyncConnection": (sqlalchemy_async, lambda engine: engine.connect()),
    "sqlite3": (plain, None),
    "aiosqlite": (plain_async, None),
}
Open = Callable[[Path], contextlib.AbstractAsyncContextManager[Caller]]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Open:
    opened, make = KINDS[request.param]
    return lambda path: opened(path, make)


@pytest.fixture
async def caller(kind: Open, queue: JobQueue, path: Path) -> AsyncIterator[Caller]:
    query(path, "CREATE TABLE note (text TEXT)")
    async with kind(path) as made:
        yield made


@pytest.fixture
async def queue(path: Path) -> AsyncIterator[JobQueue]:
    registry = JobRegistry()
    registry.register("echo", echo)
    async with JobQueue(f"sqlite:///{path}", registry=registry, durability="process") as made:
        yield made


async def echo(job_id: str, value: Any = None) -> Any:
    return value


def stored(path: Path) -> tuple[list[Any], list[Any]]:
    return query(path, "SELECT id FROM dayjob_job ORDER BY seq"), query(path, "SELECT text FROM note")


async def test_the_job_comes_with_the_commit_and_runs(queue: JobQueue, caller: Caller, path: Path) -> None:
    await caller.note("mine")
    job_id = await queue.enqueue("echo", None, {"value": [1, "ä"]}, db=caller.db)
    assert await queue.get_job_status(job_id) is None
    assert stored(path) == ([], [])
    await caller.commit()
    assert (await queue.wait(job_id, 10)).result == [1, "ä"]
    assert stored(path) == ([(job_id,)], [("mine",)])


async def test_a_rollback_leaves_nothing(queue: JobQueue, caller: Caller, path: Path) -> None:
    before = query(path, "SELECT value FROM dayjob_meta WHERE key = 'rev'")
    await caller.note("mine")
    await queue.enqueue("echo", db=caller.db, idempotency_key="k")
    await queue.enqueue_many([JobRequest("echo"), JobRequest("echo")], db=caller.db)
    await caller.rollback()
    assert stored(path) == ([], [])
    assert query(path, "SELECT * FROM dayjob_idempotency") == []
    assert query(path, "SELECT value FROM dayjob_meta WHERE key = 'rev'") == before


async def test_it_is_seen_soon_after_the_commit(queue: JobQueue, caller: Caller) -> None:
    for _ in range(3):
        job_id = await queue.enqueue("echo", db=caller.db)
        seen: asyncio.Future[float] = asyncio.get_running_loop().create_future()

        def hear(event: Any, seen: asyncio.Future[float] = seen) -> None:
            if isinstance(event, StatusChanged) and event.status.finished:
                seen.set_result(time.monotonic())

        unlisten = queue.bus.listen(hear, job_id)
        await caller.commit()
        committed = time.monotonic()
        # The look for changes comes four times a second; the rest is room for a slow machine.
        assert await asyncio.wait_for(seen, 10) - committed < 1.0
        unlisten()


async def test_ids_and_keys_mean_the_same(queue: JobQueue, caller: Caller, path: Path) -> None:
    options: dict[str, Any] = {"delay": 60, "db": caller.db}
    assert await queue.enqueue("echo", job_id="a", unique_key="u", idempotency_key="k", **options) == "a"
    assert await queue.enqueue("echo", job_id="a", unique_key="u", idempotency_key="k", **options) == "a"
    assert await queue.enqueue("echo", unique_key="u", **options) == "a"
    with pytest.raises(JobExists):
        await queue.enqueue("echo", job_id="a", unique_key="u", owner="ann", **options)
    with pytest.raises(IdempotencyConflict):
        await queue.enqueue("echo", None, {"value": 1}, idempotency_key="k", **options)
    with pytest.raises(JobExists):
        await queue.enqueue("echo", None, {"value": 1}, job_id="a", **options)
    await caller.note("still one transaction")
    await caller.commit()
    assert stored(path) == ([("a",)], [("still one transaction",)])
    assert await queue.enqueue("echo", job_id="a", unique_key="u", idempotency_key="k", delay=60) == "a"


async def test_many_are_all_or_nothing_and_leave_the_rest_of_the_transaction(
    queue: JobQueue, caller: Caller, path: Path
) -> None:
    await caller.note("kept")
    await queue.enqueue("echo", job_id="a", delay=60, db=caller.db)
    with pytest.raises(JobExists):
        await queue.enqueue_many([JobRequest("echo"), JobRequest("echo", {"value": 1}, job_id="a")], db=caller.db)
    await queue.enqueue_many([JobRequest("echo", job_id=name, delay=60) for name in ("b", "c")], db=caller.db)
    await caller.commit()
    assert stored(path) == ([("a",), ("b",), ("c",)], [("kept",)])
    assert len(set(query(path, "SELECT rev FROM dayjob_job"))) == 3


async def test_a_handle_waits_for_the_commit(queue: JobQueue, caller: Caller) -> None:
    handle = await queue.configure(db=caller.db).submit(echo, value=1)
    with pytest.raises(JobNotFound):
        await handle.result(1)
    await caller.commit()
    assert await handle.result(10) == 1


async def test_another_database_is_refused_before_anything_is_written(
    queue: JobQueue, kind: Open, tmp_path: Path, path: Path
) -> None:
    other = tmp_path / "other.db"
    query(other, "CREATE TABLE note (text TEXT)")
    async with kind(other) as caller:
        with pytest.raises(WrongDatabase, match=r"other\.db.*Open the queue on the app's file"):
            await queue.enqueue("echo", db=caller.db)
        await caller.note("goes on")
        await caller.commit()
    assert query(other, "SELECT text FROM note") == [("goes on",)]
    assert query(path, "SELECT id FROM dayjob_job") == []


async def test_another_path_to_the_same_file_is_the_same_file(queue: JobQueue, kind: Open, path: Path) -> None:
    (path.parent / "link").symlink_to(path.parent)
    async with kind(path.parent / "link" / path.name) as caller:
        job_id = await queue.enqueue("echo", db=caller.db)
        await caller.commit()
    await queue.wait(job_id, 10)


async def test_a_database_in_memory_is_refused(queue: JobQueue) -> None:
    with contextlib.closing(sqlite3.connect(":memory:")) as db, pytest.raises(WrongDatabase, match="writes to memory"):
        await queue.enqueue("echo", db=db)


async def test_without_a_transaction_it_is_refused(queue: JobQueue, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as db:
        with pytest.raises(InvalidArguments, match="autocommit"):
            await queue.enqueue("echo", db=db)
        db.execute("BEGIN")
        job_id = await queue.enqueue("echo", db=db)
        db.execute("COMMIT")
    await queue.wait(job_id, 10)


async def test_an_autocommit_connection_of_sqlalchemy_is_refused(queue: JobQueue, path: Path) -> None:
    engine = sqlalchemy.create_engine(f"sqlite:///{path}", isolation_level="AUTOCOMMIT")
    with engine.connect() as db, pytest.raises(InvalidArguments, match="autocommit"):
        await queue.enqueue("echo", db=db)
    engine.dispose()
    assert query(path, "SELECT id FROM dayjob_job") == []


@pytest.mark.parametrize("db", [7, "sqlite:///x", object()])
async def test_what_is_no_connection_is_told(queue: JobQueue, db: Any) -> None:
    with pytest.raises(TypeError, match="use a session or connection"):
        await queue.enqueue("echo", db=db)


async def test_another_process_hears_of_it_too(queue: JobQueue, path: Path) -> None:
    """A second queue stands for another process: it shares nothing with the first but the file."""
    registry = JobRegistry()
    registry.register("echo", echo)
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0) as watcher:
        with contextlib.closing(sqlite3.connect(path)) as db:
            job_id = await queue.enqueue("echo", None, {"value": 5}, db=db)
            db.commit()
        assert (await watcher.wait(job_id, 10)).result == 5
