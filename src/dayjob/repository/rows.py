"""Rows of the database as values of ``models``, and back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from .. import payload
from ..models import AttemptRecord, AttemptReport, JobDefinition, JobStatus, LogLine, NewJob, Progress, Settlement
from ..states import TERMINAL, Event, Status

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class JobRow(NamedTuple):
    """A row of ``dayjob_job``: the fields are its columns. Statements name them (see `statements`)."""

    seq: int
    id: str
    type: str
    status: str
    args: str
    priority: int
    run_at: int
    ready: int
    unique_key: str | None
    attempt: int = 0
    failures: int = 0
    orphans: int = 0
    max_attempts: int = 1
    worker: str | None = None
    cancel_requested_at: int | None = None
    processed_items: int = 0
    total_items: int | None = None
    progress: int = 0
    message: str | None = None
    result: str | None = None
    error: str | None = None
    created_at: int = 0
    started_at: int | None = None
    completed_at: int | None = None
    rev: int = 0
    concurrency_key: str | None = None
    checkpoint: str | None = None
    checkpoint_progress: str | None = None
    stage: str | None = None
    progressed_at: int | None = None
    stalled_since: int | None = None
    parent_id: str | None = None
    waits_for: int | None = None
    awaited: int = 0
    timeout: float | None = None
    owner: str | None = None

    def status_of_job(self) -> JobStatus:
        """The row as its readers see it."""
        return JobStatus(
            id=self.id,
            type=self.type,
            status=Status(self.status),
            progress=self.progress,
            total_items=self.total_items,
            processed_items=self.processed_items,
            message=self.message,
            result=None if self.result is None else payload.decode(self.result),
            error=self.error,
            created_at=to_datetime(self.created_at),
            started_at=_optional_datetime(self.started_at),
            completed_at=_optional_datetime(self.completed_at),
            attempt=self.attempt,
            rev=self.rev,
            args=payload.decode(self.args),
            priority=self.priority,
            run_at=to_datetime(self.run_at),
            failures=self.failures,
            max_attempts=self.max_attempts or None,
            cancel_requested_at=_optional_datetime(self.cancel_requested_at),
            worker=self.worker,
            stage=self.stage,
            progressed_at=_optional_datetime(self.progressed_at),
            stalled_since=_optional_datetime(self.stalled_since),
            parent_id=self.parent_id,
            waits_for=self.waits_for,
            timeout=self.timeout,
            owner=self.owner,
        )


class DefinitionRow(NamedTuple):
    """What a worker needs of a job: columns of ``dayjob_job``."""

    id: str
    type: str
    args: str
    created_at: int
    worker: str
    attempt: int
    failures: int
    orphans: int
    max_attempts: int
    cancel_requested_at: int | None
    rev: int
    checkpoint: str | None
    checkpoint_progress: str | None
    parent_id: str | None
    seq: int
    timeout: float | None

    def definition(self) -> JobDefinition:
        """The row as a worker gets it."""
        return JobDefinition(
            self.id,
            self.type,
            payload.decode(self.args),
            to_datetime(self.created_at),
            None,
            self.worker,
            self.attempt,
            self.failures,
            self.orphans,
            self.max_attempts,
            self.cancel_requested_at is not None,
            self.rev,
            self.checkpoint,
            _resumed_progress(self.checkpoint_progress),
            self.parent_id,
            self.seq,
            self.timeout,
        )


class WorkerRow(NamedTuple):
    """A row of ``dayjob_worker``: a process that runs jobs, or died while it did."""

    id: str
    host: str
    pid: int
    slots: int
    types: str
    version: str
    started_at: int
    beat: int
    blocked_since: int | None = None
    blocked_by: str | None = None
    stuck: int = 0

    @property
    def blocked(self) -> bool:
        """Whether its event loop did not answer (since ``blocked_since``, microseconds since 1970) at its last beat.

        ``blocked_by`` is a JSON list: the id of the job that blocks the loop, or of all that may be the one.
        """
        return self.blocked_since is not None


def unknown_types(waiting: Iterable[tuple[str, int]], known: Iterable[str]) -> dict[str, int]:
    """Of types of which jobs are ready (since when), those that no process knows which runs jobs.

    ``known`` has a JSON list of types for each such process; without any of them nothing is told: all jobs wait then.
    """
    lists = [json.loads(types) for types in known]
    if not lists:
        return {}
    return {job_type: since for job_type, since in waiting if not any(job_type in types for types in lists)}


class Health(NamedTuple):
    """How a process is, as it tells with each beat; `WorkerRow` explains."""

    blocked_since: int | None = None
    blocked_by: str | None = None
    stuck: int = 0


class LogRow(NamedTuple):
    """A row of ``dayjob_log``, without its job."""

    seq: int
    attempt: int
    at: int
    level: str
    text: str

    def line(self) -> LogLine:
        """The row as its readers see it."""
        return LogLine(self.seq, self.attempt, to_datetime(self.at), self.level, self.text)


class AttemptRow(NamedTuple):
    """A row of ``dayjob_attempt``, without its job."""

    attempt: int
    worker: str | None
    started_at: int | None
    ended_at: int
    outcome: str
    error: str | None
    traceback: str | None

    def record(self) -> AttemptRecord:
        """The row as its readers see it."""
        started_at, ended_at = _optional_datetime(self.started_at), to_datetime(self.ended_at)
        return AttemptRecord(
            self.attempt, self.worker, started_at, ended_at, Event(self.outcome), self.error, self.traceback
        )


def new_job_values(news: Iterable[NewJob]) -> str:
    """``news`` of ``create_job.sql``, which names what stands where. In one statement: see `Transaction.change_all`."""
    rows = [
        (
            new.id,
            new.type,
            new.args,
            new.priority,
            new.run_at,
            new.unique_key,
            new.max_attempts,
            new.created_at,
            new.concurrency_key,
            new.parent_id,
            new.timeout,
            new.owner,
        )
        for new in news
    ]
    return json.dumps(rows, ensure_ascii=False)


def new_row(new: NewJob, rev: int) -> JobRow:
    """The row of a job that was stored with this change number; but for its ``seq``, which is 0."""
    return JobRow(
        0,
        new.id,
        new.type,
        Status.PENDING.value,
        new.args,
        new.priority,
        new.run_at,
        new.run_at <= new.created_at,
        new.unique_key,
        max_attempts=new.max_attempts,
        created_at=new.created_at,
        rev=rev,
        concurrency_key=new.concurrency_key,
        parent_id=new.parent_id,
        timeout=new.timeout,
        owner=new.owner,
    )


def end_values(end: Settlement) -> list[Any]:
    """One of the ends in ``settle.sql``, which names what stands where. Last comes what most ends do not have."""
    job, transition, report, progress = end.job, end.transition, end.report, end.report.progress
    return [
        job.seq,
        job.id,
        job.attempt,
        transition.status,
        transition.result,
        transition.now,
        report.started_at,
        transition.now if transition.status in TERMINAL else None,
        100 if transition.status is Status.COMPLETED else (progress.percent if progress else None),
        None if _just_returned(end) else _rest_of(end),
    ]


def _just_returned(end: Settlement) -> bool:
    told = end.report.progress or end.report.progressed_at or end.transition.message
    return end.transition.event is Event.COMPLETE and not told


def _rest_of(end: Settlement) -> dict[str, Any]:
    transition, progress = end.transition, end.report.progress or Progress()
    values = {
        "error": transition.error,
        "run_at": transition.run_at,
        "failures": transition.failures,
        "orphans": transition.orphans,
        "message": transition.message or progress.message,
        "stage": progress.stage,
        "progressed_at": end.report.progressed_at,
    }
    if end.report.progress:
        values |= {"processed_items": progress.processed, "total_items": progress.total}
    return {name: value for name, value in values.items() if value is not None}


def attempt_values(end: Settlement) -> dict[str, Any]:
    """Parameters of ``add_attempt.sql``."""
    return {
        "id": end.job.id,
        "attempt": end.job.attempt,
        "worker": end.job.worker,
        "ended_at": end.transition.now,
        "outcome": end.transition.event.value,
        "error": end.transition.error,
        "traceback": end.report.traceback,
    }


def progress_values(job: JobDefinition, report: AttemptReport) -> dict[str, Any]:
    """Parameters of ``save_progress.sql``, but for ``rev``."""
    progress = report.progress
    return {
        "id": job.id,
        "worker": job.worker,
        "attempt": job.attempt,
        "started_at": report.started_at,
        "processed_items": progress.processed if progress else 0,
        "total_items": progress.total if progress else None,
        "progress": progress.percent if progress else 0,
        "message": progress.message if progress else None,
        "stage": progress.stage if progress else None,
        "progressed_at": report.progressed_at,
        "stalled_since": report.stalled_since,
    }


def checkpoint_values(job: JobDefinition, report: AttemptReport, checkpoint: str) -> dict[str, Any]:
    """Parameters of ``save_checkpoint.sql``, but for ``rev``; ``checkpoint`` is JSON."""
    counts = (report.progress or Progress()).counts()
    stored = {"checkpoint": checkpoint, "checkpoint_progress": json.dumps(counts, ensure_ascii=False)}
    return progress_values(job, report) | stored


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware ``moment``; raises `ValueError` for one without a time zone."""
    if moment.tzinfo is None:
        raise ValueError("A time needs a time zone; use datetime.now(UTC) or .astimezone().")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def to_datetime(micros: int) -> datetime:
    """The aware time (UTC) of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=micros)


def _optional_datetime(micros: int | None) -> datetime | None:
    return None if micros is None else to_datetime(micros)


def _resumed_progress(counts: str | None) -> Progress | None:
    return None if counts is None else Progress.of_counts(json.loads(counts))
