"""Tracebacks of jobs: the user's frames, bounded, and no exception can break them."""

from __future__ import annotations

from typing import Any

import pytest
from tests.dayjob import child_handlers

from dayjob import JobQueue, JobRegistry, Status
from dayjob.tracebacks import MAX_TRACEBACK, traceback_text
from dayjob.types import Event


async def last_attempt(queue: JobQueue, job_type: str) -> Any:
    job_id = await queue.enqueue(job_type)
    await queue.wait(job_id, timeout=30)
    return (await queue.get_attempts(job_id))[-1]


async def fails() -> None:
    try:
        {}["missing"]
    except KeyError as error:
        raise ValueError("broken") from error


def fails_in_a_thread() -> None:
    raise ValueError("broken")


@pytest.mark.parametrize("handler", [fails, fails_in_a_thread, child_handlers.raise_value_error])
async def test_a_failure_leaves_the_frames_of_its_handler_only(
    queue: JobQueue, registry: JobRegistry, handler: Any
) -> None:
    in_child = handler is child_handlers.raise_value_error
    registry.register("fails", handler, run_in="process" if in_child else None)
    attempt = await last_attempt(queue, "fails")
    assert (attempt.attempt, attempt.outcome) == (1, Event.FAIL)
    assert attempt.error.startswith("ValueError: ")
    assert attempt.traceback.rstrip().endswith(attempt.error)
    assert handler.__name__ in attempt.traceback
    assert ("KeyError: 'missing'" in attempt.traceback) == (handler is fails)
    for internal in ("runners.py", "_child.py", "in _await", "in _call"):
        assert internal not in attempt.traceback


async def test_every_attempt_has_its_own_record(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("fails", fails, max_attempts=3, backoff=lambda _: 0)
    job_id = await queue.enqueue("fails")
    job = await queue.wait(job_id, timeout=30)
    first, second, third = await queue.get_attempts(job_id)
    assert [r.outcome for r in (first, second, third)] == [Event.RETRY, Event.RETRY, Event.FAIL]
    assert [r.attempt for r in (first, second, third)] == [1, 2, 3]
    assert third.ended_at == job.completed_at
    assert third.started_at == job.started_at
    assert first.ended_at <= second.started_at
    assert {r.worker for r in (first, second, third)} == {job.worker}


async def test_success_leaves_no_traceback(queue: JobQueue, registry: JobRegistry) -> None:
    async def works() -> int:
        return 1

    registry.register("works", works)
    attempt = await last_attempt(queue, "works")
    assert (attempt.outcome, attempt.error, attempt.traceback) == (Event.COMPLETE, None, None)


class Unreadable(Exception):
    def __str__(self) -> str:
        raise SystemExit("not even this")


class Untouchable(Exception):
    def __getattribute__(self, name: str) -> Any:
        if name in ("__cause__", "__traceback__"):
            raise KeyboardInterrupt(name)
        return super().__getattribute__(name)


def long_chain() -> Exception:
    error = Exception("last")
    for n in range(300):
        older = error
        error = Exception(f"number {n}")
        error.__cause__ = older
    return error


HOSTILE = [Unreadable(), Untouchable(), Exception("\0\ud800"), Exception("ä" * 10_000_000), long_chain()]


@pytest.mark.parametrize("error", HOSTILE, ids=["unreadable", "untouchable", "surrogate", "huge", "chain"])
async def test_hostile_exceptions_end_their_job_and_nothing_else(
    queue: JobQueue, registry: JobRegistry, error: Exception
) -> None:
    async def hostile() -> None:
        raise error

    registry.register("hostile", hostile)
    job_id = await queue.enqueue("hostile")
    assert (await queue.wait(job_id, timeout=30)).status is Status.FAILED
    (attempt,) = await queue.get_attempts(job_id)
    assert attempt.traceback is None or len(attempt.traceback.encode()) <= MAX_TRACEBACK


def test_a_long_text_keeps_its_beginning_and_its_end() -> None:
    text = traceback_text(ValueError("a" * 50_000 + "the end"))
    assert text is not None
    assert text.startswith("ValueError: aaa")
    assert text.endswith("the end\n")
    assert "[...]" in text
