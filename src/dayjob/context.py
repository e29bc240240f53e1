"""What a handler gets when it asks for ``ctx``."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, Protocol, TypeVar, Unpack, cast, overload

from . import payload
from .awaitable import at_once
from .errors import JobFailed, Stopped, Waiting
from .job_log import JobLog, JobLogger
from .models import Ended, Handler, JobDefinition, StopReason
from .options import RUN_OPTIONS, RunOptions, check_options, mapping, text
from .origin import Named
from .progress import JobProgress, ProgressReporter
from .states import Status

log = logging.getLogger("dayjob.job")
T = TypeVar("T")
R = TypeVar("R")
R_co = TypeVar("R_co", covariant=True)

WENT_ON = (
    "The handler went on after ctx.join() had ended this attempt to wait for children, and returned. Let Waiting pass: "
    "do not catch BaseException around ctx.join(), and do not return in a `finally` there."
)


@dataclass(frozen=True, slots=True)
class Child(Generic[R_co]):
    """A job that the running job added, whose result is an ``R_co``: for ``ctx.join``. It may be awaited."""

    id: str

    def __await__(self) -> Generator[Any, None, Child[R_co]]:
        return at_once(self)


class Results(list[R]):
    """The results of children, in their order. In a coroutine ``await ctx.join(...)`` for them."""

    def __await__(self) -> Generator[Any, None, Results[R]]:
        return at_once(self)


@dataclass(frozen=True, slots=True)
class ChildRequest:
    """What ``ctx.enqueue_child`` was called with. ``job``: a type, a handler, or one as another process tells it.

    ``options`` has those that were given, and say something. Raises `InvalidOption`.
    """

    job: str | Handler | Named
    job_args: Mapping[str, Any] = field(default_factory=dict)
    key: str | None = None
    options: RunOptions = field(default_factory=RunOptions)

    def __post_init__(self) -> None:
        object.__setattr__(self, "job_args", mapping("job_args", self.job_args))
        object.__setattr__(self, "options", check_options(self.options, RUN_OPTIONS))
        if self.key is not None:
            text("key", self.key)


class ChildPort(Protocol):
    """What a context needs to add and to join children. What it returns is `Done` where the call itself waited."""

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        """Store a child, or find it; its id."""

    def read(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        """How they ended, in their order; None if some of them have not."""


class AttemptPort(Protocol):
    """What a context needs of the attempt that it belongs to, which makes its parts when it is asked for them."""

    @property
    def job(self) -> JobDefinition: ...
    @property
    def stop_reason(self) -> StopReason | None: ...
    @property
    def progress(self) -> JobProgress: ...
    @property
    def log(self) -> JobLog | None: ...
    @property
    def children(self) -> ChildPort: ...

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """Store a checkpoint (JSON)."""

    def redact(self, text: str) -> str:
        """``text`` without the job's secrets."""


