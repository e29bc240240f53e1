"""The port to the database: what a queue needs of it, whichever it is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from asyncio import Future
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NamedTuple

from .. import payload
from ..clock import now_micros
from ..errors import IllegalTransition, JobNotFound, StorageError
from ..models import (
    Attempt,
    AttemptRecord,
    Ended,
    JobDefinition,
    JobStatus,
    Limit,
    LogLine,
    NewJob,
    NewLines,
    Progress,
    Settlement,
    StopReason,
    Transition,
)
from ..states import Event, Status, next_status
from .creation import Stored
from .rows import Health, JobRow, WorkerRow
from .schedules import Schedules

_HEALTHY = Health()
_EVENT_TO = {
    Status.COMPLETED: Event.COMPLETE,
    Status.FAILED: Event.FAIL,
    Status.CANCELLED: Event.CANCEL,
    Status.PENDING: Event.RELEASE,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, newest first, and the cursor of the next part (None: this was the last)."""

    items: list[JobStatus]
    next: int | None


PERIOD = 10_000_000  # microseconds, in which ended jobs are counted together


class EndedJobs(NamedTuple):
    """So many ``jobs`` of a type ended with ``status`` in a `PERIOD`, counted as Unix time is."""

    type: str
    status: Status
    period: int
    jobs: int


@dataclass(frozen=True, slots=True)
class Claim:
    """Jobs that now belong to this process, and when the next scheduled one is due (microseconds, None: none)."""

    jobs: list[JobDefinition]
    next_run_at: int | None


@dataclass(frozen=True, slots=True)
class Order:
    """What a process wants to claim: up to ``limit`` jobs of ``types``, within the limits that some types have.

    Only ``free`` of the jobs would start at once, the others wait in the process for their turn; not those ``at_once``.
    """

    worker: str
    types: Sequence[str]
    limit: int
    free: int
    limits: Mapping[str, Limit]
    at_once: Collection[str] = ()
    max_attempts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Pulse:
    """The answer to a beat: what this process runs according to the database, and all processes there are."""

    running: list[JobDefinition]
    workers: list[WorkerRow]


