"""What a queue expects of any database: one suite, run on each."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import Any

import pytest
from tests.repository.conftest import Storage
from tests.support import new_job, worker_row

from dayjob import JobStatus, Status
from dayjob.errors import IllegalTransition, JobExists, JobNotFound
from dayjob.models import AttemptReport, JobDefinition, Transition
from dayjob.repository import HeartbeatReply, JobRepository, JobRow, now_micros, to_datetime, to_micros
from dayjob.states import next_status
from dayjob.types import Event, Progress

ENDS = [Event.COMPLETE, Event.FAIL, Event.CANCEL, Event.RETRY, Event.RELEASE]


def end(event: Event, **values: Any) -> Transition:
    return Transition(event, next_status(Status.RUNNING, event), now_micros(), **values)


async def claim(repository: JobRepository, worker: str = "w", limit: int = 10) -> list[JobDefinition]:
    return (await repository.claim(worker, ["copy", "move"], limit)).jobs


async def running(repository: JobRepository, job_id: str = "a", **values: Any) -> JobDefinition:
    """A new job, as a running attempt of ``w``."""
    await repository.create_job(new_job(job_id, **values))
    (job,) = await claim(repository)
    return job


async def read(repository: JobRepository, job_id: str) -> JobStatus:
    found = await repository.get_job(job_id)
    assert found is not None
    return found


async def ids(repository: JobRepository, **filters: Any) -> list[str]:
    return [job.id for job in (await repository.list_jobs(**filters)).items]


# --- create ---


async def test_a_created_job_is_pending_and_has_what_was_given(repository: JobRepository) -> None:
    row, created = await repository.create_job(new_job("a", args='{"n":[1,"ä"]}', priority=5, max_attempts=3))
    job = await read(repository, "a")
    assert created
    assert row.status_of_job() == job
    assert (job.status, job.args, job.priority, job.max_attempts) == (Status.PENDING, {"n": [1, "ä"]}, 5, 3)
    assert (job.attempt, job.progress, job.result, job.error, job.started_at) == (0, 0, None, None, None)


async def test_a_second_job_with_an_id_is_not_created_and_the_first_is_told(repository: JobRepository) -> None:
    await repository.create_job(new_job("a", args='{"n":1}'))
    row, created = await repository.create_job(new_job("a", args='{"n":2}'))
    assert (created, row.args) == (False, '{"n":1}')


async def test_a_unique_key_allows_one_active_job(repository: JobRepository) -> None:
    await repository.create_job(new_job("a", unique_key="k"))
    row, created = await repository.create_job(new_job("b", unique_key="k"))
    assert (row.id, created) == ("a", False)
    assert await repository.get_job("b") is None
    (job,) = await claim(repository)
    assert (await repository.create_job(new_job("b", unique_key="k")))[0].id == "a"  # running is active too
    await repository.settle(job, end(Event.COMPLETE), AttemptReport())
    assert (await repository.create_job(new_job("b", unique_key="k")))[1]


async def test_a_hundred_creates_at_once_of_one_unique_key_make_one_job(repository: JobRepository) -> None:
    made = await asyncio.gather(*(repository.create_job(new_job(f"j{n}", unique_key="k")) for n in range(100)))
    assert sum(created for _, created in made) == 1
    assert len({row.id for row, _ in made}) == 1


async def test_a_unique_key_is_its_owners(repository: JobRepository) -> None:
    owners = [None, "ann", "bob", "ann", None, "bob"]
    made = [await repository.create_job(new_job(f"j{n}", unique_key="k", owner=own)) for n, own in enumerate(owners)]
    assert [(row.id, row.owner, created) for row, created in made] == [
        ("j0", None, True),
        ("j1", "ann", True),
        ("j2", "bob", True),
        ("j1", "ann", False),
        ("j0", None, False),
        ("j2", "bob", False),
    ]


async def test_an_id_that_another_owner_has_is_refused_and_gives_nothing_away(repository: JobRepository) -> None:
    await repository.add_job(new_job("a", owner="ann", args='{"n":1}'))
    for other in ("bob", None):
        for adding in (
            repository.add_job(new_job("a", owner=other, args='{"n":1}')),
            repository.create_jobs([new_job("b"), new_job("a", owner=other, args='{"n":1}')]),
        ):
            with pytest.raises(JobExists) as refused:
                await adding
            assert "ann" not in str(refused.value)
    again = await repository.add_job(new_job("a", owner="ann", args='{"n":1}'))
    assert (again.job_id, again.created) == ("a", False)
    assert await ids(repository) == ["a"]


async def test_the_lists_and_numbers_of_an_owner_are_those_of_its_jobs(repository: JobRepository) -> None:
    chance = random.Random(7)
    for n in range(120):
        owner = chance.choice([None, "ann", "bob", "Ann", "ann "])
        await repository.create_job(new_job(f"j{n}", chance.choice(["copy", "move"]), owner=owner))
        if n % 3 == 0:
            for job in await claim(repository, limit=1):
                await repository.settle(job, end(chance.choice(ENDS), run_at=now_micros()), AttemptReport())
    everything = (await repository.list_jobs(limit=1000)).items
    for owner in ("ann", "bob", "carl"):
        own = [job for job in everything if job.owner == owner]
        found = await repository.count_jobs(owner)
        assert found == {status: sum(job.status is status for job in own) for status in Status}
        ended = await repository.count_ended(0, owner)
        assert sum(each.jobs for each in ended) == sum(job.finished for job in own)
        for statuses in ([], [Status.PENDING], [Status.FAILED, Status.COMPLETED, Status.FAILED]):
            for types in ([], ["move"], ["copy", "move", "copy"]):
                wanted = [job for job in own if job.status in (statuses or Status) and job.type in (types or job.type)]
                seen: list[JobStatus] = []
                before: int | None = None
                while True:
                    page = await repository.list_jobs(statuses, types, 7, before, owner=owner)
                    seen, before = seen + page.items, page.next
                    if before is None:
                        break
                    assert len(page.items) == 7
                assert seen == wanted, (owner, statuses, types)


async def test_an_unknown_job_is_none(repository: JobRepository) -> None:
    assert await repository.get_job("nope") is None


# --- claim ---


async def test_claims_go_by_priority_and_then_by_order_of_arrival(repository: JobRepository) -> None:
    for job_id, priority in (("a", 0), ("b", 5), ("c", -5), ("d", 5), ("e", 0)):
        await repository.create_job(new_job(job_id, priority=priority))
    assert [job.id for job in await claim(repository)] == ["b", "d", "a", "e", "c"]


async def test_a_claim_takes_no_more_than_its_limit_and_no_job_twice(repository: JobRepository) -> None:
    for n in range(5):
        await repository.create_job(new_job(f"j{n}"))
    assert [job.id for job in await claim(repository, "w", 2)] == ["j0", "j1"]
    assert [job.id for job in await claim(repository, "v", 10)] == ["j2", "j3", "j4"]
    assert await claim(repository) == []


async def test_claims_at_the_same_time_share_the_jobs_out(repository: JobRepository) -> None:
    await asyncio.gather(*(repository.create_job(new_job(f"j{n}")) for n in range(50)))
    claims = await asyncio.gather(*(claim(repository, worker, 10) for worker in "wvwvwvwv"))
    claimed = [job.id for jobs in claims for job in jobs]
    assert len(claimed) == len(set(claimed)) == 50


async def test_a_claim_makes_a_running_attempt_of_the_worker(repository: JobRepository) -> None:
    job = await running(repository)
    stored = await read(repository, "a")
    assert (stored.status, stored.worker, stored.attempt) == (Status.RUNNING, "w", 1)
    assert (job.worker, job.attempt, job.cancel_requested, job.rev) == ("w", 1, False, stored.rev)
    assert stored.started_at is None  # claimed is not started


async def test_unknown_types_stay_pending(repository: JobRepository) -> None:
    await repository.create_job(new_job("a", "who_knows"))
    assert await claim(repository) == []
    assert (await read(repository, "a")).status is Status.PENDING


async def test_a_job_waits_for_its_time_and_the_claim_tells_it(repository: JobRepository) -> None:
    later = new_job("later", delay=3600)
    await repository.create_job(later)
    await repository.create_job(new_job("latest", delay=7200))
    answer = await repository.claim("w", ["copy"], 10)
    assert (answer.jobs, answer.next_run_at) == ([], later.run_at)


async def test_a_job_whose_time_came_is_claimed(repository: JobRepository) -> None:
    now = now_micros()
    await repository.create_job(new_job("a")._replace(created_at=now - 2_000_000, run_at=now - 1_000_000))
    assert [job.id for job in await claim(repository)] == ["a"]


async def test_a_process_that_was_buried_claims_nothing(repository: JobRepository) -> None:
    # It froze and was taken for dead. Nobody would find jobs that it claimed now, should it die.
    await repository.create_job(new_job("a"))
    await repository.remove_worker("w")
    assert await claim(repository) == []
    await repository.register_worker(worker_row("w"))
    assert [job.id for job in await claim(repository)] == ["a"]


# --- settle ---


@pytest.mark.parametrize("event", ENDS)
async def test_an_attempt_ends_as_it_was_decided(repository: JobRepository, event: Event) -> None:
    job = await running(repository, max_attempts=3)
    run_at = now_micros() if event in (Event.RETRY, Event.RELEASE) else None
    ending = end(event, result='{"n":1}', error="why", run_at=run_at, failures=1, orphans=2)
    assert await repository.settle(job, ending, AttemptReport(now_micros(), Progress(3, 10, "third")))
    stored = await read(repository, "a")
    assert (stored.status, stored.result, stored.error) == (ending.status, {"n": 1}, "why")
    assert (stored.failures, stored.processed_items, stored.total_items, stored.message) == (1, 3, 10, "third")
    assert stored.progress == (100 if event is Event.COMPLETE else 30)
    assert (stored.completed_at is not None) == stored.finished
    assert stored.started_at is not None


@pytest.mark.parametrize("stale", [{"worker": "v"}, {"attempt": 2}, {"attempt": 0}, {"worker": ""}, {"id": "b"}])
@pytest.mark.parametrize("event", ENDS)
async def test_who_has_no_right_to_a_job_changes_nothing(
    repository: JobRepository, event: Event, stale: dict[str, Any]
) -> None:
    job = await running(repository)
    before = await read(repository, "a")
    assert not await repository.settle(replace(job, **stale), end(event, run_at=1), AttemptReport())
    assert not await repository.save_progress(replace(job, **stale), AttemptReport(1, Progress(5, 10)))
    assert not await repository.save_checkpoint(replace(job, **stale), AttemptReport(1, Progress(5, 10)), '"stale"')
    assert await read(repository, "a") == before


@pytest.mark.parametrize("meant_for", [-3600, 3600])  # seconds from now; later: the clock was put back meanwhile
async def test_what_is_interrupted_runs_again_at_once_and_keeps_the_time_it_was_meant_for(
    repository: JobRepository, storage: Storage, meant_for: int
) -> None:
    now = now_micros()
    new = new_job("a")._replace(run_at=now - 1)
    await repository.create_job(new)
    (job,) = await claim(repository)
    meant = now + meant_for * 1_000_000
    storage.rows("UPDATE dayjob_job SET run_at = ?", meant)
    await repository.settle(job, end(Event.RELEASE), AttemptReport())
    assert to_micros((await read(repository, "a")).run_at) == meant
    assert [job.attempt for job in await claim(repository)] == [2]


async def test_the_first_attempt_is_stale_when_the_second_runs(repository: JobRepository) -> None:
    first = await running(repository)
    await repository.settle(first, end(Event.RELEASE, run_at=now_micros()), AttemptReport())
    (second,) = await claim(repository)  # by the same process
    assert second.attempt == 2
    assert not await repository.settle(first, end(Event.COMPLETE, result='"old"'), AttemptReport())
    assert not await repository.save_progress(first, AttemptReport(1, Progress(5, 10)))
    assert await repository.settle(second, end(Event.COMPLETE, result='"new"'), AttemptReport())
    assert (await read(repository, "a")).result == "new"


async def test_an_end_is_written_once(repository: JobRepository) -> None:
    job = await running(repository)
    answers = await asyncio.gather(
        repository.settle(job, end(Event.COMPLETE), AttemptReport()),
        repository.settle(job, end(Event.FAIL), AttemptReport()),
    )
    assert answers == [True, False]
    assert (await read(repository, "a")).status is Status.COMPLETED


async def test_a_retry_later_is_not_claimed_now_and_keeps_its_place(repository: JobRepository) -> None:
    job = await running(repository)
    due = now_micros() + 3_600_000_000
    await repository.settle(job, end(Event.RETRY, run_at=due, failures=1), AttemptReport())
    assert (await repository.claim("w", ["copy"], 10)).next_run_at == due


async def test_a_new_attempt_begins_without_the_progress_and_error_of_the_last(repository: JobRepository) -> None:
    job = await running(repository)
    ending = end(Event.RETRY, run_at=now_micros(), error="why", failures=1)
    await repository.settle(job, ending, AttemptReport(1, Progress(5, 10, "five")))
    await claim(repository)
    stored = await read(repository, "a")
    assert (stored.processed_items, stored.total_items, stored.progress, stored.message) == (0, None, 0, None)
    assert (stored.error, stored.started_at, stored.failures) == (None, None, 1)


# --- cancel ---


async def test_a_pending_job_is_cancelled_at_once_and_never_claimed(repository: JobRepository) -> None:
    await repository.create_job(new_job("a"))
    await repository.create_job(new_job("later", delay=60))
    for job_id in ("a", "later"):
        job = await repository.request_cancel(job_id)
        assert job is not None
        assert (job.status, job.completed_at is not None) == (Status.CANCELLED, True)
    assert await claim(repository) == []


async def test_a_running_job_is_asked_and_keeps_the_time_of_the_first_request(repository: JobRepository) -> None:
    job = await running(repository)
    first = await repository.request_cancel("a")
    second = await repository.request_cancel("a")
    assert first is not None
    assert second is not None
    assert first.status is Status.RUNNING
    assert first.cancel_requested_at == second.cancel_requested_at is not None
    (known,) = await repository.list_running_of("w")
    assert (known.id, known.attempt, known.cancel_requested) == ("a", job.attempt, True)


@pytest.mark.parametrize("event", [Event.COMPLETE, Event.FAIL, Event.CANCEL])
async def test_a_finished_job_is_not_changed_by_a_cancel(repository: JobRepository, event: Event) -> None:
    await repository.settle(await running(repository), end(event), AttemptReport())
    before = await read(repository, "a")
    assert await repository.request_cancel("a") == before
    assert await read(repository, "a") == before


async def test_cancelling_an_unknown_job_is_none(repository: JobRepository) -> None:
    assert await repository.request_cancel("nope") is None


async def test_a_cancel_and_a_claim_at_once_never_both_win(repository: JobRepository) -> None:
    for n in range(30):
        await repository.create_job(new_job(f"j{n}"))
    cancels = [repository.request_cancel(f"j{n}") for n in range(0, 30, 2)]
    claims = [repository.claim("w", ["copy"], 1) for _ in range(30)]
    cancelled = {job.id for job in await asyncio.gather(*cancels) if job and job.status is Status.CANCELLED}
    claimed = {job.id for answer in await asyncio.gather(*claims) for job in answer.jobs}
    assert not cancelled & claimed
    assert len(cancelled | claimed) == 30


# --- progress ---


async def test_what_an_attempt_told_last_stands_together(repository: JobRepository) -> None:
    job = await running(repository)
    await repository.save_progress(job, AttemptReport(1, Progress(1000, 1000, "scene 1000", stage="Scenes")))
    await repository.settle(job, end(Event.COMPLETE), AttemptReport(1, Progress(3, None, stage="Clean-up")))
    stored = await read(repository, "a")
    assert (stored.stage, stored.processed_items, stored.total_items, stored.message) == ("Clean-up", 3, None, None)


async def test_progress_of_a_running_attempt_is_stored(repository: JobRepository) -> None:
    job = await running(repository)
    assert await repository.save_progress(job, AttemptReport(now_micros(), Progress(5, 10, "five")))
    stored = await read(repository, "a")
    assert (stored.progress, stored.processed_items, stored.total_items, stored.message) == (50, 5, 10, "five")
    assert stored.started_at is not None


async def test_stored_progress_is_100_only_when_completed(repository: JobRepository) -> None:
    job = await running(repository)
    await repository.save_progress(job, AttemptReport(1, Progress(10, 10)))
    assert (await read(repository, "a")).progress == 99
    await repository.settle(job, end(Event.FAIL, error="why"), AttemptReport(1, Progress(10, 10)))
    assert (await read(repository, "a")).progress == 99


async def test_stage_and_stall_are_stored_and_a_stall_ends_with_the_attempt(repository: JobRepository) -> None:
    job = await running(repository)
    now = now_micros()
    await repository.save_progress(
        job, AttemptReport(now, Progress(5, 10, stage="Scenes", share=(50, 70)), now, now + 7)
    )
    stored = await read(repository, "a")
    assert (stored.stage, stored.progress, stored.stalled) == ("Scenes", 60, True)
    assert (stored.progressed_at, stored.stalled_since) == (to_datetime(now), to_datetime(now + 7))
    await repository.settle(job, end(Event.FAIL, error="why"), AttemptReport())
    stored = await read(repository, "a")
    assert (stored.stage, stored.stalled, stored.progressed_at) == ("Scenes", False, to_datetime(now))


# --- checkpoints ---


async def test_the_next_attempt_gets_the_last_checkpoint_and_the_progress_of_that_moment(
    repository: JobRepository,
) -> None:
    job = await running(repository)
    assert (job.checkpoint, job.resumed) == (None, None)
    there = Progress(5, 10, "fünf \u2028", stage="Scenes", share=(20, 80), least=40)
    await repository.save_checkpoint(job, AttemptReport(1, Progress(1, 10)), '"first"')
    await repository.save_checkpoint(job, AttemptReport(1, there), '{"page":5}')
    await repository.save_progress(job, AttemptReport(1, Progress(9, 10, "nine")))
    await repository.settle(job, end(Event.RELEASE, run_at=now_micros()), AttemptReport())
    (second,) = await claim(repository)
    assert (second.checkpoint, second.resumed) == ('{"page":5}', replace(there, least=50))
    stored = await read(repository, "a")
    assert (stored.processed_items, stored.total_items, stored.progress) == (5, 10, 50)
    assert (stored.message, stored.stage) == ("fünf \u2028", "Scenes")


async def test_without_a_checkpoint_the_next_attempt_begins_at_nothing(repository: JobRepository) -> None:
    job = await running(repository)
    await repository.save_progress(job, AttemptReport(1, Progress(9, 10, "nine", stage="Scenes"), 1, 1))
    await repository.settle(job, end(Event.RELEASE, run_at=now_micros()), AttemptReport())
    (second,) = await claim(repository)
    assert (second.checkpoint, second.resumed) == (None, None)
    stored = await read(repository, "a")
    assert (stored.processed_items, stored.total_items, stored.progress, stored.message) == (0, None, 0, None)
    assert (stored.stage, stored.progressed_at, stored.stalled) == (None, None, False)


# --- lists ---


async def make_history(repository: JobRepository) -> None:
    """copy0 completed, move1 failed, copy2 cancelled, move3 running, copy4 and move5 pending."""
    for n in range(6):
        await repository.create_job(new_job(f"{'move' if n % 2 else 'copy'}{n}", "move" if n % 2 else "copy"))
    jobs = await claim(repository, limit=4)
    for job, event in zip(jobs, (Event.COMPLETE, Event.FAIL, Event.CANCEL), strict=False):
        await repository.settle(job, end(event), AttemptReport())


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, ["move5", "copy4", "move3", "copy2", "move1", "copy0"]),
        ({"statuses": [Status.PENDING]}, ["move5", "copy4"]),
        ({"statuses": [Status.PENDING, Status.COMPLETED]}, ["move5", "copy4", "copy0"]),
        ({"statuses": [Status.PENDING, Status.PENDING]}, ["move5", "copy4"]),
        ({"types": ["copy"]}, ["copy4", "copy2", "copy0"]),
        ({"types": ["copy", "move"], "statuses": [Status.FAILED, Status.RUNNING]}, ["move3", "move1"]),
        ({"types": ["copy"], "statuses": [Status.FAILED]}, []),
        ({"types": ["nope"]}, []),
    ],
)
async def test_lists_are_filtered_and_newest_first(
    repository: JobRepository, filters: dict[str, Any], expected: list[str]
) -> None:
    await make_history(repository)
    assert await ids(repository, **filters) == expected


@pytest.mark.parametrize("filters", [{}, {"types": ["copy", "move"]}, {"statuses": list(Status)}])
@pytest.mark.parametrize("limit", [1, 2, 3, 5, 6, 7])
async def test_pages_together_are_the_whole_list(
    repository: JobRepository, filters: dict[str, Any], limit: int
) -> None:
    await make_history(repository)
    seen, before = list[str](), None
    while True:
        page = await repository.list_jobs(**filters, limit=limit, before=before)
        assert len(page.items) <= limit
        seen += [job.id for job in page.items]
        if page.next is None:
            break
        before = page.next
    assert seen == ["move5", "copy4", "move3", "copy2", "move1", "copy0"]


async def test_a_page_is_not_shifted_by_new_jobs(repository: JobRepository) -> None:
    await make_history(repository)
    first = await repository.list_jobs(limit=2)
    await repository.create_job(new_job("new"))
    assert (await ids(repository, limit=2, before=first.next)) == ["move3", "copy2"]


@pytest.mark.parametrize("limit", [0, -1, -2, -(10**20), 10**20])
async def test_a_limit_that_makes_no_sense_is_refused(repository: JobRepository, limit: int) -> None:
    with pytest.raises(ValueError, match="limit"):
        await repository.list_jobs(limit=limit)


# --- changes ---


async def test_every_change_raises_the_number_and_is_announced_in_order(repository: JobRepository) -> None:
    heard: list[JobRow] = []
    repository.listener.on_changed = heard.extend
    job = await running(repository)
    await repository.save_progress(job, AttemptReport(1, Progress(1, 2)))
    await repository.request_cancel("a")
    await repository.settle(job, end(Event.CANCEL), AttemptReport())
    assert [row.status for row in heard] == ["pending", "running", "running", "running", "cancelled"]
    assert [row.rev for row in heard] == sorted({row.rev for row in heard})
    assert heard[-1].status_of_job() == await read(repository, "a")


# --- processes ---


async def test_a_beat_raises_a_counter_and_answers_with_what_runs(repository: JobRepository) -> None:
    job = await running(repository)
    beats = []
    for _ in range(2):
        answer: asyncio.Future[HeartbeatReply] = asyncio.get_running_loop().create_future()
        repository.beat("w", answer)
        pulse = await answer
        assert [(known.id, known.attempt) for known in pulse.running] == [("a", job.attempt)]
        beats.append({worker.id: worker.beat for worker in pulse.workers})
    assert beats[1] == {"w": beats[0]["w"] + 1, "v": 0}


async def test_a_beat_may_come_from_any_thread(repository: JobRepository) -> None:
    answer: asyncio.Future[HeartbeatReply] = asyncio.get_running_loop().create_future()
    await asyncio.to_thread(repository.beat, "w", answer)
    assert (await answer).running == []


async def test_processes_come_and_go(repository: JobRepository) -> None:
    assert {worker.id for worker in await repository.list_workers()} == {"w", "v"}
    await repository.remove_worker("w")
    assert {worker.id for worker in await repository.list_workers()} == {"v"}


async def test_registering_may_be_repeated(repository: JobRepository) -> None:
    """After a commit whose answer was lost nobody knows whether it is needed."""
    await repository.register_worker(worker_row("w"))
    assert sorted(row.id for row in await repository.list_workers()) == ["v", "w"]


async def test_a_process_with_running_jobs_is_not_forgotten(repository: JobRepository) -> None:
    # It is the only way to find them: whoever looks for orphans goes by the processes there are.
    job = await running(repository)
    assert not await repository.remove_worker("w")
    assert "w" in {worker.id for worker in await repository.list_workers()}
    await repository.settle(job, end(Event.COMPLETE), AttemptReport())
    assert await repository.remove_worker("w")
    assert "w" not in {worker.id for worker in await repository.list_workers()}


# --- update_job_status, the form of the requirements ---


async def test_update_job_status_ends_an_attempt(repository: JobRepository) -> None:
    await running(repository)
    job = await repository.update_job_status("a", "completed", result={"n": 1}, worker="w", attempt=1)
    assert (job.status, job.result, job.progress) == (Status.COMPLETED, {"n": 1}, 100)


async def test_update_job_status_keeps_the_counters(repository: JobRepository) -> None:
    job = await running(repository, max_attempts=3)
    await repository.settle(job, end(Event.RETRY, run_at=now_micros(), failures=1, orphans=2), AttemptReport())
    await claim(repository)
    assert (await repository.update_job_status("a", "pending", worker="w", attempt=2)).failures == 1
    (again,) = await claim(repository)
    assert (again.failures, again.orphans) == (1, 2)


@pytest.mark.parametrize(("worker", "attempt"), [("v", 1), ("w", 2)])
async def test_update_job_status_without_a_right_to_the_job_raises(
    repository: JobRepository, worker: str, attempt: int
) -> None:
    await running(repository)
    with pytest.raises(IllegalTransition):
        await repository.update_job_status("a", "completed", worker=worker, attempt=attempt)
    assert (await read(repository, "a")).status is Status.RUNNING


async def test_update_job_status_of_an_unknown_job_or_to_running_raises(repository: JobRepository) -> None:
    with pytest.raises(JobNotFound):
        await repository.update_job_status("nope", "completed", worker="w", attempt=1)
    await running(repository)
    with pytest.raises(IllegalTransition):
        await repository.update_job_status("a", "running", worker="w", attempt=1)
