"""The statements as SQLite wants them."""

from __future__ import annotations

from ..statements import read_statements

STATEMENTS = read_statements(
    "sqlite",
    {
        "by": "INDEXED BY %s",
        "+": "+",  # of a column with a sign SQLite finds no index
        "in": "IN (SELECT value FROM json_each(:%s))",
        "fence": "+status = 'running' AND +worker = :worker AND attempt = :attempt",
        "stamp": "rev = :rev",
    },
)
