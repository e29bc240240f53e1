"""What a running attempt stores before its end, and tells who listens: progress, log lines, checkpoints, stalls."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections.abc import Callable
from typing import Protocol

from ..events import EventBus, LogWritten, ProgressMade
from ..job_log import JobLog
from ..logger import logger
from ..models import AttemptReport, JobDefinition, JobStatus, JobType, NewLines, Progress
from ..progress import JobProgress
from ..repository import JobRepository, to_datetime
from .stall import StallWatch

log = logger("dayjob.recorder")

_LOG_EVERY = 0.25  # seconds: how long log lines may wait for company on their way to the disk
_NO_LINES = NewLines()
_SAVE_EVERY = 1.0  # seconds: how often progress is stored


class Recorded(Protocol):
    """The attempt that a recorder is for."""

    @property
    def job(self) -> JobDefinition: ...
    @property
    def job_type(self) -> JobType: ...
    @property
    def started_at(self) -> int: ...
    @property
    def loop(self) -> asyncio.AbstractEventLoop: ...
    @property
    def home(self) -> int:
        """The thread of ``loop``."""

    def check(self) -> None:
        """Raise `Stopped` if it has to stop."""

    def redact(self, text: str) -> str:
        """``text`` without the job's secrets."""


class Recorder:
    """The records of one attempt. `JobProgress` and `JobLog` take them in, in any thread; the rest is on the loop.

    ``on_lost`` is called when the database says that the job is not this attempt's any more.
    """

    def __init__(
        self, attempt: Recorded, repository: JobRepository, bus: EventBus, on_lost: Callable[[], None]
    ) -> None:
        self._attempt = attempt
        self._job = attempt.job
        self._repository = repository
        self._bus = bus
        self._on_lost = on_lost
        self._rev = attempt.job.rev
        self._is_announced = self._is_closed = False
        self._save_timer: asyncio.TimerHandle | None = None
        self._log_timer: asyncio.TimerHandle | None = None
        check = attempt.check if attempt.job_type.runs_in == "thread" else None
        self.progress = JobProgress(
            self._job.id, self._on_progress, attempt.loop, check, self._job.resumed, attempt.redact, attempt.home
        )
        self.log = JobLog(self._on_line, attempt.redact)
        self._stall = StallWatch(attempt.job_type.stalled_after, self._on_stall)

    def announce(self) -> None:
        """Store that the handler began, unless something was stored since."""
        if not self._is_announced:
            self._save_later(0.0)

    def save_checkpoint(self, checkpoint: str) -> asyncio.Future[bool]:
        """Store ``checkpoint`` (JSON) with the progress of this moment; whether it was."""
        self._note_progress()
        self.progress.count_in_hand()
        saved = self._repository.save_checkpoint(self._job, self._report_so_far(), checkpoint)
        saved.add_done_callback(self._on_saved)
        return saved

    def with_live_progress(self, status: JobStatus) -> JobStatus:
        """A committed change of the job, with the progress that was told meanwhile: news never go backwards."""
        self._rev = max(self._rev, status.rev)
        now = self._mask(self.progress.snapshot())
        return dataclasses.replace(
            status,
            processed_items=now.processed,
            total_items=now.total,
            progress=now.percent,
            message=now.message,
            stage=now.stage,
            stalled_since=None if self._stall.since is None else to_datetime(self._stall.since),
        )

    def close(self) -> AttemptReport:
        """The attempt ended: tell its last progress, take in nothing more; what is to be stored with its end."""
        self._is_closed = True
        for timer in (self._save_timer, self._log_timer):
            if timer is not None:
                timer.cancel()
        self.progress.close()
        self._stall.close()
        return self._report_so_far(self._mask_lines(self.log.close()))

    # --- progress ---

    def _on_progress(self, progress: Progress) -> None:
        job = self._job
        if self._bus.wants(job.id):
            self._bus.publish(ProgressMade(job.id, job.type, self._rev, self._mask(progress)))
        self._note_progress()
        self._save_later(_SAVE_EVERY)

    def _note_progress(self) -> None:
        if self._stall.note_progress():
            self._save_soon()

    def _on_stall(self) -> None:
        job, seconds = self._job, self._attempt.job_type.stalled_after
        log.warning("job %s (%s) is stalled: no progress for %g s; it goes on", job.id, job.type, seconds)
        self._save_soon()

    def _save_soon(self) -> None:
        """Store what is news for everybody, and tell it."""
        self._is_announced = False
        if self._save_timer is not None:
            self._save_timer.cancel()
            self._save_timer = None
        self._save_later(0.0)

    def _save_later(self, seconds: float) -> None:
        if self._save_timer is None and not self._is_closed:
            self._save_timer = self._attempt.loop.call_later(seconds, self._save)

    def _save(self) -> None:
        self._save_timer = None
        # The first one says when the handler began; later ones are no news, for progress is told faster than stored.
        report = self._report_so_far()
        saved = self._repository.save_progress(self._job, report, announce=not self._is_announced)
        self._is_announced = True
        saved.add_done_callback(self._on_saved)

    def _report_so_far(self, lines: NewLines = _NO_LINES) -> AttemptReport:
        progress = self._mask(self.progress.snapshot()) if self.progress.touched else None
        return AttemptReport(self._attempt.started_at, progress, self._stall.progressed_at, self._stall.since, lines)

    def _on_saved(self, saved: asyncio.Future[bool]) -> None:
        if saved.cancelled():
            return
        if (error := saved.exception()) is not None:
            log.warning("progress of job %s is not stored: %s", self._job.id, error)
        elif not saved.result():
            self._on_lost()

    # --- log lines ---

    def _on_line(self) -> None:
        """In any thread: there are lines to be stored."""
        try:
            self._attempt.loop.call_soon_threadsafe(self._save_log_later)
        except RuntimeError:
            log.debug("a handler logged after its event loop had ended")

    def _save_log_later(self) -> None:
        if self._log_timer is None and not self._is_closed:
            self._log_timer = self._attempt.loop.call_later(_LOG_EVERY, self._save_log)

    def _save_log(self) -> None:
        self._log_timer = None
        if new := self._mask_lines(self.log.take()):
            saved = self._repository.add_logs(self._job, new)
            saved.add_done_callback(functools.partial(self._on_log_saved, new))

    def _on_log_saved(self, new: NewLines, saved: asyncio.Future[bool]) -> None:
        if saved.cancelled():
            return
        if (error := saved.exception()) is not None:
            log.warning("%d log lines of job %s are not stored: %s", len(new.lines), self._job.id, error)
            self.log.missed(len(new.lines) + new.dropped)
        elif not saved.result():
            self._on_lost()
        elif self._bus.wants(self._job.id):
            self._bus.publish(LogWritten(self._job.id, self._job.type))

    # --- secrets ---

    def _mask(self, progress: Progress) -> Progress:
        if progress.message is None and progress.stage is None:
            return progress
        redact = self._attempt.redact
        message = None if progress.message is None else redact(progress.message)
        stage = None if progress.stage is None else redact(progress.stage)
        return dataclasses.replace(progress, message=message, stage=stage)

    def _mask_lines(self, new: NewLines) -> NewLines:
        if not new.lines:
            return new
        redact = self._attempt.redact
        return dataclasses.replace(new, lines=tuple((at, level, redact(line)) for at, level, line in new.lines))
