"""What the commands ``show``, ``logs``, ``prune``, ``stats`` and ``doctor`` print, as lines and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .maintenance import host_name
from .models import AttemptRecord, LogLine
from .presence import is_gone
from .repository import Finding, WorkerRow
from .states import Status
from .stats import Stats
from .terminal import printable


def log_line(line: LogLine) -> str:
    """A line of a job's log; its further lines, as of a traceback, are indented: none can pass for another line."""
    first, *more = (printable(part) for part in line.text.split("\n"))
    return "\n    ".join([f"{line.at:%Y-%m-%d %H:%M:%S} {line.level:8} {first}", *more])


def log_document(line: LogLine) -> dict[str, Any]:
    """The same as JSON."""
    at = line.at.isoformat()
    return {"seq": line.seq, "attempt": line.attempt, "at": at, "level": line.level, "text": line.text}


def attempt_lines(attempts: Sequence[AttemptRecord]) -> Iterator[str]:
    """The attempts of a job with their errors, and the last traceback."""
    for record in attempts:
        begun = record.started_at
        took = f" after {(record.ended_at - begun).total_seconds():.1f} s" if begun else ", not started"
        error = f": {printable(record.error)}" if record.error else ""
        yield f"attempt {record.attempt} ended {record.ended_at:%Y-%m-%d %H:%M:%S}{took}: {record.outcome}{error}"
    if attempts and attempts[-1].traceback:
        yield from ("    " + printable(part) for part in attempts[-1].traceback.rstrip().split("\n"))


def attempt_document(record: AttemptRecord) -> dict[str, Any]:
    """An attempt as JSON."""
    return {
        "attempt": record.attempt,
        "worker": record.worker,
        "started_at": record.started_at and record.started_at.isoformat(),
        "ended_at": record.ended_at.isoformat(),
        "outcome": record.outcome.value,
        "error": record.error,
        "traceback": record.traceback,
    }


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
        yield f"last hour  {job_type}: {ended}"


def stats_document(stats: Stats) -> dict[str, Any]:
    """The same as JSON."""
    return dataclasses.asdict(stats)


def workers_finding(workers: Sequence[WorkerRow], database: Path) -> Finding:
    """Whether somebody works on the database, as far as this host can tell."""
    folder = database.with_name(database.name + ".workers")
    dead = [w for w in workers if w.host == host_name() and is_gone(folder, w.id)]
    if dead:
        listed = ", ".join(f"pid {worker.pid}" for worker in dead)
        return Finding(
            "workers", "warning", f"{len(dead)} of {len(workers)} died ({listed}); a start rescues their jobs"
        )
    if not any(worker.slots for worker in workers):
        return Finding("workers", "warning", "no process works on this database")
    return Finding("workers", "ok", f"{len(workers)} processes, {sum(w.slots for w in workers)} slots")


def finding_line(finding: Finding) -> str:
    """One thing that the doctor looked at."""
    mark = {"ok": "ok", "warning": "WARNING", "error": "ERROR"}[finding.level]
    return f"{mark:8} {finding.name}: {printable(finding.detail)}"


def exit_code(findings: Sequence[Finding]) -> int:
    """0 for well, 1 if something is broken; a warning alone is 0."""
    return int(any(finding.level == "error" for finding in findings))
