"""The queue of the process that looks on while others are killed."""

from __future__ import annotations

from pathlib import Path

from tests.crash.child import registry as child_types
from tests.support import query

from dayjob import JobQueue, JobRegistry


def front(path: Path, registry: JobRegistry = child_types) -> JobQueue:
    """A process that enqueues and watches while others are killed."""
    return JobQueue(f"sqlite:///{path}", registry=registry, max_workers=0)


def unfinished(path: Path) -> int:
    return query(path, "SELECT count(*) FROM dayjob_job WHERE status IN ('pending', 'running')")[0][0]
