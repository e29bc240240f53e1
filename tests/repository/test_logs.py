"""Log lines and attempts in the database: fenced, numbered, bounded, and written with the end of their attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from tests.repository.conftest import Storage
from tests.support import new_job

from dayjob import Status
from dayjob.models import AttemptReport, JobDefinition, NewLines, Transition
from dayjob.repository import MAX_LINES, MAX_LOG, JobRepository, now_micros
from dayjob.repository.logs import with_gaps
from dayjob.types import Event, LogLine

STALE: list[dict[str, Any]] = [{"worker": "v"}, {"attempt": 2}, {"worker": "v", "attempt": 0}]


async def running(repository: JobRepository, job_id: str = "a") -> JobDefinition:
    await repository.create_job(new_job(job_id))
    (job,) = (await repository.claim("w", ["copy"], 1)).jobs
    return job


def lines(*texts: str, dropped: int = 0) -> NewLines:
    return NewLines(tuple((now_micros(), "INFO", text) for text in texts), dropped)


def fail(error: str = "no") -> Transition:
    return Transition(Event.FAIL, Status.FAILED, now_micros(), error=error, failures=1)


async def texts(repository: JobRepository, after: int = 0) -> list[tuple[int, str]]:
    return [(line.seq, line.text) for line in await repository.list_logs("a", after, 100_000)]


@pytest.mark.parametrize("stale", STALE)
async def test_an_attempt_that_lost_its_job_writes_nothing(repository: JobRepository, stale: dict[str, Any]) -> None:
    job = replace(await running(repository), **stale)
    assert not await repository.add_logs(job, lines("late"))
    assert not await repository.settle(job, fail(), AttemptReport(log=lines("later"), traceback="t"))
    assert await texts(repository) == []
    assert await repository.list_attempts("a") == []


async def test_an_ended_attempt_writes_nothing_more(repository: JobRepository) -> None:
    job = await running(repository)
    assert await repository.settle(job, fail(), AttemptReport(log=lines("last"), traceback="t"))
    assert not await repository.add_logs(job, lines("late"))
    assert not await repository.settle(job, fail("twice"), AttemptReport(log=lines("later")))
    assert await texts(repository) == [(1, "last")]
    (attempt,) = await repository.list_attempts("a")
    assert (attempt.error, attempt.traceback, attempt.outcome) == ("no", "t", Event.FAIL)


async def test_lines_dropped_on_their_way_leave_a_gap_that_is_told_once(repository: JobRepository) -> None:
    job = await running(repository)
    await repository.add_logs(job, lines("one"))
    await repository.add_logs(job, lines("five", dropped=3))
    await repository.add_logs(job, lines("six"))
    assert await texts(repository) == [(1, "one"), (4, "3 lines dropped"), (5, "five"), (6, "six")]
    assert await texts(repository, after=1) == [(4, "3 lines dropped"), (5, "five"), (6, "six")]
    assert await texts(repository, after=4) == [(5, "five"), (6, "six")]


async def test_a_job_keeps_the_newest_lines_over_all_its_writes(repository: JobRepository, storage: Storage) -> None:
    job = await running(repository)
    for n in range(25):
        await repository.add_logs(job, lines(*(f"{n}-{k}" for k in range(100))))
    found = await texts(repository)
    assert found[0] == (1500, "1,500 lines dropped")
    assert found[1:] == [(n * 100 + k + 1, f"{n}-{k}") for n in range(15, 25) for k in range(100)]
    assert storage.rows("SELECT count(*) FROM dayjob_log") == [(MAX_LINES,)]


async def test_a_job_keeps_so_many_bytes_over_all_its_writes(repository: JobRepository, storage: Storage) -> None:
    job = await running(repository)
    for _ in range(30):
        await repository.add_logs(job, lines(*["ä" * 2000] * 10))
    ((told,),) = storage.rows("SELECT bytes FROM dayjob_log_total")
    stored = [text for (text,) in storage.rows("SELECT text FROM dayjob_log")]
    kept, size = len(stored), sum(len(text.encode()) for text in stored)
    assert MAX_LOG - 4000 < size == told <= MAX_LOG
    assert kept == size // 4000


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
