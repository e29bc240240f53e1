"""For apps that share a database file with the queue and manage their own tables with SQLAlchemy and Alembic.

Nothing of either is imported here.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["include_name"]

_OURS = "dayjob_"  # what the names of all tables, indexes and triggers of dayjob begin with


def include_name(name: str | None, type_: str, parent_names: Mapping[str, str | None]) -> bool:
    """Whether a table, or what belongs to one, is the app's own: for ``include_name`` in Alembic's ``env.py``.

    Without it ``alembic revision --autogenerate`` proposes to drop the tables of the queue, which are in no metadata
    of the app, and ``alembic check`` fails. ``type_`` and ``parent_names`` are what Alembic passes.

    >>> include_name("customer", "table", {"schema_name": None})
    True
    >>> include_name("dayjob_job", "table", {"schema_name": None})
    False
    """
    table = name if type_ == "table" else parent_names.get("table_name")
    return not (table or "").lower().startswith(_OURS)
