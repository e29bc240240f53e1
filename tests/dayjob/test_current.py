"""Code finds the attempt that it belongs to: by its context, or in a foreign thread by the job's id."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any

from dayjob.current import InAttempt, attempt_of, current_attempt, leave


def attempt(job_id: str = "a") -> Any:
    return SimpleNamespace(job_id=job_id, progress=None, log=None)


def test_outside_of_jobs_there_is_none() -> None:
    assert current_attempt() is None
    assert attempt_of("a") is None


def test_one_in_another_and_back() -> None:
    outer, inner = attempt("outer"), attempt("inner")
    with InAttempt(outer):
        with InAttempt(inner):
            assert current_attempt() is inner
        assert current_attempt() is outer
    assert current_attempt() is None
    leave(outer)
    leave(inner)


async def test_tasks_that_it_begins_belong_to_it() -> None:
    mine = attempt()

    async def look() -> Any:
        return current_attempt()

    with InAttempt(mine):
        task = asyncio.create_task(look())
    assert await task is mine
    assert await asyncio.create_task(look()) is None
    leave(mine)


def test_a_thread_without_its_context_finds_it_by_the_id_until_it_ends() -> None:
    mine, found = attempt(), []

    def look() -> None:
        found.append((current_attempt(), attempt_of("a")))

    with InAttempt(mine):
        for end in (lambda: None, lambda: leave(mine)):
            end()
            thread = threading.Thread(target=look)
            thread.start()
            thread.join()
    assert found == [(None, mine), (None, None)]


def test_an_attempt_that_ended_takes_nothing_from_the_next_one() -> None:
    first, second = attempt(), attempt()
    with InAttempt(first):
        pass
    with InAttempt(second):
        leave(first)
        assert attempt_of("a") is second
    leave(second)
    assert attempt_of("a") is None
