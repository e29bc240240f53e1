"""What comes of a handler that reports progress in a tight loop: frames on a socket, and writes of its job's row.

The handler counts as fast as it can for some seconds, without messages or with a new one each time. A WebSocket counts
the frames, and a trigger in the database how often the row of the running job is written.
"""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from websockets.asyncio.client import connect

from dayjob import JobContext, JobQueue, JobRegistry

from .sockets import served

SECONDS = 6.0

_COUNT = """
CREATE TABLE bench_write (attempt INTEGER);
CREATE TRIGGER bench_wrote AFTER UPDATE ON dayjob_job WHEN OLD.status = 'running' AND NEW.status = 'running'
BEGIN INSERT INTO bench_write VALUES (NEW.attempt); END;
"""

registry = JobRegistry()


@dataclass(frozen=True, slots=True)
class Told:
    """Of one job, per second: calls of ``update``, frames, and writes of its row."""

    updates: float
    frames: float
    writes: float


@registry.job("count")
async def count(ctx: JobContext, messages: bool) -> int:
    """As many updates as there is time for; returns how many."""
    ends, updates = time.perf_counter() + SECONDS, 0
    while time.perf_counter() < ends:
        updates += 1
        await ctx.progress.update(1, f"item {updates}" if messages else None)
    return updates


async def told(folder: Path, *, messages: bool) -> Told:
    """Run one job, and count."""
    path = folder / f"frames-{time.monotonic_ns()}.db"
    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    async with served(queue) as port:
        with closing(sqlite3.connect(path)) as connection:
            connection.executescript(_COUNT)
        job_id = await queue.enqueue("count", job_args={"messages": messages}, delay=0.3)
        frames = await _frames(port, job_id)
        updates = await queue.result(job_id)
        with closing(sqlite3.connect(path)) as connection:
            (writes,) = connection.execute("SELECT count(*) FROM bench_write").fetchone()
    return Told(updates / SECONDS, frames / SECONDS, writes / SECONDS)


async def _frames(port: int, job_id: str) -> int:
    frames = 0
    async with connect(f"ws://127.0.0.1:{port}/jobs/{job_id}/ws", compression=None) as socket:
        async for frame in socket:
            frames += '"type":"progress"' in str(frame)
    return frames
