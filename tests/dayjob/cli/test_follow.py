"""The commands that go on until a job ends: watch, logs; and their end by Ctrl-C."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.dayjob.cli.conftest import Dayjob
from tests.dayjob.cli.support import fill, finished, start

from dayjob import JobContext, JobQueue, JobRegistry


class TestWatch:
    @pytest.mark.parametrize(
        ("job_type", "code", "ending"), [("echo", 0, 'completed: "hello"'), ("fail", 1, "failed: ")]
    )
    def test_the_exit_code_is_the_jobs(self, dayjob: Dayjob, job_type: str, code: int, ending: str) -> None:
        (job_id,) = fill((job_type, {}))
        exit_code, out, _ = dayjob("watch", job_id)
        assert exit_code == code
        assert ending in out.splitlines()[-1]

    def test_a_cancelled_job_is_130(self, dayjob: Dayjob) -> None:
        (job_id,) = fill(("echo", {}), run=False)
        assert dayjob("cancel", job_id)[0] == 0
        assert dayjob("watch", job_id)[0] == 130

    def test_as_json(self, dayjob: Dayjob) -> None:
        (job_id,) = fill(("echo", {}))
        code, out, err = dayjob("watch", "--json", job_id)
        assert (code, json.loads(out)["result"]) == (0, "hello")
        assert "echo" in err

    def test_no_such_job(self, dayjob: Dayjob) -> None:
        fill(("echo", {}))
        assert dayjob("watch", "nobody")[0] == 3


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("with_id", [False, True])
def test_ctrl_c_ends_watching_with_130(folder: Path, with_id: bool) -> None:
    (job_id,) = fill(("echo", {}), run=False)
    process = start(folder, "watch", *([job_id] if with_id else []))
    if with_id:
        assert process.stdout is not None
        assert "pending" in process.stdout.readline()
    else:
        _wait_for_the_database(folder, process)
    process.send_signal(signal.SIGINT)
    code, _, err = finished(process)
    assert (code, "Traceback" in err) == (130, False)


def _wait_for_the_database(folder: Path, process: subprocess.Popen[str]) -> None:
    """Until the process has the database open: it is its only sign of life as long as no job runs."""
    database = str((folder / "jobs.db").resolve())
    descriptors = Path(f"/proc/{process.pid}/fd")
    if not descriptors.exists():
        pytest.skip("this system does not show what a process has open")
    for _ in range(100_000):
        with contextlib.suppress(FileNotFoundError):
            if database in {os.path.realpath(link) for link in descriptors.iterdir()}:
                return
    pytest.fail("it did not open the database")


def test_following_a_job_that_another_process_runs(folder: Path) -> None:
    (job_id,) = fill(("talk", {"text": "from afar"}), run=False)
    process = start(folder, "watch", job_id)
    assert process.stdout is not None
    assert "pending" in process.stdout.readline()
    fill()  # starts a queue that works, and waits until all is done
    code, out, _ = finished(process)
    assert (code, out.splitlines()[-1].split()[2]) == (0, "completed:")
    assert "from afar" in out


@pytest.mark.usefixtures("cli_app")
def test_run_and_watch_with_a_worker_elsewhere(folder: Path) -> None:
    (folder / "worker.py").write_text(
        "import asyncio, sys, cli_app\n"
        "async def main():\n    async with cli_app.queue:\n"
        "        print('up', flush=True)\n        await asyncio.to_thread(sys.stdin.read)\n"
        "asyncio.run(main())\n"
    )
    worker = subprocess.Popen(
        [sys.executable, "worker.py"], cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == "up\n"
    code, out, _ = finished(start(folder, "--app", "cli_app", "run", "add", "--arg", "a=2", "--watch"))
    assert (code, out.splitlines()[-1].rpartition(" ")[2]) == (0, "3")
    unchecked = finished(start(folder, "--db", "sqlite:///app.db", "run", "add", "--arg", "a=x", "--watch"))
    assert unchecked[0] == 1
    assert "waits until" not in unchecked[2]
    worker.communicate(timeout=30)
    assert worker.returncode == 0


def test_logs_as_text_and_as_lines_of_json(dayjob: Dayjob) -> None:
    fill(("stutter", {"text": "one\ntwo \x1b[2J"}), ids=("job0",))
    code, out, _ = dayjob("logs", "job0")
    assert code == 0
    assert [line[20:] for line in out.splitlines() if not line.startswith("    ")] == ["INFO     one"] * 2
    assert [line for line in out.splitlines() if line.startswith("    ")] == ["    two  [2J"] * 2
    out = dayjob("logs", "--json", "job0")[1]
    assert [(d["seq"], d["attempt"], d["text"]) for d in map(json.loads, out.splitlines())] == [
        (1, 1, "one\ntwo \x1b[2J"),
        (2, 2, "one\ntwo \x1b[2J"),
    ]


def test_logs_are_followed_to_the_end(folder: Path) -> None:
    goes_on = asyncio.Event()
    mine = JobRegistry()

    @mine.job("wait")
    async def wait(ctx: JobContext) -> None:
        ctx.log.info("begun")
        await goes_on.wait()
        ctx.log.info("ended")

    async def play() -> list[str]:
        async with JobQueue(registry=mine) as queue:
            await queue.enqueue("wait", job_id="job0")
            with start(folder, "logs", "job0", "--follow") as process:
                assert process.stdout is not None
                first = await asyncio.wait_for(asyncio.to_thread(process.stdout.readline), 30)
                goes_on.set()
                rest = await asyncio.wait_for(asyncio.to_thread(process.stdout.read), 30)
                assert await asyncio.to_thread(process.wait, 30) == 0
        return [line.split()[-1] for line in [first, *rest.splitlines()]]

    assert asyncio.run(play()) == ["begun", "ended"]
