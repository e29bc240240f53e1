"""A job as one reader follows it: its newest state, put together of what the bus tells."""

from __future__ import annotations

from dataclasses import replace

from .events import JobEvent, ProgressMade, StatusChanged
from .mailbox import Mailbox
from .models import JobStatus, Progress
from .states import Status

_STATE, _END = "state", "end"


class Subscription:
    """The newest state of one job, for a reader that takes its time: states that it was too slow for are left out.

    The last state is never left out, since nothing comes after it. At most two places are used.
    """

    def __init__(self) -> None:
        self._box: Mailbox[JobStatus | None] = Mailbox(slots=2)
        self._current: JobStatus | None = None
        self._error: BaseException | None = None

    def on_event(self, event: JobEvent) -> None:
        """A listener for the bus."""
        if isinstance(event, StatusChanged):
            self.put(event.status)
        elif isinstance(event, ProgressMade) and self._current is not None and self._current.status is Status.RUNNING:
            self._set(_further(self._current, event.progress))

    def put(self, status: JobStatus) -> None:
        """A committed state; one that is older than what is known changes nothing."""
        if self._current is None or status.rev > self._current.rev:
            self._set(status)

    def end(self, error: BaseException | None) -> None:
        """Nothing more will come, because of ``error``."""
        self._error = error
        self._box.put(_END, None)

    async def next(self) -> JobStatus:
        """The newest state that was not given out yet; waits for it. Raises the error of `end` after the last one."""
        status = await self._box.get()
        if status is None:
            raise self._error or RuntimeError("the end was told without an error")
        return status

    def _set(self, status: JobStatus) -> None:
        self._current = status
        self._box.put(_STATE, status)


def _further(status: JobStatus, progress: Progress) -> JobStatus:
    return replace(
        status,
        progress=progress.percent,
        processed_items=progress.processed,
        total_items=progress.total,
        message=progress.message,
        stage=progress.stage,
    )
