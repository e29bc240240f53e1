"""A schema of a PostgreSQL database as a database of jobs."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from typing import Any

import psycopg

from ...errors import StorageError
from ...models import NewJob
from ...options import invalid
from ..creation import Accepted
from ..database import Database, Worker
from .connection import PostgresConnection
from .errors import explain
from .listener import Listener
from .process_lock import AdvisoryLock, number_of
from .transaction import PostgresReader

_SCHEMA = re.compile(r"[a-z_][a-z0-9_]{0,39}")
# So that a silent network is noticed within seconds, on this side ...
_CONNECT: dict[str, Any] = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
    "tcp_user_timeout": 8000,
}
# ... and on the server's. Transactions of ours last milliseconds, and read no table from end to end.
_SESSION = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "idle_in_transaction_session_timeout": "10s",
    "statement_timeout": "30s",
    "lock_timeout": "200ms",
    "enable_seqscan": "off",
    "default_transaction_isolation": r"read\ committed",
}


class PostgresDatabase(Database):
    """The schema ``schema`` of the database ``dsn`` (a ``postgresql://`` URL), made if it is not there.

    ``power_safe`` (the default): an accepted job survives a crash of the server; False: only one of the process.
    """

    def __init__(self, dsn: str, *, schema: str = "dayjob", power_safe: bool = True) -> None:
        if not _SCHEMA.fullmatch(schema):
            raise invalid("schema", schema, "up to 40 of a-z, 0-9 and _, a letter first")
        self._dsn = dsn
        self._schema = schema
        self._power_safe = power_safe
        told = psycopg.conninfo.conninfo_to_dict(dsn)
        self.name = f"{told.get('dbname', '')} on {told.get('host', 'localhost')}, schema {schema}"  # no password
        self._listener = Listener(partial(self._connect, "listener"), f"dayjob_{schema}", number_of(schema))

    @property
    def trouble(self) -> StorageError | None:
        return None  # how full its disk is, a server does not say

    def connection(self) -> PostgresConnection:
        connect = partial(self._connect, "writer")
        return PostgresConnection(connect, self._schema, self.name, self._listener, power_safe=self._power_safe)

    def reader(self) -> PostgresReader:
        return PostgresReader(self._connect("reader"))

    def process_lock(self, worker: str) -> AdvisoryLock:
        return AdvisoryLock(self._listener, worker)

    def lost_its_lock(self, worker: Worker) -> bool:
        return self._listener.is_gone(number_of(worker.id))

    def remove_lock(self, worker: Worker) -> None:
        """It went with its session."""

    def explain(self, error: BaseException) -> BaseException:
        return explain(error, self.name)

    async def create_in(self, db: Any, news: Sequence[NewJob]) -> list[Accepted]:
        raise TypeError(f"db= is a {type(db).__name__}; jobs are not stored in transactions of others here.")

    def _connect(self, role: str) -> psycopg.Connection[tuple[Any, ...]]:
        """A session of its own. Nothing is prepared: behind a pooler the next statement may be on another one."""
        settings = {"search_path": self._schema, "application_name": f"dayjob:{self._schema}:{role}", **_SESSION}
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        return psycopg.connect(
            self._dsn, autocommit=True, prepare_threshold=None, options=options, target_session_attrs="read-write",
            **_CONNECT,
        )  # fmt: skip
