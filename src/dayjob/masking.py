"""Jobs and what they left behind as people may see them: without the values of secret arguments."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from .models import AttemptRecord, JobStatus, LogLine
from .redaction import mask, of_arguments
from .schedule import ScheduleStatus

__all__ = ["mask", "mask_attempts", "mask_job", "mask_lines", "mask_schedule"]


def mask_job(job: JobStatus, marked: Collection[str] = ()) -> JobStatus:
    """The job without its secrets, wherever they are in it; ``marked`` are arguments that its type calls secret."""
    redactor = of_arguments(job.args, marked)
    return replace(
        job,
        args=mask(job.args, marked),
        result=redactor.json(job.result),
        message=redactor.optional(job.message),
        stage=redactor.optional(job.stage),
        error=redactor.optional(job.error),
    )


def mask_lines(job: JobStatus, lines: Iterable[LogLine], marked: Collection[str] = ()) -> list[LogLine]:
    """Lines that the job logged; ``job`` is as it is stored, with its secrets."""
    redactor = of_arguments(job.args, marked)
    return [replace(line, text=redactor.text(line.text)) for line in lines]


def mask_attempts(
    job: JobStatus, attempts: Iterable[AttemptRecord], marked: Collection[str] = ()
) -> list[AttemptRecord]:
    """Attempts of the job; ``job`` is as it is stored, with its secrets."""
    redactor = of_arguments(job.args, marked)
    return [
        replace(each, error=redactor.optional(each.error), traceback=redactor.optional(each.traceback))
        for each in attempts
    ]


def mask_schedule(schedule: ScheduleStatus, marked: Collection[str] = ()) -> ScheduleStatus:
    """The schedule without the secrets in the arguments of its jobs."""
    return replace(schedule, args=mask(schedule.args, marked))
