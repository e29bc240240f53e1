"""The writing connection on SQLite: group commit, durability, and disks that are sick, full or gone."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support import new_job, query, worker_row

import dayjob
from dayjob.errors import StorageError, StorageFull
from dayjob.models import AttemptReport, JobDefinition
from dayjob.repository import JobRepository, open_repository
from dayjob.repository.sqlite.transaction import SqliteTransaction

SOURCE = Path(dayjob.__file__).parent


@pytest.fixture
def traced(repository: JobRepository) -> list[str]:
    """The statements that the writer runs from now on."""
    seen: list[str] = []
    repository._writer.connection._connection.set_trace_callback(seen.append)
    return seen


async def test_many_creates_at_once_share_a_commit(repository: JobRepository, traced: list[str]) -> None:
    await asyncio.gather(*(repository.create_job(new_job(f"j{n}")) for n in range(500)))
    commits = sum(statement.startswith("COMMIT") for statement in traced)
    assert 1 <= commits <= 20


async def test_a_claim_gets_what_comes_with_it(repository: JobRepository, traced: list[str]) -> None:
    await repository.register_worker(worker_row("w"))
    woken: list[bool] = []
    repository.listener.on_ready = lambda: woken.append(True)
    traced.clear()
    claimed = repository.claim("w", ["copy"], 5)
    added = repository.create_jobs([new_job("a")])
    assert [job.id for job in (await claimed).jobs] == ["a"]
    assert (await added)[0].created
    assert sum(statement.startswith("COMMIT") for statement in traced) == 1
    assert not woken, "somebody looks for more although there is none"


async def test_who_has_claimed_all_he_wanted_is_told_of_more(repository: JobRepository) -> None:
    await repository.register_worker(worker_row("w"))
    woken: list[bool] = []
    repository.listener.on_ready = lambda: woken.append(True)
    claimed = repository.claim("w", ["copy"], 1)
    await repository.create_jobs([new_job("a"), new_job("b")])
    assert len((await claimed).jobs) == 1
    assert woken


async def test_writers_always_begin_immediately(repository: JobRepository, traced: list[str]) -> None:
    await repository.create_job(new_job("a"))
    await repository.claim("w", ["copy"], 1)
    assert {statement for statement in traced if statement.startswith("BEGIN")} == {"BEGIN IMMEDIATE"}


async def test_one_callers_error_does_not_fail_its_neighbours(repository: JobRepository) -> None:
    good = [repository.create_job(new_job(f"a{n}")) for n in range(10)]
    bad = repository.create_job(new_job("bad", unique_key="\ud800"))
    worse = repository.create_job(new_job("worse", args=None))
    illegal = repository._writer.submit(lambda tx: tx._connection.execute("UPDATE dayjob_job SET status = 'completed'"))
    more = [repository.create_job(new_job(f"b{n}")) for n in range(10)]
    for failing in (bad, worse, illegal):
        with pytest.raises((ValueError, OverflowError, sqlite3.IntegrityError, StorageError)):
            await failing
    assert [created for _, created in await asyncio.gather(*good, *more)] == [True] * 20
    assert len((await repository.list_jobs()).items) == 20


async def test_nothing_is_answered_or_announced_before_it_is_committed(repository: JobRepository) -> None:
    seen: list[tuple[int, int]] = []

    def look(_rows: Any) -> None:
        seen.append(query(repository.database.path, "SELECT count(*), max(rev) FROM dayjob_job")[0])

    repository.listener.on_changed = look
    for n in range(1, 6):
        row, _ = await repository.create_job(new_job(f"j{n}"))
        assert seen[-1] == (n, row.rev)


async def test_a_transaction_that_cannot_be_committed_fails_every_caller_and_writes_nothing(
    repository: JobRepository,
) -> None:
    def end_the_transaction(tx: SqliteTransaction) -> None:
        tx._connection.execute("ROLLBACK")  # what a full disk does
        raise sqlite3.OperationalError("database or disk is full")

    before = repository.create_job(new_job("before"))
    sick = repository._writer.submit(end_the_transaction)
    after = repository.create_job(new_job("after"))
    answers = await asyncio.gather(before, sick, after, return_exceptions=True)
    stored = {job.id for job in (await repository.list_jobs()).items}
    assert isinstance(answers[1], StorageFull)
    for job_id, answer in (("before", answers[0]), ("after", answers[2])):
        assert isinstance(answer, StorageError) == (job_id not in stored)
    assert (await repository.create_job(new_job("later")))[1]  # the writer lives


async def test_nothing_is_accepted_into_a_file_that_is_gone_until_it_is_back(repository: JobRepository) -> None:
    path = repository.database.path
    await repository.create_job(new_job("before"))
    path.rename(path.with_name("elsewhere"))
    with pytest.raises(StorageError, match="deleted or replaced"):
        await repository.create_job(new_job("lost"))
    path.touch()  # another file, with the same name
    with pytest.raises(StorageError, match="deleted or replaced"):
        await repository.add_job(new_job("lost"))
    assert isinstance(repository.trouble, StorageError)
    path.with_name("elsewhere").rename(path)
    assert (await repository.create_job(new_job("after")))[1]
    assert repository.trouble is None
    assert query(path, "SELECT id FROM dayjob_job ORDER BY seq") == [("before",), ("after",)]


async def test_a_transaction_that_ended_among_new_jobs_stores_none_of_them(
    repository: JobRepository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not each for itself, either: without a transaction that would be committed, and its caller told otherwise."""
    run = SqliteTransaction.run

    def ends_at_new_jobs(tx: SqliteTransaction, statement: str, values: dict[str, Any] | None = None) -> Any:
        if statement == "create_jobs":
            tx._connection.execute("ROLLBACK")  # what SQLite does at an I/O error
            raise sqlite3.OperationalError("disk I/O error")
        return run(tx, statement, values)

    monkeypatch.setattr(SqliteTransaction, "run", ends_at_new_jobs)
    answers = await asyncio.gather(*(repository.add_job(new_job(f"a{n}")) for n in range(3)), return_exceptions=True)
    assert {type(answer) for answer in answers} == {StorageError}
    assert query(repository.database.path, "SELECT count(*) FROM dayjob_job") == [(0,)]
    monkeypatch.undo()
    assert (await repository.create_job(new_job("later")))[1]