class JobRepository(ABC):
    """All that is stored about jobs, and the only code that writes it.

    Four methods write a status: `create_job`, `claim`, `settle` and `request_cancel`. What concerns a running attempt
    carries (worker, attempt) and takes effect only while both still match; else the answer is False.
    Futures are done after the commit; awaiting them is optional. Raises `StorageError` when the database cannot.

    ``on_changed`` is called on the event loop with rows that this process just committed: of progress all, of other
    changes those that are ``wanted`` (which is asked in any thread). ``on_ready`` is called when one of them may be
    claimed, ``on_foreign`` when other processes changed something.
    """

    schedules: Schedules
    on_changed: Callable[[list[JobRow]], None] = staticmethod(lambda _rows: None)
    wanted: Callable[[str], bool] = staticmethod(lambda _job_id: True)
    on_ready: Callable[[], None] = staticmethod(lambda: None)
    on_foreign: Callable[[int, int], None] = staticmethod(lambda _after, _upto: None)

    @property
    @abstractmethod
    def trouble(self) -> StorageError | None:
        """Why nothing can be stored now, as far as is known; None if all is well. Cheap: asked for every new job."""

    @abstractmethod
    async def open(self) -> None:
        """Connect, and bring the schema up to date."""

    @abstractmethod
    async def close(self) -> None:
        """Write what was submitted and disconnect."""

    @abstractmethod
    def create_job(self, new: NewJob) -> Future[tuple[JobRow, bool]]:
        """Store a job as pending. False as the second value: the job with this id or unique key, which was there.

        Raises `QueueFull` if the job is new and ``max_pending`` jobs wait already.
        """

    @abstractmethod
    def add_job(self, new: NewJob) -> Future[Stored]:
        """Like `create_jobs` for one; what comes at the same time from others is written with it, each for itself."""

    @abstractmethod
    def create_jobs(self, news: Sequence[NewJob]) -> Future[list[Stored]]:
        """Store jobs as pending, all of them or none; what was there already is found, in this order of rules:
        by idempotency key, by id, by the owner's unique key. Raises `IdempotencyConflict`, `JobExists`, `QueueFull`."""

    @abstractmethod
    def create_child(self, parent: JobDefinition, new: NewJob) -> Future[Stored | StopReason]:
        """Store a job that the running attempt ``parent`` adds, as `create_jobs` does; or why that attempt has to stop.

        It has its parent's owner. Raises `InvalidArguments` if there are too many, and `JobExists` also if ``new``
        would be another child's twin.
        """

    @abstractmethod
    async def read_children(self, parent_id: str, children: Sequence[str]) -> list[Ended] | None:
        """How these children of a job ended, in their order; None if some of them have not.

        Raises `InvalidArguments` for what is no child of that job, `PayloadTooLarge` for more than 16 MiB of results.
        """

    @abstractmethod
    def forget_keys(self, now: int) -> Future[int]:
        """Remove some idempotency keys that expired before ``now`` (microseconds); how many."""

    @abstractmethod
    def claim(
        self,
        worker: str,
        types: Sequence[str],
        limit: int,
        *,
        free: int | None = None,
        limits: Mapping[str, Limit] = MappingProxyType({}),
        at_once: Collection[str] = (),
        max_attempts: Mapping[str, int] = MappingProxyType({}),
    ) -> Future[Claim]:
        """Make up to ``limit`` ready jobs running attempts of ``worker``: by priority, then in order of arrival.

        ``limits`` holds over all processes; jobs that it keeps waiting are passed over. Of the jobs that two processes
        died under one is taken at most, if it is among the first ``free`` (those that start at once; default: all) and
        ``worker`` runs no other; and of the types ``at_once`` as many as are among these ``free``. ``max_attempts`` of
        the types (else 1) is for jobs that were added without. A process that is not registered (any more) gets none.
        """

    @abstractmethod
    def settle_all(self, ends: Sequence[Settlement]) -> Future[list[bool | BaseException]]:
        """Write how attempts ended, with the lines and the tracebacks that they left.

        A job that waits for children is ready when the last of them ends, at once if none is left. What ends tells
        the parent that waits for it, in the same transaction.
        For each False, and nothing is written, if it was not the job's current attempt any more, or what went wrong.
        """

    async def settle(self, job: JobDefinition, transition: Transition, attempt: Attempt) -> bool:
        """`settle_all` for one; raises what went wrong."""
        (settled,) = await self.settle_all([Settlement(job, transition, attempt)])
        if isinstance(settled, BaseException):
            raise settled
        return settled

    @abstractmethod
    def request_cancel(self, job_id: str) -> Future[JobStatus | None]:
        """Cancel a pending job, or ask a running one to stop; the job as it is then (None: there is none).

        With it go all jobs that it added, and those that they added, as far as they have not ended.
        """

    @abstractmethod
    def save_progress(self, job: JobDefinition, attempt: Attempt, *, announce: bool = True) -> Future[bool]:
        """Store how far a running attempt is, silently or not; False if it was not the current one any more."""

    @abstractmethod
    def add_logs(self, job: JobDefinition, new: NewLines) -> Future[bool]:
        """Store lines of a running attempt; False if it was not the current one any more.

        A job keeps its newest lines: `MAX_LINES` and `MAX_LOG` bytes.
        """

    @abstractmethod
    async def list_logs(self, job_id: str, after: int, limit: int) -> list[LogLine]:
        """The lines with a ``seq`` above ``after``, oldest first. Where some were dropped, a line says how many."""

    @abstractmethod
    async def list_attempts(self, job_id: str) -> list[AttemptRecord]:
        """The attempts that ended, oldest first (of very many the last ones)."""

    @abstractmethod
    async def list_unknown_types(self) -> dict[str, int]:
        """Types that no process knows which runs jobs, and since when (microseconds) a job of each is ready.

        Empty also if no process runs jobs at all.
        """

    @abstractmethod
    async def count_jobs(self, owner: str | None = None) -> dict[Status, int]:
        """How many jobs there are of each status, without counting them; those of an ``owner`` are counted."""

    @abstractmethod
    async def count_ended(self, period: int, owner: str | None = None) -> list[EndedJobs]:
        """How many jobs (of this ``owner``) of each type ended how in each `PERIOD`, from that one on."""

    @abstractmethod
    async def count_prunable(self, status: Status, before: int, limit: int) -> int:
        """How many jobs of ``status`` ended before that time (microseconds); counts to ``limit`` at most."""

    @abstractmethod
    def prune(self, status: Status, before: int, keep: int, limit: int) -> Future[int]:
        """Delete the oldest jobs of ``status`` that ended before that time (microseconds), and return how many.

        At most ``limit``, and never so many that fewer than ``keep`` would be left.
        """

    @abstractmethod
    def save_checkpoint(self, job: JobDefinition, attempt: Attempt, checkpoint: str) -> Future[bool]:
        """Store ``checkpoint`` (JSON) with how far the attempt is, safe from power failures; else False, as above."""

    @abstractmethod
    async def get_job(self, job_id: str) -> JobStatus | None:
        """The job with this id."""

    @abstractmethod
    async def get_unique_key(self, job_id: str) -> str | None:
        """The unique key of this job, if it has one."""

    @abstractmethod
    async def list_jobs(
        self,
        statuses: Sequence[Status] = (),
        types: Sequence[str] = (),
        limit: int = 50,
        before: int | None = None,
        parent: str | None = None,
        owner: str | None = None,
    ) -> Page:
        """Newest first; empty ``statuses`` or ``types`` mean all of them; ``before`` is a page's ``next``.

        ``parent``: only the children of this job. ``owner``: only the jobs of this owner.
        """

    @abstractmethod
    async def list_changed(self, after: int, upto: int) -> list[JobRow]:
        """The jobs whose last change has a number in ``(after, upto]``."""

    @abstractmethod
    async def existing(self, job_ids: Collection[str]) -> list[str]:
        """Those of these jobs that are there."""

    @abstractmethod
    async def list_running_of(self, worker: str) -> list[JobDefinition]:
        """The attempts that a process runs, or ran when it died."""

    @abstractmethod
    def register_worker(self, row: WorkerRow) -> Future[None]:
        """Tell the other processes that this one is there."""

    @abstractmethod
    def remove_worker(self, worker: str) -> Future[bool]:
        """Forget a process, unless jobs are still running there; whether it is forgotten now."""

    @abstractmethod
    async def list_workers(self) -> list[WorkerRow]:
        """All processes that are registered."""

    @abstractmethod
    def beat(self, worker: str, answer: Future[Pulse] | None, health: Health = _HEALTHY) -> None:
        """Raise the counter of ``worker`` and store its health, ahead of all that waits. For any thread."""

    async def update_job_status(
        self,
        job_id: str,
        status: str,
        progress: int | None = None,
        result: Any = None,
        error: str | None = None,
        *,
        worker: str,
        attempt: int,
    ) -> JobStatus:
        """End the running attempt (``worker``, ``attempt``) of a job with ``status``, through `settle` like all do.

        Raises `JobNotFound`, and `IllegalTransition` if that attempt does not run or may not go to ``status``.
        """
        event = _EVENT_TO.get(Status(status))
        if event is None:
            raise IllegalTransition(f"A job becomes {status} by a claim, not by an update.")
        text = None if result is None else payload.encode(result, what="result", limit=payload.MAX_RESULT)
        reached = None if progress is None else Progress(processed=progress, total=100)
        held = [j for j in await self.list_running_of(worker) if (j.id, j.attempt) == (job_id, attempt)]
        settled = held and await self.settle(held[0], _ending(held[0], event, text, error), Attempt(progress=reached))
        found = await self.get_job(job_id)
        if found is None:
            raise JobNotFound(f"There is no job '{job_id}'.")
        if not settled:
            raise IllegalTransition(f"Attempt {attempt} of job '{job_id}' does not run (any more) on '{worker}'.")
        return found


def _ending(job: JobDefinition, event: Event, result: str | None, error: str | None) -> Transition:
    now, status = now_micros(), next_status(Status.RUNNING, event)
    return Transition(event, status, now, result, error, failures=job.failures, orphans=job.orphans)
