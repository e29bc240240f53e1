"""Two processes on one file: how soon a job begins in the other one; and what idle processes cost.

CPU is what each process says it used itself, user and system, while nothing happened for 30 seconds. Between two jobs
is a pause of random length, so that no timer of ours keeps step with the measurement. Both processes have the same
clock (``time.monotonic``).
"""

from __future__ import annotations

import asyncio
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dayjob import JobQueue, JobRegistry

_IDLE = 30.0  # seconds
_SETTLED = 3.0  # seconds, after which a start is over
_PAUSE = (0.01, 0.06)  # seconds

registry = JobRegistry()


@registry.job("stamp")
async def stamp(job_id: str) -> float:
    """When it began."""
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Two:
    """Milliseconds of each job, and percents of a core: of the process that works, of the one that enqueues."""

    latencies: list[float]
    worker: float
    front: float


async def _idle_percent() -> float:
    await asyncio.sleep(_SETTLED)
    used, began = time.process_time(), time.monotonic()
    await asyncio.sleep(_IDLE)
    return (time.process_time() - used) / (time.monotonic() - began) * 100


async def two(count: int = 300) -> Two:
    """Enqueue here, run there; then be idle together."""
    with tempfile.TemporaryDirectory() as folder, _worker(f"sqlite:///{folder}/two.db") as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        async with JobQueue(f"sqlite:///{folder}/two.db", max_workers=0, registry=registry) as queue:
            await asyncio.sleep(_SETTLED)
            latencies = [await _latency(queue) for _ in range(count)]
            worker.stdin.write("idle\n")
            worker.stdin.flush()
            front = await _idle_percent()
            return Two(latencies, json.loads(await asyncio.to_thread(worker.stdout.readline)), front)


async def _latency(queue: JobQueue) -> float:
    await asyncio.sleep(random.uniform(*_PAUSE))
    began = time.monotonic()
    return (float(await queue.result(await queue.enqueue("stamp"))) - began) * 1000


@contextmanager
def _worker(url: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "bench.processes", "work", url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process


async def _work(url: str) -> None:
    """The other process: works, and when it gets a line is idle and says what that cost."""
    async with JobQueue(url, registry=registry):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        print(await _idle_percent(), flush=True)
        await asyncio.to_thread(sys.stdin.read)


async def _alone() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with JobQueue(f"sqlite:///{folder}/one.db", registry=registry):
            print(await _idle_percent())


if __name__ == "__main__":
    import fastapi  # noqa: F401 (the usual company of a queue)

    asyncio.run(_work(sys.argv[2]) if sys.argv[1] == "work" else _alone())
