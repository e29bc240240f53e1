"""Orphans: found at the start and by living processes, rescued once, and safe from those who come back."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob.engine.support import die, done, orphan, queue_on, workers
from tests.processes import Child, begun_twice, read_ledger
from tests.support import eventually, new_job, query, worker_row

from dayjob import JobRegistry, Status, processes
from dayjob.models import AttemptReport, Transition
from dayjob.outcome import MAX_ORPHANS
from dayjob.repository import JobRepository, WorkerRow
from dayjob.states import Event
from dayjob.types import Progress

_RUNNING = (
    "INSERT INTO dayjob_job (id, type, status, args, priority, run_at, ready, max_attempts, created_at, rev,"
    " worker, attempt) VALUES ('a', 'copy', 'running', '{}', 0, 0, 1, 1, 0, 0, ?, 1)"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules on a faster clock."""
    monkeypatch.setattr(processes, "BEAT_EVERY", 0.1)
    monkeypatch.setattr(processes, "DEAD_AFTER", 0.6)


@pytest.fixture
def registry() -> JobRegistry:
    made = JobRegistry()
    made.register("copy", done)
    return made


async def test_what_a_dead_process_left_is_pending_again_when_start_returns(
    repository: JobRepository, path: Path, registry: JobRegistry
) -> None:
    for job_id in "abc":
        await orphan(repository, job_id)
    async with queue_on(path, registry, max_workers=0):
        rows = query(path, "SELECT status, attempt, failures, orphans FROM dayjob_job")
        assert rows == [("pending", 1, 0, 1)] * 3
        assert "dead" not in workers(path)
        assert not (path.with_name(f"{path.name}.workers") / "dead").exists()


async def test_rescued_jobs_run_again_with_a_new_attempt(
    repository: JobRepository, path: Path, registry: JobRegistry
) -> None:
    await orphan(repository)
    async with queue_on(path, registry) as queue:
        job = await queue.wait("a", timeout=10)
    assert (job.status, job.attempt, job.failures) == (Status.COMPLETED, 2, 0)


async def test_what_must_not_run_twice_fails_although_its_rescuer_did_not_know_its_type(
    repository: JobRepository, path: Path
) -> None:
    ran: list[str] = []
    await orphan(repository)
    async with queue_on(path, JobRegistry()):
        assert query(path, "SELECT status, orphans FROM dayjob_job") == [("pending", 1)]

    async def note(job_id: str) -> None:
        ran.append(job_id)

    knowing = JobRegistry()
    knowing.register("copy", note, on_orphan="fail")
    async with queue_on(path, knowing) as queue:
        job = await queue.wait("a", timeout=10)
    assert (job.status, job.error, ran) == (Status.FAILED, "The process that ran the job died.", [])


async def test_starts_at_the_same_time_rescue_once(
    repository: JobRepository, path: Path, registry: JobRegistry
) -> None:
    for n in range(20):
        await orphan(repository, f"j{n}")
    queues = [queue_on(path, registry, max_workers=0) for _ in range(4)]
    await asyncio.gather(*(queue.start() for queue in queues))
    assert query(path, "SELECT DISTINCT status, attempt, orphans FROM dayjob_job") == [("pending", 1, 1)]
    for queue in queues:
        await queue.stop()


async def test_a_process_without_a_lock_on_another_host_is_dead_when_its_beats_stop(
    repository: JobRepository, path: Path, registry: JobRegistry
) -> None:
    await orphan(repository, host="another host")
    async with queue_on(path, registry) as queue:
        assert (await queue.wait("a", timeout=10)).attempt == 2
    assert "dead" not in workers(path)


