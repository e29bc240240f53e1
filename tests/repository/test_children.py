"""Children in the database: who may add one, when a parent is ready, whom a cancel reaches, what is kept."""

from __future__ import annotations

from typing import Any

import pytest
from tests.support import new_job

from dayjob import InvalidArguments, Status, StopReason
from dayjob.errors import JobExists
from dayjob.models import AttemptReport, Ended, JobDefinition, Transition
from dayjob.repository import Accepted, JobRepository, now_micros
from dayjob.states import Event, next_status

TYPES = ["parent", "child"]
LATER = 2**62


async def claimed(repository: JobRepository, limit: int = 1) -> list[JobDefinition]:
    return (await repository.claim("w", TYPES, limit)).jobs


async def running_parent(repository: JobRepository, job_id: str = "p") -> JobDefinition:
    await repository.create_job(new_job(job_id, "parent"))
    (parent,) = await claimed(repository)
    return parent


async def add(repository: JobRepository, parent: JobDefinition, job_id: str, **values: Any) -> Accepted:
    stored = await repository.create_child(parent, new_job(job_id, "child", parent_id=parent.id, **values))
    assert isinstance(stored, Accepted)
    return stored


async def end(repository: JobRepository, job: JobDefinition, event: Event, **values: Any) -> bool:
    now, status = now_micros(), next_status(Status.RUNNING, event)
    due = now if status is Status.PENDING else None
    return await repository.settle(job, Transition(event, status, now, run_at=due, **values), AttemptReport())


async def wait_for(repository: JobRepository, parent: JobDefinition, *children: str) -> bool:
    return await end(repository, parent, Event.WAIT, children=children)


async def seen(repository: JobRepository, job_id: str) -> tuple[Status, int | None]:
    job = await repository.get_job(job_id)
    assert job is not None
    return job.status, job.waits_for


