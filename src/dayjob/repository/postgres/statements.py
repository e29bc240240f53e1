"""The statements as PostgreSQL and psycopg want them."""

from __future__ import annotations

import re
from types import MappingProxyType

from ..statements import read_statements

_COMMENT = re.compile(r"--.*")
_PARAMETER = re.compile(r"(?<!:):(\w+)")


def _of_psycopg(sql: str) -> str:
    return _PARAMETER.sub(r"%(\1)s", _COMMENT.sub("", sql).replace("%", "%%")).strip()


_TEXTS = read_statements(
    "postgres",
    {
        "by": "",
        "+": "",
        "in": "= ANY(ARRAY(SELECT json_array_elements_text(:%s::json)))",
        # Hidden from the indexes: else the planner visits all that the process runs, for each job.
        "fence": "(status = 'running') IS TRUE AND (worker = :worker) IS TRUE AND attempt = :attempt",
        "stamp": "rev = dayjob_job.rev + 1, changed = pg_current_xact_id()",
    },
)
STATEMENTS = MappingProxyType({name: _of_psycopg(sql) for name, sql in _TEXTS.items()})
