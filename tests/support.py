"""What many tests need: a bounded poll, jobs and rows made quickly, and a look into the database from outside."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

from dayjob.models import NewJob
from dayjob.repository import WorkerRow, now_micros

PATIENCE = 20.0  # seconds: the bound of every poll; nothing is expected to take as long


async def eventually(condition: Callable[[], Any | Awaitable[Any]], timeout: float = PATIENCE) -> Any:
    """Poll until ``condition`` (plain or async) is true, and return its value; an assertion fails after ``timeout``."""
    ends = time.monotonic() + timeout
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        assert time.monotonic() < ends, f"not true within {timeout} s"
        await asyncio.sleep(0.01)


def new_job(job_id: str, job_type: str = "copy", *, delay: float = 0.0, **values: Any) -> NewJob:
    """A job that is due now, or ``delay`` seconds from now."""
    now = now_micros()
    values.setdefault("args", "{}")
    return NewJob(id=job_id, type=job_type, created_at=now, run_at=now + int(delay * 1_000_000), **values)


def worker_row(worker: str, host: str = "test", pid: int = 1) -> WorkerRow:
    return WorkerRow(worker, host, pid, 1, "[]", "0", now_micros(), 0)


def query(path: Path, sql: str, *values: Any) -> list[Any]:
    """Rows of the database, seen and changed from outside of the library."""
    with closing(sqlite3.connect(path, timeout=10)) as connection, connection:
        return connection.execute(sql, values).fetchall()
