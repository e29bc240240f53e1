"""Brings a SQLite database to the schema of this version, by the numbered files in ``migrations/``."""

from __future__ import annotations

import sqlite3

from ..migrations import Migration, check_schema, read_migrations

REMEDY = "Move it away (with its -wal and -shm)"  # for what was never released

_TABLE = """CREATE TABLE IF NOT EXISTS dayjob_schema (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL)"""
_HAS_HASH = "SELECT count(*) FROM pragma_table_info('dayjob_schema') WHERE name = 'hash'"


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, also when several processes start at once.

    Raises `SchemaTooNew` for a newer database, and `StorageError` for one of a version that was never released.
    """
    known = migrations()
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_TABLE)
        present = applied_migrations(connection)
        check_schema(present, known, REMEDY)
        for migration in known:
            if migration.version in present:
                continue
            for statement in _split(migration.script):
                connection.execute(statement)
            values = (migration.version, migration.name, migration.hash)
            connection.execute("INSERT INTO dayjob_schema VALUES (?, ?, ?)", values)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def migrations() -> list[Migration]:
    """All that this version knows, in their order."""
    return read_migrations("sqlite")


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the database has the schema of this version."""
    return applied_migrations(connection) == {migration.version: migration.hash for migration in migrations()}


def applied_migrations(connection: sqlite3.Connection) -> dict[int, str]:
    """The hashes of what was applied, by number; '' of what a state of development without hashes has applied."""
    stored = "hash" if connection.execute(_HAS_HASH).fetchone()[0] else "''"
    return dict(connection.execute(f"SELECT version, {stored} FROM dayjob_schema").fetchall())  # noqa: S608


def _split(script: str) -> list[str]:
    """The statements of a script. ``executescript`` would commit first, and so tear the migration apart."""
    statements, buffer = [], ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            statements.append(buffer)
            buffer = ""
    return statements
