"""The observer behind every verdict of the crash campaign: it must see what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from tests.support import query

from dayjob import JobQueue, JobRegistry
from dayjob.crashtest.ledger import Ledger
from dayjob.crashtest.oracle import Oracle


@pytest.fixture
def stored(tmp_path: Path) -> Path:
    """A database with a completed job, a pending one, and a ledger that says the same."""
    path, ledger = tmp_path / "jobs.db", Ledger(tmp_path / "ledger")
    asyncio.run(fill(path, ledger))
    ledger.close()
    return path


async def fill(path: Path, ledger: Ledger) -> None:
    registry = JobRegistry()

    @registry.job("task")
    async def task() -> list[int]:
        return [1, os.getpid()]

    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        for job_id, delay in (("done", 0), ("later", 3600)):
            ledger.note("asked", job_id)
            await queue.enqueue("task", job_id=job_id, delay=delay)
            ledger.note("accepted", job_id)
        ledger.note("begin", "done", 1)
        ledger.note("end", "done", 1)
        await queue.wait("done", 20)


def look(path: Path, **options: Any) -> list[str]:
    return Oracle(path, path.with_name("ledger")).look(**options)


def test_what_is_right_is_not_complained_about(stored: Path) -> None:
    assert look(stored) == []
    assert look(stored, over=True) == ["later is pending for ever"]


ATTEMPT = "SELECT seq, 1, worker, 0, 0, 'fail', NULL, NULL FROM dayjob_job WHERE id = 'done'"
WRONGS = {
    "DELETE FROM dayjob_job WHERE id = 'later'": "later was accepted and is lost",
    "UPDATE dayjob_job SET id = 'other' WHERE id = 'later'": "other was never asked for",
    "UPDATE dayjob_job SET result = '[2, 1]' WHERE id = 'done'": "done has the result of attempt 2",
    "UPDATE dayjob_job SET result = '[1, 1]' WHERE id = 'done'": "attempt 1 never came to its end",
    "UPDATE dayjob_job SET status = 'failed' WHERE id = 'done'": "done failed",
    "UPDATE dayjob_job SET status = 'cancelled' WHERE id = 'later'": "nobody asked for it",
    "UPDATE dayjob_count SET jobs = 7 WHERE status = 'pending'": "7 jobs are counted as pending, and there are 1",
    f"INSERT INTO dayjob_attempt {ATTEMPT}": "done is completed in attempt 1, with rows for the attempts [1]",
    f"INSERT INTO dayjob_attempt {ATTEMPT} ": "done is completed, with the ends ['fail']",
}


@pytest.mark.parametrize("change", WRONGS, ids=range(len(WRONGS)))
def test_what_is_wrong_is_seen(stored: Path, change: str) -> None:
    for trigger in query(stored, "SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        query(stored, f"DROP TRIGGER {trigger[0]}")
    query(stored, change)
    assert any(WRONGS[change] in text for text in look(stored))


def test_a_damaged_file_is_seen(stored: Path) -> None:
    with contextlib.closing(sqlite3.connect(stored)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'dayjob_job_type'")
    assert any("quick_check" in text for text in look(stored))


def test_what_was_final_must_not_change(stored: Path) -> None:
    oracle = Oracle(stored, stored.with_name("ledger"))
    assert oracle.look() == []
    for trigger in query(stored, "SELECT name FROM sqlite_schema WHERE type = 'trigger'"):
        query(stored, f"DROP TRIGGER {trigger[0]}")
    query(stored, "UPDATE dayjob_job SET error = 'late' WHERE id = 'done'")
    assert any("done was completed, and changed afterwards" in text for text in oracle.look())
