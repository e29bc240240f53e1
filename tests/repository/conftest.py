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


@pytest.fixture(params=["sqlite"])
async def storage(path: Path) -> AsyncIterator[Storage]:
    """An empty database of each kind."""
    async with AsyncExitStack() as opened:
        yield SqliteFile(path, opened)


@pytest.fixture
async def repository(storage: Storage) -> JobRepository:
    """An open, empty database of each kind, on which the processes ``w`` and ``v`` are registered."""
    made = await storage.open()
    for worker in ("w", "v"):
        await made.register_worker(worker_row(worker))
    return made