async def test_a_process_that_beats_is_left_alone(
    repository: JobRepository, path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if it beats more slowly than the observer looks."""
    monkeypatch.setattr(processes, "DEAD_AFTER", 3.0)
    await orphan(repository, host="another host")
    async with queue_on(path, registry) as queue:
        (me,) = workers(path) - {"dead"}
        ours = query(path, "SELECT beat FROM dayjob_worker WHERE id = ?", me)[0][0]
        while query(path, "SELECT beat FROM dayjob_worker WHERE id = ?", me)[0][0] < ours + 15:
            repository.beat("dead", None)
            await asyncio.sleep(0.35)
        job = await queue.get_job_status("a")
        assert job is not None
        assert (job.status, job.attempt) == (Status.RUNNING, 1)


async def test_a_living_process_rescues_what_a_killed_one_held(path: Path, tmp_path: Path) -> None:
    ledger = tmp_path / "ledger"
    child = await Child(path, ledger, beat=0.1).ready()
    registry = JobRegistry()
    registry.register("hold", done)
    try:
        async with queue_on(path, registry, max_workers=0) as front:
            job_id = await front.enqueue("hold")
            await eventually(lambda: read_ledger(ledger))
            child.kill()
            await eventually(lambda: query(path, "SELECT status, orphans FROM dayjob_job") == [("pending", 1)])
        async with queue_on(path, registry) as queue:
            assert (await queue.result(job_id, timeout=10)) == "done"
    finally:
        child.kill()


async def test_jobs_of_a_killed_process_run_again_within_a_second_in_another_one(path: Path, tmp_path: Path) -> None:
    ledger, registry = tmp_path / "ledger", JobRegistry()
    again: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    registry.register("hold", lambda: again.get_loop().call_soon_threadsafe(again.set_result, time.monotonic()))
    child = await Child(path, ledger).ready()
    try:
        async with queue_on(path, registry, max_workers=0) as front:
            await front.enqueue("hold")
            await eventually(lambda: read_ledger(ledger))
        async with queue_on(path, registry) as queue:
            assert queue._engine is not None
            rescuer = queue._engine.rescuer
            await eventually(lambda: rescuer._neighbours)
            killed = time.monotonic()
            child.kill()
            assert await asyncio.wait_for(again, 30) - killed < 1.0
    finally:
        child.kill()


async def test_a_process_that_froze_loses_its_job_and_changes_nothing_when_it_wakes_up(
    path: Path, tmp_path: Path
) -> None:
    ledger = tmp_path / "ledger"
    child = await Child(path, ledger, beat=0.1).ready()
    registry = JobRegistry()
    registry.register("hold", done)
    try:
        async with queue_on(path, registry, max_workers=0) as front:
            job_id = await front.enqueue("hold")
            await eventually(lambda: read_ledger(ledger))
            child.signal(signal.SIGSTOP)
            async with queue_on(path, registry) as queue:
                job = await queue.wait(job_id, timeout=15)
                assert (job.result, job.attempt) == ("done", 2)
            child.signal(signal.SIGCONT)
            await eventually(lambda: any(line.what == "stopped-lease_lost" for line in read_ledger(ledger)))
            assert await front.get_job_status(job_id) == job
            # It is registered again, works, and would be found if it died.
            second = await front.enqueue("hold")
            await eventually(lambda: any(line.job_id == second for line in read_ledger(ledger)))
            assert begun_twice(read_ledger(ledger)) == []
            child.kill()
            await eventually(
                lambda: query(path, "SELECT status FROM dayjob_job WHERE id = ?", second) == [("pending",)]
            )
    finally:
        child.kill()


async def test_a_process_that_is_back_is_not_taken_for_the_one_that_stood_still(
    path: Path, registry: JobRegistry
) -> None:
    """Whoever saw its counter stand still at a number must not see the same number again."""
    async with queue_on(path, registry):
        (before,) = query(path, "SELECT beat FROM dayjob_worker")
        query(path, "DELETE FROM dayjob_worker")  # as another process does that takes it for dead
        await eventually(lambda: query(path, "SELECT beat FROM dayjob_worker"))
        (after,) = query(path, "SELECT beat FROM dayjob_worker")
        assert after[0] > before[0] + 1000


@pytest.mark.parametrize("stale", [{"worker": "v"}, {"attempt": 7}])
async def test_a_stale_worker_changes_nothing(repository: JobRepository, stale: dict[str, Any]) -> None:
    await orphan(repository, worker="w")
    (held,) = await repository.list_running_of("w")
    zombie = replace(held, **stale)
    before = await repository.get_job("a")
    assert not await repository.settle(zombie, Transition(Event.COMPLETE, Status.COMPLETED, 1), AttemptReport())
    assert not await repository.save_progress(zombie, AttemptReport(1, Progress(1, 2)))
    assert await repository.get_job("a") == before


async def test_a_job_under_which_processes_die_is_given_up_after_three(
    repository: JobRepository, path: Path, registry: JobRegistry
) -> None:
    await repository.create_job(new_job("a"))
    for death in range(1, MAX_ORPHANS + 1):
        await die(repository, f"dead {death}")
        assert (await repository.claim(f"dead {death}", ["copy"], 1)).jobs
        async with queue_on(path, registry, max_workers=0):
            expected = "failed" if death == MAX_ORPHANS else "pending"
            assert query(path, "SELECT status, orphans, failures FROM dayjob_job") == [(expected, death, 0)]


async def test_a_type_that_must_not_run_twice_fails_instead(repository: JobRepository, path: Path) -> None:
    careful = JobRegistry()
    careful.register("copy", done, on_orphan="fail", max_attempts=5)
    await orphan(repository)
    async with queue_on(path, careful) as queue:
        job = await queue.wait("a", timeout=10)
    assert (job.status, job.attempt, job.error) == (Status.FAILED, 1, "The process that ran the job died.")


async def test_a_cancel_of_an_orphan_is_obeyed_at_its_rescue(
    repository: JobRepository, path: Path, registry: JobRegistry
) -> None:
    await orphan(repository)
    await repository.request_cancel("a")
    async with queue_on(path, registry) as queue:
        job = await queue.wait("a", timeout=10)
    assert (job.status, job.attempt) == (Status.CANCELLED, 1)


async def test_orphans_of_a_type_that_this_process_does_not_know_are_rescued_too(
    repository: JobRepository, path: Path
) -> None:
    await orphan(repository)
    async with queue_on(path, JobRegistry()):
        assert query(path, "SELECT status FROM dayjob_job") == [("pending",)]


async def test_a_cancel_that_only_the_database_knows_is_obeyed(path: Path, registry: JobRegistry) -> None:
    began = asyncio.Event()

    async def endless(job_id: str) -> None:
        began.set()
        await asyncio.Event().wait()

    registry.register("endless", endless)
    async with queue_on(path, registry) as queue:
        job_id = await queue.enqueue("endless")
        await asyncio.wait_for(began.wait(), 10)
        # Once the start is stored, this process writes nothing about the job; and what does not come through the
        # library has no change number, so that no wake-up tells of it. Only the beat can.
        await eventually(lambda: query(path, "SELECT started_at FROM dayjob_job") != [(None,)])
        query(path, "UPDATE dayjob_job SET cancel_requested_at = 1 WHERE id = ?", job_id)
        assert (await queue.wait(job_id, timeout=10)).status is Status.CANCELLED


async def test_a_cancel_from_another_process_needs_no_beat(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "BEAT_EVERY", 3600.0)
    began = asyncio.Event()

    async def endless(job_id: str) -> None:
        began.set()
        await asyncio.Event().wait()

    registry.register("endless", endless)
    async with queue_on(path, registry) as queue, queue_on(path, registry, max_workers=0) as front:
        job_id = await queue.enqueue("endless")
        await asyncio.wait_for(began.wait(), 10)
        assert await front.cancel_job(job_id)
        assert (await queue.wait(job_id, timeout=10)).status is Status.CANCELLED


async def test_a_job_that_runs_here_only_by_the_database_is_rescued(path: Path, registry: JobRegistry) -> None:
    async with queue_on(path, registry) as queue:
        (me,) = workers(path)
        query(path, _RUNNING, me)
        job = await queue.wait("a", timeout=10)
    assert (job.status, job.attempt) == (Status.COMPLETED, 2)


async def test_a_job_that_a_stopping_process_did_not_know_of_is_found_at_the_next_start(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The answer to a claim was lost, and the stop came before the next beat."""
    monkeypatch.setattr(processes, "BEAT_EVERY", 60)
    monkeypatch.setattr(processes, "DEAD_AFTER", 180)
    async with queue_on(path, registry, max_workers=0):
        (me,) = workers(path)
        query(path, _RUNNING, me)
    async with queue_on(path, registry, max_workers=0):
        assert query(path, "SELECT status, orphans FROM dayjob_job") == [("pending", 1)]
        assert me not in workers(path)


async def test_nobody_is_reaped_for_what_happened_during_another_reaping(
    repository: JobRepository, path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes long, on a slow disk with many jobs, and all the while this process hears of no beat."""
    reaped: list[str] = []
    async with queue_on(path, registry, max_workers=0) as queue:
        rescuer = queue._get_engine().rescuer
        await rescuer.stop()
        workers_of_old = [worker_row(name, "another host") for name in ("first", "second")]

        async def reap(worker: WorkerRow) -> None:
            reaped.append(worker.id)
            monkeypatch.setattr(processes, "DEAD_AFTER", 0)  # much time passes

        monkeypatch.setattr(rescuer, "_reap", reap)
        rescuer._seen = {"first": (0, -1e9), "second": (0, time.monotonic())}
        rescuer._watching_since = -1e9
        monkeypatch.setattr(processes, "DEAD_AFTER", 60)
        rescuer._unjudged = workers_of_old
        await rescuer.step()
    assert reaped == ["first"]


async def test_jobs_that_could_not_be_settled_at_stop_are_found_at_the_next_start(
    path: Path, registry: JobRegistry, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = asyncio.Event()

    async def endless(job_id: str) -> None:
        began.set()
        await asyncio.Event().wait()

    registry.register("endless", endless)
    queue = queue_on(path, registry)
    await queue.start()
    job_id = await queue.enqueue("endless")
    await asyncio.wait_for(began.wait(), 10)
    forever: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(JobRepository, "settle_all", lambda *_args: forever)
    await queue.stop(grace=0.1)
    monkeypatch.undo()
    assert query(path, "SELECT status FROM dayjob_job") == [("running",)]
    async with queue_on(path, JobRegistry(), max_workers=0):
        assert query(path, "SELECT status, orphans FROM dayjob_job WHERE id = ?", job_id) == [("pending", 1)]
