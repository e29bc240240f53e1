"""What a handler gets when it asks for ``ctx``."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Generator
from typing import Any

from . import payload
from .errors import Stopped
from .job_log import JobLogger
from .models import JobDefinition, StopReason
from .progress import ProgressReporter

log = logging.getLogger("dayjob.job")


class JobContext:
    """The running job as its handler sees it: ids, progress, and whether to stop.

    >>> async def resize(ctx: JobContext, *, width: int = 800) -> int:
    ...     for n in range(10):
    ...         ctx.check()                       # stops here when the job is cancelled
    ...         await ctx.progress.update(1, f"picture {n}")
    ...     return 10
    """

    def __init__(
        self,
        job: JobDefinition,
        stop_reason: Callable[[], StopReason | None],
        keep: Callable[[str], Awaitable[None]],
    ) -> None:
        self._job = job
        self._stop_reason = stop_reason
        self._keep = keep
        self._progress: ProgressReporter | None = None
        self.log: JobLogger = JobLogger(log, {"job_id": job.id, "attempt": job.attempt})

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
        """The job's progress. Raises `NotInJob` outside the job."""
        if self._progress is None:
            self._progress = ProgressReporter(self._job.id)
        return self._progress

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
        return self._keep(payload.encode(value, what="checkpoint", limit=payload.MAX_CHECKPOINT))

    @property
    def stop_reason(self) -> StopReason | None:
        """Why the job has to stop, or None as long as it may go on. May be read from any thread."""
        return self._stop_reason()

    def check(self) -> None:
        """Raise `Stopped` if the job has to stop: the way to end a loop in a thread cleanly."""
        if (reason := self._stop_reason()) is not None:
            raise Stopped(reason.value)


class Kept:
    """What a call returns that has waited already, so that it may be awaited too."""

    def __await__(self) -> Generator[Any, None, None]:
        yield from ()
