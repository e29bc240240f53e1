"""Jobs that are written in a caller's own transaction: they exist when the caller commits, or never did.

SQLAlchemy's sessions and connections (both kinds of each), `sqlite3.Connection` and aiosqlite's are told apart by
what they can do; nothing but the standard library is imported.
"""

from __future__ import annotations

import inspect
import sqlite3
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from ...errors import InvalidArguments, WrongDatabase
from ...models import NewJob
from ..creation import Accepted, creating
from .statements import STATEMENTS

Execute = Callable[[str, dict[str, Any]], Awaitable[list[Any]]]


async def create_in(db: Any, path: Path, news: Sequence[NewJob]) -> list[Accepted]:
    """Store jobs through ``db``, all of them or none, without a commit. Errors of its driver pass as they are.

    Raises `TypeError` for what is no connection, and `WrongDatabase` (before anything is written) for one to
    another database than the file ``path``.
    """
    execute, driver = await _open(db, path)
    await _check_file(execute, path)
    # The first write: it begins the transaction if the driver does that, and takes the write lock.
    rev = await _next_rev(execute)
    if not getattr(driver, "in_transaction", True):
        raise InvalidArguments("db= is in autocommit mode, so there is no transaction to be part of; begin one first.")
    await execute("SAVEPOINT dayjob_enqueue", {})
    try:
        stored = []
        for new in news:
            stored.append(await _create(execute, new, rev))
            rev = await _next_rev(execute) if len(stored) < len(news) else rev
    except BaseException:
        if getattr(driver, "in_transaction", True):  # a full disk has ended it
            await execute("ROLLBACK TO dayjob_enqueue", {})
            await execute("RELEASE dayjob_enqueue", {})
        raise
    await execute("RELEASE dayjob_enqueue", {})
    return stored


async def _open(db: Any, path: Path) -> tuple[Execute, Any]:
    """How to execute SQL in the transaction of ``db``, and the driver's connection underneath."""
    if isinstance(db, sqlite3.Connection):
        return _on_sqlite3(db), db
    if hasattr(db, "exec_driver_sql"):
        return await _on_sqlalchemy(db, path)
    if callable(getattr(db, "connection", None)):
        return await _on_sqlalchemy(await _await(db.connection()), path)
    if hasattr(db, "execute_fetchall"):
        return _on_aiosqlite(db), db
    raise TypeError(f"db= is a {type(db).__name__}; use a session or connection of SQLAlchemy, sqlite3 or aiosqlite.")


def _on_sqlite3(connection: sqlite3.Connection) -> Execute:
    async def execute(sql: str, values: dict[str, Any]) -> list[Any]:
        cursor = connection.cursor()
        cursor.row_factory = None  # the caller's may make dicts
        return cursor.execute(sql, values).fetchall()

    return execute


def _on_aiosqlite(connection: Any) -> Execute:
    async def execute(sql: str, values: dict[str, Any]) -> list[Any]:
        async with connection.cursor() as cursor:
            cursor.row_factory = None
            await cursor.execute(sql, values)
            return list(await cursor.fetchall())

    return execute


async def _on_sqlalchemy(connection: Any, path: Path) -> tuple[Execute, Any]:
    if connection.dialect.name != "sqlite":
        raise _wrong(f"a {connection.dialect.name} database", path)

    async def execute(sql: str, values: dict[str, Any]) -> list[Any]:
        result = await _await(connection.exec_driver_sql(sql, values))
        return list(result.fetchall()) if result.returns_rows else []

    raw = connection.get_raw_connection if hasattr(connection, "get_raw_connection") else lambda: connection.connection
    return execute, (await _await(raw())).driver_connection


async def _check_file(execute: Execute, path: Path) -> None:
    files = {row[1]: row[2] for row in await execute("PRAGMA database_list", {})}
    main = files.get("main", "")
    if not _is_same(main, path):
        raise _wrong(main or "memory", path)


def _is_same(main: str, path: Path) -> bool:
    return bool(main) and Path(main).resolve() == path


async def _next_rev(execute: Execute) -> int:
    rev: int = (await execute(STATEMENTS["raise_rev"], {}))[0][0]
    return rev


async def _create(execute: Execute, new: NewJob, rev: int) -> Accepted:
    """`creation.drive`, for connections that are awaited."""
    steps = creating(new)
    rows: list[Any] | None = None
    while True:
        try:
            statement, values = next(steps) if rows is None else steps.send(rows)
        except StopIteration as end:
            stored: Accepted = end.value
            return stored
        # The write lock is ours, so nothing has to be held.
        rows = [] if statement == "hold_pending" else await execute(STATEMENTS[statement], {**values, "rev": rev})


async def _await(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value


def _wrong(what: str, path: Path) -> WrongDatabase:
    return WrongDatabase(
        f"db= writes to {what}, and the queue's jobs are in {path}: one transaction cannot hold both. "
        "Open the queue on the app's file, JobQueue('sqlite:///app.db'), or enqueue after your commit without db=."
    )
