"""Brings a SQLite database to the schema of this version, by the numbered files in ``migrations/``."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from ..errors import SchemaTooNew

_VERSION_TABLE = "CREATE TABLE IF NOT EXISTS dayjob_schema (version INTEGER PRIMARY KEY, name TEXT NOT NULL)"


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, also when several processes start at once; raises `SchemaTooNew` for a newer database."""
    known = {int(name.partition("_")[0]): (name, script) for name, script in _migrations()}
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_VERSION_TABLE)
        present = connection.execute("SELECT coalesce(max(version), 0) FROM dayjob_schema").fetchone()[0]
        newest = max(known)
        if present > newest:
            raise SchemaTooNew(
                f"The database has schema {present}, and this dayjob knows schemas up to {newest}. "
                "Install the newer dayjob that made it (nothing was changed)."
            )
        applied = {row[0] for row in connection.execute("SELECT version FROM dayjob_schema")}
        for version, (name, script) in known.items():
            if version in applied:
                continue
            for statement in _split(script):
                connection.execute(statement)
            connection.execute("INSERT INTO dayjob_schema VALUES (?, ?)", (version, name))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _migrations() -> list[tuple[str, str]]:
    """Name and script of each, in order; the version is the number that the name begins with."""
    folder = files(__package__) / "migrations"
    found = sorted((e.name, e.read_text("utf-8")) for e in folder.iterdir() if e.name.endswith(".sql"))
    return [(name.removesuffix(".sql"), script) for name, script in found]


def _split(script: str) -> list[str]:
    """The statements of a script. ``executescript`` would commit first, and so tear the migration apart."""
    statements, buffer = [], ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            statements.append(buffer)
            buffer = ""
    return statements
