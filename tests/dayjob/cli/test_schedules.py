"""``dayjob schedules``, beside an app that is not running, and with its code."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.dayjob.cli.conftest import Dayjob
from tests.support import query

from dayjob import JobQueue, JobRegistry

APP = """
from dayjob import JobQueue, JobRegistry
registry = JobRegistry()

@registry.job("add", max_attempts=5)
async def add(a: int, b: int = 1) -> int:
    return a + b

queue = JobQueue("sqlite:///jobs.db", registry=registry)
"""


async def declare() -> None:
    registry = JobRegistry()

    @registry.job("add")
    async def add(a: int) -> None: ...

    async with JobQueue(registry=registry, durability="process") as queue:
        queue.schedule("add", "0 3 * * *", time_zone="Europe/Berlin", args={"a": 1}, name="nightly")
        await queue.schedules()


@pytest.fixture(autouse=True)
def nightly(folder: Path) -> None:
    """A database with the schedule ``nightly``, as an app that ended left it."""
    (folder / "scheduled_app.py").write_text(APP)
    asyncio.run(declare())


def test_the_list(dayjob: Dayjob, folder: Path) -> None:
    code, out, err = dayjob("schedules")
    assert (code, err) == (0, "")
    assert out == dayjob("schedules", "list")[1]
    assert " ".join(out.split()) == "nightly nobody runs it no job yet At 03:00 every day (Europe/Berlin)"
    query(folder / "jobs.db", "DELETE FROM dayjob_schedule")
    assert dayjob("schedules") == (0, "No schedules.\n", "")


def test_one_that_runs(dayjob: Dayjob, folder: Path) -> None:
    query(folder / "jobs.db", "INSERT INTO dayjob_schedule_worker VALUES ('nightly', 'w')")
    query(folder / "jobs.db", "UPDATE dayjob_schedule SET next_run_at = 1767225600000000, last_job_id = 'abc-12345678'")
    out = dayjob("schedules")[1]
    assert "2026-01-01 00:00:00 UTC" in out
    assert "last job 12345678" in out


def test_one_that_fails_says_why(dayjob: Dayjob, folder: Path) -> None:
    query(folder / "jobs.db", "INSERT INTO dayjob_schedule_worker VALUES ('nightly', 'w')")
    query(folder / "jobs.db", "UPDATE dayjob_schedule SET error = 'unique of ''add'' makes no key'")
    line = " ".join(dayjob("schedules")[1].split())
    assert line == "nightly failing no job yet At 03:00 every day (Europe/Berlin) unique of 'add' makes no key"
    assert json.loads(dayjob("schedules", "--json")[1])[0]["error"] == "unique of 'add' makes no key"


def test_as_json(dayjob: Dayjob) -> None:
    (schedule,) = json.loads(dayjob("schedules", "--json")[1])
    assert (schedule["name"], schedule["args"], schedule["orphaned"]) == ("nightly", {"a": 1}, True)
    assert schedule["next_run_at"].endswith("+00:00")


def test_pause_and_resume(dayjob: Dayjob) -> None:
    code, out, _ = dayjob("schedules", "pause", "nightly")
    assert (code, "  paused  " in out) == (0, True)
    assert json.loads(dayjob("schedules", "--json")[1])[0]["paused"]
    (resumed,) = json.loads(dayjob("schedules", "--json", "resume", "nightly")[1])
    assert not resumed["paused"]


def test_run_adds_a_job_whose_type_only_the_app_knows(dayjob: Dayjob, folder: Path) -> None:
    code, out, err = dayjob("schedules", "run", "nightly")
    assert code == 0
    assert "waits until a process knows this type" in err
    rows = query(folder / "jobs.db", "SELECT id, type, args, max_attempts FROM dayjob_job")
    assert rows == [(out.strip(), "add", '{"a":1}', 0)]  # what its type says


def test_run_with_the_code_of_the_app(dayjob: Dayjob, folder: Path) -> None:
    code, out, err = dayjob("--app", "scheduled_app:queue", "schedules", "--json", "run", "nightly")
    assert (code, err) == (0, "")
    rows = query(folder / "jobs.db", "SELECT id, max_attempts FROM dayjob_job")
    assert rows == [(json.loads(out)["id"], 5)]


@pytest.mark.parametrize("action", ["pause", "resume", "run"])
def test_a_name_that_is_unknown(dayjob: Dayjob, action: str) -> None:
    code, out, err = dayjob("schedules", action, "nobody")
    assert (code, out) == (3, "")
    assert "There is no schedule 'nobody'. Known: nightly." in err


@pytest.mark.parametrize("arguments", [["pause"], ["run"], ["list", "nightly"]])
def test_a_name_too_many_or_too_few(dayjob: Dayjob, arguments: list[str]) -> None:
    code, out, err = dayjob("schedules", *arguments)
    assert (code, out) == (2, "")
    assert "pause|resume|run NAME" in err


def test_an_action_that_is_none(dayjob: Dayjob) -> None:
    assert dayjob("schedules", "explode", "nightly")[0] == 2


def test_the_doctor_finds_and_wakes_schedules_that_a_wrong_clock_put_to_sleep(dayjob: Dayjob, folder: Path) -> None:
    assert "ok       schedules" in dayjob("doctor")[1]
    years, change = 10 * 365 * 86_400_000_000, "next_run_at = next_run_at + ?, last_run_at = next_run_at + ?"
    query(folder / "jobs.db", f"UPDATE dayjob_schedule SET {change}", years, years)
    code, out, _ = dayjob("doctor")
    assert code == 0
    assert "WARNING  schedules: a clock was ahead, so they wait for too long: nightly." in out
    assert "ok       schedules" in dayjob("doctor", "--fix")[1]
    (schedule,) = json.loads(dayjob("schedules", "--json")[1])
    assert datetime.fromisoformat(schedule["next_run_at"]) < datetime.now(UTC) + timedelta(days=2)
