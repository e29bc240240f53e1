"""The nouns that everything else talks about: what was asked, what happened, how a type of job is run."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from .arguments import Arguments, Checked, canonical, essential
from .errors import InvalidArguments
from .origin import Origin
from .payload import MAX_ARGS, check, decode
from .redaction import of_arguments
from .retry import Backoff, exponential
from .return_type import ReturnType
from .states import TERMINAL, Event, Status

LONGEST_CONCURRENCY_KEY = 500  # characters
Handler = Callable[..., Any]
Unique = bool | str | Callable[[dict[str, Any]], str]
ConcurrencyKey = str | Callable[[dict[str, Any]], str]


class StopReason(StrEnum):
    """Why a running handler was asked to stop; handlers read it as ``ctx.stop_reason``."""

    CANCELLED = "cancelled"  # by a person: the job ends cancelled
    SHUTDOWN = "shutdown"  # the process stops: the job is pending again at once, no failure is counted
    TIMEOUT = "timeout"  # its timeout is over: a failure
    LEASE_LOST = "lease_lost"  # another process took the job over: nothing is written


@dataclass(frozen=True, slots=True)
class Limit:
    """How many jobs of a type may run at the same time, in all processes of a database together, or so many per key."""

    running: int
    per_key: bool = False


@dataclass(frozen=True, slots=True)
class JobType:
    """How the jobs of one type are run; made by `JobRegistry.register` from the arguments of ``@job``."""

    name: str
    handler: Handler
    description: str
    arguments: Arguments
    returns: ReturnType
    max_attempts: int = 1
    timeout: float | None = None  # seconds; None: no limit
    backoff: Backoff = field(default_factory=exponential)
    unique: Unique = False
    on_orphan: str = "retry"
    stalled_after: float | None = None  # seconds without progress; None: any number is fine
    runs_in: str = "task"  # or "thread", "process"
    max_concurrency: int | None = None
    concurrency_key: ConcurrencyKey | None = None
    max_pending: int | None = None
    origin: Origin | None = None  # how a child process finds the handler; None: it runs in none
    log_level: int = logging.INFO  # of the lines that tell that a job started, and that it completed

    def unique_key(self, args: Checked) -> str | None:
        """What may be active only once, or None. Raises `InvalidArguments` if ``unique`` makes no key of ``args``."""
        if self.unique is True:
            return self.own_key(canonical(essential(args.stored, self.arguments.defaults)))
        if callable(self.unique):
            return self.own_key(self._key("unique", self.unique, args))
        return self.own_key(self.unique) if self.unique else None

    @property
    def limit(self) -> Limit | None:
        """How many of its jobs may run at the same time; None: as many as there are workers."""
        if self.max_concurrency is None:
            return None
        return Limit(self.max_concurrency, per_key=self.concurrency_key is not None)

    def concurrency_group(self, args: Checked) -> str | None:
        """What a job with these arguments is counted by. A text is the same for all types that use it.

        Raises `InvalidArguments` if ``concurrency_key`` makes no key of ``args``.
        """
        if self.concurrency_key is None:
            return None
        if isinstance(self.concurrency_key, str):
            return f" {self.concurrency_key}"
        key = self._key("concurrency_key", self.concurrency_key, args)
        if len(key) > LONGEST_CONCURRENCY_KEY:
            longest = LONGEST_CONCURRENCY_KEY
            raise InvalidArguments(f"concurrency_key of '{self.name}' is longer than {longest} characters.")
        return self.own_key(key)

    def _key(self, option: str, function: Callable[[dict[str, Any]], str], args: Checked) -> str:
        """What a key function makes of the arguments as the handler will see them."""
        seen = self.arguments.complete(args.bound)
        what = f"{option} of '{self.name}'"
        try:
            key = function(seen)
        except Exception as error:  # whatever it is, it is about these arguments, and whoever sent them has to know
            reason = of_arguments(seen, self.arguments.secret).text(f"{type(error).__name__}: {error}")
            raise InvalidArguments(f"{what} makes no key of these arguments: {reason:.500}") from error
        if not isinstance(key, str):
            raise InvalidArguments(f"{what} returned a {type(key).__name__} for these arguments; it has to be a str.")
        check(key, what=what, limit=MAX_ARGS)
        return key

    def own_key(self, key: str) -> str:
        """A key that no other type can have: names are without spaces."""
        return f"{self.name} {key}"


@dataclass(frozen=True, slots=True)
class Idempotency:
    """A caller's key for one request, and what the request was. ``expires_at`` is microseconds since 1970 (UTC)."""

    scope: str
    key: str
    hash: str
    expires_at: int


