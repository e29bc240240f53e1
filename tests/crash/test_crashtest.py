"""The command that users run on their disk, and the observer behind every verdict: it must see what is wrong."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, query

from dayjob import JobQueue, JobRegistry, crashtest
from dayjob.cli import main
from dayjob.crashtest import disk
from dayjob.crashtest.ledger import Ledger, Line, begun_twice, overlapping
from dayjob.crashtest.nursery import Nursery
from dayjob.crashtest.oracle import Oracle
from dayjob.crashtest.roles import Orders
from dayjob.repository import Finding


def test_a_disk_that_keeps_its_word(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["crashtest", "--dir", str(tmp_path), "--seconds", "3", "--seed", "same", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == 0, told
    assert (told["seed"], told["kept"]) == ("same", True)
    found = {finding["name"]: finding for finding in told["findings"]}
    assert {"file system", "fsync", "lockf", "flock", "shared memory", "WAL", "free space"} <= found.keys()
    assert "0 lost" in found["kill -9, one process"]["detail"]
    assert "no late write landed" in found["stopped and woken up"]["detail"]
    assert list(tmp_path.iterdir()) == []


def test_a_lock_that_keeps_nobody_out_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "_try_lock", lambda name, path: True)
    assert crashtest.main(["--dir", str(tmp_path)]) == 1
    said = capsys.readouterr().out
    assert "ERROR    lockf: two processes got the same lock" in said
    assert said.endswith("breaks its promises.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_violation_keeps_the_evidence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Oracle, "look", lambda self, over=False: ["job 1 is lost"])
    assert crashtest.main(["--dir", str(tmp_path), "--seconds", "1"]) == 1
    said = capsys.readouterr().out
    (kept,) = tmp_path.iterdir()
    assert "ERROR    kill -9, one process: job 1 is lost" in said
    assert str(kept) in said


@pytest.mark.parametrize(("seconds", "level"), [(0.0, "warning"), (0.001, "ok"), (0.3, "warning")])
def test_an_fsync_that_costs_nothing_or_much_is_told(
    seconds: float, level: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def fsync(_descriptor: int) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr(disk.os, "fsync", fsync)
    monkeypatch.setattr(disk.time, "perf_counter", lambda: now)
    assert disk._syncs(tmp_path).level == level


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert crashtest.main(["--dir", str(tmp_path / "nowhere")]) == 1
    assert "ERROR    folder: cannot be written" in capsys.readouterr().out


@pytest.mark.timeout(60)
async def test_an_interrupt_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dayjob.crashtest", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    assert process.stdout is not None
    for line in process.stdout:
        if "WAL" in line:
            break
    while not (ledgers := list(tmp_path.glob("*/app/1/ledger"))) or "begin" not in ledgers[0].read_text():
        assert process.poll() is None
    pids = {int(line.split()[3]) for line in ledgers[0].read_text().splitlines()}
    process.send_signal(signal.SIGINT)
    assert process.wait(20) == 130
    process.stdout.close()
    assert list(tmp_path.iterdir()) == []
    await eventually(lambda: not any(map(is_running, pids)))


async def test_a_process_that_was_asked_for_in_vain_ends_with_its_nursery(tmp_path: Path) -> None:
    """As at an interrupt: it is on its way when nobody waits for its pid any more."""
    ledger = Ledger(tmp_path / "ledger")
    async with asyncio.timeout(20):
        async with Nursery() as nursery:
            starting = asyncio.create_task(
                nursery.start(Orders("worker", tmp_path / "jobs.db", tmp_path / "ledger", "a"))
            )
            await asyncio.sleep(0)
            starting.cancel()
            await eventually(lambda: [line for line in ledger.read() if line.what == "ready"])
        pids = [line.pid for line in ledger.read()]
        await eventually(lambda: not any(map(is_running, pids)))
    ledger.close()


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that ended and that nobody has asked about counts as gone."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


# --- the observer ---


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


def lines(text: str) -> list[Line]:
    """``begin a1 7`` is attempt 1 of job a in process 7."""
    parts = (each.split() for each in text.split(", "))
    return [Line(what, job[0], int(job[1:]), int(pid)) for what, job, pid in parts]


@pytest.mark.parametrize(
    ("happened", "found"),
    [
        ("begin a1 7, end a1 7, begin a2 8", []),
        ("begin a1 7, begin a2 8", ["a"]),
        ("begin a1 7, kill -0 7, begin a2 8", []),
        ("begin a1 7, kill -0 9, begin a2 8", ["a"]),
        ("begin a1 7, left a1 7, begin a2 7", []),
        ("stop -0 7, begin a2 8, begin a1 7, end a2 8", []),
        ("stop -0 7, begin a1 7, begin a2 8, end a1 7, end a2 8", []),
        ("stop -0 7, begin a2 8, begin a1 7, begin a3 9", ["a"]),
    ],
)
def test_two_attempts_at_once(happened: str, found: list[str]) -> None:
    assert overlapping(lines(happened)) == found


def test_an_attempt_that_was_begun_twice() -> None:
    assert begun_twice(lines("begin a1 7, kill -0 7, begin a1 8")) == [("a", 1)]
    assert begun_twice(lines("begin a1 7, power -0 7, begin a1 8")) == []


def test_the_verdict_follows_the_worst() -> None:
    verdict: Callable[..., str] = crashtest._verdict
    assert "can live here" in verdict([Finding("a", "ok", "")])
    assert "should know" in verdict([Finding("a", "ok", ""), Finding("b", "warning", "")])
