"""Brings a SQLite database to the schema of this version, by the numbered files in ``migrations/``.

A file that was applied never changes after a release: what it was is stored, and compared.
"""

from __future__ import annotations

import hashlib
import sqlite3
from importlib.resources import files
from typing import NamedTuple

from ...errors import SchemaTooNew, StorageError

_TABLE = """CREATE TABLE IF NOT EXISTS dayjob_schema (
    version INTEGER PRIMARY KEY, name TEXT NOT NULL, hash TEXT NOT NULL)"""
_HAS_HASH = "SELECT count(*) FROM pragma_table_info('dayjob_schema') WHERE name = 'hash'"


class Migration(NamedTuple):
    """A file: its number (gaps are allowed, and what was left out is applied when it appears), its name, its SQL."""

    version: int
    name: str
    script: str

    @property
    def hash(self) -> str:
        """What it is compared by."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, also when several processes start at once.

    Raises `SchemaTooNew` for a newer database, and `StorageError` for one of a version that was never released.
    """
    known = migrations()
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_TABLE)
        present = applied_migrations(connection)
        check_schema(present, known)
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
    folder = files(__package__) / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [migration(name.removesuffix(".sql"), (folder / name).read_text("utf-8")) for name in names]


def migration(name: str, script: str) -> Migration:
    """One whose ``name`` begins with its number."""
    return Migration(int(name.partition("_")[0]), name, script)


def is_current(connection: sqlite3.Connection) -> bool:
    """Whether the database has the schema of this version."""
    return applied_migrations(connection) == {migration.version: migration.hash for migration in migrations()}


def applied_migrations(connection: sqlite3.Connection) -> dict[int, str]:
    """The hashes of what was applied, by number; '' of what a state of development without hashes has applied."""
    stored = "hash" if connection.execute(_HAS_HASH).fetchone()[0] else "''"
    return dict(connection.execute(f"SELECT version, {stored} FROM dayjob_schema").fetchall())  # noqa: S608


def check_schema(present: dict[int, str], known: list[Migration]) -> None:
    """Raises `SchemaTooNew`, and `StorageError` for what was never released."""
    hashes = {migration.version: migration.hash for migration in known}
    if any(present[version] != hashes[version] for version in present.keys() & hashes):
        raise StorageError(
            "The database was made by a version of dayjob that was never released, and its jobs cannot be taken over. "
            "Move it away (with its -wal and -shm) and start again: a new one is made (nothing was changed)."
        )
    if (newest := max(present, default=0)) > known[-1].version:
        raise SchemaTooNew(
            f"The database has schema {newest}, and this dayjob knows schemas up to {known[-1].version}. "
            "Install the newer dayjob that made it (nothing was changed)."
        )


def _split(script: str) -> list[str]:
    """The statements of a script. ``executescript`` would commit first, and so tear the migration apart."""
    statements, buffer = [], ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            statements.append(buffer)
            buffer = ""
    return statements