class NewJob(NamedTuple):
    """A job that is asked for and not stored yet. Times are microseconds since 1970 (UTC).

    ``max_attempts`` 0 is what its type says, which only the process that claims it knows.
    """

    id: str
    type: str
    args: str
    created_at: int
    run_at: int
    priority: int = 0
    max_attempts: int = 1
    unique_key: str | None = None
    concurrency_key: str | None = None
    max_pending: int | None = None  # of its type
    max_pending_in_all: int | None = None
    idempotency: Idempotency | None = None
    parent_id: str | None = None
    timeout: float | None = None
    owner: str | None = None
    defaults: Mapping[str, str] = {}  # of its arguments, as JSON: what may be said or left out

    def is_like(self, job_type: str, args: str) -> bool:
        """Whether a job of this type with these arguments (JSON) is what is asked for."""
        return job_type == self.type and self.essential(args) == self.essential(self.args)

    def essential(self, args: str) -> dict[str, Any]:
        """The arguments (JSON) without those that only say their default."""
        return essential(decode(args), self.defaults)


@dataclass(slots=True)
class JobDefinition:
    """What a worker gets: the job that was asked for, with the handler that its type names.

    ``func`` is None only for a type that this process does not know. ``attempt`` counts the claims of the job and is
    the fencing token: whatever is written about this attempt takes effect only while ``worker`` and ``attempt`` match.
    """

    id: str
    type: str
    args: dict[str, Any]
    created_at: datetime
    func: Handler | None = None
    worker: str = ""
    attempt: int = 1
    failures: int = 0
    orphans: int = 0
    max_attempts: int = 1
    cancel_requested: bool = False
    rev: int = 0
    checkpoint: str | None = None  # JSON
    resumed: Progress | None = None  # how far the job was when the checkpoint was made
    parent_id: str | None = None
    seq: int = 0  # where the database has it
    timeout: float | None = None  # seconds; None: what its type says


@dataclass(frozen=True, slots=True)
class JobStatus:
    """What happened to a job so far, as the database has it. Times are aware and in UTC.

    ``progress`` is 0 to 100, and 100 only when the job is completed. ``rev`` is the database's change number of the
    job's last change: a higher one is newer. ``parent_id`` is the job whose handler added this one; a pending job with
    ``waits_for`` waits until so many of its children end. ``timeout`` is the job's own; None: that of its type, if any.
    ``max_attempts`` is None until a process that knows the type claims the job, if it was added by one that did not.
    ``owner`` is whose job it is, as who added it said; None: nobody's.
    """

    id: str
    type: str
    status: Status
    progress: int
    total_items: int | None
    processed_items: int
    message: str | None
    result: Any
    error: str | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None
    attempt: int
    rev: int
    args: Mapping[str, Any] = field(default_factory=dict)
    priority: int = 0
    run_at: datetime | None = None
    failures: int = 0
    max_attempts: int | None = 1
    cancel_requested_at: datetime | None = None
    worker: str | None = None
    stage: str | None = None
    progressed_at: datetime | None = None
    stalled_since: datetime | None = None
    parent_id: str | None = None
    waits_for: int | None = None
    timeout: float | None = None
    owner: str | None = None

    @property
    def stalled(self) -> bool:
        """Whether it runs without progress for longer than its type finds normal (``stalled_after``)."""
        return self.stalled_since is not None

    @property
    def finished(self) -> bool:
        """Whether the job ended: completed, failed or cancelled."""
        return self.status in TERMINAL


