"""Adds the jobs of schedules when their time comes.

Every process that declares a schedule tries, without a leader: who moves ``next_run_at`` on in the database adds the
job, in one transaction. So there is one job at most for an occurrence, and one is enough to be alive.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from datetime import datetime

from .. import payload
from ..clock import now_micros
from ..logger import logger
from ..loop import Loop
from ..models import NewJob
from ..outcome import describe
from ..redaction import of_arguments
from ..registry import JobRegistry
from ..repository import JobRepository, ScheduleRow, to_datetime, to_micros
from ..request import JobRequest, new_job
from ..schedule import Schedule
from ..schedule_control import next_occurrence
from ..supervision import Supervisor

log = logger("dayjob.scheduler")

_LONGEST_NAP = 10.0  # seconds: the wall clock may jump, and other processes may change a schedule
_OCCURRENCES = uuid.UUID("6f1c2f0a-6c1e-5d0b-9a64-1f6f3a9d5c27")  # namespace of the ids of their jobs


class Scheduler:
    """Runs the schedules that this process declares: those of ``registry``, and ``declared`` (by name).

    ``worker`` is the id of this process.
    """

    def __init__(
        self,
        worker: str,
        repository: JobRepository,
        registry: JobRegistry,
        declared: Mapping[str, Schedule],
        supervisor: Supervisor | None = None,
    ) -> None:
        self._worker = worker
        self._repository = repository
        self._registry = registry
        self._declared = declared
        self._stored: dict[str, Schedule] = {}
        self._storing = asyncio.Lock()
        self._loop = Loop("scheduler", self.step, supervisor)

    def start(self) -> None:
        """Begin to run schedules."""
        self._loop.start()

    def wake(self) -> None:
        """Look again soon: something was declared or resumed."""
        self._loop.wake()

    async def stop(self) -> None:
        """Run none any more."""
        await self._loop.stop()

    async def forget(self, name: str) -> None:
        """Declare this schedule no more; it is gone if nobody else declares it."""
        async with self._storing:
            self._stored.pop(name, None)
            await self._repository.schedules.withdraw(name, self._worker)

    async def store(self) -> list[ScheduleRow]:
        """Store what was declared since the last time; all schedules as they were before that."""
        async with self._storing:
            rows = await self._repository.schedules.list(self._worker)
            known = {row.name: row for row in rows}
            declared = {**self._registry.schedules, **self._declared}
            for schedule in declared.values():
                await self._store(schedule, known.get(schedule.name))
            for name in self._stored.keys() - declared.keys():  # a newer definition of its type has no schedule
                del self._stored[name]
                await self._repository.schedules.withdraw(name, self._worker)
        return rows

    async def _store(self, schedule: Schedule, row: ScheduleRow | None) -> None:
        if row is None or self._stored.get(schedule.name) != schedule:
            first = next_occurrence(schedule, row, now_micros())
            await self._repository.schedules.declare(schedule, first, self._worker)
            self._stored[schedule.name] = schedule
        elif not row.mine:
            # Others took this process for dead. It is back, but what they declared meanwhile stands.
            await self._repository.schedules.adopt(schedule.name, self._worker)

    async def step(self) -> float:
        """Run what is due; the seconds until the next look."""
        await self.store()
        nap = _LONGEST_NAP
        for row in await self._repository.schedules.list(self._worker):
            if row.mine and not row.paused and row.type in self._registry.job_types:
                nap = min(nap, await self._visit(row))
        return nap

    async def _visit(self, row: ScheduleRow) -> float:
        """Run a schedule if its time has come; the seconds until it has to be looked at again."""
        now = now_micros()
        if row.next_run_at > now:
            return (row.next_run_at - now) / 1_000_000
        try:
            schedule = row.schedule()
            due = schedule.due(to_datetime(row.next_run_at), to_datetime(now))
            job = None if due.occurrence is None else self._job(schedule, due.occurrence)
        except Exception as error:  # noqa: BLE001 (of another version, the type's own `unique`: the others go on)
            await self._note_failure(row, error)
            return _LONGEST_NAP
        if await self._repository.schedules.fire(schedule, row.next_run_at, due, job):
            told = "missed" if job is None else f"job {job.id}"
            log.info("schedule '%s', due at %s: %s", row.name, to_datetime(row.next_run_at), told)
        return 0.0

    async def _note_failure(self, row: ScheduleRow, error: Exception) -> None:
        """Say why a schedule adds nothing, once; its time stays due."""
        text = of_arguments(payload.decode(row.args), self._registry.get(row.type).arguments.secret).text(
            describe(error)
        )
        if text != row.error:
            log.error("schedule '%s' cannot be run here: %s", row.name, text)
            await self._repository.schedules.fail(row.name, row.next_run_at, text)

    def _job(self, schedule: Schedule, occurrence: datetime) -> NewJob:
        """The job of an occurrence, which its id is made of, and whose time is its own."""
        request = JobRequest(schedule.type, payload.decode(schedule.args))
        new = new_job(self._registry.get(schedule.type), request)
        due = to_micros(occurrence)
        return new._replace(
            id=occurrence_id(schedule.name, due), run_at=due, max_pending=None
        )  # what is due is not refused


def occurrence_id(name: str, occurrence: int) -> str:
    """The id of the job of a schedule's occurrence (microseconds since 1970): whoever adds it, it is the same job."""
    return str(uuid.uuid5(_OCCURRENCES, f"{name} {occurrence}"))
