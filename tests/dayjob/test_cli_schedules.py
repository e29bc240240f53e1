"""``dayjob schedules``, beside an app that is not running, and with its code."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support import query

from dayjob import JobQueue, JobRegistry
from dayjob.cli import main

APP = """
from dayjob import JobQueue, JobRegistry
registry = JobRegistry()

@registry.job("add", max_attempts=5)
async def add(a: int, b: int = 1) -> int:
    return a + b

queue = JobQueue("sqlite:///jobs.db", registry=registry)
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A database with the schedule ``nightly``, as an app that ended left it."""
    (tmp_path / "scheduled_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    asyncio.run(declare())
    yield tmp_path
    sys.path[:] = before
    sys.modules.pop("scheduled_app", None)


async def declare() -> None:
    registry = JobRegistry()

    @registry.job("add")
    async def add(a: int) -> None: ...

    async with JobQueue(registry=registry, durability="process") as queue:
        queue.schedule("add", "0 3 * * *", time_zone="Europe/Berlin", args={"a": 1}, name="nightly")
        await queue.schedules()


@pytest.fixture
def dayjob(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as stopped:  # argparse
            code = int(str(stopped.code))
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return call


def test_the_list(dayjob: Any, folder: Path) -> None:
    code, out, err = dayjob("schedules")
    assert (code, err) == (0, "")
    assert out == dayjob("schedules", "list")[1]
    assert " ".join(out.split()) == "nightly nobody runs it no job yet At 03:00 every day (Europe/Berlin)"
    query(folder / "jobs.db", "DELETE FROM dayjob_schedule")
    assert dayjob("schedules") == (0, "No schedules.\n", "")


def test_one_that_runs(dayjob: Any, folder: Path) -> None:
    query(folder / "jobs.db", "INSERT INTO dayjob_schedule_worker VALUES ('nightly', 'w')")
    query(folder / "jobs.db", "UPDATE dayjob_schedule SET next_run_at = 1767225600000000, last_job_id = 'abc-12345678'")
    out = dayjob("schedules")[1]
    assert "2026-01-01 00:00:00 UTC" in out
    assert "last job 12345678" in out


def test_one_that_fails_says_why(dayjob: Any, folder: Path) -> None:
    query(folder / "jobs.db", "INSERT INTO dayjob_schedule_worker VALUES ('nightly', 'w')")
    query(folder / "jobs.db", "UPDATE dayjob_schedule SET error = 'unique of ''add'' makes no key'")
    line = " ".join(dayjob("schedules")[1].split())
    assert line == "nightly failing no job yet At 03:00 every day (Europe/Berlin) unique of 'add' makes no key"
    assert json.loads(dayjob("schedules", "--json")[1])[0]["error"] == "unique of 'add' makes no key"


def test_as_json(dayjob: Any) -> None:
    (schedule,) = json.loads(dayjob("schedules", "--json")[1])
    assert (schedule["name"], schedule["args"], schedule["orphaned"]) == ("nightly", {"a": 1}, True)
    assert schedule["next_run_at"].endswith("+00:00")


def test_pause_and_resume(dayjob: Any) -> None:
    code, out, _ = dayjob("schedules", "pause", "nightly")
    assert (code, "  paused  " in out) == (0, True)
    assert json.loads(dayjob("schedules", "--json")[1])[0]["paused"]
    (resumed,) = json.loads(dayjob("schedules", "--json", "resume", "nightly")[1])
    assert not resumed["paused"]


def test_run_adds_a_job_whose_type_only_the_app_knows(dayjob: Any, folder: Path) -> None:
    code, out, err = dayjob("schedules", "run", "nightly")
    assert code == 0
    assert "waits until a process knows this type" in err
    rows = query(folder / "jobs.db", "SELECT id, type, args, max_attempts FROM dayjob_job")
    assert rows == [(out.strip(), "add", '{"a":1}', 0)]  # what its type says


def test_run_with_the_code_of_the_app(dayjob: Any, folder: Path) -> None:
    code, out, err = dayjob("--app", "scheduled_app:queue", "schedules", "--json", "run", "nightly")
    assert (code, err) == (0, "")
    rows = query(folder / "jobs.db", "SELECT id, max_attempts FROM dayjob_job")
    assert rows == [(json.loads(out)["id"], 5)]


@pytest.mark.parametrize("action", ["pause", "resume", "run"])
def test_a_name_that_is_unknown(dayjob: Any, action: str) -> None:
    code, out, err = dayjob("schedules", action, "nobody")
    assert (code, out) == (3, "")
    assert "There is no schedule 'nobody'. Known: nightly." in err


@pytest.mark.parametrize("arguments", [["pause"], ["run"], ["list", "nightly"]])
def test_a_name_too_many_or_too_few(dayjob: Any, arguments: list[str]) -> None:
    code, out, err = dayjob("schedules", *arguments)
    assert (code, out) == (2, "")
    assert "pause|resume|run NAME" in err


def test_an_action_that_is_none(dayjob: Any) -> None:
    assert dayjob("schedules", "explode", "nightly")[0] == 2


def test_the_doctor_finds_and_wakes_schedules_that_a_wrong_clock_put_to_sleep(dayjob: Any, folder: Path) -> None:
    assert "ok       schedules" in dayjob("doctor")[1]
    years, change = 10 * 365 * 86_400_000_000, "next_run_at = next_run_at + ?, last_tick = next_run_at + ?"
    query(folder / "jobs.db", f"UPDATE dayjob_schedule SET {change}", years, years)
    code, out, _ = dayjob("doctor")
    assert code == 0
    assert "WARNING  schedules: a clock was ahead, so they wait for too long: nightly." in out
    assert "ok       schedules" in dayjob("doctor", "--fix")[1]
    (schedule,) = json.loads(dayjob("schedules", "--json")[1])
    assert datetime.fromisoformat(schedule["next_run_at"]) < datetime.now(UTC) + timedelta(days=2)
