"""A SQLite file as a database of jobs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ...errors import StorageError
from ...host import host_name
from ...models import NewJob
from ..creation import Accepted
from ..database import Database, Worker
from .connection import SqliteConnection
from .process_lock import FileLock, is_dead
from .session import create_in
from .space import Space
from .transaction import SqliteReader, explain


class SqliteDatabase(Database):
    """The file ``path``, which is made if it is not there. One process at a time writes; readers never wait (WAL).

    ``power_safe`` (the default): an accepted job survives a power failure; False: only a crash of the process.
    """

    def __init__(self, path: Path, *, power_safe: bool = True) -> None:
        # Resolved: other paths to the file must mean the same locks, and a later chdir must mean nothing.
        self.path = path.resolve()
        self.name = str(self.path)
        self._power_safe = power_safe
        self._space = Space(self.path)
        # Once: it is looked into four times a second.
        self._locks = self.path.with_name(self.path.name + ".workers").resolve()

    @property
    def trouble(self) -> StorageError | None:
        return self._space.trouble()

    def connection(self) -> SqliteConnection:
        return SqliteConnection(self.path, power_safe=self._power_safe)

    def reader(self) -> SqliteReader:
        return SqliteReader(self.path)

    def process_lock(self, worker: str) -> FileLock:
        return FileLock(self._locks, worker)

    def lost_its_lock(self, worker: Worker) -> bool:
        return worker.host == host_name() and is_dead(self._locks, worker.id)

    def remove_lock(self, worker: Worker) -> None:
        (self._locks / worker.id).unlink(missing_ok=True)

    def explain(self, error: BaseException) -> BaseException:
        return explain(error, self.path)

    async def create_in(self, db: Any, news: Sequence[NewJob]) -> list[Accepted]:
        return await create_in(db, self.path, news)