def percent_of(processed: float, total: float | None, share: tuple[int, int], least: int) -> int:
    """The percent of a running attempt that has ``processed`` items of ``total`` (see `Progress`): 0 to 99."""
    begins, ends = share
    done = int(min(processed, total) * (ends - begins) // total) if total else 0
    return min(99, max(least, begins + done))


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running attempt is. ``rate`` is items per second, ``eta`` seconds; None until they mean something.

    In a stage all numbers but ``percent`` are the stage's. ``share`` are the percent of the whole at which the stage
    begins and ends; ``least`` is a percent that was reached already and is not taken back.
    """

    processed: int = 0
    total: int | None = None
    message: str | None = None
    rate: float | None = None
    eta: float | None = None
    stage: str | None = None
    share: tuple[int, int] = (0, 100)
    least: int = 0

    @property
    def percent(self) -> int:
        """0 to 99: a job that still runs is never at 100."""
        return percent_of(self.processed, self.total, self.share, self.least)

    def counts(self) -> dict[str, Any]:
        """What another attempt, or another process, needs to go on from here: JSON members."""
        return {
            "processed": self.processed,
            "total": self.total,
            "message": self.message,
            "stage": self.stage,
            "share": self.share,
            "percent": self.percent,
        }

    @classmethod
    def of_counts(cls, counts: Mapping[str, Any]) -> Progress:
        """The progress that `counts` told."""
        begins, ends = counts["share"]
        return cls(
            processed=counts["processed"],
            total=counts["total"],
            message=counts["message"],
            stage=counts["stage"],
            share=(begins, ends),
            least=counts["percent"],
        )


class Transition(NamedTuple):
    """What `outcome.decide` wants written about an attempt that ended. Times are microseconds since 1970 (UTC)."""

    event: Event
    status: Status
    now: int
    result: str | None = None
    error: str | None = None
    message: str | None = None
    run_at: int | None = None
    failures: int = 0
    orphans: int = 0
    children: tuple[str, ...] = ()  # ids: what a job that waits is waiting for


class Ended(NamedTuple):
    """How a job ended; ``result`` is JSON."""

    id: str
    status: str
    result: str | None
    error: str | None


class Settlement(NamedTuple):
    """The end of an attempt, as it is to be written: of which job, what becomes of it, and what the attempt left.

    ``failure`` and ``log_level`` (that of a completion) are for the log of this process.
    """

    job: JobDefinition
    transition: Transition
    report: AttemptReport
    failure: Failure | None = None
    log_level: int = logging.INFO


class Failure(NamedTuple):
    """The exception that ended an attempt, and its traceback as text; neither tells a secret of the job."""

    error: BaseException
    traceback: str | None


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line that a job logged. ``seq`` rises within the job; ``at`` is aware and in UTC."""

    seq: int
    attempt: int
    at: datetime
    level: str
    text: str


@dataclass(frozen=True, slots=True)
class NewLines:
    """Lines that are not stored yet: (microseconds since 1970, level, text), after ``dropped`` that had no room."""

    lines: tuple[tuple[int, str, str], ...] = ()
    dropped: int = 0

    def __bool__(self) -> bool:
        return bool(self.lines or self.dropped)


class AttemptReport(NamedTuple):
    """What an attempt leaves behind beside its outcome: when it began, how far it got, and its last log lines.

    Times are microseconds since 1970 (UTC).
    """

    started_at: int | None = None
    progress: Progress | None = None
    progressed_at: int | None = None
    stalled_since: int | None = None
    log: NewLines = NewLines()
    traceback: str | None = None


@dataclass(frozen=True, slots=True)
class AttemptRecord:
    """An attempt that ended. Times are aware and in UTC; ``started_at`` is None if the handler was never called.

    ``outcome`` is the event that ended it: complete, fail, cancel, retry, wait (for children), or release (back to
    pending, no failure).
    """

    attempt: int
    worker: str | None
    started_at: datetime | None
    ended_at: datetime
    outcome: Event
    error: str | None
    traceback: str | None
