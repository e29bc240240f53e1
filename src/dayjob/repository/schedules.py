"""The part of the port to the database that is about schedules."""

from __future__ import annotations

from abc import ABC, abstractmethod
from asyncio import Future
from typing import NamedTuple

from .. import payload
from ..cron import Cron
from ..errors import CronMissing, InvalidSchedule
from ..models import NewJob
from ..schedule import Due, Schedule, ScheduleStatus
from .rows import to_datetime


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
    last_tick: int | None
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
            last_tick=None if self.last_tick is None else to_datetime(self.last_tick),
            last_job_id=self.last_job_id,
            error=self.error,
        )

    def _words(self) -> str:
        try:
            return self.schedule().cron.words
        except (CronMissing, InvalidSchedule):  # to be shown, a row needs no cronsim
            return self.expression


class Schedules(ABC):
    """All that is stored about schedules. Futures are done after the commit. Raises `StorageError`."""

    @abstractmethod
    def declare(self, schedule: Schedule, next_run_at: int, worker: str) -> Future[None]:
        """Store what ``worker`` declares; ``next_run_at`` is for a schedule that is new, or has new times."""

    @abstractmethod
    def adopt(self, name: str, worker: str) -> Future[None]:
        """Note that ``worker`` declares the schedule, whatever it is now."""

    @abstractmethod
    def withdraw(self, name: str, worker: str) -> Future[None]:
        """``worker`` declares the schedule no more; if nobody does, it is removed."""

    @abstractmethod
    def fire(self, schedule: Schedule, planned: int, due: Due, job: NewJob | None) -> Future[bool]:
        """Add the tick's job and move the schedule on to the next tick, in one transaction.

        False if somebody else did, or if the schedule is paused or another one by now: so a tick has one job at most.
        """

    @abstractmethod
    def fail(self, name: str, planned: int, error: str) -> Future[None]:
        """Note why the tick that was ``planned`` cannot be run; the next one that can be takes it back."""

    @abstractmethod
    def pause(self, name: str) -> Future[None]:
        """Run it no more."""

    @abstractmethod
    def resume(self, name: str, next_run_at: int) -> Future[None]:
        """Run a paused one again, from ``next_run_at`` on."""

    @abstractmethod
    async def list(self, worker: str = "") -> list[ScheduleRow]:
        """All schedules by name; ``mine`` says whether ``worker`` declares it."""
