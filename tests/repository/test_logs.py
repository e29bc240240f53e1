"""Log lines and attempts in the database: fenced, numbered, bounded, and written with the end of their attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.support import new_job, query, worker_row

from dayjob import Status
from dayjob.models import Attempt, JobDefinition, NewLines, Transition
from dayjob.repository import MAX_LINES, MAX_LOG, SqliteRepository, now_micros
from dayjob.repository.logs import with_gaps
from dayjob.types import Event, LogLine

STALE: list[dict[str, Any]] = [{"worker": "v"}, {"attempt": 2}, {"worker": "v", "attempt": 0}]


async def running(repository: SqliteRepository, job_id: str = "a") -> JobDefinition:
    await repository.create_job(new_job(job_id))
    (job,) = (await repository.claim("w", ["copy"], 1)).jobs
    return job


def lines(*texts: str, dropped: int = 0) -> NewLines:
    return NewLines(tuple((now_micros(), "INFO", text) for text in texts), dropped)


def fail(error: str = "no") -> Transition:
    return Transition(Event.FAIL, Status.FAILED, now_micros(), error=error, failures=1)


async def texts(repository: SqliteRepository, after: int = 0) -> list[tuple[int, str]]:
    return [(line.seq, line.text) for line in await repository.list_logs("a", after, 100_000)]


@pytest.mark.parametrize("stale", STALE)
async def test_an_attempt_that_lost_its_job_writes_nothing(repository: SqliteRepository, stale: dict[str, Any]) -> None:
    job = replace(await running(repository), **stale)
    assert not await repository.add_logs(job, lines("late"))
    assert not await repository.settle(job, fail(), Attempt(log=lines("later"), traceback="t"))
    assert await texts(repository) == []
    assert await repository.list_attempts("a") == []


async def test_an_ended_attempt_writes_nothing_more(repository: SqliteRepository) -> None:
    job = await running(repository)
    assert await repository.settle(job, fail(), Attempt(log=lines("last"), traceback="t"))
    assert not await repository.add_logs(job, lines("late"))
    assert not await repository.settle(job, fail("twice"), Attempt(log=lines("later")))
    assert await texts(repository) == [(1, "last")]
    (attempt,) = await repository.list_attempts("a")
    assert (attempt.error, attempt.traceback, attempt.outcome) == ("no", "t", Event.FAIL)


async def test_lines_dropped_on_their_way_leave_a_gap_that_is_told_once(repository: SqliteRepository) -> None:
    job = await running(repository)
    await repository.add_logs(job, lines("one"))
    await repository.add_logs(job, lines("five", dropped=3))
    await repository.add_logs(job, lines("six"))
    assert await texts(repository) == [(1, "one"), (4, "3 lines dropped"), (5, "five"), (6, "six")]
    assert await texts(repository, after=1) == [(4, "3 lines dropped"), (5, "five"), (6, "six")]
    assert await texts(repository, after=4) == [(5, "five"), (6, "six")]


async def test_a_job_keeps_the_newest_lines_over_all_its_writes(repository: SqliteRepository, path: Path) -> None:
    job = await running(repository)
    for n in range(25):
        await repository.add_logs(job, lines(*(f"{n}-{k}" for k in range(100))))
    found = await texts(repository)
    assert found[0] == (1500, "1,500 lines dropped")
    assert found[1:] == [(n * 100 + k + 1, f"{n}-{k}") for n in range(15, 25) for k in range(100)]
    assert query(path, "SELECT count(*) FROM dayjob_log") == [(MAX_LINES,)]


async def test_a_job_keeps_so_many_bytes_over_all_its_writes(repository: SqliteRepository, path: Path) -> None:
    job = await running(repository)
    for _ in range(30):
        await repository.add_logs(job, lines(*["ä" * 2000] * 10))
    ((kept, size, told),) = query(
        path, "SELECT count(*), sum(length(CAST(text AS BLOB))), (SELECT bytes FROM dayjob_log_total) FROM dayjob_log"
    )
    assert MAX_LOG - 4000 < size == told <= MAX_LOG
    assert kept == size // 4000


async def test_lines_are_a_change_of_the_job(repository: SqliteRepository) -> None:
    job = await running(repository)
    await repository.add_logs(job, lines("one"))
    (changed,) = await repository.list_changed(job.rev, job.rev + 10)
    assert changed.id == "a"


async def test_lines_do_not_wait_for_the_disk_and_the_end_takes_them_along(tmp_path: Path) -> None:
    repository = SqliteRepository(tmp_path / "jobs.db")
    await repository.open()
    await repository.create_job(new_job("b", "other"))
    seen: list[str] = []
    repository._writer._connection.set_trace_callback(seen.append)
    await repository.register_worker(worker_row("w"))
    job = await running(repository)
    seen.clear()
    await repository.add_logs(job, lines("one"))
    assert "PRAGMA synchronous = FULL" not in seen
    seen.clear()
    await repository.settle(job, fail(), Attempt(log=lines("two"), traceback="t"))
    assert sum(statement.startswith("COMMIT") for statement in seen) == 1
    assert [text for _, text in await texts(repository)] == ["one", "two"]
    assert len(await repository.list_attempts("a")) == 1
    await repository.close()


def test_where_numbers_are_missing_a_line_says_how_many() -> None:
    def line(seq: int) -> LogLine:
        return LogLine(seq, 1, datetime.now(UTC), "INFO", "x")

    told = with_gaps([line(1), line(2), line(5), line(1005)], 0)
    assert [(t.seq, t.text) for t in told] == [
        (1, "x"),
        (2, "x"),
        (4, "2 lines dropped"),
        (5, "x"),
        (1004, "999 lines dropped"),
        (1005, "x"),
    ]
    assert with_gaps([], 7) == []