class JobContext:
    """The running job as its handler sees it: ids, progress, and whether to stop.

    >>> async def resize(ctx: JobContext, *, width: int = 800) -> int:
    ...     for n in range(10):
    ...         ctx.check()                       # stops here when the job is cancelled
    ...         await ctx.progress.update(1, f"picture {n}")
    ...     return 10
    """

    def __init__(self, attempt: AttemptPort) -> None:
        self._attempt = attempt
        self._job = attempt.job
        self.left_to_wait = False  # whether `join` ended this attempt, whatever the handler made of it
        self._reporter: ProgressReporter | None = None  # made for those who ask
        self._logger: JobLogger | None = None

    @property
    def job_id(self) -> str:
        """The job's id."""
        return self._job.id

    @property
    def job_type(self) -> str:
        """The name of the job's type."""
        return self._job.type

    @property
    def attempt(self) -> int:
        """1 for the first run of this job; every further run, after a failure, a stop or a crash, adds one."""
        return self._job.attempt

    @property
    def progress(self) -> ProgressReporter:
        """The job's progress, for all threads of the handler. After the job's end its calls raise `NotInJob`."""
        if self._reporter is None:
            self._reporter = ProgressReporter.to(self._attempt.progress)
        return self._reporter

    @property
    def log(self) -> JobLogger:
        """A logger whose lines reach the job's log, whatever the levels of the app."""
        if self._logger is None:
            told = {"job_id": self._job.id, "attempt": self._job.attempt}
            self._logger = JobLogger(log, told, self._attempt.log)
        return self._logger

    @property
    def restored(self) -> Any:
        """The last checkpoint that an earlier attempt of this job made, or None: begin from the start."""
        return None if self._job.checkpoint is None else payload.decode(self._job.checkpoint)

    def checkpoint(self, value: Any) -> Awaitable[None]:
        """Keep ``value`` (at most 64 KiB of JSON) for the next attempt, which finds it in `restored`.

        In a coroutine ``await`` it; in a plain function the call itself waits. When that is over, the value is on disk,
        with the progress of this moment, from which the next attempt counts on. A crash, a shutdown and a retry keep
        it. It costs a write to the disk: make one every few seconds of work rather than for every small item.

        >>> async def import_pages(ctx: JobContext, pages: list[str]) -> None:
        ...     done = ctx.restored or 0
        ...     for number, page in enumerate(pages[done:], done + 1):
        ...         await import_page(page)
        ...         await ctx.checkpoint(number)

        Raises `InvalidPayload` or `PayloadTooLarge` for a value that cannot be kept, `StorageError`, and `Stopped` if
        the job runs somewhere else by now (then nothing was written), or if a plain function has to stop.
        """
        limit = payload.MAX_CHECKPOINT
        return self._attempt.keep(payload.encode(value, what="checkpoint", limit=limit, redact=self._attempt.redact))

    @overload
    def enqueue_child(
        self,
        job: str,
        job_args: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Unpack[RunOptions],
    ) -> Child[Any]: ...
    @overload
    def enqueue_child(
        self,
        job: Callable[..., Awaitable[R]],
        job_args: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Unpack[RunOptions],
    ) -> Child[R]: ...
    @overload
    def enqueue_child(
        self,
        job: Callable[..., R],
        job_args: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Unpack[RunOptions],
    ) -> Child[R]: ...
    def enqueue_child(
        self,
        job: str | Handler,
        job_args: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **options: Unpack[RunOptions],
    ) -> Child[Any]:
        """Add a job that belongs to this one: a cancel of this job reaches it, and `join` waits for it.

        ``job`` is a type or its handler; ``job_args`` are as for `JobQueue.enqueue`, ``options`` those of `RunOptions`:
        ``priority``, ``delay``, ``timeout`` and so on. In a coroutine ``await`` it; in a plain function the call itself
        waits. When that is over, the child is on disk.

        A job that runs again, after `join` or for any other reason, adds nothing twice: the same call, with the same
        type and arguments (and the how-manyth of its kind in this run), gives the child that is there. A ``key`` of 1
        to 255 characters says so itself: the same key is the same child, whatever came before it. Of a ``unique`` type
        there is one child per unique key. A job has 10,000 children at most.

        >>> async def resize_all(ctx: JobContext, paths: list[str]) -> list[str]:
        ...     children = [await ctx.enqueue_child(resize, {"path": path}) for path in paths]
        ...     return await ctx.join(children)

        Raises `Stopped` if this job is being cancelled, or runs somewhere else by now; `JobExists` for a ``key`` with
        another type or other arguments, or if a job that is no such child has the unique key; `NotInJob` when the job
        is over; `UnknownJobType`, `InvalidArguments`, `QueueFull`, `StorageError`.
        """
        args: Any = job_args  # None is no argument
        asked = ChildRequest(job, args, key, options)
        stored = self._attempt.children.enqueue(asked)
        if isinstance(stored, Done):
            return Child(stored.value)
        return cast("Child[Any]", _child(stored))  # which awaiting turns into what it is said to be

    @overload
    def join(self, children: Iterable[Child[R]], return_exceptions: Literal[False] = False) -> Results[R]: ...
    @overload
    def join(self, children: Iterable[Child[R]], return_exceptions: bool) -> Results[R | JobFailed]: ...
    def join(self, children: Iterable[Child[Any]], return_exceptions: bool = False) -> Results[Any]:
        """The results of children, in their order, when all of them have ended.

        If some have not, this attempt ends here: `Waiting` is raised, the job becomes pending and holds no slot.
        When the last of them has ended, **the handler is called again from the top**: its `enqueue_child` gives the
        children that are there, and this call returns. So what stands before it runs twice: make it repeatable, or
        keep what it made with `checkpoint`.

        A child that failed or was cancelled raises `JobFailed`, after all have ended; with ``return_exceptions`` it
        stands in the list, as with `asyncio.gather`. In a coroutine ``await`` it. The results are what JSON makes of
        them, 16 MiB together at most.

        Raises `InvalidArguments` for children of another job, `PayloadTooLarge`, `NotInJob`, `StorageError`.
        """
        ids = [_id_of(child) for child in children]
        looked = self._attempt.children.read(ids)
        if isinstance(looked, Done):
            return Results(self._results(ids, looked.value, return_exceptions))
        return cast("Results[Any]", self._join(ids, looked, return_exceptions))

    async def _join(
        self, ids: list[str], looked: Awaitable[list[Ended] | None], return_exceptions: bool
    ) -> Results[Any]:
        return Results(self._results(ids, await looked, return_exceptions))

    def _results(self, ids: list[str], ended: list[Ended] | None, return_exceptions: bool) -> list[Any]:
        if ended is None:
            self.left_to_wait = True
            raise Waiting(ids)
        results = [_result(child) for child in ended]
        failed = [result for result in results if isinstance(result, JobFailed)]
        if failed and not return_exceptions:
            raise failed[0]
        return results

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the job has to stop, or None as long as it may go on. May be read from any thread."""
        return self._attempt.stop_reason

    def check(self) -> None:
        """Raise `Stopped` if the job has to stop: the way to end a loop in a thread cleanly."""
        if (reason := self._attempt.stop_reason) is not None:
            raise Stopped(reason.value)


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What a call returns that has waited already, so that it may be awaited too."""

    value: T

    def __await__(self) -> Generator[Any, None, T]:
        return at_once(self.value)


async def _child(stored: Awaitable[str]) -> Child[Any]:
    return Child(await stored)


def _id_of(child: Child[Any]) -> str:
    if not isinstance(child, Child):
        raise TypeError(f"{child!r:.80} is no child; in a coroutine use `await ctx.enqueue_child(...)`.")
    return child.id


def _result(child: Ended) -> Any:
    if child.status == Status.COMPLETED:
        return None if child.result is None else payload.decode(child.result)
    return JobFailed(f"Job '{child.id}' {child.status}: {child.error or 'no reason was given'}")
