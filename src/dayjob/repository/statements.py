"""The SQL of this package: one named statement a file. Those in ``sql/`` are for all databases, which differ in macros;
a database's own folder has the rest, and what it says differently.

``{JobRow}`` stands for the columns of that row, by name: a column that a newer version adds while this process runs
must not come between them. The other macros are the database's:

``{by index}``
    the index that a planner should take, where it can be told
``{+}column``
    a condition that no index is to be looked for
``{in values}``
    ``IN`` a JSON list
``{fence}``
    the job is what a running attempt has claimed: ``:worker``, ``:attempt``
``{stamp}``
    what a change of a job is noticed by
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType

from .rows import DefinitionRow, JobRow, WorkerRow

_COLUMNS = {row.__name__: ", ".join(row._fields) for row in (JobRow, DefinitionRow, WorkerRow)}
_MACRO = re.compile(r"\{([\w+]+)(?: (\w+))?\}")


def read_statements(dialect: str, macros: Mapping[str, str]) -> Mapping[str, str]:
    """The statements of the database whose folder is ``dialect``, by name. In ``macros`` an argument is ``%s``."""
    here = files(__package__)
    found = _texts(here / "sql") | _texts(here / dialect / "sql")
    words = {**_COLUMNS, **macros}
    return MappingProxyType(
        {name: _MACRO.sub(lambda m: words[m[1]].replace("%s", m[2] or ""), sql) for name, sql in found.items()}
    )


def _texts(folder: Traversable) -> dict[str, str]:
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".sql"))
    return {entry.name.removesuffix(".sql"): entry.read_text("utf-8") for entry in found}
