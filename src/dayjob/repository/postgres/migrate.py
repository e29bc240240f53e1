"""Brings a schema of a PostgreSQL database to the tables of this version, by the numbered files in ``migrations/``."""

from __future__ import annotations

import contextlib
from typing import Any

import psycopg

from ..migrations import Migration, check_schema, read_migrations

Connection = psycopg.Connection[tuple[Any, ...]]

_TABLE = """CREATE TABLE IF NOT EXISTS dayjob_schema (
    version integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL)"""
_TRIES = 5
# Others who migrate are waited for; who uses a table only for moments, or all that he does would wait behind us.
_ONE_AT_A_TIME = """SET TRANSACTION ISOLATION LEVEL READ COMMITTED;
    SET LOCAL lock_timeout = '30s';
    SELECT pg_advisory_xact_lock(hashtextextended('dayjob migrates', 0));
    SET LOCAL lock_timeout = '2s'"""


def migrate(connection: Connection, schema: str) -> None:
    """Apply what is missing in ``schema``, also when several processes start at once.

    Raises `SchemaTooNew` for a newer one, and `StorageError` for one of a version that was never released.
    """
    known = migrations()
    if not _missing(connection, known, schema):
        return
    for _ in range(_TRIES - 1):
        with contextlib.suppress(psycopg.errors.LockNotAvailable):
            _apply(connection, known, schema)
            return
    _apply(connection, known, schema)


def migrations() -> list[Migration]:
    """All that this version knows, in their order."""
    return read_migrations("postgres")


def _apply(connection: Connection, known: list[Migration], schema: str) -> None:
    with connection.transaction():
        connection.execute(_ONE_AT_A_TIME)
        if not _exists(connection, "to_regnamespace", schema):  # only then it is needed that we may make one
            connection.execute(f"CREATE SCHEMA {schema}")
        connection.execute(_TABLE)
        for migration in _missing(connection, known, schema):
            connection.execute(migration.script.encode())
            values = (migration.version, migration.name, migration.hash)
            connection.execute("INSERT INTO dayjob_schema VALUES (%s, %s, %s)", values)


def _missing(connection: Connection, known: list[Migration], schema: str) -> list[Migration]:
    present: dict[int, str] = {}
    if _exists(connection, "to_regclass", f"{schema}.dayjob_schema"):
        present = dict(connection.execute("SELECT version, hash FROM dayjob_schema").fetchall())
    check_schema(present, known, f"Rename the schema {schema}")
    return [migration for migration in known if migration.version not in present]


def _exists(connection: Connection, function: str, name: str) -> bool:
    rows = connection.execute(f"SELECT {function}(%s) IS NOT NULL".encode(), [name]).fetchall()
    return bool(rows[0][0])
