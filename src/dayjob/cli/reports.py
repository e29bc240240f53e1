"""What the commands print for people: lines without anything that could move a cursor."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from ..models import AttemptRecord, JobStatus, LogLine
from ..repository import Finding, WorkerRow
from ..schedule import ScheduleStatus
from ..states import Status
from ..stats import Stats
from ..terminal import duration, printable
from .output import members_of
from .source import WorkerStatus


def job_row(job: JobStatus) -> str:
    """A job in a list."""
    age = duration((datetime.now(UTC) - job.created_at).total_seconds())
    note = printable(_note(job))[:60]
    row = f"{job.id[-8:]}  {job.status:9}  {job.progress:3} %  {job.type:24}  {age:>10} ago  {note}"
    return printable(row).rstrip()


def job_lines(job: JobStatus) -> Iterator[str]:
    """All that is known of a job, by name."""
    for name, value in members_of(job).items():
        if value is not None:
            shown = json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else _text(value)
            yield f"{name + ':':20} {printable(shown)}"


def ending_line(job: JobStatus) -> str:
    """How a job ended."""
    detail = job.error or json.dumps(job.result, ensure_ascii=False)
    return printable(f"{job.type} {job.id[-8:]} {job.status}: {detail}")


def log_line(line: LogLine) -> str:
    """A line of a job's log; its further lines, as of a traceback, are indented: none can pass for another line."""
    first, *more = (printable(part) for part in line.text.split("\n"))
    return "\n    ".join([f"{line.at:%Y-%m-%d %H:%M:%S} {printable(line.level):8} {first}", *more])


def attempt_lines(attempts: Sequence[AttemptRecord]) -> Iterator[str]:
    """The attempts of a job with their errors, and the last traceback."""
    for record in attempts:
        begun = record.started_at
        took = f" after {(record.ended_at - begun).total_seconds():.1f} s" if begun else ", not started"
        error = f": {record.error}" if record.error else ""
        ended = f"{record.ended_at:%Y-%m-%d %H:%M:%S}{took}"
        yield printable(f"attempt {record.attempt} ended {ended}: {record.outcome}{error}")
    if attempts and attempts[-1].traceback:
        yield from ("    " + printable(part) for part in attempts[-1].traceback.rstrip().split("\n"))


def prune_lines(removed: Mapping[Status, int], *, dry_run: bool) -> Iterator[str]:
    """How many jobs went, or would go."""
    for status, jobs in removed.items():
        yield f"{status + ':':11}{jobs:>8,} {'would be removed' if dry_run else 'removed'}"


def stats_lines(stats: Stats) -> Iterator[str]:
    """Counts of all jobs, and the last hour by type."""
    for status, jobs in stats.jobs.items():
        yield f"{status + ':':11}{jobs:>10,}"
    yield f"{'processes:':11}{stats.workers:>10,}"
    for job_type in sorted(stats.last_hour):
        ended = ", ".join(f"{jobs:,} {status}" for status, jobs in stats.last_hour[job_type].items())
        yield printable(f"last hour  {job_type}: {ended}")
    for job_type in stats.unknown_types:
        yield printable(f"waiting    {job_type}: no worker knows this type")


def workers_finding(workers: Sequence[WorkerRow], is_dead: Callable[[WorkerRow], bool]) -> Finding:
    """Whether somebody works on the database, as far as this host can tell."""
    dead = list(filter(is_dead, workers))
    if dead:
        listed = ", ".join(f"pid {worker.pid}" for worker in dead)
        return Finding(
            "workers", "warning", f"{len(dead)} of {len(workers)} died ({listed}); a start rescues their jobs"
        )
    if not any(worker.slots for worker in workers):
        return Finding("workers", "warning", "no process works on this database")
    return _workers_ok([worker.slots for worker in workers])


def schedules_finding(late: Sequence[str]) -> Finding:
    """What the doctor says of schedules; ``late`` wait for longer than they should."""
    if not late:
        return Finding("schedules", "ok", "none waits for a time that a wrong clock gave it")
    names = ", ".join(late[:20])
    detail = f"a clock was ahead, so they wait for too long: {names}. `dayjob doctor --fix`, or a restart, wakes them."
    return Finding("schedules", "warning", detail)


def _workers_ok(slots: Sequence[int]) -> Finding:
    processes, whole = len(slots), sum(slots)
    words = f"{processes} process{'' if processes == 1 else 'es'}, {whole} slot{'' if whole == 1 else 's'}"
    return Finding("workers", "ok", words)


def processes_finding(workers: Sequence[WorkerStatus]) -> Finding:
    """The same, of what a server tells about the processes."""
    silent = [worker for worker in workers if worker.alive is False]
    blocked = [worker for worker in workers if worker.blocked_since is not None]
    if silent or blocked:
        listed = ", ".join(f"pid {worker.pid} on {worker.host}" for worker in [*silent, *blocked])
        return Finding("workers", "warning", f"{len(silent)} silent, {len(blocked)} blocked ({listed})")
    if not any(worker.slots for worker in workers):
        return Finding("workers", "warning", "no process works there")
    return _workers_ok([worker.slots for worker in workers])


def worker_row(worker: WorkerStatus) -> str:
    """A process in a list."""
    state = {True: "alive", False: "DEAD", None: "unknown"}[worker.alive]
    age = datetime.now(UTC) - worker.started_at
    where = printable(f"{worker.host} pid {worker.pid}")
    slots = f"{len(worker.running)}/{worker.slots} running" if worker.slots else "only watches"
    row = f"{where:28}  {state:7}  {slots:14}  since {duration(age.total_seconds())}  {_health(worker)}"
    return printable(f"{row}  {', '.join(worker.types)}").rstrip()


def schedule_row(schedule: ScheduleStatus) -> str:
    """A schedule in a list."""
    if schedule.next_run_at is None:
        coming = "paused"
    elif schedule.orphaned:
        coming = "nobody runs it"
    elif schedule.error is not None:
        coming = "failing"
    else:
        coming = f"{schedule.next_run_at:%Y-%m-%d %H:%M:%S} UTC"
    last = f"last job {schedule.last_job_id[-8:]}" if schedule.last_job_id else "no job yet"
    why = "" if schedule.error is None else f"  {schedule.error}"
    return printable(f"{schedule.name:24}  {coming:23}  {last:17}  {schedule.words} ({schedule.time_zone}){why}")


def finding_line(finding: Finding) -> str:
    """One thing that the doctor looked at."""
    mark = {"ok": "ok", "warning": "WARNING", "error": "ERROR"}[finding.level]
    return printable(f"{mark:8} {finding.name}: {finding.detail}")


def is_broken(findings: Sequence[Finding]) -> bool:
    """Whether something is broken; a warning alone is not."""
    return any(finding.level == "error" for finding in findings)


def _note(job: JobStatus) -> str:
    waits = f"waits for {job.waits_for} child{'' if job.waits_for == 1 else 'ren'}" if job.waits_for else ""
    parts = [
        waits,
        "stalled" if job.stalled else "",
        "" if job.finished else job.stage or "",
        job.error or job.message or "",
    ]
    return ": ".join(filter(None, parts))


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _health(worker: WorkerStatus) -> str:
    blocked = f"BLOCKED by {', '.join(worker.blocked_by) or 'something'}" if worker.blocked_since else ""
    stuck = f"{worker.stuck} stuck" if worker.stuck else ""
    return ", ".join(filter(None, [blocked, stuck])) or "ok"
