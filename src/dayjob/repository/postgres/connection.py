"""The session of this process that writes: it comes back when it was lost, and tells the others what it wrote."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from socket import socket
from typing import Any, TypeVar

import psycopg

from ...errors import StorageError
from ...logger import logger
from ..database import Connection
from ..transaction import Changes
from .errors import explain, is_of_moment
from .listener import Listener
from .migrate import migrate
from .transaction import PostgresTransaction, Since, fetch

T = TypeVar("T")
log = logger("dayjob.repository")

_POLL = 1.0  # seconds between looks for what others wrote, who tell of it
_WATCH_POLL = 0.25  # the same, for a while after somebody wrote with a connection of his own, and told nobody
_WATCH_FOR = 30.0  # seconds
_TELL_EVERY = 0.02  # seconds: notes to the others stand in one queue of the whole server

_BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED, READ WRITE"
_BEGIN_APART = f"{_BEGIN}; SET LOCAL lock_timeout = '20ms'"
_NOTHING_YET = "1:1:"


class PostgresConnection(Connection):
    """`Connection` to the schema ``schema`` with what ``connect`` gives; ``name`` is for messages.

    ``power_safe``: commits that are to be durable survive a power failure.
    """

    def __init__(
        self,
        connect: Callable[[], psycopg.Connection[tuple[Any, ...]]],
        schema: str,
        name: str,
        listener: Listener,
        *,
        power_safe: bool,
    ) -> None:
        self._connect = connect
        self._schema = schema
        self._name = name
        self._listener = listener
        self._power_safe = power_safe
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None
        self._transaction: PostgresTransaction
        self._durable = False
        self._apart = False  # whether the next transaction does again what has ended one
        self._snapshot = _NOTHING_YET  # of the last look
        self._own: list[str] = []  # transactions since then
        self._news: Since | None = None  # what the transaction under way has found, and will be told with its commit
        self._owes = False  # whether others have to be told
        self._tell_at = self._look_at = self._watch_until = 0.0

    @property
    def signal(self) -> socket | None:
        return self._listener.signal

    def open(self) -> None:
        connection = self._connection = self._connect()
        try:
            self._listener.own_pid = connection.info.backend_pid
            migrate(connection, self._schema)
            ((self._snapshot,),) = connection.execute("SELECT pg_current_snapshot()::text").fetchall()
        except BaseException:
            connection.close()
            raise
        self._listener.open()

    def close(self) -> None:
        self._listener.close()
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):  # who hears of it looks on his own a little later
                self._tell()
            self._connection.close()

    def begin(self, *, durable: bool) -> PostgresTransaction:
        connection = self._session()
        connection.execute(_BEGIN_APART if self._apart else _BEGIN)
        self._durable = durable
        self._transaction = PostgresTransaction(connection, self._name)
        self._transaction.apart = self._apart
        if time.monotonic() >= self._look_at:
            self._transaction.foreign = self._news = self._difference(connection)
        return self._transaction

    def commit(self) -> None:
        transaction = self._transaction
        transaction.store_counts()
        # Two processes would hold the same attempt if the server forgot a claim in a crash.
        waits = self._power_safe and (self._durable or transaction.has_claimed)
        before = "" if waits else "SET LOCAL synchronous_commit = off; "
        # On the session that it was begun on: on another one this would go well, and nothing would be written.
        cursor = transaction.connection.execute(
            f"{before}SELECT pg_current_xact_id_if_assigned()::text; COMMIT".encode()
        )
        while cursor.description is None:
            cursor.nextset()
        ((xid,),) = cursor.fetchall()
        if transaction.has_changed and xid is not None:
            self._own.append(xid)
            self._owes = True
        self._apart = False
        self._news = None

    def rollback(self, error: BaseException) -> bool:
        connection = self._connection
        if connection is not None and not connection.broken:
            with contextlib.suppress(psycopg.Error):  # the first error is the one to tell
                connection.execute("ROLLBACK")
        if (foreign := self._news) is not None:  # nobody was told of it
            self._snapshot, self._look_at, self._news = foreign.snapshot, 0.0, None
        alive = connection is not None and not connection.broken
        self._apart = alive and is_of_moment(error) and not self._apart
        return self._apart

    def explain(self, error: BaseException) -> BaseException:
        return explain(error, self._name)

    def own_changes(self) -> Since:
        return Since(self._snapshot)  # of the last look, and so with more

    def attend(self) -> None:
        if self._owes and time.monotonic() >= self._tell_at:
            self._anyway(self._tell)

    def look(self, *, called: bool) -> Changes | None:
        self.attend()
        if not called and time.monotonic() < self._look_at:
            return None
        return self._anyway(lambda: self._difference(self._session()))

    @property
    def patience(self) -> float:
        now = time.monotonic()
        due = min(self._look_at, self._tell_at) if self._owes else self._look_at
        return max(0.001, due - now)

    def watch_closely(self) -> None:
        self._watch_until = time.monotonic() + _WATCH_FOR
        self._look_at = 0.0

    def heard(self) -> None:
        self._listener.clear()
        self._look_at = 0.0

    def _session(self) -> psycopg.Connection[tuple[Any, ...]]:
        """The connection; another one if it was lost."""
        if self._connection is None or self._connection.closed:
            self._connection = self._connect()
            self._listener.own_pid = self._connection.info.backend_pid
            self._look_at = 0.0
        return self._connection

    def _difference(self, connection: psycopg.Connection[tuple[Any, ...]]) -> Since | None:
        """What others have changed since the last look."""
        watching = time.monotonic() < self._watch_until
        self._look_at = time.monotonic() + (_WATCH_POLL if watching else _POLL)
        since, own = self._snapshot, self._own
        ((self._snapshot, changed),) = fetch(connection, "look", {"since": since, "own": own})
        self._own = []
        return Since(since) if changed else None

    def _tell(self) -> None:
        if self._owes:
            # Without waiting for the disk, which a NOTIFY does like any commit, and all others behind it.
            channel = self._listener.channel
            self._session().execute(f"BEGIN; SET LOCAL synchronous_commit = off; NOTIFY {channel}; COMMIT".encode())
            self._owes = False
            self._tell_at = time.monotonic() + _TELL_EVERY

    def _anyway(self, act: Callable[[], T]) -> T | None:
        """What nobody waits for, and what is done again a little later if it fails."""
        try:
            return act()
        except (psycopg.Error, StorageError, OSError) as error:
            log.warning("the job database %s cannot be used; trying again: %s", self._name, error)
            self._look_at = self._tell_at = time.monotonic() + _POLL
            return None
