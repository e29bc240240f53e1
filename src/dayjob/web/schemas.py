"""What goes over the wire: the JSON documents of jobs, and the frames of sockets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter

from ..cron import Cron
from ..errors import CronMissing, InvalidSchedule
from ..events import ProgressMade
from ..job_queue import JobQueue
from ..masking import mask_job, mask_schedule
from ..models import JobStatus, LogLine
from ..schedule import ScheduleStatus
from ..states import Status

_MAX_RESULT_IN_FRAME = 32 * 1024  # bytes of JSON
_NEXT_RUNS = 5

_job = TypeAdapter(JobStatus)
_lines = TypeAdapter(list[LogLine])


@dataclass(frozen=True, slots=True)
class JobSummary:
    """A job in a list: everything but its arguments and its result."""

    id: str
    type: str
    status: Status
    progress: int
    total_items: int | None
    processed_items: int
    message: str | None
    error: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    attempt: int
    rev: int
    priority: int
    run_at: datetime | None
    cancel_requested_at: datetime | None
    stage: str | None
    stalled_since: datetime | None
    parent_id: str | None
    waits_for: int | None
    owner: str | None


_summary = TypeAdapter(JobSummary)
_SUMMARY_FIELDS = tuple(JobSummary.__dataclass_fields__)


class JobPage(BaseModel):
    """A part of the list of jobs, newest first; ``next`` is the cursor of the next part, or null."""

    items: list[JobSummary]
    next: str | None


class LogPage(BaseModel):
    """Log lines of a job, oldest first; ``next`` is the ``after`` of the next part, and of what is still to come."""

    items: list[LogLine]
    next: int


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """A type of jobs, and what a form for its arguments needs.

    ``schema`` is the JSON Schema of the arguments, in the order of the handler's signature, with defaults; ``secret``
    names those that are never shown (``writeOnly`` in the schema). Times are seconds.
    """

    name: str
    description: str
    run_in: str
    max_attempts: int | None
    timeout: float | None
    unique: bool
    max_concurrency: int | None
    max_pending: int | None
    stalled_after: float | None
    secret: list[str]
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ScheduleDocument(ScheduleStatus):
    """A schedule, the next five times at which it runs (none while it is paused), and its last job, if it is there."""

    next_runs: list[datetime]
    last_job: JobSummary | None


class FieldProblem(BaseModel):
    """One fault: ``pointer`` (RFC 6901) into the body, or ``parameter`` of the query or path."""

    pointer: str | None = None
    parameter: str | None = None
    detail: str


class Problem(BaseModel):
    """RFC 9457: what went wrong, for people in ``detail``, for programs in ``code``."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldProblem] | None = None


def masked_view(queue: JobQueue, job: JobStatus) -> JobStatus:
    """The job without its secrets: the values of secret arguments, wherever they are in it."""
    return mask_job(job, queue.registry.secret_arguments(job.type))


def job_json(queue: JobQueue, job: JobStatus) -> bytes:
    """The document of a job, without its secrets."""
    return _job.dump_json(masked_view(queue, job))


def page_json(queue: JobQueue, jobs: Sequence[JobStatus], following: int | None) -> bytes:
    """The document of a part of the list of jobs."""
    page = JobPage(items=[summarize(queue, job) for job in jobs], next=None if following is None else str(following))
    return page.model_dump_json().encode()


def summarize(queue: JobQueue, job: JobStatus) -> JobSummary:
    """The job as lists show it, without its secrets."""
    safe = masked_view(queue, replace(job, result=None))
    return JobSummary(**{name: getattr(safe, name) for name in _SUMMARY_FIELDS})


def schedule_document(queue: JobQueue, schedule: ScheduleStatus, last_job: JobSummary | None) -> ScheduleDocument:
    """A schedule as it is shown, without its secrets."""
    safe = mask_schedule(schedule, queue.registry.secret_arguments(schedule.type))
    members = {each.name: getattr(safe, each.name) for each in fields(safe)}
    return ScheduleDocument(**members, next_runs=_next_runs(schedule), last_job=last_job)


def _next_runs(schedule: ScheduleStatus) -> list[datetime]:
    if schedule.next_run_at is None:
        return []
    runs = [schedule.next_run_at]
    try:
        cron = Cron(schedule.expression, schedule.time_zone)
        while len(runs) < _NEXT_RUNS:
            runs.append(cron.after(runs[-1]))
    except (CronMissing, InvalidSchedule):  # what another process declares can be shown without all that it needs
        pass
    return runs


def status_frame(queue: JobQueue, job: JobStatus) -> str:
    """The frame of a socket that watches one job. A large result is left out: there is its size, and where it is.

    ``result_url`` is relative to the socket's address, for behind a proxy only the client knows that.
    """
    document = _job.dump_python(masked_view(queue, job), mode="json")
    size = len(json.dumps(document["result"], ensure_ascii=False).encode())
    if size > _MAX_RESULT_IN_FRAME:
        document |= {"result": None, "result_size": size, "result_url": f"../{job.id}"}
    return _encode({"type": "status", "job": document})


def summary_frame(queue: JobQueue, job: JobStatus) -> str:
    """The frame of a socket that watches all jobs."""
    return '{"type":"status","job":' + _summary.dump_json(summarize(queue, job)).decode() + "}"


def progress_frame(event: ProgressMade) -> str:
    """The frame of a running job's progress."""
    progress = event.progress
    return _encode(
        {
            "type": "progress",
            "job_id": event.job_id,
            "rev": event.rev,
            "progress": progress.percent,
            "processed": progress.processed,
            "total": progress.total,
            "message": progress.message,
            "stage": progress.stage,
            "rate": progress.rate,
            "eta_seconds": progress.eta,
        }
    )


def log_frame(job_id: str, lines: Sequence[LogLine]) -> str:
    """The frame of a job's log lines."""
    return _encode({"type": "log", "job_id": job_id, "lines": _lines.dump_python(list(lines), mode="json")})


def update_frame(job_id: str, data: dict[str, Any]) -> str:
    """The frame of an application's own news about a job."""
    return _encode({"type": "update", **data, "job_id": job_id})


def _encode(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


PING = '{"type":"ping"}'
RESYNC = '{"type":"resync"}'
