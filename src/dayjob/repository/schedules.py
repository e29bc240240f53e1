"""The part of the repository that is about schedules."""

from __future__ import annotations

from asyncio import Future
from collections.abc import Sequence
from typing import Any, NamedTuple

from .. import payload
from ..cron import Cron
from ..errors import CronMissing, InvalidSchedule
from ..models import NewJob
from ..schedule import Due, Schedule, ScheduleStatus
from .operations import create_by_id
from .readers import Readers
from .rows import to_datetime, to_micros
from .transaction import Hold, Transaction
from .writer import Writer


class ScheduleRow(NamedTuple):
    """A row of ``list_schedules.sql``."""

    name: str
    type: str
    expression: str
    time_zone: str
    args: str
    missed: str
    paused: int
    next_run_at: int
    last_run_at: int | None
    last_job_id: str | None
    error: str | None
    orphaned: int
    mine: int

    def schedule(self) -> Schedule:
        """What is declared. Raises `InvalidSchedule` for what another version wrote, and `CronMissing`."""
        return Schedule(self.name, self.type, Cron(self.expression, self.time_zone), self.args, self.missed)

    def status(self) -> ScheduleStatus:
        """The row as its readers see it."""
        return ScheduleStatus(
            name=self.name,
            type=self.type,
            expression=self.expression,
            time_zone=self.time_zone,
            words=self._words(),
            args=payload.decode(self.args),
            missed=self.missed,
            paused=bool(self.paused),
            orphaned=bool(self.orphaned),
            next_run_at=None if self.paused else to_datetime(self.next_run_at),
            last_run_at=None if self.last_run_at is None else to_datetime(self.last_run_at),
            last_job_id=self.last_job_id,
            error=self.error,
        )

    def _words(self) -> str:
        try:
            return self.schedule().cron.words
        except (CronMissing, InvalidSchedule):  # to be shown, a row needs no cronsim
            return self.expression


class Schedules:
    """All that is stored about schedules. Futures are done after the commit. Raises `StorageError`."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    def declare(self, schedule: Schedule, next_run_at: int, worker: str) -> Future[None]:
        """Store what ``worker`` declares; ``next_run_at`` is for a schedule that is new, or has new times."""
        values = {**_values(schedule), "next_run_at": next_run_at, "worker": worker}
        return self._submit(values, "declare_schedule", "adopt_schedule")

    def adopt(self, name: str, worker: str) -> Future[None]:
        """Note that ``worker`` declares the schedule, whatever it is now."""
        return self._submit({"name": name, "worker": worker}, "adopt_schedule")

    def withdraw(self, name: str, worker: str) -> Future[None]:
        """``worker`` declares the schedule no more; if nobody does, it is removed."""
        return self._submit({"name": name, "worker": worker}, "withdraw_schedule", "remove_orphaned_schedule")

    def fire(self, schedule: Schedule, planned: int, due: Due, job: NewJob | None) -> Future[bool]:
        """Add the occurrence's job and move the schedule on to the next one, in one transaction.

        False if somebody else did, or if the schedule is paused or another one by now: each has one job at most.
        """
        occurrence = None if due.occurrence is None else to_micros(due.occurrence)
        values = {**_values(schedule), "planned": planned, "next_run_at": to_micros(due.next), "occurrence": occurrence}
        return self._writer.submit(lambda tx: _fire(tx, values, job))

    def fail(self, name: str, planned: int, error: str) -> Future[None]:
        """Note why the occurrence that was ``planned`` cannot be run; the next one that can be takes it back."""
        return self._submit({"name": name, "planned": planned, "error": error}, "fail_schedule")

    def pause(self, name: str) -> Future[None]:
        """Run it no more."""
        return self._submit({"name": name}, "pause_schedule")

    def resume(self, name: str, next_run_at: int) -> Future[None]:
        """Run a paused one again, from ``next_run_at`` on."""
        return self._submit({"name": name, "next_run_at": next_run_at}, "resume_schedule")

    async def list(self, worker: str = "") -> list[ScheduleRow]:
        """All schedules by name; ``mine`` says whether ``worker`` declares it."""
        rows = await self._readers.run(lambda reader: reader.run("list_schedules", {"worker": worker}))
        return [ScheduleRow(*row) for row in rows]

    def _submit(self, values: dict[str, Any], *statements: str) -> Future[None]:
        return self._writer.submit(lambda tx: _run(tx, values, statements))


def _fire(tx: Transaction, values: dict[str, Any], job: NewJob | None) -> bool:
    tx.hold(Hold.SCHEDULE, [values["name"]])
    if not tx.run("get_due_schedule", values):
        return False
    # The job first: an operation that fails half-way is not rolled back alone. Then it is tried again, and
    # its job, whose id is made of the time, is found to be there.
    job_id = None if job is None else create_by_id(tx, job)[0].id
    tx.run("advance_schedule", {**values, "job_id": job_id})
    return True


def _run(tx: Transaction, values: dict[str, Any], statements: Sequence[str]) -> None:
    tx.hold(Hold.SCHEDULE, [values["name"]])
    for statement in statements:
        tx.run(statement, values)


def _values(schedule: Schedule) -> dict[str, Any]:
    return {
        "name": schedule.name,
        "type": schedule.type,
        "expression": schedule.cron.expression,
        "time_zone": schedule.cron.time_zone,
        "args": schedule.args,
        "missed": schedule.missed,
    }
