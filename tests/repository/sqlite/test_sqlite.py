"""What is SQLite's own: group commit, plans of statements, migrations, sick disks."""

from __future__ import annotations

import asyncio
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support import new_job, query, worker_row

import dayjob
from dayjob import JobQueue, JobRegistry
from dayjob.errors import SchemaTooNew, StorageError, StorageFull
from dayjob.models import Attempt, JobDefinition
from dayjob.repository import JobRepository, examine, open_repository
from dayjob.repository.sqlite.migrate import migrate, migration
from dayjob.repository.sqlite.statements import STATEMENTS
from dayjob.repository.sqlite.transaction import SqliteTransaction

SOURCE = Path(dayjob.__file__).parent


# --- group commit ---


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
    told = await asyncio.wait([asyncio.ensure_future(repository.forget_keys(0))], timeout=5)
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
    await repository.save_progress(job, Attempt())
    assert not repository._writer.connection._full
    await repository.save_checkpoint(job, Attempt(), "1")
    assert repository._writer.connection._full
    await repository.close()


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        yield connection


# --- migrations ---


async def test_a_newer_schema_is_refused_and_nothing_is_changed(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        migrate(connection)
        connection.execute("INSERT INTO dayjob_schema VALUES (99, '0099_future', '')")
        connection.commit()
    before = query(path, "SELECT * FROM dayjob_schema"), query(path, "SELECT sql FROM sqlite_master")
    repository = open_repository(f"sqlite:///{path}")
    with pytest.raises(SchemaTooNew, match="schema 99"):
        await repository.open()
    assert (query(path, "SELECT * FROM dayjob_schema"), query(path, "SELECT sql FROM sqlite_master")) == before


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DROP COLUMN message", "no message"),
        ("RENAME COLUMN message TO text", "no message"),
        ("ADD COLUMN mine TEXT NOT NULL DEFAULT ''", None),
        ("ADD COLUMN mine TEXT", None),
    ],
)
async def test_a_table_is_refused_only_if_it_cannot_be_worked_with(path: Path, change: str, told: str | None) -> None:
    with closing(sqlite3.connect(path)) as connection:
        migrate(connection)
        connection.execute(f"ALTER TABLE dayjob_job {change}")
    repository = open_repository(f"sqlite:///{path}")
    if told is not None:
        with pytest.raises(StorageError, match=f"not as dayjob made it: it has {told}"):
            await repository.open()
    else:
        await repository.open()
        assert (await repository.create_job(new_job("a")))[1]
        await repository.close()


@pytest.mark.parametrize("table", ["dayjob_job", "dayjob_worker", "dayjob_schedule"])
async def test_a_column_that_a_newer_version_adds_meanwhile_breaks_nobody(path: Path, table: str) -> None:
    registry = JobRegistry()

    @registry.job("copy", schedule="every 1 hour")
    async def copy(n: int = 0) -> int:
        return n

    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        assert await queue.result(await queue.enqueue("copy", job_args={"n": 1})) == 1
        query(path, f"ALTER TABLE {table} ADD COLUMN extra TEXT")
        query(
            path, f"UPDATE {table} SET extra = 'newer'" + (" WHERE status = 'pending'" if table == "dayjob_job" else "")
        )
        job_id = await queue.enqueue("copy", job_args={"n": 2}, unique_key="k", idempotency_key="i")
        assert await queue.result(job_id) == 2
        assert await queue.cancel_job(await queue.enqueue("copy", delay=60, unique_key="later"))
        assert len((await queue.list_jobs()).items) == 3
        assert len(await queue.workers()) == len(await queue.schedules()) == 1
        assert queue.trouble is None


def test_no_statement_reads_columns_that_it_does_not_name() -> None:
    for name, sql in STATEMENTS.items():
        assert not re.search(r"(SELECT|RETURNING) \*(?! FROM \()", sql), name


@pytest.mark.parametrize("content", [b"no database at all" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
async def test_a_file_that_is_no_database_is_told(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StorageError, match="cannot be used"):
        await open_repository(f"sqlite:///{path}").open()


async def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError):
        await open_repository(f"sqlite:///{tmp_path}/file/jobs.db").open()


def test_migrating_again_changes_nothing(database: sqlite3.Connection) -> None:
    before = database.execute("SELECT * FROM sqlite_master").fetchall()
    migrate(database)
    assert database.execute("SELECT * FROM sqlite_master").fetchall() == before


def test_a_migration_that_fails_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = [
        migration("0001_a", "CREATE TABLE a (x);"),
        migration("0002_b", "CREATE TABLE b (x);\nCREATE TABLE a (x);"),
    ]
    monkeypatch.setattr("dayjob.repository.sqlite.migrate.migrations", lambda: scripts)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection)
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == []


