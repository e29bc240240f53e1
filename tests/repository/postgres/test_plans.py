"""No statement reads the table of jobs from end to end, whatever the planner knows: nothing, little, or all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from tests import postgres

from dayjob.repository.postgres.database import PostgresDatabase
from dayjob.repository.postgres.statements import STATEMENTS

# Much history, as it is after a while: 20 types, families, a few jobs that wait or run.
_FILL = """
INSERT INTO dayjob_worker (id, host, pid, slots, types, version, started_at) VALUES ('w', 'h', 1, 1, '[]', '0', 0);
INSERT INTO dayjob_job (
    id, type, status, args, priority, run_at, ready, unique_key, max_attempts, created_at, completed_at, worker,
    concurrency_key, parent_id, owner, orphans)
SELECT 'job-' || n, 'type-' || (n % 20),
    CASE WHEN n < 19000 THEN 'completed' WHEN n < 19950 THEN 'pending' ELSE 'running' END, '{}', 0, n,
    n % 2, CASE WHEN n % 3 = 0 THEN 'key-' || n END, 1, n, CASE WHEN n < 19000 THEN n END,
    CASE WHEN n < 19000 OR n >= 19950 THEN 'w' END, CASE WHEN n % 4 = 0 THEN ' group-' || (n % 40) END,
    CASE WHEN n % 5 = 0 THEN 'job-' || (n / 50) END, CASE WHEN n % 7 = 0 THEN 'owner-' || (n % 30) END,
    CASE WHEN n % 500 = 0 THEN 2 ELSE 0 END
FROM generate_series(1, 20000) AS n
"""
_END = [19960, "job-19960", 0, "completed", None, 1, 1, 1, 100, None]
_VALUES: dict[str, Any] = {
    "id": "job-19960",
    "ids": json.dumps(["job-19960", "job-19961"]),
    "children": json.dumps(["job-19960", "job-19961"]),
    "names": ["job-19960"],
    "types": json.dumps(["type-1", "type-2"]),
    "statuses": json.dumps(["pending", "running"]),
    "seqs": [19960, 19961],
    "ends": json.dumps([_END]),
    "news": json.dumps([["new", "type-1", "{}", 0, 1, None, 1, 1, None, None, None, None]]),
    "lines": json.dumps([[1, 1, "INFO", "text"]]),
    "most": [10, 10],
    "limit": 10,
    "before": 1000,
    "keep": 10,
    "own": ["1"],
    "period": 10,
    "status": "completed",
    "type": "type-1",
    "worker": "w",
    "attempt": 0,
    "owner": "owner-3",
    "parent": "job-3",
    "unique_key": "key-3",
    "key": " group-4",
}
# What these are given is not what others call so.
_OWN_VALUES: dict[str, dict[str, Any]] = {
    "claimable": {"types": ["type-1", "type-2"]},
    "claimable_quarantined": {"types": ["type-1", "type-2"]},
    "count_ended": {"since": 18990},
    "count_ended_of_owner": {"since": 18990},
    "forget_idempotency": {"most": 1},
    "hold_limits": {"names": ["type-1"]},
    "set_log_total": {"lines": 1},
}
_OF_FEW = {"dayjob_job_running", "dayjob_job_scheduled", "dayjob_job_quarantined"}  # partial, and nobody's history
ON_JOBS = sorted(name for name, sql in STATEMENTS.items() if "dayjob_job" in sql)


@pytest.fixture(scope="module", params=["empty", "young", "analyzed"])
def connection(request: pytest.FixtureRequest, postgres_dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with postgres.schema(postgres_dsn) as schema:
        database = PostgresDatabase(postgres_dsn, schema=schema)
        writes = database.connection()
        writes.open()
        with closing(database._connect("test")) as connection:
            connection.execute("ALTER TABLE dayjob_job SET (autovacuum_enabled = off)")
            if request.param != "empty":
                connection.execute(_FILL)
            if request.param == "analyzed":
                connection.execute("ANALYZE")
            yield connection
        writes.close()


def plan(connection: psycopg.Connection[Any], statement: str) -> dict[str, Any]:
    ((snapshot,),) = connection.execute("SELECT pg_current_snapshot()::text").fetchall()
    values = {**dict.fromkeys(_names(statement), "1"), **_VALUES, "since": snapshot, **_OWN_VALUES.get(statement, {})}
    # In a transaction that is rolled back, should it ever be more than explained.
    with connection.transaction(force_rollback=True):
        sql = f"EXPLAIN (FORMAT JSON) {STATEMENTS[statement]}"
        found: dict[str, Any] = connection.execute(sql, values).fetchall()[0][0][0]["Plan"]
        return found


def steps_of(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield found
    for part in found.get("Plans", []):
        yield from steps_of(part)


def reads_all(step: dict[str, Any]) -> bool:
    """Whether a step reads all jobs, or all of an index of them but for one of the few that it is about."""
    if "Seq Scan" in step["Node Type"]:
        return bool(step["Relation Name"] == "dayjob_job")
    index = str(step.get("Index Name", ""))
    return index.startswith("dayjob_job_") and index not in _OF_FEW and "Index Cond" not in step


def _names(statement: str) -> list[str]:
    return [part.split(")")[0] for part in STATEMENTS[statement].split("%(")[1:]]


@pytest.mark.parametrize("statement", ON_JOBS)
def test_jobs_are_found_by_an_index(connection: psycopg.Connection[Any], statement: str) -> None:
    steps = list(steps_of(plan(connection, statement)))
    read = [step for step in steps if reads_all(step)]
    if statement == "newest_created_at":  # the largest of all
        read = [step for step in read if step["Scan Direction"] != "Backward"]
    assert not read


@pytest.mark.parametrize("statement", sorted(set(STATEMENTS) - set(ON_JOBS)))
def test_a_statement_on_other_tables_can_be_planned(connection: psycopg.Connection[Any], statement: str) -> None:
    if statement != "hold_pending":  # whose one function takes the lock when it is planned, too
        assert plan(connection, statement)
