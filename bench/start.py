"""The start with a history: import, open the database, put back what a process that died had begun.

``python -m bench.start FOLDER`` is the measured process. What Python itself needs to start is not counted.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path

_BEGAN = time.perf_counter()
from dayjob import JobQueue, JobRegistry, Status  # noqa: E402 (the import is measured)

_IMPORTED = time.perf_counter() - _BEGAN
HISTORY = 100_000
INTERRUPTED = 10

registry = JobRegistry()


@registry.job("noop", max_attempts=3)
async def noop(job_id: str) -> None:
    """Not run here."""


def interrupt(path: Path) -> None:
    """A process of this host is dead, and what earlier ones left is gone."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM dayjob_job WHERE status <> 'completed'")
        connection.execute("UPDATE dayjob_count SET jobs = 0 WHERE status <> 'completed'")
        connection.execute(
            "INSERT INTO dayjob_worker (id, host, pid, slots, types, version, started_at)"
            " VALUES ('dead', ?, 1, 1, '[]', '0', 0)",
            (socket.gethostname(),),
        )
    path.with_name(f"{path.name}.workers").joinpath("dead").touch()  # which nobody holds locked


async def _start(folder: Path) -> float:
    """Seconds until the queue is started and what was interrupted is pending again."""
    began = time.perf_counter()
    async with JobQueue(f"sqlite:///{folder}/history.db", max_workers=0, registry=registry) as queue:
        seconds = time.perf_counter() - began
        jobs = (await queue.get_stats()).jobs
    if (jobs[Status.RUNNING], jobs[Status.PENDING]) != (0, INTERRUPTED):
        raise RuntimeError(f"interrupted jobs are not queued again: {jobs}")
    return _IMPORTED + seconds


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_start(Path(sys.argv[1])))))
