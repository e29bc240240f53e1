"""The floor: what a bare prototype does with the same promises as the queue, and nothing else of a queue.

Ten worker coroutines, and one thread that writes everything that waits in one transaction (group commit). Jobs are
claimed by SQL in batches of 100 and begin when their claim is committed; their ends are committed with
synchronous=FULL, and no worker waits for that (the mode of dayjob). Arguments and results are JSON. There are no ids,
limits, retries, time-outs, cancels, events, logs or contexts: those are what the difference to a drain pays for.
"""

from __future__ import annotations

import asyncio
import json
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

_BATCH = 100

_TABLE = """
CREATE TABLE job (seq INTEGER PRIMARY KEY, status TEXT NOT NULL, args TEXT NOT NULL, result TEXT);
CREATE INDEX job_ready ON job (seq) WHERE status = 'pending';
"""
_CLAIM = f"""
UPDATE job SET status = 'running'
WHERE seq IN (SELECT seq FROM job WHERE status = 'pending' ORDER BY seq LIMIT {_BATCH})
RETURNING seq, args
"""
_END = "UPDATE job SET status = 'completed', result = ? WHERE seq = ? AND status = 'running'"

Operation = Callable[[sqlite3.Connection], Any]


class _Writer:
    """Group commit in a thread; ``submit`` returns a future that is done after the commit."""

    def __init__(self, connection: sqlite3.Connection, loop: asyncio.AbstractEventLoop) -> None:
        self._connection, self._loop = connection, loop
        self._waiting: queue.SimpleQueue[tuple[Operation, asyncio.Future[Any], bool] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def submit(self, operation: Operation, *, durable: bool) -> asyncio.Future[Any]:
        future: asyncio.Future[Any] = self._loop.create_future()
        self._waiting.put((operation, future, durable))
        return future

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (first := self._waiting.get()) is not None:
            batch = [first]
            while not self._waiting.empty():
                if (more := self._waiting.get()) is None:
                    return
                batch.append(more)
            full = any(durable for *_, durable in batch)
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            results = [operation(self._connection) for operation, *_ in batch]
            self._connection.execute("COMMIT")
            done = [(future, result) for (_, future, _), result in zip(batch, results, strict=True)]
            self._loop.call_soon_threadsafe(_resolve, done)


def _resolve(done: list[tuple[asyncio.Future[Any], Any]]) -> None:
    for future, result in done:
        future.set_result(result)


async def _noop() -> Any:
    """What a handler returns is anything."""


async def _drain(connection: sqlite3.Connection, workers: int) -> None:
    writer = _Writer(connection, asyncio.get_running_loop())
    claimed: asyncio.Queue[tuple[int, str] | None] = asyncio.Queue()
    ended: list[tuple[str, int]] = []
    written: set[asyncio.Future[Any]] = set()

    async def work() -> None:
        while (job := await claimed.get()) is not None:
            json.loads(job[1])
            ended.append((json.dumps(await _noop()), job[0]))
            if len(ended) >= _BATCH or claimed.empty():
                ends, ended[:] = ended[:], []
                written.add(writer.submit(partial(_write, ends), durable=True))

    tasks = [asyncio.create_task(work()) for _ in range(workers)]
    while jobs := await writer.submit(lambda c: c.execute(_CLAIM).fetchall(), durable=False):
        for job in jobs:
            claimed.put_nowait(job)
    for _ in tasks:
        claimed.put_nowait(None)
    await asyncio.gather(*tasks)
    await asyncio.gather(*written)
    writer.close()


def _write(ends: list[tuple[str, int]], connection: sqlite3.Connection) -> None:
    connection.executemany(_END, ends)


def floor(folder: Path, count: int, workers: int) -> float:
    """Jobs per second from the first claim to the last commit."""
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.executescript(_TABLE)
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO job VALUES (?, 'pending', '{}', NULL)", [(n,) for n in range(count)])
    connection.execute("COMMIT")
    began = time.perf_counter()
    asyncio.run(_drain(connection, workers))
    seconds = time.perf_counter() - began
    (completed,) = connection.execute("SELECT count(*) FROM job WHERE status = 'completed'").fetchone()
    connection.close()
    if completed != count:
        raise RuntimeError(f"the floor completed {completed} of {count} jobs")
    return count / seconds
