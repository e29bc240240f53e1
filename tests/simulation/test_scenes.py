"""Single scenes in virtual time: what the seeds only meet by chance."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.simulation.audit import Job
from tests.simulation.store import Rates
from tests.simulation.world import Process, World

from dayjob.errors import StorageError


@pytest.fixture
def world() -> Iterator[World]:
    made = World(1)
    yield made
    made.close()


def started(world: World, machine: str = "a") -> Process:
    process = world.start_process(machine)
    assert world.run(10.0, lambda: process.started)
    return process


def add(world: World, process: Process, kind: str, **options: Any) -> Job:
    token = world.next_token()
    world.audit.asks(token)
    task = process.spawn(process.queue.enqueue(kind, job_args={"token": token}, **options))
    assert world.run(10.0, task.done)
    return world.audit.jobs[task.result()]


def status(world: World, job: Job) -> tuple[str, int, int, int]:
    now = world.audit.jobs[job.id]
    return now.status, now.attempt, now.failures, now.orphans


def ends(world: World, job: Job, within: float = 60.0) -> bool:
    return world.run(within, lambda: job.status in ("completed", "failed", "cancelled"))


def test_nobody_hears_of_what_is_not_committed(world: World) -> None:
    process = started(world)
    process.queue.bus.listen(world.audit.told)
    world.rates = Rates({"slow commit": 0.5, "failed commit": 0.2})
    answered = 0
    for _ in range(20):
        token = world.next_token()
        world.audit.asks(token)
        task = process.spawn(process.queue.enqueue("quick", job_args={"token": token}))
        assert world.run(60.0, task.done)
        if task.exception() is None:
            answered += 1
            assert world.audit.stored.get(token) == task.result(), "it was accepted before it was stored"
        else:
            assert isinstance(task.exception(), StorageError)
    assert 5 < answered < 20


def test_a_zombie_changes_nothing(world: World) -> None:
    one = started(world)
    job = add(world, one, "resuming")
    assert world.run(10.0, lambda: job.status == "running")
    world.run(1.0)
    world.pause(one)
    two = started(world)
    assert world.run(20.0, lambda: job.attempt == 2)
    world.resume(one)
    assert ends(world, job)
    runs = world.audit.runs
    assert (runs[job.id, 1].host, runs[job.id, 1].how) == (one, "stopped")
    assert runs[job.id, 2].host is two  # its handler may raise by chance: a third attempt is anybody's
    world.run(5.0)
    assert one.queue._get_engine().executions.fenced >= 1
    assert not one.queue._get_engine().executions.running


def test_a_crash_on_another_machine_is_noticed_by_beats(world: World) -> None:
    one = started(world, "a")
    two = started(world, "b")
    job = add(world, one, "held")
    assert world.run(10.0, lambda: (job.id, 1) in world.audit.runs)
    world.crash(world.audit.runs[job.id, 1].host)
    began = world.scheduler.now
    assert world.run(30.0, lambda: job.attempt == 2)
    assert 5.0 < world.scheduler.now - began < 10.0
    assert {one.dead, two.dead} == {True, False}


def test_cancelled_jobs_leave_the_workers_at_work(world: World) -> None:
    process = started(world)
    for _ in range(20):
        job = add(world, process, "held")
        assert world.run(10.0, lambda job=job: (job.id, 1) in world.audit.runs), "no worker is left"
        process.spawn(process.queue.cancel_job(job.id))
        assert ends(world, job)
        assert status(world, job) == ("cancelled", 1, 0, 0)


@pytest.mark.parametrize("kind", ["odd", "failing for good"])
def test_whatever_is_raised_ends_the_job(world: World, kind: str) -> None:
    process = started(world)
    job = add(world, process, kind.replace(" ", "_"))
    assert ends(world, job)
    assert status(world, job) == ("failed", 1, 1, 0)


def test_a_handler_that_blocks_the_loop_loses_nothing(world: World) -> None:
    started(world, "a")
    process = started(world, "b")
    job = add(world, process, "quick")
    assert ends(world, job)
    blocked = add(world, process, "blocking_long")
    assert ends(world, blocked)
    assert status(world, blocked) == ("completed", 1, 0, 0)


@pytest.mark.parametrize("seconds", [3600.0, -3600.0])
def test_a_jump_of_the_clock_takes_nothing_from_anybody(world: World, seconds: float) -> None:
    one, two = started(world, "a"), started(world, "b")
    jobs = [add(world, process, "held") for process in (one, two)]
    assert world.run(10.0, lambda: all(job.status == "running" for job in jobs))
    world.run(5.0)
    world.pause(one)  # for less than it takes to be called dead: others see the same beat before and after
    world.run(2.5)
    world.jump(seconds)
    world.run(2.0)
    world.resume(one)
    world.run(20.0)
    assert [status(world, job) for job in jobs] == [("running", 1, 0, 0)] * 2


def test_a_cancel_that_meets_the_release_of_its_job_holds(world: World) -> None:
    """The cancel is stored while the process gives its job back: whoever claims it next must not start it."""
    one = started(world)
    job = add(world, one, "held")
    assert world.run(10.0, lambda: (job.id, 1) in world.audit.runs)
    world.pause(one)  # so that it cannot obey before it is away
    two = started(world)
    two.spawn(two.queue.cancel_job(job.id))
    world.run(1.0)
    assert ends(world, job)
    assert job.status == "cancelled"
    assert (job.id, 2) not in world.audit.runs


def waiting(world: World, process: Process) -> Job:
    """A parent whose attempt ended because some of its children have not."""
    parent = add(world, process, "family")
    assert world.run(30.0, lambda: parent.waits_for is not None)
    assert parent.status == "pending"
    return parent


@pytest.mark.parametrize("kind", ["family", "family_in_thread"])
def test_a_parent_waits_for_exactly_its_children(world: World, kind: str) -> None:
    """What exactly means is looked at by the audit, after each commit."""
    process = started(world)
    parents = [add(world, process, kind) for _ in range(6)]
    for parent in parents:
        assert ends(world, parent, 120.0), f"{parent} was not called again"
        assert parent.status == "completed"
        assert {child.status for child in parent.children} <= {"completed", "failed"}
        assert len(parent.children) == 1 + parent.token % 3
    assert world.cells["wait", "any"] >= len(parents)


def test_a_cancel_reaches_a_family_that_waits(world: World) -> None:
    process = started(world)
    parent = waiting(world, process)
    left = [child for child in parent.children if child.status in ("pending", "running")]
    process.spawn(process.queue.cancel_job(parent.id))
    for member in (parent, *left):
        assert ends(world, member)
    assert parent.status == "cancelled"
    assert all(member.to_cancel for member in left)


def test_a_family_outlives_its_process(world: World) -> None:
    one = started(world)
    parents = [waiting(world, one) for _ in range(2)]
    world.crash(one)
    waits = [parent.waits_for for parent in parents]
    assert any(waits)
    started(world)
    for parent in parents:
        assert ends(world, parent, 120.0)
        assert parent.status == "completed"
        assert len(parent.children) == 1 + parent.token % 3