async def test_a_full_disk_is_told_and_the_writer_recovers(repository: JobRepository) -> None:
    def limit(pages: int) -> Any:
        return lambda tx: tx._connection.execute(f"PRAGMA max_page_count = {pages}").fetchone()

    (pages,) = await repository._writer.submit(limit(1))
    big = '{"x":"' + "x" * 200_000 + '"}'
    await repository._writer.submit(limit(pages))
    creates = [repository.create_job(new_job(f"big{n}", args=big)) for n in range(20)]
    answers = await asyncio.gather(*creates, return_exceptions=True)
    assert "full" in str(answers[-1])
    assert {type(answer) for answer in answers} <= {tuple, StorageFull}
    await repository._writer.submit(limit(1_000_000))
    assert (await repository.create_job(new_job("a", args=big)))[1]


async def test_what_comes_after_the_close_is_told(path: Path) -> None:
    """A caller that was under way when the queue was stopped must not wait for ever."""
    repository = open_repository(f"sqlite:///{path}")
    await repository.open()
    await repository.close()
    told = await asyncio.wait([asyncio.ensure_future(repository.forget_keys(0, 500))], timeout=5)
    assert [type(each.exception()) for each in told[0]] == [StorageError]
    with pytest.raises(StorageError, match="was stopped"):
        await repository.get_job("a")


async def test_readers_do_not_wait_for_a_transaction_of_others(repository: JobRepository) -> None:
    await repository.create_job(new_job("a"))
    with closing(sqlite3.connect(repository.database.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        async with asyncio.timeout(2):
            assert await repository.get_job("a") is not None
        other.execute("ROLLBACK")


@pytest.mark.parametrize(("durability", "level"), [("power", 2), ("process", 1)])
async def test_accepted_jobs_wait_for_the_disk_if_they_have_to_survive_power_failures(
    tmp_path: Path, durability: str, level: int
) -> None:
    repository = open_repository(f"sqlite:///{tmp_path / 'jobs.db'}", durability=durability)
    await repository.open()

    def synchronous(tx: SqliteTransaction) -> int:
        return int(tx._connection.execute("PRAGMA synchronous").fetchone()[0])

    assert await repository._writer.submit(synchronous) == level
    assert await repository._writer.submit(synchronous, durable=False) == 1
    await repository.close()


async def test_a_checkpoint_waits_for_the_disk_and_progress_does_not(tmp_path: Path) -> None:
    repository = open_repository(f"sqlite:///{tmp_path / 'jobs.db'}")
    await repository.open()
    job = JobDefinition("a", "copy", {}, datetime.now(UTC))
    await repository.save_progress(job, AttemptReport())
    assert not repository._writer.connection._full
    await repository.save_checkpoint(job, AttemptReport(), "1")
    assert repository._writer.connection._full
    await repository.close()
