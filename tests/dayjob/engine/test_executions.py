"""What a process holds, compared with what the database says that it holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, new_job, query, worker_row

from dayjob import JobRegistry, Status, StopReason
from dayjob.engine.execution import Execution
from dayjob.engine.executions import Executions
from dayjob.errors import StorageError
from dayjob.events import EventBus
from dayjob.models import AttemptReport, JobDefinition, JobType
from dayjob.outcome import Ending, NotStarted, Raised, Returned, decide
from dayjob.repository import JobRepository, now_micros


@pytest.fixture
async def repository(repository: JobRepository) -> JobRepository:
    """With the worker that the jobs are claimed for."""
    await repository.register_worker(worker_row("w"))
    return repository


@pytest.fixture
async def executions(repository: JobRepository) -> AsyncIterator[Executions]:
    made = Executions(repository, EventBus(), grace=0.2, new_child=lambda _: new_job(), on_written=lambda: None)
    yield made
    made.stop_all(0.2)
    ending = [asyncio.create_task(finish(made, execution)) for execution in made.running.values()]
    await asyncio.gather(*ending)
    await asyncio.wait_for(made.quiet(), 10)


def begin(executions: Executions, job_id: str, job_type: JobType) -> Execution:
    """What a worker does with a prefetched job."""
    execution = executions.begin(executions.prefetched.jobs.pop(job_id), job_type)
    assert execution is not None
    return execution


async def finish(executions: Executions, execution: Any) -> None:
    """What a worker does after `begin`."""
    executions.end(execution, await execution.ended)


async def endless(job_id: str) -> None:
    await asyncio.Event().wait()


@pytest.fixture
def endless_type(registry: JobRegistry) -> JobType:
    return registry.register("copy", endless)


async def claimed(repository: JobRepository, job_id: str = "a") -> JobDefinition:
    await repository.create_job(new_job(job_id))
    (job,) = (await repository.claim("w", ["copy"], 1)).jobs
    return job


def state(path: Path, job_id: str = "a") -> tuple[Any, ...]:
    return query(path, "SELECT status, attempt, failures, orphans FROM dayjob_job WHERE id = ?", job_id)[0]


async def test_a_job_that_waits_is_cancelled_without_being_started(
    repository: JobRepository, executions: Executions, endless_type: JobType, path: Path
) -> None:
    job = await claimed(repository)
    executions.prefetched.put_all([job])
    executions.cancel("a")
    assert executions.prefetched.empty()
    await asyncio.wait_for(executions.quiet(), 10)
    assert state(path) == ("cancelled", 1, 0, 0)


@pytest.mark.parametrize("ending", [NotStarted(), Raised(ValueError("again"))], ids=["given back", "to be retried"])
async def test_a_cancel_that_its_process_had_not_heard_of_is_obeyed_at_the_end_of_the_attempt(
    repository: JobRepository, endless_type: JobType, path: Path, ending: Ending
) -> None:
    job = replace(await claimed(repository), max_attempts=3)
    goes_on = decide(job, ending, None, now_micros(), endless_type)
    await repository.request_cancel("a")
    await repository.settle(job, goes_on, AttemptReport())
    assert state(path)[0] == "cancelled"
    assert (await repository.count_jobs())[Status.CANCELLED] == 1


async def test_a_job_that_waits_goes_back_when_the_process_stops(
    repository: JobRepository, executions: Executions, path: Path
) -> None:
    executions.prefetched.put_all([await claimed(repository)])
    executions.stop_all(1.0)
    await asyncio.wait_for(executions.quiet(), 10)
    assert state(path) == ("pending", 1, 0, 0)


async def test_reconciling_returns_what_nobody_holds(
    repository: JobRepository, executions: Executions, endless_type: JobType
) -> None:
    waiting, running, lost = [await claimed(repository, job_id) for job_id in "abc"]
    executions.prefetched.put_all([waiting, running])
    begin(executions, "b", endless_type)
    assert executions.reconcile([waiting, running, lost]) == [lost]
    assert set(executions.prefetched.jobs) == {"a"}
    assert set(executions.running) == {"b"}


async def test_reconciling_lets_go_of_what_the_database_gave_to_others(
    repository: JobRepository, executions: Executions, endless_type: JobType, path: Path
) -> None:
    waiting, running = [await claimed(repository, job_id) for job_id in "ab"]
    executions.prefetched.put_all([waiting, running])
    execution = begin(executions, "b", endless_type)
    assert executions.reconcile([]) == []
    assert executions.prefetched.empty()
    await asyncio.wait_for(finish(executions, execution), 10)
    assert (executions.fenced, executions.unsettled) == (1, 0)
    assert state(path, "b") == ("running", 1, 0, 0)  # nothing was written


async def test_reconciling_obeys_a_cancel_that_was_not_heard(
    repository: JobRepository, executions: Executions, endless_type: JobType, path: Path
) -> None:
    job = await claimed(repository)
    executions.prefetched.put_all([job])
    execution = begin(executions, "a", endless_type)
    executions.reconcile([replace(job, cancel_requested=True)])
    await asyncio.wait_for(finish(executions, execution), 10)
    await asyncio.wait_for(executions.quiet(), 10)
    assert state(path)[0] == "cancelled"


async def test_an_end_that_is_not_on_disk_yet_still_holds_its_job(
    repository: JobRepository, executions: Executions, endless_type: JobType
) -> None:
    job = await claimed(repository)
    executions.prefetched.put_all([job])
    execution = begin(executions, "a", endless_type)
    execution.stop(StopReason.SHUTDOWN, 0.1)
    await execution.ended
    executions.end(execution, Returned(None))
    assert executions.reconcile([job]) == []


async def test_an_end_that_came_too_late_is_fenced_and_counted(
    repository: JobRepository, executions: Executions, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    job = await claimed(repository)
    executions.prefetched.put_all([replace(job, worker="somebody else")])
    executions.stop_all(1.0)
    await asyncio.wait_for(executions.quiet(), 10)
    assert executions.fenced == 1
    assert "fenced" in caplog.text
    assert state(path)[0] == "running"


async def test_progress_that_comes_too_late_stops_the_handler(
    repository: JobRepository, executions: Executions, endless_type: JobType, path: Path
) -> None:
    job = await claimed(repository)
    executions.prefetched.put_all([job])
    execution = begin(executions, "a", endless_type)
    query(path, "UPDATE dayjob_job SET attempt = 2")  # somebody else has it now
    await asyncio.wait([execution.ended], timeout=10)
    assert execution.stop_reason is StopReason.LEASE_LOST
    await finish(executions, execution)
    assert executions.fenced == 1
    assert state(path)[:2] == ("running", 2)


async def test_a_job_that_comes_back_while_its_lost_attempt_still_runs_is_held_as_the_new_one(
    repository: JobRepository, executions: Executions, endless_type: JobType
) -> None:
    """A process froze, was taken for dead, woke up and claimed its own job again."""
    first = await claimed(repository)
    executions.prefetched.put_all([first])
    old = begin(executions, "a", endless_type)
    query(repository.database.path, "UPDATE dayjob_job SET attempt = 2")
    second = replace(first, attempt=2)
    executions.prefetched.put_all([second])
    new = begin(executions, "a", endless_type)
    await asyncio.wait_for(finish(executions, old), 10)  # it is stopped, since it has no right to the job any more
    assert executions.running == {"a": new}
    assert executions.reconcile([second]) == []


async def test_an_end_that_cannot_be_stored_is_tried_again(
    repository: JobRepository, executions: Executions, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = await claimed(repository)
    settle, tries = repository.settle_all, []

    def sick(*args: Any) -> asyncio.Future[Any]:
        tries.append(args)
        if len(tries) > 2:
            return settle(*args)
        failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        failed.set_exception(StorageError("disk full"))
        return failed

    monkeypatch.setattr(repository, "settle_all", sick)
    executions.prefetched.put_all([job])
    executions.stop_all(1.0)
    await eventually(lambda: state(path)[0] == Status.PENDING)
    await asyncio.wait_for(executions.quiet(), 10)
    assert len(tries) == 3


async def test_log_lines_that_cannot_be_stored_are_counted_as_dropped(
    repository: JobRepository, executions: Executions, endless_type: JobType, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sick(*_: Any) -> asyncio.Future[bool]:
        failed: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        failed.set_exception(StorageError("disk full"))
        monkeypatch.undo()
        return failed

    monkeypatch.setattr(repository, "add_logs", sick)
    job = await claimed(repository)
    executions.prefetched.put_all([job])
    execution = begin(executions, "a", endless_type)
    execution.log.add(1, "INFO", "lost")
    execution.log.add(2, "INFO", "lost too")
    await eventually(lambda: repository.add_logs is not sick)
    execution.log.add(3, "INFO", "kept")
    found = await eventually(lambda: repository.list_logs("a", 0, 10))
    assert [(line.seq, line.text) for line in found] == [(2, "2 lines dropped"), (3, "kept")]


async def test_log_lines_that_come_too_late_stop_the_handler(
    repository: JobRepository, executions: Executions, endless_type: JobType, path: Path
) -> None:
    job = await claimed(repository)
    executions.prefetched.put_all([job])
    execution = begin(executions, "a", endless_type)
    await eventually(lambda: execution.recorder._is_announced)
    query(path, "UPDATE dayjob_job SET attempt = 2")  # somebody else has it now
    execution.log.add(1, "INFO", "late")
    await asyncio.wait_for(finish(executions, execution), 10)
    assert executions.fenced == 1
    assert query(path, "SELECT count(*) FROM dayjob_log") == [(0,)]
