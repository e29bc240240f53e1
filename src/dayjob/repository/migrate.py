"""Brings a SQLite database to the schema of this version, by the numbered files in ``migrations/``."""

from __future__ import annotations

import sqlite3
from importlib.resources import files

from ..errors import SchemaTooNew

_VERSION_TABLE = "CREATE TABLE IF NOT EXISTS dayjob_schema (version INTEGER PRIMARY KEY, name TEXT NOT NULL)"


def migrate(connection: sqlite3.Connection) -> None:
    """Apply what is missing, also when several processes start at once; raises `SchemaTooNew` for a newer database."""
    known = _migrations()
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.execute(_VERSION_TABLE)
        present = {row[0] for row in connection.execute("SELECT version FROM dayjob_schema")}
        _refuse_newer(present, known)
        for name, script in known:
            if _version(name) in present:
                continue
            for statement in _split(script):
                connection.execute(statement)
            connection.execute("INSERT INTO dayjob_schema VALUES (?, ?)", (_version(name), name))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def newest_schema() -> int:
    """The schema of this version."""
    return max(_version(name) for name, _ in _migrations())


def _refuse_newer(present: set[int], known: list[tuple[str, str]]) -> None:
    newest = max(_version(name) for name, _ in known)
    if max(present, default=0) > newest:
        raise SchemaTooNew(
            f"The database has schema {max(present)}, and this dayjob knows schemas up to {newest}. "
            "Install the newer dayjob that made it (nothing was changed)."
        )


def _version(name: str) -> int:
    """The number that a file begins with: gaps are allowed, and what was left out is applied when it appears."""
    return int(name.partition("_")[0])


def _migrations() -> list[tuple[str, str]]:
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
