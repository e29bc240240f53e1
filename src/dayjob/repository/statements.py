"""The SQL of this package: one named statement a file in ``sql/``, read once."""

from __future__ import annotations

from importlib.resources import files
from types import MappingProxyType


def _read_all() -> MappingProxyType[str, str]:
    folder = files(__package__) / "sql"
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return MappingProxyType({entry.name.removesuffix(".sql"): entry.read_text("utf-8") for entry in found})


STATEMENTS = _read_all()
