"""`Source`: where the jobs are that a command is about. Commands do not know which kind of source they have."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from ..errors import JobNotFound
from ..models import AttemptRecord, JobStatus, LogLine
from ..processes import Process
from ..repository import Finding
from ..request import JobRequest
from ..schedule import ScheduleStatus
from ..states import Status
from ..stats import Stats

_NEWEST = 1000  # jobs that an abbreviated id is looked for in


@dataclass(frozen=True, slots=True)
class WorkerStatus(Process):
    """A process, and whether it lives: None if that cannot be told from here."""

    alive: bool | None


class Source(Protocol):
    """A queue as the command line sees it, without the secrets of its jobs. To be entered before use.

    Raises `JobNotFound`, `ScheduleNotFound` and what else the queue raises, `Unreachable` and `Refused` for a server
    that does not answer or does not let us in, `WrongUse` for what this kind of source cannot do.
    """

    async def __aenter__(self) -> Self: ...
    async def __aexit__(self, *_: object) -> None: ...

    async def list_jobs(
        self,
        statuses: Sequence[Status],
        types: Sequence[str],
        limit: int,
        parent: str | None = None,
        owner: str | None = None,
    ) -> list[JobStatus]:
        """The newest first, without arguments and results."""
        ...

    async def get_job(self, job_id: str) -> JobStatus | None:
        """The job with this whole id; None: there is none."""
        ...

    async def get_attempts(self, job_id: str) -> list[AttemptRecord]:
        """Its attempts that ended, oldest first."""
        ...

    async def get_logs(self, job_id: str, after: int, limit: int) -> list[LogLine]:
        """What it logged: lines with a ``seq`` above ``after``."""
        ...

    async def create(self, request: JobRequest) -> JobStatus:
        """Add a job."""
        ...

    async def cancel(self, job_id: str) -> JobStatus:
        """Cancel a job; what it is then: running while it stops, or as it had ended before."""
        ...

    async def retry(self, job_id: str) -> JobStatus:
        """Add a new job like one that ended."""
        ...

    async def stats(self) -> Stats:
        """The numbers."""
        ...

    async def workers(self) -> list[WorkerStatus]:
        """The processes, the oldest first."""
        ...

    async def schedules(self) -> list[ScheduleStatus]:
        """All schedules, by name."""
        ...

    async def pause_schedule(self, name: str) -> ScheduleStatus:
        """Add no more of its jobs."""
        ...

    async def resume_schedule(self, name: str) -> ScheduleStatus:
        """Go on with it."""
        ...

    async def run_schedule(self, name: str) -> JobStatus:
        """Add one of its jobs now."""
        ...

    async def prune(self, *, dry_run: bool) -> Mapping[Status, int]:
        """Remove old jobs, or only count them."""
        ...

    async def examine(self, *, thorough: bool) -> list[Finding]:
        """Look whether all is well. The source need not be entered: a sick one could not be."""
        ...

    async def fix(self) -> None:
        """Mend what can be mended without a loss."""
        ...

    def changes(self) -> AsyncIterator[None]:
        """Once now, and then whenever there may be news."""
        ...


async def find(source: Source, wanted: str) -> JobStatus:
    """The job with this id, or the one among the newest whose id ends so. Raises `JobNotFound`."""
    if (job := await source.get_job(wanted)) is not None:
        return job
    newest = await source.list_jobs((), (), _NEWEST) if wanted else []
    matching = [job for job in newest if job.id.endswith(wanted)]
    if len(matching) > 1:
        raise JobNotFound(f"{len(matching)} jobs end with '{wanted}'; give more of the id.")
    job = await source.get_job(matching[0].id) if matching else None
    if job is None:
        raise JobNotFound(f"There is no job '{wanted:.130}'. `dayjob list` shows what there is.")
    return job
