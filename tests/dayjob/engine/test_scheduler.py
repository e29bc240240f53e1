"""Ticks against a real database, with a clock that the test turns."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support import eventually, query, worker_row

from dayjob import JobQueue, JobRegistry, Status
from dayjob.clock import Clock, use_clock
from dayjob.engine.scheduler import Scheduler
from dayjob.errors import ScheduleNotFound, UnknownJobType
from dayjob.repository import JobRepository, open_repository, to_micros
from dayjob.schedule import Schedule
from dayjob.schedule_control import find_schedule, pause_schedule, resume_schedule, wake_schedules
from dayjob.schedules import Cron, ScheduleStatus

START = datetime(2026, 1, 1, 12, 0, 30, tzinfo=UTC)


async def nothing(job_id: str, n: int = 0) -> None: ...


class Turned(Clock):
    def __init__(self) -> None:
        self.now = START

    def micros(self) -> int:
        return to_micros(self.now)

    def pass_by(self, **duration: float) -> None:
        self.now += timedelta(**duration)


@pytest.fixture
def clock() -> Iterator[Turned]:
    made = Turned()
    with use_clock(made):
        yield made


@pytest.fixture
def registry() -> JobRegistry:
    made = JobRegistry()
    made.register("copy", nothing, max_attempts=3)
    return made


@pytest.fixture
async def repository(path: Path) -> AsyncIterator[JobRepository]:
    made = open_repository(f"sqlite:///{path}", durability="process")
    await made.open()
    for worker in ("w", "v"):
        await made.register_worker(worker_row(worker))
    yield made
    await made.close()


def declared(expression: str = "every 1 minute", missed: str = "skip", **values: Any) -> dict[str, Schedule]:
    made = Schedule("s", "copy", Cron(expression), "{}", missed)
    return {"s": replace(made, **values)}


async def run_until_idle(*schedulers: Scheduler) -> float:
    """Step, all of them at once, until none has anything to do now; the seconds until they have."""
    while not (naps := await asyncio.gather(*(scheduler.step() for scheduler in schedulers))) or 0.0 in naps:
        pass
    return min(naps)


def ticks(path: Path) -> list[str]:
    """The times that jobs were added for."""
    rows = query(path, "SELECT run_at FROM dayjob_job ORDER BY run_at")
    return [datetime.fromtimestamp(row[0] / 1e6, UTC).strftime("%d %H:%M:%S") for row in rows]


async def test_a_tick_adds_one_job_when_its_time_has_come(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    scheduler = Scheduler("w", repository, registry, declared(args='{"n":5}'))
    assert await run_until_idle(scheduler) == 10.0  # never more: the clock may jump
    clock.pass_by(seconds=29)
    assert await run_until_idle(scheduler) == 1.0
    assert ticks(path) == []
    clock.pass_by(seconds=1)
    assert await run_until_idle(scheduler) == 10.0
    (job,) = (await repository.list_jobs()).items
    assert (job.type, job.args, job.status, job.max_attempts) == ("copy", {"n": 5}, Status.PENDING, 3)
    assert ticks(path) == ["01 12:01:00"]
    status = await find_schedule(repository, "s")
    assert (status.last_run_at, status.last_job_id) == (clock.now, job.id)
    assert status.next_run_at == clock.now + timedelta(minutes=1)


async def test_many_schedulers_add_one_job_for_a_tick(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    schedulers = [Scheduler(worker, repository, registry, declared()) for worker in "wv" * 5]
    await run_until_idle(*schedulers)
    for _ in range(5):
        clock.pass_by(minutes=1)
        await run_until_idle(*schedulers)
    assert ticks(path) == [f"01 12:0{n}:00" for n in range(1, 6)]


async def test_a_second_process_that_was_late_with_its_write_adds_nothing(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    """Both read the row before either wrote: the database decides."""
    scheduler = Scheduler("w", repository, registry, declared())
    await run_until_idle(scheduler)
    clock.pass_by(minutes=1)
    (row,) = await repository.schedules.list("w")
    await asyncio.gather(scheduler._visit(row), scheduler._visit(row), scheduler._visit(row))
    assert ticks(path) == ["01 12:01:00"]
    query(path, "DELETE FROM dayjob_job")  # the row alone tells, also when history is gone
    await scheduler._visit(row)
    assert ticks(path) == []


async def test_a_tick_whose_row_was_put_back_still_has_one_job(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    """The job's id is made of the tick, so even a schedule that was lost and declared again repeats nothing."""
    scheduler = Scheduler("w", repository, registry, declared())
    await run_until_idle(scheduler)
    before = query(path, "SELECT next_run_at FROM dayjob_schedule")[0][0]
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    query(path, "UPDATE dayjob_schedule SET next_run_at = ?", before)
    await run_until_idle(scheduler)
    assert ticks(path) == ["01 12:01:00"]


