"""The schema of PostgreSQL: made once, as SQLite's is, and refused when it is newer or was never released."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing

import psycopg
import pytest
from tests.postgres import query
from tests.repository.conftest import PostgresSchema

from dayjob.errors import InvalidOption, SchemaTooNew, StorageError
from dayjob.repository.migrations import migration
from dayjob.repository.postgres import migrate
from dayjob.repository.postgres.database import PostgresDatabase
from dayjob.repository.sqlite.migrate import migrate as migrate_sqlite


def columns_of_sqlite() -> dict[str, set[str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate_sqlite(connection)
        tables = [row[1] for row in connection.execute("PRAGMA table_list") if row[1].startswith("dayjob_")]
        return {name: {row[1] for row in connection.execute(f"PRAGMA table_info({name})")} for name in tables}


async def test_the_tables_are_those_of_sqlite(storage: PostgresSchema) -> None:
    await storage.open()
    found: dict[str, set[str]] = {}
    rows = storage.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    )
    for table, column in rows:
        found.setdefault(table, set()).add(column)
    assert found.pop("dayjob_type_limit") == {"type"}  # a lock, where others write at the same time
    found["dayjob_job"].remove("changed")
    found["dayjob_count"].remove("slot")
    expected = columns_of_sqlite()
    expected.pop("dayjob_meta")  # the change number of all jobs
    assert found == expected


async def test_processes_that_open_a_new_schema_together_migrate_it_once(storage: PostgresSchema) -> None:
    opened = await asyncio.gather(*(storage.open() for _ in range(5)))
    assert storage.rows("SELECT version, name FROM dayjob_schema") == [(1, "0001_initial")]
    assert [await repository.list_workers() for repository in opened] == [[]] * 5


async def test_a_newer_schema_is_refused_and_nothing_is_changed(storage: PostgresSchema) -> None:
    await (await storage.open()).close()
    storage.rows("INSERT INTO dayjob_schema VALUES (99, '0099_future', '')")
    with pytest.raises(SchemaTooNew, match="schema 99"):
        await storage.open()
    assert storage.rows("SELECT max(version) FROM dayjob_schema") == [(99,)]


async def test_what_was_never_released_is_refused_with_the_way_out(storage: PostgresSchema) -> None:
    await (await storage.open()).close()
    storage.rows("UPDATE dayjob_schema SET hash = 'another'")
    with pytest.raises(StorageError, match=r"never released.*Rename the schema test_"):
        await storage.open()


async def test_a_step_that_fails_leaves_nothing(storage: PostgresSchema, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = [migration("0001_a", "CREATE TABLE a (b int); SELECT 1/0")]
    monkeypatch.setattr("dayjob.repository.postgres.migrate.migrations", lambda: steps)
    with pytest.raises(StorageError, match="division by zero"):
        await storage.open()
    assert storage.rows("SELECT to_regclass('a'), to_regclass('dayjob_schema')") == [(None, None)]


async def test_a_step_waits_for_a_table_that_is_in_use_and_not_for_ever(
    storage: PostgresSchema, monkeypatch: pytest.MonkeyPatch, postgres_dsn: str, schema: str
) -> None:
    await (await storage.open()).close()
    known = [*migrate.migrations(), migration("0002_more", "ALTER TABLE dayjob_job ADD COLUMN more int")]
    monkeypatch.setattr(migrate, "migrations", lambda: known)
    with psycopg.connect(postgres_dsn) as user:
        user.execute(f"SELECT count(*) FROM {schema}.dayjob_job")  # and goes on with other things
        opening = asyncio.create_task(storage.open())
        await asyncio.sleep(0)
        while not query(postgres_dsn, schema, "SELECT 1 FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        user.commit()
        await opening
    assert storage.rows("SELECT count(more) FROM dayjob_job") == [(0,)]


@pytest.mark.parametrize("name", ["", "1", "a b", "Jobs", 'x"; DROP', "x" * 41])
def test_a_name_that_would_have_to_be_quoted_is_refused(name: str) -> None:
    with pytest.raises(InvalidOption, match="schema"):
        PostgresDatabase("postgresql://localhost/x", schema=name)
