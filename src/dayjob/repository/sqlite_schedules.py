"""Schedules on SQLite: through the writer and the readers of the repository."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Callable
from typing import Any

from ..models import NewJob
from ..schedule import Due, Schedule
from .rows import JobRow, to_micros
from .schedules import ScheduleRow, Schedules
from .statements import STATEMENTS
from .writer import Transaction, Writer

Create = Callable[[Transaction, NewJob], tuple[JobRow, bool]]


class SqliteSchedules(Schedules):
    """`Schedules` through the writer and the readers of a `SqliteRepository`; ``create`` adds a job."""

    def __init__(self, writer: Writer, readers: Any, create: Create) -> None:
        self._writer = writer
        self._readers = readers
        self._create = create

    def declare(self, schedule: Schedule, next_run_at: int, worker: str) -> Future[None]:
        values = {**_values(schedule), "next_run_at": next_run_at, "worker": worker}
        return self._writer.submit(lambda tx: _run(tx, values, "declare_schedule", "adopt_schedule"))

    def adopt(self, name: str, worker: str) -> Future[None]:
        return self._writer.submit(lambda tx: _run(tx, {"name": name, "worker": worker}, "adopt_schedule"))

    def withdraw(self, name: str, worker: str) -> Future[None]:
        values = {"name": name, "worker": worker}
        return self._writer.submit(lambda tx: _run(tx, values, "withdraw_schedule", "remove_orphaned_schedule"))

    def fire(self, schedule: Schedule, planned: int, due: Due, job: NewJob | None) -> Future[bool]:
        tick = None if due.tick is None else to_micros(due.tick)
        values = {**_values(schedule), "planned": planned, "next_run_at": to_micros(due.next), "tick": tick}
        return self._writer.submit(lambda tx: self._fire(tx, values, job))

    def _fire(self, tx: Transaction, values: dict[str, Any], job: NewJob | None) -> bool:
        if not tx.run("get_due_schedule", values):
            return False
        # The job first: an operation that fails half-way is not rolled back alone. Then the tick is tried again, and
        # its job, whose id is made of the tick, is found to be there.
        row = self._create(tx, job)[0] if job is not None else None
        tx.run("advance_schedule", {**values, "job_id": row.id if row is not None else None})
        return True

    def fail(self, name: str, planned: int, error: str) -> Future[None]:
        values = {"name": name, "planned": planned, "error": error}
        return self._writer.submit(lambda tx: _run(tx, values, "fail_schedule"))

    def pause(self, name: str) -> Future[None]:
        return self._writer.submit(lambda tx: _run(tx, {"name": name}, "pause_schedule"))

    def resume(self, name: str, next_run_at: int) -> Future[None]:
        values = {"name": name, "next_run_at": next_run_at}
        return self._writer.submit(lambda tx: _run(tx, values, "resume_schedule"))

    async def list(self, worker: str = "") -> list[ScheduleRow]:
        rows = await self._readers.run(lambda r: r.execute(STATEMENTS["list_schedules"], {"worker": worker}).fetchall())
        return [ScheduleRow(*row) for row in rows]


def _values(schedule: Schedule) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "type": schedule.type,
        "expression": schedule.cron.expression,
        "time_zone": schedule.cron.time_zone,
        "args": schedule.args,
        "missed": schedule.missed,
    }


def _run(tx: Transaction, values: dict[str, Any], *statements: str) -> None:
    for statement in statements:
        tx.run(statement, values)