@pytest.mark.parametrize(
    ("missed", "expected"),
    [
        ("skip", ["01 15:00:00", "01 15:01:00"]),
        ("once", ["01 12:01:00", "01 15:01:00"]),  # the first one stands for all
    ],
)
async def test_what_was_missed_while_no_process_was_there(
    repository: JobRepository,
    registry: JobRegistry,
    clock: Turned,
    path: Path,
    missed: str,
    expected: list[str],
) -> None:
    await run_until_idle(Scheduler("w", repository, registry, declared(missed=missed)))
    clock.pass_by(hours=3)  # 15:00:30; a jump of the clock is the same
    restarted = Scheduler("v", repository, registry, declared(missed=missed))
    await run_until_idle(restarted)
    clock.pass_by(minutes=1)
    await run_until_idle(restarted)
    assert ticks(path) == expected


async def test_ticks_of_a_short_pause_are_all_run(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    scheduler = Scheduler("w", repository, registry, declared("every 1 second"))
    await run_until_idle(scheduler)
    clock.pass_by(seconds=5)
    await run_until_idle(scheduler)
    assert ticks(path) == [f"01 12:00:{n}" for n in range(31, 36)]


async def test_a_clock_that_is_put_back_runs_no_tick_twice(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    scheduler = Scheduler("w", repository, registry, declared())
    await run_until_idle(scheduler)
    for _ in range(3):
        clock.pass_by(minutes=1)
        await run_until_idle(scheduler)
    expected = ["01 12:01:00", "01 12:02:00", "01 12:03:00"]
    clock.pass_by(hours=-2)
    restarted = Scheduler("v", repository, registry, declared("every 30 seconds"))  # a new declaration at that
    for _ in range(240):
        await restarted.step()
        clock.pass_by(seconds=30)
    assert ticks(path) == expected
    await run_until_idle(restarted)
    assert ticks(path) == [*expected, "01 12:03:30"]


async def restart(repository: JobRepository, registry: JobRegistry) -> None:
    await Scheduler("v", repository, registry, declared()).step()


async def resume(repository: JobRepository, _registry: JobRegistry) -> None:
    await resume_schedule(repository, "s")


async def pause_and_resume(repository: JobRepository, registry: JobRegistry) -> None:
    await pause_schedule(repository, "s")
    await resume(repository, registry)


async def doctor(repository: JobRepository, _registry: JobRegistry) -> None:
    assert await wake_schedules(repository) == ["s"]


@pytest.mark.parametrize("act", [restart, resume, pause_and_resume, doctor])
@pytest.mark.parametrize("had_run", [True, False])
async def test_a_clock_that_was_years_ahead_does_not_let_a_schedule_sleep_for_years(
    repository: JobRepository,
    registry: JobRegistry,
    clock: Turned,
    path: Path,
    act: Callable[[JobRepository, JobRegistry], Awaitable[None]],
    had_run: bool,
) -> None:
    clock.pass_by(days=3650)
    scheduler = Scheduler("w", repository, registry, declared())
    await run_until_idle(scheduler)
    if had_run:
        clock.pass_by(minutes=1)
        await run_until_idle(scheduler)
    clock.pass_by(days=-3650)
    query(path, "DELETE FROM dayjob_job")
    await act(repository, registry)
    assert await wake_schedules(repository) == []  # it is awake
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    assert len(ticks(path)) == 1
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    assert len(ticks(path)) == 2


async def test_a_changed_declaration_changes_the_row_and_keeps_the_pause(
    repository: JobRepository, registry: JobRegistry, clock: Turned
) -> None:
    schedules = declared()
    scheduler = Scheduler("w", repository, registry, schedules)
    await scheduler.step()
    await pause_schedule(repository, "s")
    schedules.update(declared("every 1 hour", "once", args='{"n":2}'))
    await scheduler.step()
    (row,) = await repository.schedules.list()
    assert (row.expression, row.missed, row.args, row.paused) == ("every 1 hour", "once", '{"n":2}', 1)
    assert row.next_run_at == to_micros(START.replace(hour=13, minute=0, second=0))


async def test_new_arguments_do_not_cost_a_tick_that_is_due(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    await Scheduler("w", repository, registry, declared()).step()
    clock.pass_by(seconds=30)
    await run_until_idle(Scheduler("v", repository, registry, declared(args='{"n":2}')))
    assert query(path, "SELECT args FROM dayjob_job") == [('{"n":2}',)]


async def test_a_paused_schedule_does_not_run(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    scheduler = Scheduler("w", repository, registry, declared())
    await scheduler.step()
    clock.pass_by(minutes=1)
    (row,) = await repository.schedules.list("w")
    paused = await pause_schedule(repository, "s")
    assert (paused.paused, paused.next_run_at) == (True, None)
    await scheduler._visit(row)  # read before the pause, written after it
    await run_until_idle(scheduler)
    assert ticks(path) == []
    await repository.schedules.resume("s", to_micros(clock.now + timedelta(minutes=1)))
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    assert ticks(path) == ["01 12:02:30"]


async def test_a_schedule_that_nobody_declares_any_more_is_an_orphan_and_does_not_run(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    await Scheduler("w", repository, registry, declared()).step()
    without = Scheduler("v", repository, registry, {})
    await without.step()
    assert not (await find_schedule(repository, "s")).orphaned
    await repository.remove_worker("w")
    assert (await find_schedule(repository, "s")).orphaned
    clock.pass_by(minutes=1)
    await run_until_idle(without)
    assert ticks(path) == []


async def test_only_who_knows_the_type_runs_it(
    repository: JobRepository,
    registry: JobRegistry,
    clock: Turned,
    path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Another version of the app declared the name for a type of its own."""
    await Scheduler("w", repository, registry, declared()).step()
    other = Scheduler("v", repository, JobRegistry(), declared())
    clock.pass_by(minutes=1)
    await run_until_idle(other)
    assert ticks(path) == []
    assert caplog.records == []


async def test_a_schedule_of_another_version_does_not_stop_the_others(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    both = declared() | {"a": replace(declared()["s"], name="a")}
    scheduler = Scheduler("w", repository, registry, both)
    await scheduler.step()
    query(path, "UPDATE dayjob_schedule SET expression = 'at full moon' WHERE name = 'a'")
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    assert ticks(path) == ["01 12:01:00"]
    assert (await find_schedule(repository, "a")).words == "at full moon"


@pytest.mark.parametrize("option", ["unique", "concurrency_key"])
async def test_a_schedule_whose_key_function_raises_is_shown_as_failing(
    repository: JobRepository,
    registry: JobRegistry,
    clock: Turned,
    path: Path,
    caplog: pytest.LogCaptureFixture,
    option: str,
) -> None:
    keys = {"0": "zero"}
    registry.register("keyed", nothing, max_concurrency=1, **{option: lambda args: keys[str(args["n"])]})  # type: ignore[misc]
    scheduler = Scheduler("w", repository, registry, declared(type="keyed"))
    await run_until_idle(scheduler)
    del keys["0"]
    clock.pass_by(minutes=1)
    for _ in range(3):
        await scheduler.step()
    status = await find_schedule(repository, "s")
    assert (status.paused, ticks(path)) == (False, [])
    assert status.error == f"InvalidArguments: {option} of 'keyed' makes no key of these arguments: KeyError: '0'"
    assert [record.levelname for record in caplog.records] == ["ERROR"]  # once, not at every look
    keys["0"] = "zero"
    await run_until_idle(scheduler)
    assert ticks(path) == ["01 12:01:00"]
    assert (await find_schedule(repository, "s")).error is None


async def test_a_key_function_reads_defaults_of_a_schedule_without_arguments(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    registry.register("keyed", nothing, unique=lambda args: f"n{args['n']}")
    scheduler = Scheduler("w", repository, registry, declared(type="keyed"))
    await run_until_idle(scheduler)
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    assert query(path, "SELECT args, unique_key FROM dayjob_job") == [("{}", "keyed n0")]


async def test_a_process_that_was_taken_for_dead_runs_its_schedules_again(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    scheduler = Scheduler("w", repository, registry, declared())
    await scheduler.step()
    await repository.remove_worker("w")
    await repository.register_worker(worker_row("w"))
    clock.pass_by(minutes=1)
    await run_until_idle(scheduler)
    assert ticks(path) == ["01 12:01:00"]


async def test_a_unique_type_that_is_active_gets_no_second_job(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    registry.register("lone", nothing, unique=True)
    scheduler = Scheduler("w", repository, registry, declared(type="lone"))
    await run_until_idle(scheduler)
    for _ in range(3):
        clock.pass_by(minutes=1)
        await run_until_idle(scheduler)
    (job,) = (await repository.list_jobs()).items
    status = await find_schedule(repository, "s")
    assert (status.last_job_id, status.last_run_at) == (job.id, clock.now.replace(second=0))


# --- the queue ---


async def schedule_of(queue: JobQueue, name: str) -> ScheduleStatus:
    return next(schedule for schedule in await queue.schedules() if schedule.name == name)


async def test_schedules_of_the_decorator_and_of_the_queue_run(path: Path) -> None:
    registry = JobRegistry()
    ran: list[int] = []

    @registry.job("often", schedule="every 1 second")
    async def often(n: int = 0) -> None:
        ran.append(n)

    queue = JobQueue(f"sqlite:///{path}", registry=registry, durability="process")
    queue.schedule("often", "* * * * * *", args={"n": 1}, name="before")
    async with queue:
        queue.schedule("often", "every second", args={"n": 2}, name="after")
        assert [schedule.name for schedule in await queue.schedules()] == ["after", "before", "often"]
        await eventually(lambda: {0, 1, 2} <= set(ran))
        assert not (await schedule_of(queue, "often")).orphaned


async def test_a_schedule_that_is_taken_back_is_gone_and_may_come_again(path: Path, registry: JobRegistry) -> None:
    async with JobQueue(f"sqlite:///{path}", registry=registry) as queue:
        for _ in range(2):
            queue.schedule("copy", "every 1 hour", name="s")
            assert [found.name for found in await queue.schedules()] == ["s"]
            await queue.unschedule("s")
            assert await queue.schedules() == []
        await queue.unschedule("never declared")


async def test_a_schedule_that_another_process_declares_too_stays_when_one_takes_it_back(
    repository: JobRepository, registry: JobRegistry, clock: Clock
) -> None:
    mine, other = (Scheduler(name, repository, registry, declared()) for name in ("w", "v"))
    await mine.step()
    await other.step()
    await mine.forget("s")
    (row,) = await repository.schedules.list("v")
    assert row.mine
    assert not (await repository.schedules.list("w"))[0].mine
    await other.forget("s")
    assert await repository.schedules.list() == []


async def test_a_queue_that_only_watches_declares_and_runs_nothing(path: Path, registry: JobRegistry) -> None:
    async with JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0) as queue:
        queue.schedule("copy", "every second")
        assert await queue.schedules() == []
        assert "dayjob-scheduler" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_pause_resume_and_run_now(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("copy", nothing)
    queue.schedule("copy", "0 3 * * *", args={"n": 7}, time_zone="Europe/Berlin")
    assert (await queue.pause_schedule("copy")).paused
    job = await queue.run_schedule_now("copy")
    assert (job.type, job.args) == ("copy", {"n": 7})
    await queue.result(job.id, timeout=10)
    resumed = await queue.resume_schedule("copy")
    assert (resumed.paused, resumed.words, resumed.last_run_at) == (False, "At 03:00 every day", None)
    assert resumed.next_run_at is not None
    assert resumed.next_run_at > datetime.now(UTC)


async def test_names_that_are_unknown(queue: JobQueue) -> None:
    for act in (queue.pause_schedule, queue.resume_schedule, queue.run_schedule_now):
        with pytest.raises(ScheduleNotFound, match="none yet"):
            await act("nobody")
    with pytest.raises(UnknownJobType):
        queue.schedule("nobody", "@daily")


async def test_a_schedule_that_its_type_has_no_more_is_forgotten(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    registry.register("copy", nothing, schedule="every 1 minute")
    scheduler = Scheduler("w", repository, registry, {})
    await run_until_idle(scheduler)
    registry.register("copy", nothing, schedule="every 2 minutes")
    await run_until_idle(scheduler)
    assert [row.status().expression for row in await repository.schedules.list()] == ["every 2 minutes"]
    registry.register("copy", nothing)
    await run_until_idle(scheduler)
    clock.pass_by(hours=1)
    await run_until_idle(scheduler)
    assert (await repository.schedules.list(), ticks(path)) == ([], [])


async def test_a_schedule_that_its_type_has_no_more_goes_on_where_others_declare_it(
    repository: JobRepository, registry: JobRegistry, clock: Turned, path: Path
) -> None:
    others = JobRegistry()
    for each in (registry, others):
        each.register("copy", nothing, schedule="every 1 minute")
    schedulers = Scheduler("w", repository, registry, {}), Scheduler("v", repository, others, {})
    await run_until_idle(*schedulers)
    registry.register("copy", nothing)
    await run_until_idle(*schedulers)
    assert [bool(row.mine) for row in await repository.schedules.list("v")] == [True]
    assert [bool(row.mine) for row in await repository.schedules.list("w")] == [False]
