"""A disk that fails at an fsync: nothing false is acknowledged, the log is not trusted any more, and it heals."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support import query

from dayjob import JobQueue, JobRegistry
from dayjob.errors import StorageError

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="NOT TESTED: needs strace, to make fsync fail")
JOBS = 60


async def enqueue(database: str) -> None:
    registry = JobRegistry()

    @registry.job("nothing")
    async def nothing() -> None: ...

    async with JobQueue(f"sqlite:///{database}", registry=registry, max_workers=0) as queue:
        print("ready", flush=True)
        for number in range(JOBS):
            try:
                job_id = await queue.enqueue("nothing", job_id=f"job-{number}")
            except StorageError as error:
                print("refused", number, error, flush=True)
            else:
                print("accepted", job_id, flush=True)


@pytest.mark.parametrize("call", ["fdatasync,fsync", "pwrite64"])
async def test_what_is_acknowledged_around_a_failure_is_kept(tmp_path: Path, call: str) -> None:
    path, trace = tmp_path / "jobs.db", tmp_path / "trace"
    program = [sys.executable, "-m", "tests.crash.test_failed_fsync", str(path)]
    inject = f"inject={call}:error=EIO:when={_when(call)}"
    command = ["strace", "-f", "-o", str(trace), "-e", "trace=openat,fdatasync,fsync,pwrite64,write", "-e", inject]
    run = await asyncio.to_thread(
        subprocess.run, [*command, *program], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    lines = run.stdout.splitlines()
    accepted = {line.split()[1] for line in lines if line.startswith("accepted")}
    refused = [number for number, line in enumerate(lines) if line.startswith("refused")]
    assert run.returncode == 0, run.stderr[-2000:]
    calls = trace.read_text()
    failed = calls.find("EIO")
    assert failed > 0, "no call has failed: the test is not one"
    if not refused:
        pytest.skip(f"this SQLite does not use {call} here")
    assert accepted  # before, and after
    assert any(line.startswith("accepted") for line in lines[max(refused) :])
    # Between the failure and the next thing that is acknowledged the database is opened anew.
    acknowledged = calls.index('"accepted', calls.index('"refused', failed))
    assert re.search(r'openat\([^"]*"[^"]*/jobs\.db"', calls[failed:acknowledged])
    assert {row[0] for row in query(path, "SELECT id FROM dayjob_job")} == accepted
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


def _when(call: str) -> str:
    # Counted per thread: some of the writer's calls in the middle of the jobs.
    return {"fdatasync,fsync": "20..22", "pwrite64": "120..121"}[call]


if __name__ == "__main__":
    asyncio.run(enqueue(sys.argv[1]))
