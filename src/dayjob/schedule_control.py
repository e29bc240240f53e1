"""The schedules in a database, as people ask for them: found, paused, resumed."""

from __future__ import annotations

from .clock import now_micros
from .errors import CronMissing, InvalidSchedule, ScheduleNotFound
from .repository import JobRepository, ScheduleRow, to_datetime, to_micros
from .schedule import Schedule, ScheduleStatus

_AHEAD = 86_400_000_000  # microseconds: what ran at a time that lies further ahead ran by a clock that was wrong


def next_occurrence(schedule: Schedule, row: ScheduleRow | None, now: int) -> int:
    """The next time of a schedule, also when the clock was put back: what ran once does not run again.

    But a clock that was ahead by months must not have the schedule wait for months.
    """
    last = row.last_run_at if row is not None and row.last_run_at is not None else now
    if last > now + _AHEAD:
        last = now
    return to_micros(schedule.cron.after(to_datetime(max(now, last))))


async def find_schedule(repository: JobRepository, name: str) -> ScheduleStatus:
    """The schedule with this name, as it is now; raises `ScheduleNotFound`."""
    return (await _find(repository, name)).status()


async def pause_schedule(repository: JobRepository, name: str) -> ScheduleStatus:
    """Run it no more, in any process; raises `ScheduleNotFound`."""
    await _find(repository, name)
    await repository.schedules.pause(name)
    return await find_schedule(repository, name)


async def resume_schedule(repository: JobRepository, name: str) -> ScheduleStatus:
    """Run it again, from its next time on, also if a clock that was ahead has put that off.

    Raises `ScheduleNotFound`.
    """
    row = await _find(repository, name)
    await repository.schedules.resume(name, next_occurrence(row.schedule(), row, now_micros()))
    return await find_schedule(repository, name)


def oversleeps(row: ScheduleRow) -> int | None:
    """When this schedule should run (microseconds) if it waits for longer, since a clock was ahead; else None."""
    try:
        due = next_occurrence(row.schedule(), row, now_micros())
    except (CronMissing, InvalidSchedule):  # another version's
        return None
    return due if row.next_run_at > due and not row.paused else None


async def wake_schedules(repository: JobRepository) -> list[str]:
    """Bring back the schedules that `oversleeps` tells of; their names."""
    late = [(row.name, due) for row in await repository.schedules.list() if (due := oversleeps(row)) is not None]
    for name, due in late:
        await repository.schedules.resume(name, due)
    return [name for name, _ in late]


async def _find(repository: JobRepository, name: str) -> ScheduleRow:
    rows = await repository.schedules.list()
    for row in rows:
        if row.name == name:
            return row
    known = ", ".join(row.name for row in rows[:20]) or "none yet"
    raise ScheduleNotFound(f"There is no schedule '{name[:128]}'. Known: {known}.")
