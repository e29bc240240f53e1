"""Other processes hold the database's lock, or the gate before it: jobs wait or are refused, and none is lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures

from dayjob import JobQueue, JobRegistry
from dayjob.crashtest.loops import kill_loop
from dayjob.errors import StorageError
from dayjob.repository.sqlite import connection

STORM = """
import glob, random, sqlite3, sys, time
chance = random.Random(sys.argv[2])
while True:
    for path in glob.glob(sys.argv[1] + "/*/jobs.db"):
        connection = sqlite3.connect(path, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            time.sleep(chance.choice([0.001, 0.01, 0.2]))
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            pass
        connection.close()
    time.sleep(chance.uniform(0, 0.02))
"""
HOLD = """
import fcntl, sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
gate = open(sys.argv[1] + ".gate")
if sys.argv[2] == "lock":
    connection.execute("BEGIN IMMEDIATE")
else:
    fcntl.flock(gate, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def other(program: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", program, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def held(database: Path, what: str) -> Iterator[None]:
    with other(HOLD, str(database), what) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        yield


@pytest.mark.timeout(3600)
async def test_a_storm_of_locks_loses_nothing(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    with other(STORM, str(tmp_path / "loop"), campaign.seed):
        tally = await kill_loop(
            tmp_path / "loop", campaign.seed, ["api", "worker", "worker"], kills=campaign.pick(5, 25, 400)
        )
    figures |= tally.figures()
    assert tally.wrong == []


@pytest.fixture
def registry() -> JobRegistry:
    registry = JobRegistry()

    @registry.job("quick")
    async def quick() -> str:
        return "done"

    return registry


async def test_a_lock_that_is_not_given_back_is_an_error_and_not_a_promise(
    tmp_path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_BUSY_TIMEOUT", 0.2)
    database = tmp_path / "jobs.db"
    async with JobQueue(f"sqlite:///{database}", registry=registry) as queue:
        with held(database, "lock"):
            with pytest.raises(StorageError, match="locked"):
                await queue.enqueue("quick", job_id="refused")
            assert queue.trouble is not None
            assert await queue.get_job_status("refused") is None
        assert await queue.result(await queue.enqueue("quick", job_id="refused"), timeout=20) == "done"
        assert queue.trouble is None


async def test_a_start_waits_for_who_holds_a_new_file(tmp_path: Path, registry: JobRegistry) -> None:
    database = tmp_path / "jobs.db"
    Path(f"{database}.gate").touch()
    queue = JobQueue(f"sqlite:///{database}", registry=registry)
    with held(database, "lock"):
        starting = asyncio.create_task(queue.start())
        done, _ = await asyncio.wait([starting], timeout=0.5)
        assert not done
    await asyncio.wait_for(starting, 20)
    assert await queue.result(await queue.enqueue("quick"), timeout=20) == "done"
    await queue.stop()


async def test_a_gate_that_is_not_given_back_stops_nobody(
    tmp_path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when a process is stopped between the gate and the lock."""
    monkeypatch.setattr(connection, "_LONGEST_TURN", 0.1)
    database = tmp_path / "jobs.db"
    async with JobQueue(f"sqlite:///{database}", registry=registry) as queue:
        with held(database, "gate"):
            working = asyncio.create_task(result(queue))
            done, _ = await asyncio.wait([working], timeout=10)
            assert done, "all wait for who holds the gate"
        assert await working == "done"


async def result(queue: JobQueue) -> str:
    return await queue.result(await queue.enqueue("quick"))
