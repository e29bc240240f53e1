"""Steps from schema to schema, the numbered files in a database's folder ``migrations/``.

A file that was applied never changes after a release: what it was is stored, and compared.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import NamedTuple

from ..errors import SchemaTooNew, StorageError


class Migration(NamedTuple):
    """A file: its number (gaps are allowed, and what was left out is applied when it appears), its name, its SQL."""

    version: int
    name: str
    script: str

    @property
    def hash(self) -> str:
        """What it is compared by."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def read_migrations(dialect: str) -> list[Migration]:
    """All that this version knows for the database whose folder is ``dialect``, in their order."""
    folder = files(__package__) / dialect / "migrations"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return [migration(name.removesuffix(".sql"), (folder / name).read_text("utf-8")) for name in names]


def migration(name: str, script: str) -> Migration:
    """One whose ``name`` begins with its number."""
    return Migration(int(name.partition("_")[0]), name, script)


def check_schema(present: dict[int, str], known: list[Migration], remedy: str) -> None:
    """See whether what was applied is ``known``, in order to go on from there; ``remedy`` is told else.

    Raises `SchemaTooNew`, and `StorageError` for what was never released.
    """
    hashes = {migration.version: migration.hash for migration in known}
    if any(present[version] != hashes[version] for version in present.keys() & hashes):
        raise StorageError(
            "The database was made by a version of dayjob that was never released, and its jobs cannot be taken over. "
            f"{remedy} and start again: a new one is made (nothing was changed)."
        )
    if (newest := max(present, default=0)) > known[-1].version:
        raise SchemaTooNew(
            f"The database has schema {newest}, and this dayjob knows schemas up to {known[-1].version}. "
            "Install the newer dayjob that made it (nothing was changed)."
        )
