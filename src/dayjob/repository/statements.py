"""The SQL of this package: one named statement a file in ``sql/``, read once.

``{JobRow}`` in a statement stands for the columns of that row, by name: a column that a newer version adds while this
process runs must not come between them.
"""

from __future__ import annotations

from importlib.resources import files
from types import MappingProxyType

from .rows import DefinitionRow, JobRow, WorkerRow

_COLUMNS = {f"{{{row.__name__}}}": ", ".join(row._fields) for row in (JobRow, DefinitionRow, WorkerRow)}


def _read_all() -> MappingProxyType[str, str]:
    folder = files(__package__) / "sql"
    found = ((entry.name, entry.read_text("utf-8")) for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return MappingProxyType({name.removesuffix(".sql"): _with_columns(sql) for name, sql in found})


def _with_columns(sql: str) -> str:
    for place, columns in _COLUMNS.items():
        sql = sql.replace(place, columns)
    return sql


STATEMENTS = _read_all()