async def test_a_parent_is_ready_when_the_last_of_its_children_ended(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    for name in ("a", "b", "c"):
        assert (await add(repository, parent, name)).created
    assert await wait_for(repository, parent, "a", "b")
    assert await seen(repository, "p") == (Status.PENDING, 2)
    a, b, c = await claimed(repository, 10)
    assert (a.id, b.id, c.id) == ("a", "b", "c")  # and not the parent, which was there first
    assert await end(repository, c, Event.COMPLETE)  # which nobody waits for
    assert await seen(repository, "p") == (Status.PENDING, 2)
    assert await end(repository, a, Event.COMPLETE, result="1")
    assert await seen(repository, "p") == (Status.PENDING, 1)
    assert await end(repository, b, Event.FAIL, error="no")
    assert await seen(repository, "p") == (Status.PENDING, None)
    (again,) = await claimed(repository, 10)
    assert (again.id, again.attempt) == ("p", 2)
    ended = [Ended("b", "failed", None, "no"), Ended("a", "completed", "1", None)]
    assert await repository.read_children("p", ["b", "a"]) == ended


async def test_a_parent_of_ended_children_is_ready_at_once(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    (a,) = await claimed(repository)
    assert await end(repository, a, Event.COMPLETE)
    assert await wait_for(repository, parent, "a")
    assert await seen(repository, "p") == (Status.PENDING, None)
    assert [job.id for job in await claimed(repository)] == ["p"]


async def test_a_child_that_is_pending_again_has_not_ended(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    await wait_for(repository, parent, "a")
    for event in (Event.RETRY, Event.RELEASE):
        (a,) = await claimed(repository)
        assert await end(repository, a, event)
        assert await seen(repository, "p") == (Status.PENDING, 1)
    (a,) = await claimed(repository)
    await end(repository, a, Event.COMPLETE)
    assert await seen(repository, "p") == (Status.PENDING, None)


async def test_an_end_that_came_too_late_tells_nobody(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    await wait_for(repository, parent, "a")
    (a,) = await claimed(repository)
    await end(repository, a, Event.RELEASE)
    (again,) = await claimed(repository)
    assert not await end(repository, a, Event.COMPLETE)  # the first attempt, once more
    assert await seen(repository, "p") == (Status.PENDING, 1)
    assert await end(repository, again, Event.COMPLETE)
    assert not await end(repository, again, Event.COMPLETE)
    assert await seen(repository, "p") == (Status.PENDING, None)


async def test_a_wait_that_came_too_late_is_dropped(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    await end(repository, parent, Event.RELEASE)
    await claimed(repository, 10)
    assert not await wait_for(repository, parent, "a")
    assert await seen(repository, "p") == (Status.RUNNING, None)


async def test_only_the_running_attempt_adds_children(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await end(repository, parent, Event.RELEASE)
    new = new_job("a", "child", parent_id="p")
    assert await repository.create_child(parent, new) is StopReason.LEASE_LOST
    (again,) = await claimed(repository)
    assert await repository.create_child(parent, new) is StopReason.LEASE_LOST
    await repository.request_cancel("p")
    assert await repository.create_child(again, new) is StopReason.CANCELLED
    assert await repository.get_job("a") is None


async def test_the_same_child_again_is_the_one_that_is_there(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    assert (await add(repository, parent, "a", args='{"n":1,"m":2}')).created
    assert not (await add(repository, parent, "a", args='{"m":2,"n":1}')).created
    with pytest.raises(JobExists, match="other arguments"):
        await add(repository, parent, "a", args='{"n":2}')
    await repository.create_job(new_job("other", "child", unique_key="child k"))
    with pytest.raises(JobExists, match="unique key"):
        await add(repository, parent, "b", unique_key="child k")


async def test_children_of_others_cannot_be_read(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    await repository.create_job(new_job("stranger"))
    for ids in (["stranger"], ["a", "nobody"]):
        with pytest.raises(InvalidArguments, match="Only children"):
            await repository.read_children("p", ids)
    assert await repository.read_children("p", ["a", "a"]) is None
    assert await repository.read_children("p", []) == []


async def test_a_cancel_reaches_what_has_not_ended_and_nobody_else(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    for name in ("done", "waiting", "later", "busy"):
        await add(repository, parent, name, delay=3600 if name == "later" else 0)
    await repository.create_job(new_job("stranger", "child"))
    done, waiting = await claimed(repository, 2)
    await add(repository, done, "of the done")
    await add(repository, waiting, "grandchild")
    await end(repository, done, Event.COMPLETE)
    await wait_for(repository, waiting, "grandchild")
    (busy,) = await claimed(repository)
    await wait_for(repository, parent, "waiting", "busy", "later")
    told = await repository.request_cancel("p")
    assert told is not None
    assert (told.status, told.waits_for) == (Status.CANCELLED, None)
    found = {job.id: job.status for job in (await repository.list_jobs(limit=100)).items}
    assert found == {
        "p": Status.CANCELLED,
        "done": Status.COMPLETED,
        "waiting": Status.CANCELLED,
        "later": Status.CANCELLED,
        "busy": Status.RUNNING,
        "stranger": Status.PENDING,
        "of the done": Status.CANCELLED,
        "grandchild": Status.CANCELLED,
    }
    asked = await repository.get_job("busy")
    assert asked is not None
    assert asked.cancel_requested_at is not None
    assert await end(repository, busy, Event.CANCEL)
    assert await repository.request_cancel("nobody") is None


async def test_a_cancel_of_an_ended_parent_reaches_nobody(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    await end(repository, parent, Event.COMPLETE)
    told = await repository.request_cancel("p")
    assert told is not None
    assert told.status is Status.COMPLETED
    assert (await seen(repository, "a"))[0] is Status.PENDING


async def test_the_cancel_of_a_child_counts_as_its_end(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    for name in ("a", "b"):
        await add(repository, parent, name)
    await wait_for(repository, parent, "a", "b")
    await repository.request_cancel("a")
    assert await seen(repository, "p") == (Status.PENDING, 1)
    await repository.request_cancel("b")
    assert await seen(repository, "p") == (Status.PENDING, None)


async def test_a_parent_that_is_to_be_cancelled_does_not_wait(repository: JobRepository) -> None:
    """Another process asked, and this one had not heard of it when the attempt ended."""
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    (a,) = await claimed(repository)
    await repository.request_cancel("p")
    await wait_for(repository, parent, "a")
    assert (await repository.get_job("p")).status is Status.CANCELLED
    assert (await repository.get_job("a")).cancel_requested_at is not None
    await end(repository, a, Event.CANCEL)


@pytest.mark.parametrize("waits", [False, True], ids=["runs", "waits"])
async def test_children_of_a_parent_that_may_ask_for_them_are_kept(repository: JobRepository, waits: bool) -> None:
    parent = await running_parent(repository)
    await add(repository, parent, "a")
    await repository.create_job(new_job("stranger", "child"))
    for job in await claimed(repository, 2):
        await end(repository, job, Event.COMPLETE)
    await add(repository, parent, "b")
    if waits:
        await wait_for(repository, parent, "a", "b")
    assert await repository.count_prunable(Status.COMPLETED, LATER, 100) == 1
    assert await repository.prune(Status.COMPLETED, LATER, 0, 100) == 1
    assert await repository.get_job("a") is not None
    for job in [*await claimed(repository), *([] if waits else [parent])]:
        await end(repository, job, Event.COMPLETE)
    for job in await claimed(repository):
        await end(repository, job, Event.COMPLETE)
    assert await repository.count_prunable(Status.COMPLETED, LATER, 100) == 3
    assert await repository.prune(Status.COMPLETED, LATER, 0, 100) == 3


async def test_children_are_listed_by_parent_status_and_type(repository: JobRepository) -> None:
    parent = await running_parent(repository)
    for number in range(5):
        await add(repository, parent, f"a{number}")
    await repository.create_child(parent, new_job("b", "copy", parent_id="p"))
    (a0,) = await claimed(repository)
    page = await repository.list_jobs(parent="p", limit=4)
    assert [job.id for job in page.items] == ["b", "a4", "a3", "a2"]
    assert page.next is not None
    assert [job.id for job in (await repository.list_jobs(parent="p", before=page.next)).items] == ["a1", "a0"]
    assert [job.id for job in (await repository.list_jobs([Status.RUNNING], parent="p")).items] == [a0.id]
    assert [job.id for job in (await repository.list_jobs(types=["copy"], parent="p")).items] == ["b"]
    assert (await repository.list_jobs(parent="a0")).items == []
