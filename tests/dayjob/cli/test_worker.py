"""``dayjob worker`` as a process: it works, ends when it is told to, and loses nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.dayjob.cli.conftest import Dayjob

APP = """
import asyncio, logging, time
from dayjob import JobContext, JobQueue, JobRegistry
registry = JobRegistry()

@registry.job("add")
async def add(a: int, b: int = 1) -> int:
    return a + b

@registry.job("hang")
async def hang(ctx: JobContext, stubborn: bool = False) -> None:
    ctx.log.warning("hanging")
    while True:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            ctx.log.warning("asked to stop")
            if not stubborn:
                raise

@registry.job("forge")
async def forge() -> None:
    logging.getLogger("app\\x1b[2J").warning("one\\n2026-01-01 00:00:00 CRITICAL two\\x1b[2J")

@registry.job("block")
async def block(ctx: JobContext) -> None:
    logging.getLogger("app").warning("hanging")
    while True:
        time.sleep(0.05)  # where it should await

queue = JobQueue("sqlite:///jobs.db", registry=registry, grace=60)
idle = JobQueue("sqlite:///jobs.db", registry=registry, max_workers=0)
empty = JobQueue("sqlite:///jobs.db", registry=JobRegistry())
"""

TYPES = ["add", "block", "forge", "hang"]


@pytest.fixture(autouse=True)
def worker_app(folder: Path) -> None:
    (folder / "worker_app.py").write_text(APP)


@contextmanager
def working(folder: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that has started."""
    command = [sys.executable, "-m", "dayjob.cli", "worker", *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=folder, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            until_logged(process, " works on sqlite:///")
            yield process
        finally:
            process.kill()


def until_logged(process: subprocess.Popen[str], text: str) -> None:
    assert process.stderr is not None
    lines = []
    while text not in (lines or [""])[-1]:
        lines.append(process.stderr.readline())
        assert lines[-1], f"it ended without '{text}': {lines}"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_works_and_stops_when_told(folder: Path, dayjob: Dayjob, number: signal.Signals) -> None:
    with working(folder, "worker_app:queue", "--workers", "2", "--json") as process:
        assert process.stdout is not None
        started = json.loads(process.stdout.readline())
        expected = {"pid": process.pid, "database": f"sqlite:///{folder / 'jobs.db'}", "slots": 2, "types": TYPES}
        assert started == expected
        code, out, err = dayjob("run", "add", "--arg", "a=2", "--watch")
        assert (code, out.rpartition(" ")[2], err) == (0, "3\n", "")
        hanging = dayjob("run", "hang")[1].strip()
        until_logged(process, "hanging")
        process.send_signal(number)
        assert process.wait(30) == 0
    job = json.loads(dayjob("show", "--json", hanging)[1])
    assert (job["status"], job["failures"], job["attempts"][0]["outcome"]) == ("pending", 0, "release")
    assert dayjob("workers")[1] == "No processes.\n"


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("job_type", ["hang", "block"])
def test_a_second_signal_ends_it_at_once(folder: Path, dayjob: Dayjob, job_type: str) -> None:
    """Also when a handler does not stop, or even blocks the event loop."""
    with working(folder, "--app", "worker_app:queue") as process:
        job_id = dayjob("run", job_type, *(["--arg", "stubborn=true"] if job_type == "hang" else []))[1].strip()
        until_logged(process, "hanging")
        process.terminate()
        until_logged(process, "stopping")
        process.terminate()
        assert process.wait(30) == 128 + signal.SIGTERM
    assert "DEAD" in dayjob("workers")[1]
    code, out, _ = dayjob("doctor")
    assert (code, "1 of 1 died" in out) == (0, True)
    assert json.loads(dayjob("show", "--json", job_id)[1])["status"] == "running"  # until somebody rescues it


def test_what_handlers_log_can_neither_forge_lines_nor_move_the_cursor(folder: Path, dayjob: Dayjob) -> None:
    with working(folder, "worker_app:queue") as process:
        assert process.stderr is not None
        dayjob("run", "forge")
        until_logged(process, r"app\x1b[2J: one")
        assert process.stderr.readline() == "    2026-01-01 00:00:00 CRITICAL two\\x1b[2J\n"


def test_what_a_dead_worker_ran_is_run_again(folder: Path, dayjob: Dayjob) -> None:
    with working(folder, "worker_app:queue") as process:
        dayjob("run", "hang")
        until_logged(process, "hanging")
        process.kill()
    with working(folder, "worker_app") as process:
        until_logged(process, "hanging")


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["worker_app:idle"], "max_workers=0"),
        (["worker_app:empty"], "knows no types"),
        (["worker_app:nobody"], "MODULE:QUEUE"),
        ([], "worker main:queue"),
        (["--app", "worker_app:queue", "worker_app:queue"], "not both"),
        (["worker_app:queue", "--url", "http://127.0.0.1:1/jobs"], "without --db and --url"),
        (["worker_app:queue", "--workers", "0"], "1 to 1000"),
    ],
)
def test_what_cannot_be(folder: Path, dayjob: Dayjob, arguments: list[str], complaint: str) -> None:
    code, out, err = dayjob("worker", *arguments)
    assert (code, out) == (2, "")
    assert complaint in err


def test_a_database_that_cannot_be_opened(folder: Path, dayjob: Dayjob) -> None:
    (folder / "jobs.db").write_text("not a database, but long enough to be looked at " * 50)
    code, _, err = dayjob("worker", "worker_app:queue")
    assert (code, "not a database" in err) == (4, True)
