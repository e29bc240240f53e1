"""`Schedule`: a job that is added at certain times. What is asked for, what is stored, and what is due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from . import payload
from .cron import Cron
from .errors import InvalidSchedule
from .ids import check_name
from .models import JobType
from .options import mapping

Missed = Literal["skip", "once"]
ON_TIME = timedelta(seconds=60)  # an occurrence that is found later than this was missed


@dataclass(frozen=True, slots=True)
class Schedule:
    """A declared schedule: from `JobQueue.schedule`, or from ``@job(..., schedule=...)``. ``args`` is JSON."""

    name: str
    type: str
    cron: Cron
    args: str
    missed: str

    @classmethod
    def of(
        cls,
        job_type: JobType,
        expression: str,
        *,
        time_zone: str = "UTC",
        args: Mapping[str, Any] | None = None,
        missed: str = "skip",
        name: str | None = None,
    ) -> Schedule:
        """A schedule for jobs of ``job_type``, checked. Raises `InvalidSchedule`, `InvalidArguments`, `InvalidName`."""
        if missed not in ("skip", "once"):
            raise InvalidSchedule(f"missed is {missed!r:.100}; use 'skip' or 'once'.")
        checked = job_type.arguments.validate(mapping("args", args))
        stored = payload.encode(checked, what="arguments", limit=payload.MAX_ARGS)
        called = check_name(job_type.name if name is None else name, "schedule name")
        return cls(called, job_type.name, Cron(expression, time_zone), stored, missed)

    def due(self, planned: datetime, now: datetime) -> Due:
        """What is to be done at ``now`` about the occurrence that was ``planned`` for a time that has come.

        One of the last minute is run, and the next one is the one after it: none is left out. Of older ones,
        which nobody was there to run, the policy runs none or one, whatever their number.
        """
        if now - planned <= ON_TIME:
            return Due(planned, self.cron.after(planned))
        if self.missed == "once":
            return Due(planned, self.cron.after(now))
        return Due(None, self.cron.after(now - ON_TIME))


@dataclass(frozen=True, slots=True)
class Due:
    """The occurrence to run (None: none), and when the next one is."""

    occurrence: datetime | None
    next: datetime


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """A schedule as the database has it. Times are aware and in UTC.

    ``words`` is the expression in English. ``next_run_at`` is None while it is paused. ``last_job_id`` is the job of
    ``last_run_at`` (the last one that ran, or was added to an active job of a ``unique`` type). ``orphaned``: no living
    process declares it (any more), so nobody runs it. ``error``: why the job that is due cannot be added, as when the
    type's ``unique`` raises; it is tried every ten seconds.
    """

    name: str
    type: str
    expression: str
    time_zone: str
    words: str
    args: Mapping[str, Any]
    missed: str
    paused: bool
    orphaned: bool
    next_run_at: datetime | None
    last_run_at: datetime | None
    last_job_id: str | None
    error: str | None
