"""What goes over the wire: the JSON documents of jobs, and the frames of sockets."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter

from ..events import ProgressMade
from ..models import JobStatus, LogLine
from ..states import Status

_MAX_RESULT_IN_FRAME = 32 * 1024  # bytes of JSON

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


def job_json(job: JobStatus) -> bytes:
    """The document of a job."""
    return _job.dump_json(job)


def summarize(job: JobStatus) -> JobSummary:
    """The job as lists show it."""
    return JobSummary(**{name: getattr(job, name) for name in _SUMMARY_FIELDS})


def summary_json(job: JobStatus) -> bytes:
    """The document of a job in a list."""
    return _summary.dump_json(summarize(job))


def status_frame(job: JobStatus) -> str:
    """The frame of a socket that watches one job. A large result is left out; its size says so."""
    document = _job.dump_python(job, mode="json")
    size = len(json.dumps(document["result"], ensure_ascii=False).encode())
    if size > _MAX_RESULT_IN_FRAME:
        document |= {"result": None, "result_size": size}
    return _encode({"type": "status", "job": document})


def summary_frame(job: JobStatus) -> str:
    """The frame of a socket that watches all jobs."""
    return '{"type":"status","job":' + summary_json(job).decode() + "}"


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