def test_migrations_go_by_the_numbers_of_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts = [migration("0001_a", "CREATE TABLE a (x);"), migration("0003_c", "CREATE TABLE c (x);")]
    monkeypatch.setattr("dayjob.repository.sqlite.migrate.migrations", lambda: scripts)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        scripts.insert(1, migration("0002_b", "CREATE TABLE b (x);"))  # one that was merged later
        migrate(connection)
        applied = connection.execute("SELECT version, name FROM dayjob_schema ORDER BY rowid").fetchall()
        assert applied == [(1, "0001_a"), (2, "0002_b"), (3, "0003_c")]
        del scripts[2]
        with pytest.raises(SchemaTooNew, match="schema 3, and this dayjob knows schemas up to 2"):
            migrate(connection)


def test_what_was_never_released_is_refused_with_the_way_out(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        with monkeypatch.context() as before:  # the schema is changed in place until there is a release
            scripts = [migration("0001_initial", "CREATE TABLE dayjob_job (id TEXT);")]
            before.setattr("dayjob.repository.sqlite.migrate.migrations", lambda: scripts)
            migrate(connection)
        for _ in ("with a hash", "without"):
            with pytest.raises(StorageError, match=r"never released.* Move it away"):
                migrate(connection)
            assert connection.execute("SELECT name FROM pragma_table_info('dayjob_job')").fetchall() == [("id",)]
            connection.execute("DROP TABLE dayjob_schema")
            connection.execute("CREATE TABLE dayjob_schema (version INTEGER PRIMARY KEY, name TEXT NOT NULL)")
            connection.executemany("INSERT INTO dayjob_schema VALUES (?, '')", [(1,), (12,)])
    assert {finding.name: finding.level for finding in examine(path)}["schema"] == "error"


OPENER = """
import asyncio, sys
from dayjob.repository import open_repository
async def main():
    repository = open_repository("sqlite:///" + sys.argv[1])
    print("ready", flush=True)
    sys.stdin.readline()
    await repository.open()
    await repository.close()
asyncio.run(main())
"""


@pytest.mark.parametrize("round_", range(3))
def test_processes_that_open_a_new_database_together_migrate_it_once(path: Path, round_: int) -> None:
    command = [sys.executable, "-c", OPENER, str(path)]
    openers = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for opener in openers:
        assert opener.stdout is not None
        assert opener.stdout.readline() == "ready\n"
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("go\n")
        opener.stdin.flush()
    for opener in openers:
        opener.communicate(timeout=30)
    assert [opener.returncode for opener in openers] == [0] * 4
    versions = query(path, "SELECT version, count(*) FROM dayjob_schema GROUP BY version")
    numbers = sorted(int(file.name[:4]) for file in (SOURCE / "repository/sqlite/migrations").glob("*.sql"))
    assert versions == [(n, 1) for n in numbers]


# --- who writes a status ---


def test_only_four_acts_write_a_status() -> None:
    """create, claim, settle, and cancel (whose two statements are one act)."""
    writes = re.compile(r"\bSET\b[^;]*?\bstatus\s*=|INSERT\s+INTO\s+dayjob_job\b(?!_)", re.IGNORECASE)
    found = {}
    for file in [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql")]:
        text = re.sub(r"--.*", "", file.read_text("utf-8"))
        changes = [part for part in text.split("WHERE")[:1] if writes.search(part)]
        if changes and "migrations" not in file.parts:
            found[file.relative_to(SOURCE).as_posix()] = changes
    sql = {f"repository/sqlite/sql/{name}.sql" for name in ("create_jobs", "claim", "settle")}
    assert set(found) == sql | {"repository/sql/cancel_pending.sql"}


def test_sql_lives_in_the_repository_only() -> None:
    words = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
    found = {
        file.relative_to(SOURCE).parts[0] for file in SOURCE.rglob("*.py") if words.search(file.read_text("utf-8"))
    }
    assert found <= {"repository", "crashtest"}  # the second looks from outside, at a database that nobody has open
