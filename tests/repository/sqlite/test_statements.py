"""Which statements write a status, and where SQL lives."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import dayjob

SOURCE = Path(dayjob.__file__).parent


def test_only_four_acts_write_a_status() -> None:
    """create, claim, settle, and cancel (whose two statements are one act)."""
    writes = re.compile(r"\bSET\b[^;]*?\bstatus\s*=|INSERT\s+INTO\s+dayjob_job\b(?!_)", re.IGNORECASE)
    found = {}
    for file in [*SOURCE.rglob("*.py"), *SOURCE.rglob("*.sql")]:
        text = re.sub(r"--.*", "", file.read_text("utf-8"))
        changes = [part for part in text.split("WHERE")[:1] if writes.search(part)]
        if changes and "migrations" not in file.parts:
            found[file.relative_to(SOURCE).as_posix()] = changes
    acts = itertools.product(("sqlite", "postgres"), ("create_jobs", "claim", "settle"))
    sql = {f"repository/{database}/sql/{name}.sql" for database, name in acts}
    assert set(found) == sql | {"repository/sql/cancel_pending.sql"}


def test_sql_lives_in_the_repository_only() -> None:
    words = re.compile(r"\b(SELECT .+ FROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b")
    found = {
        file.relative_to(SOURCE).parts[0] for file in SOURCE.rglob("*.py") if words.search(file.read_text("utf-8"))
    }
    assert found <= {"repository", "crashtest"}  # the second looks from outside, at a database that nobody has open
