"""What people read: each state has its word, and no text of a job can pass for a line of ours."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.support import worker_row as stored_worker

from dayjob import JobStatus, Status
from dayjob.cli import reports
from dayjob.cli.source import WorkerStatus
from dayjob.models import AttemptRecord, LogLine
from dayjob.processes import RunningJob
from dayjob.repository import Finding
from dayjob.schedule import ScheduleStatus
from dayjob.states import Event
from dayjob.stats import Stats

NOW = datetime(2026, 3, 12, 4, 5, 6, tzinfo=UTC)
JOB = JobStatus("0123456789abcdef", "copy", Status.RUNNING, 40, 10, 4, "page 3", None, None, NOW, NOW, None, 1, 7)
SCHEDULE = ScheduleStatus(
    "nightly", "copy", "0 3 * * *", "UTC", "At 03:00", {}, "skip", False, False, NOW, None, None, None
)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({}, "page 3"),
        ({"stage": "Tags"}, "Tags: page 3"),
        ({"stage": "Tags", "stalled_since": NOW}, "stalled: Tags: page 3"),
        ({"waits_for": 1, "message": None}, "waits for 1 child"),
        ({"waits_for": 2, "message": None}, "waits for 2 children"),
        ({"status": Status.FAILED, "stage": "Tags", "error": "it broke"}, "it broke"),
        ({"error": "a\r\n\x1b[2Jb"}, "a   [2Jb"),
        ({"message": "x" * 100}, "x" * 60),
    ],
)
def test_a_job_in_a_list_says_what_matters_now(values: dict[str, Any], note: str) -> None:
    row = reports.job_row(replace(JOB, **values))
    assert row.startswith("89abcdef  ")
    assert row.endswith(f" ago  {note}")


def test_how_a_job_ended() -> None:
    done = replace(JOB, status=Status.COMPLETED, result={"n": [1, "Żółw"]})
    assert reports.ending_line(done) == 'copy 89abcdef completed: {"n": [1, "Żółw"]}'
    assert reports.ending_line(replace(JOB, status=Status.FAILED, error="it broke")) == "copy 89abcdef failed: it broke"


def test_further_lines_of_a_log_line_are_indented() -> None:
    line = LogLine(1, 1, NOW, "INFO", "first\n2026-03-12 04:05:07 ERROR    forged")
    assert reports.log_line(line) == "2026-03-12 04:05:06 INFO     first\n    2026-03-12 04:05:07 ERROR    forged"


def test_attempts_and_the_last_traceback() -> None:
    began = AttemptRecord(1, "w", NOW, NOW + timedelta(seconds=1.5), Event.RETRY, "not yet", "Traceback\n1\n")
    not_begun = AttemptRecord(2, "w", None, NOW, Event.RELEASE, None, None)
    failed = replace(began, attempt=3, outcome=Event.FAIL, error="it broke", traceback="Traceback\n3\n")
    assert list(reports.attempt_lines([began, not_begun, failed])) == [
        "attempt 1 ended 2026-03-12 04:05:07 after 1.5 s: retry: not yet",
        "attempt 2 ended 2026-03-12 04:05:06, not started: release",
        "attempt 3 ended 2026-03-12 04:05:07 after 1.5 s: fail: it broke",
        "    Traceback",
        "    3",
    ]
    assert list(reports.attempt_lines([])) == []


@pytest.mark.parametrize(
    ("values", "coming"),
    [
        ({}, "2026-03-12 04:05:06 UTC"),
        ({"error": "no key", "next_run_at": NOW}, "failing"),
        ({"error": "no key", "orphaned": True}, "nobody runs it"),
        ({"orphaned": True, "next_run_at": None}, "paused"),
    ],
)
def test_when_a_schedule_comes(values: dict[str, Any], coming: str) -> None:
    row = reports.schedule_row(replace(SCHEDULE, **values))
    assert row.startswith(f"nightly{'':19}{coming:23}  no job yet ")
    assert ("no key" in row) == ("error" in values)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "alive    1/4 running     since"),
        ({"alive": False}, "DEAD "),
        ({"alive": None, "slots": 0}, "unknown  only watches "),
        ({"blocked_since": NOW, "blocked_by": ["a", "b"]}, "BLOCKED by a, b  copy"),
        ({"blocked_since": NOW, "stuck": 2}, "BLOCKED by something, 2 stuck  copy"),
    ],
)
def test_how_a_process_is(values: dict[str, Any], words: str) -> None:
    row = reports.worker_row(replace(worker(), **values))
    assert row.startswith("here pid 7 ")
    assert words in row


def worker() -> WorkerStatus:
    return WorkerStatus(
        *("w", "here", 7, "1.0", 4, ["copy"], [RunningJob("a", "copy")], 0.5, NOW, None, [], 0, None), alive=True
    )


def test_what_the_doctor_says_of_processes() -> None:
    said = reports.processes_finding
    assert said([worker()]) == Finding("workers", "ok", "1 process, 4 slots")
    assert said([worker(), replace(worker(), slots=1)]) == Finding("workers", "ok", "2 processes, 5 slots")
    assert said([replace(worker(), alive=False)]).detail == "1 silent, 0 blocked (pid 7 on here)"
    assert said([replace(worker(), blocked_since=NOW)]).level == "warning"
    assert said([replace(worker(), slots=0)]) == said([]) == Finding("workers", "warning", "no process works there")


def test_what_the_doctor_says_of_processes_on_this_host() -> None:
    living, dead = stored_worker("a"), stored_worker("b", pid=9)
    assert reports.workers_finding([living], lambda row: False) == Finding("workers", "ok", "1 process, 1 slot")
    found = reports.workers_finding([living, dead], lambda row: row is dead)
    assert (found.level, found.detail) == ("warning", "1 of 2 died (pid 9); a start rescues their jobs")
    assert reports.workers_finding([], lambda row: False).detail == "no process works on this database"


def test_a_warning_alone_breaks_nothing() -> None:
    ok, warning, error = (Finding("a", level, "it is so") for level in ("ok", "warning", "error"))
    assert reports.finding_line(warning) == "WARNING  a: it is so"
    assert [reports.is_broken(found) for found in ([], [ok, warning], [ok, error])] == [False, False, True]


def test_types_that_nobody_knows_stand_below_the_numbers() -> None:
    stats = Stats({Status.PENDING: 1200}, {"copy": {Status.FAILED: 1}}, 2, {}, ("ren\named",))
    assert list(reports.stats_lines(stats)) == [
        "pending:        1,200",
        "processes:          2",
        "last hour  copy: 1 failed",
        "waiting    ren amed: no worker knows this type",
    ]
