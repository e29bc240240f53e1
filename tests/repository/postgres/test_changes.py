"""Changes by the difference of snapshots: nobody's last state is missed, whatever order the commits have."""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import postgres
from tests.repository.conftest import PostgresSchema
from tests.support import new_job

from dayjob.models import AttemptReport, NewLines, Progress
from dayjob.repository import JobRepository, JobRow, now_micros
from dayjob.repository.postgres.database import PostgresDatabase
from dayjob.repository.postgres.transaction import Since, fetch

_JOBS, _WRITERS, _CHANGES = 30, 8, 40


def snapshot_of(connection: psycopg.Connection[Any]) -> str:
    ((snapshot,),) = connection.execute("SELECT pg_current_snapshot()::text").fetchall()
    return str(snapshot)


def change(connection: psycopg.Connection[Any], job_id: str) -> None:
    connection.execute("UPDATE dayjob_job SET rev = rev + 1, changed = pg_current_xact_id() WHERE id = %s", [job_id])


@pytest.fixture
def database(postgres_dsn: str, schema: str) -> Iterator[PostgresDatabase]:
    made = PostgresDatabase(postgres_dsn, schema=schema)
    writes = made.connection()
    writes.open()
    with closing(made._connect("test")) as connection:
        connection.execute(
            "INSERT INTO dayjob_job (id, type, status, args, priority, run_at, ready, max_attempts, created_at)"
            " SELECT 'j' || n, 'copy', 'pending', '{}', 0, 0, 1, 1, 0 FROM generate_series(1, %s) AS n",
            [_JOBS],
        )
    yield made
    writes.close()


@pytest.mark.parametrize("seed", range(2))
def test_no_last_state_is_missed_beside_writers_that_commit_out_of_order(
    database: PostgresDatabase, postgres_dsn: str, schema: str, seed: int
) -> None:
    start = threading.Barrier(_WRITERS + 1)

    def write(number: int) -> None:
        """Transactions of one to three changes, each in the order of the jobs, of which some are rolled back."""
        chance = random.Random(f"{seed} {number}")
        with closing(database._connect("test")) as connection:
            connection.execute("SET lock_timeout = '20s'")
            start.wait()
            for _ in range(_CHANGES):
                connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
                for job in sorted(chance.sample(range(1, _JOBS + 1), chance.randint(1, 3))):
                    change(connection, f"j{job}")
                    connection.execute("SELECT pg_sleep(%s)", [chance.choice([0, 0, 0.001, 0.004])])
                connection.execute(chance.choice(["COMMIT", "COMMIT", "COMMIT", "ROLLBACK"]))

    seen: dict[str, int] = {}

    def look(connection: psycopg.Connection[Any], since: str) -> str:
        now, _ = fetch(connection, "look", {"since": since, "own": []})[0]
        for row in map(JobRow._make, fetch(connection, "list_changed", Since(since).values())):
            assert row.rev >= seen.get(row.id, 0)
            seen[row.id] = row.rev
        return str(now)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(_WRITERS)]
    with closing(database._connect("test")) as connection:
        since = snapshot_of(connection)
        for writer in writers:
            writer.start()
        start.wait()
        looks = 0
        while any(writer.is_alive() for writer in writers):
            since = look(connection, since)
            looks += 1
        look(connection, since)
    assert looks > 10
    stored = dict(postgres.query(postgres_dsn, schema, "SELECT id, rev FROM dayjob_job WHERE rev > 1"))
    assert seen == stored


def test_a_change_that_is_committed_late_is_seen_after_one_that_began_later(database: PostgresDatabase) -> None:
    connects = [database._connect("test") for _ in range(3)]
    early, late, reader = connects
    try:
        start = snapshot_of(reader)
        early.execute("BEGIN")
        change(early, "j1")
        change(late, "j2")
        middle = snapshot_of(reader)
        assert [row[1] for row in fetch(reader, "list_changed", {"since": start})] == ["j2"]
        early.execute("COMMIT")
        assert [row[1] for row in fetch(reader, "list_changed", {"since": middle})] == ["j1"]
        both = Since(middle).join(Since(start))
        assert both == Since(start)
        assert [row[1] for row in fetch(reader, "list_changed", both.values())] == ["j1", "j2"]
    finally:
        for connection in connects:
            connection.close()


def test_news_that_a_transaction_found_which_failed_are_found_again(
    database: PostgresDatabase, postgres_dsn: str, schema: str
) -> None:
    writes = PostgresDatabase(postgres_dsn, schema=schema).connection()
    writes.open()
    with closing(database._connect("test")) as other:
        change(other, "j1")
    writes.heard()
    found = writes.begin(durable=True).foreign
    assert found is not None
    writes.rollback(ValueError())
    assert writes.begin(durable=True).foreign == found
    writes.commit()
    writes.heard()
    assert writes.begin(durable=True).foreign is None
    writes.rollback(ValueError())
    writes.close()


def test_ones_own_transactions_are_no_news(database: PostgresDatabase) -> None:
    with closing(database._connect("test")) as connection:
        since = snapshot_of(connection)
        connection.execute("BEGIN")
        change(connection, "j1")
        ((own,),) = connection.execute("SELECT pg_current_xact_id()::text").fetchall()
        connection.execute("COMMIT")
        assert fetch(connection, "look", {"since": since, "own": [own]})[0][1] is False
        assert fetch(connection, "look", {"since": since, "own": []})[0][1] is True


@given(st.lists(st.integers(10, 40), min_size=1, max_size=12), st.data())
def test_the_older_of_two_snapshots_is_kept(ends: list[int], data: st.DataObject) -> None:
    """Transactions begin in the order of their numbers, and end in any."""
    running: list[int] = []
    taken: list[Since] = []
    for number in range(3, 3 + len(ends)):
        running.append(number)
        if data.draw(st.booleans()):
            running.remove(data.draw(st.sampled_from(running)))
        xmin = min(running, default=number + 1)
        text = f"{xmin}:{number + 1}:{','.join(map(str, running))}"
        taken.append(Since(text))
    for before, after in itertools.pairwise(taken):
        assert before.join(after) == before
        assert after.join(before) == before


async def test_progress_and_lines_are_changes_too(repository: JobRepository, storage: PostgresSchema) -> None:
    await repository.create_job(new_job("a"))
    (job,) = (await repository.claim("w", ["copy"], 1)).jobs
    ((before,),) = storage.rows("SELECT pg_current_snapshot()::text")
    await repository.save_progress(job, AttemptReport(1, Progress(1, 2)))
    (row,) = await repository.list_changed(Since(before))
    ((middle,),) = storage.rows("SELECT pg_current_snapshot()::text")
    await repository.add_logs(job, NewLines([(now_micros(), "INFO", "text")], 0))
    (again,) = await repository.list_changed(Since(middle))
    assert again.rev > row.rev > job.rev
