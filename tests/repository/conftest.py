"""The databases that the behaviour of a repository is tested on: nothing else in this folder knows which there are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, Protocol

import pytest
from tests import postgres
from tests.support import query, worker_row

from dayjob.repository import JobRepository, open_repository

if postgres.psycopg is not None:
    from dayjob.repository.postgres.database import PostgresDatabase


class Storage(Protocol):
    """A database that is new for a test."""

    async def open(self) -> JobRepository:
        """A repository on it, as another process has one; closed after the test."""

    def rows(self, sql: str, *values: Any) -> list[Any]:
        """Rows of the database, seen and changed from outside of the library."""


class SqliteFile:
    def __init__(self, path: Path, opened: AsyncExitStack) -> None:
        self._path = path
        self._opened = opened

    async def open(self) -> JobRepository:
        made = open_repository(f"sqlite:///{self._path}", durability="process")
        await made.open()
        self._opened.push_async_callback(made.close)
        return made

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return query(self._path, sql, *values)


class PostgresSchema:
    def __init__(self, dsn: str, schema: str, opened: AsyncExitStack) -> None:
        self._dsn = dsn
        self._schema = schema
        self._opened = opened

    async def open(self) -> JobRepository:
        made = JobRepository(PostgresDatabase(self._dsn, schema=self._schema))
        await made.open()
        self._opened.push_async_callback(made.close)
        return made

    def rows(self, sql: str, *values: Any) -> list[Any]:
        return postgres.query(self._dsn, self._schema, sql.replace("?", "%s"), *values)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    """The connection string of a PostgreSQL for this test process."""
    with ExitStack() as ends:
        try:
            dsn = ends.enter_context(postgres.server())
        except postgres.Missing as missing:
            pytest.skip(str(missing))
        yield dsn


@pytest.fixture
def schema(postgres_dsn: str) -> Iterator[str]:
    """The name of a schema that is new for a test."""
    with postgres.schema(postgres_dsn) as name:
        yield name


@pytest.fixture(params=["sqlite", "postgres"])
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Storage]:
    """An empty database of each kind."""
    async with AsyncExitStack() as opened:
        if request.param == "sqlite":
            yield SqliteFile(request.getfixturevalue("path"), opened)
        else:
            dsn, schema = request.getfixturevalue("postgres_dsn"), request.getfixturevalue("schema")
            yield PostgresSchema(dsn, schema, opened)


@pytest.fixture
async def repository(storage: Storage) -> JobRepository:
    """An open, empty database of each kind, on which the processes ``w`` and ``v`` are registered."""
    made = await storage.open()
    for worker in ("w", "v"):
        await made.register_worker(worker_row(worker))
    return made
