"""The schema of a SQLite database: made once, refused when it is newer or was never released."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from tests.support import new_job, query

import dayjob
from dayjob import JobQueue, JobRegistry
from dayjob.errors import SchemaTooNew, StorageError
from dayjob.repository import examine, open_repository
from dayjob.repository.migrations import migration
from dayjob.repository.sqlite.migrate import migrate
from dayjob.repository.sqlite.statements import STATEMENTS

SOURCE = Path(dayjob.__file__).parent


@pytest.fixture(scope="module")
def database() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        yield connection


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
