"""Every statement finds its jobs by an index, on the oldest SQLite and on the newest, whatever the planner knows."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest

from dayjob.repository.sqlite.migrate import migrate
from dayjob.repository.sqlite.statements import STATEMENTS

# Statements on jobs, and the index that each has to use. A new statement has to be entered here.
INDEXES = {
    "await_children": "sqlite_autoindex_dayjob_job_1",
    "cancel_pending": "sqlite_autoindex_dayjob_job_1",
    "child_ended": "sqlite_autoindex_dayjob_job_1",
    "claim": "INTEGER PRIMARY KEY",
    "count_children": "dayjob_job_parent",
    "count_ended": "dayjob_job_ended",
    "count_ended_of_owner": "COVERING INDEX dayjob_job_owner (owner=? AND status=?)",
    "count_jobs_of_owner": "COVERING INDEX dayjob_job_owner (owner=?)",
    "count_pending_of_type": "dayjob_job_type",
    "count_prunable": "dayjob_job_ended",
    "count_unended_children": "sqlite_autoindex_dayjob_job_1",
    "create_jobs": None,
    "get_active_by_key": "dayjob_job_unique (unique_key=? AND <expr>=?)",
    "get_job": "sqlite_autoindex_dayjob_job_1",
    "get_parent": "sqlite_autoindex_dayjob_job_1",
    "list_attempts": "sqlite_autoindex_dayjob_job_1",
    "list_changed": "dayjob_job_rev",
    "list_descendants": "dayjob_job_parent",
    "list_ended_children": "sqlite_autoindex_dayjob_job_1",
    "list_jobs": "INTEGER PRIMARY KEY",
    "list_types": "dayjob_job_type",
    "list_waiting_types": "dayjob_job_ready",
    "list_claimed": "INTEGER PRIMARY KEY",
    "list_settled": "INTEGER PRIMARY KEY",
    "get_jobs": "sqlite_autoindex_dayjob_job_1",
    "list_existing": "sqlite_autoindex_dayjob_job_1",
    "add_attempt": "sqlite_autoindex_dayjob_job_1",
    "list_jobs_by_owner": "dayjob_job_owner (owner=? AND status=? AND seq<?)",
    "list_jobs_by_parent": "dayjob_job_parent",
    "list_jobs_by_type": "dayjob_job_type",
    "list_running_of": "dayjob_job_running",
    "list_logs": "PRIMARY KEY",
    "log_total": "sqlite_autoindex_dayjob_job_1",
    "newest_created_at": "INTEGER PRIMARY KEY",
    "next_run_at": "dayjob_job_scheduled",
    "prune": "dayjob_job_ended",
    "ready_keys": "dayjob_job_keyed",
    "ready_of_key": "dayjob_job_keyed",
    "ready_of_type": "dayjob_job_ready",
    "ready_scheduled": "dayjob_job_scheduled",
    "any_quarantined": "dayjob_job_quarantined",
    "ready_quarantined": "dayjob_job_quarantined",
    "remove_worker": "dayjob_job_running",
    "request_cancel": "sqlite_autoindex_dayjob_job_1",
    "running_limited": "dayjob_job_running",
    "running_quarantined": "dayjob_job_running",
    "save_checkpoint": "sqlite_autoindex_dayjob_job_1",
    "save_progress": "sqlite_autoindex_dayjob_job_1",
    "set_max_attempts": "INTEGER PRIMARY KEY",
    "settle": "INTEGER PRIMARY KEY",
    "touch_job": "sqlite_autoindex_dayjob_job_1",
    "wait_for_children": "sqlite_autoindex_dayjob_job_1",
}
# They sort, but only what ended in the time that is asked for, or was claimed.
GROUPED = {"count_ended", "count_ended_of_owner", "list_claimed"}


# A partial index that is scanned holds what is wanted and nothing else; the table holds all of history.
_WHOLE = re.compile(
    r"SCAN (dayjob_job|job|old|child|parent)\b(?! USING (COVERING )?INDEX dayjob_job_(running|scheduled|quarantined))"
)

# Much history, as it is after a while: 20 types, a family, a few jobs that wait or run.
_FILL = """
INSERT INTO dayjob_worker (id, host, pid, slots, types, version, started_at) VALUES ('w', 'h', 1, 1, '[]', '0', 0);
WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 4000)
INSERT INTO dayjob_job (
    id, type, status, args, priority, run_at, ready, unique_key, max_attempts, created_at, completed_at, rev, worker,
    concurrency_key, parent_id, owner)
SELECT 'job-' || n, 'type-' || (n % 20), iif(n < 3800, 'completed', iif(n < 3990, 'pending', 'running')), '{}', 0, n,
    n % 2, iif(n % 3, NULL, 'key-' || n), 1, n, iif(n < 3800, n, NULL), n, iif(n < 3800 OR n >= 3990, 'w', NULL),
    iif(n % 4, NULL, 'group-' || (n % 40)), iif(n % 5, NULL, 'job-' || (n / 50)),
    iif(n % 7, NULL, 'owner-' || (n % 30))
FROM n;
"""


def _oldest(path: Path) -> Any:
    return sqlite3.connect(path, isolation_level=None)


@pytest.fixture(scope="module", params=[_oldest, lambda path: apsw.Connection(str(path))], ids=["oldest", "newest"])
def connect(request: pytest.FixtureRequest) -> Callable[[Path], Any]:
    """How to connect: with the SQLite of this Python, the oldest that we support here, or with the newest."""
    made: Callable[[Path], Any] = request.param
    return made


@pytest.fixture(scope="module", params=["empty", "filled", "analyzed"])
def database(
    request: pytest.FixtureRequest, connect: Callable[[Path], Any], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    path = tmp_path_factory.mktemp("plans") / "jobs.db"
    with closing(_oldest(path)) as made:
        migrate(made)
        if request.param != "empty":
            made.executescript(_FILL)
    with closing(connect(path)) as connection:
        if request.param == "analyzed":
            connection.execute("ANALYZE")
        yield connection


def plan(database: Any, statement: str) -> list[str]:
    values = dict.fromkeys(re.findall(r":(\w+)", STATEMENTS[statement]), 1)
    return [row[3] for row in database.execute(f"EXPLAIN QUERY PLAN {STATEMENTS[statement]}", values)]


def test_the_newest_sqlite_is_newer() -> None:
    assert tuple(map(int, apsw.sqlite_lib_version().split("."))) > sqlite3.sqlite_version_info


def test_every_statement_on_jobs_has_its_index_named_here() -> None:
    assert set(INDEXES) == {name for name, sql in STATEMENTS.items() if "dayjob_job" in sql}


@pytest.mark.parametrize("statement", sorted(INDEXES))
def test_a_statement_uses_its_index_and_reads_no_more(database: Any, statement: str) -> None:
    steps = plan(database, statement)
    index = INDEXES[statement]
    if index is not None:
        assert any(index in step for step in steps), steps
    for step in steps:
        assert not _WHOLE.match(step), steps
        assert "TEMP B-TREE" not in step or statement in GROUPED, steps


@pytest.mark.parametrize("statement", sorted(set(STATEMENTS) - set(INDEXES)))
def test_a_statement_on_other_tables_can_be_planned(database: Any, statement: str) -> None:
    assert plan(database, statement) is not None
