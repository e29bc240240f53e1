"""The attempts that this process holds: claimed and waiting for a slot, running, ended and not yet on disk.

Here they begin, here their progress is passed on, and here they are settled.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
from collections import deque
from collections.abc import Callable, Iterable

from ..clock import monotonic, now_micros
from ..errors import OutOfResources
from ..events import EventBus, LogWritten, ProgressMade
from ..models import (
    Attempt,
    Failure,
    JobDefinition,
    JobStatus,
    JobType,
    NewLines,
    Progress,
    Settlement,
    StopReason,
    Transition,
)
from ..outcome import START_AGAIN, Ending, NotStarted, Orphaned, Raised, decide, is_stop
from ..own_log import own_log
from ..repository import JobRepository, to_datetime
from ..states import Status
from .children import Children, NewChild
from .lifecycle import failure_of, log_end, log_started
from .portal import Portal
from .runners import Execution
from .settler import Settler

log = own_log("dayjob.attempts")

_LOG_EVERY = 0.25  # seconds: how long log lines may wait for company on their way to the disk
_LONGEST_IN_HAND = 1.0  # seconds: how long claimed jobs are kept while no slot takes one
_LONGEST_TROUBLE = 3 * START_AGAIN / 1_000_000  # seconds without another one
_FIRST_SAVE, _SAVE_EVERY = 0.05, 1.0  # seconds: when a start is stored, and how often progress is


class Attempts:
    """All attempts of this process. Everything here runs on the event loop.

    ``grace`` (seconds) is what a handler gets to stop when its job is cancelled or times out. ``on_written`` is
    called when ends of attempts are on disk, ``new_child`` for each child that a handler adds.
    """

    def __init__(
        self,
        repository: JobRepository,
        bus: EventBus,
        *,
        grace: float,
        new_child: NewChild,
        on_written: Callable[[], None],
    ) -> None:
        self.grace = grace
        self.waiting: dict[str, JobDefinition] = {}
        self.running: dict[str, Execution] = {}
        self.stuck: set[Execution] = set()
        self.on_written = on_written
        self.new_child = new_child
        self._repository = repository
        self._bus = bus
        self._settler = Settler(repository, self._settled, self._written)
        self._quiet = asyncio.Event()
        self._trouble: tuple[float, OutOfResources] | None = None
        self._begun = 0
        self._return_timer: asyncio.TimerHandle | None = None
        self._young: deque[tuple[float, str, int]] = deque()  # begins that are not stored yet: when, job, attempt

    @property
    def unsettled(self) -> int:
        """How many attempts have ended and are not on disk yet."""
        return len(self._settler.unsettled)

    @property
    def fenced(self) -> int:
        """How many writes came too late, since another process had taken the job over."""
        return self._settler.fenced

    @property
    def trouble(self) -> OutOfResources | None:
        """Why a handler could not be called lately; it is tried again soon, so that trouble that lasts is told anew."""
        if self._trouble is None or monotonic() - self._trouble[0] > _LONGEST_TROUBLE:
            return None
        return self._trouble[1]

    def claimed(self, jobs: Iterable[JobDefinition]) -> None:
        """Take in jobs that were claimed for this process."""
        for job in jobs:
            self.waiting[job.id] = job
        self._return_later()

    def _return_later(self) -> None:
        if self.waiting and self._return_timer is None:
            loop = asyncio.get_running_loop()
            self._return_timer = loop.call_later(_LONGEST_IN_HAND, self._return_if_stuck, self._begun)

    def _return_if_stuck(self, begun: int) -> None:
        """Long jobs have all slots: what was claimed ahead goes back, for another process may have a slot for it."""
        self._return_timer = None
        if begun == self._begun:
            for job in list(self.waiting.values()):
                self._give_back(job)
        self._return_later()

    def begin(self, job: JobDefinition, job_type: JobType) -> Execution | None:
        """Start a claimed job; None if it was cancelled or given back while it waited, or must not run again."""
        if self.waiting.get(job.id) is not job:
            return None
        del self.waiting[job.id]
        self._begun += 1
        if job.orphans and job_type.on_orphan == "fail":  # rescued by a process that did not know its type
            self._settle(Settlement(job, decide(job, Orphaned(), None, now_micros(), job_type), Attempt()))
            return None
        if (older := self.running.get(job.id)) is not None:
            self._lost(older)  # taken over by another process, given back, and claimed here again before we heard of it
        execution = Execution(job, job_type, self, now_micros())
        self.running[job.id] = execution
        log_started(job, job_type)
        self._save_first(execution)
        execution.progress.flush()  # where a resumed attempt stands
        execution.start(self.grace)
        return execution

    def end(self, execution: Execution, ending: Ending) -> None:
        """Decide what becomes of a job whose attempt ended, and have it written."""
        if self.running.get(execution.job.id) is execution:
            del self.running[execution.job.id]
        for timer in (execution.save_timer, execution.log_timer):
            if timer is not None:
                timer.cancel()
        execution.close()
        if execution.stuck:
            self._remember_stuck(execution)
        if execution.stop_reason is StopReason.LEASE_LOST:
            self._check_quiet()
            return
        job, redact = execution.job, execution.redact
        transition = decide(job, ending, execution.stop_reason, now_micros(), execution.job_type, redact)
        if transition.error is not None:
            transition = transition._replace(error=redact(transition.error))
        if isinstance(ending, NotStarted):
            self._not_started(job, ending)
            self._settle(Settlement(job, transition, Attempt()))
            return
        failure = _failure(execution, ending, transition)
        left = _left_behind(execution, failure)
        self._settle(Settlement(job, transition, left, failure, execution.job_type.log_level))

    def _not_started(self, job: JobDefinition, ending: NotStarted) -> None:
        error = OutOfResources(f"Job '{job.id}' ({job.type}) waits. {ending.why}")
        if self.trouble is None:
            log.warning("%s; it is tried again", error)
        self._trouble = monotonic(), error

    def cancel(self, job_id: str) -> None:
        """Stop a job of ours that somebody wants cancelled; at once if it has not started."""
        if (waiting := self.waiting.get(job_id)) is not None:
            waiting.cancel_requested = True
            self._give_back(waiting)
        elif (execution := self.running.get(job_id)) is not None:
            execution.job.cancel_requested = True
            execution.stop(StopReason.CANCELLED, self.grace)

    def stop_all(self, grace: float) -> None:
        """The process stops: give back what waits, and ask all that run to stop within ``grace`` seconds."""
        for job in list(self.waiting.values()):
            self._give_back(job)
        for execution in list(self.running.values()):
            execution.stop(StopReason.SHUTDOWN, grace)

    def close(self) -> None:
        """The queue has stopped: nothing more is written."""
        self._settler.close()

    async def quiet(self) -> None:
        """Wait until nothing waits, runs or is unwritten."""
        self._check_quiet()
        await self._quiet.wait()

    def reconcile(self, known: Iterable[JobDefinition]) -> list[JobDefinition]:
        """Compare with what the database says runs here: obey cancels, drop what was lost, return what nobody holds."""
        rows = {(job.id, job.attempt): job for job in known}
        for execution in list(self.running.values()):
            row = rows.get((execution.job.id, execution.job.attempt))
            if row is None:
                self._lost(execution)
            elif row.cancel_requested:
                self.cancel(row.id)
        for job in list(self.waiting.values()):
            if (job.id, job.attempt) not in rows:
                del self.waiting[job.id]
        return [job for key, job in rows.items() if not self._holds(key)]

    def forget(self, job: JobDefinition) -> None:
        """Let go of a job whose attempt could not be carried through; the next beat finds it and rescues it."""
        if self.waiting.get(job.id) is job:
            del self.waiting[job.id]
        if (execution := self.running.get(job.id)) is not None and execution.job is job:
            del self.running[job.id]

    def as_told(self, status: JobStatus) -> JobStatus:
        """A committed change of a job, with the progress that was told meanwhile: news never go backwards."""
        execution = self.running.get(status.id)
        if execution is None or status.status is not Status.RUNNING or execution.job.attempt != status.attempt:
            return status
        execution.rev = max(execution.rev, status.rev)
        now = execution.shown(execution.progress.snapshot())
        return dataclasses.replace(
            status,
            processed_items=now.processed,
            total_items=now.total,
            progress=now.percent,
            message=now.message,
            stage=now.stage,
            stalled_since=None if execution.stall.since is None else to_datetime(execution.stall.since),
        )

    def _holds(self, key: tuple[str, int]) -> bool:
        job_id, attempt = key
        held = self.waiting.get(job_id) or getattr(self.running.get(job_id), "job", None)
        return key in self._settler.unsettled or (held is not None and held.attempt == attempt)

    def _give_back(self, job: JobDefinition) -> None:
        del self.waiting[job.id]
        self._settle(Settlement(job, decide(job, NotStarted(), None, now_micros()), Attempt()))

    def report(self, execution: Execution, progress: Progress) -> None:
        job = execution.job
        if self._bus.wants(job.id):
            self._bus.publish(ProgressMade(job.id, job.type, execution.rev, execution.shown(progress)))
        self._progressed(execution)
        self._save_later(execution, _SAVE_EVERY)

    def _progressed(self, execution: Execution) -> None:
        if execution.stall.progressed():
            self._save_soon(execution)

    def stalled(self, execution: Execution) -> None:
        job = execution.job
        seconds = execution.job_type.stalled_after
        log.warning("job %s (%s) is stalled: no progress for %g s; it goes on", job.id, job.type, seconds)
        self._save_soon(execution)

    def _save_soon(self, execution: Execution) -> None:
        """Store what is news for everybody, and tell it."""
        execution.announced = False
        if execution.save_timer is not None:
            execution.save_timer.cancel()
            execution.save_timer = None
        self._save_later(execution, 0.0)

    def keep(self, execution: Execution, checkpoint: str) -> asyncio.Future[bool]:
        self._progressed(execution)
        execution.progress.count_in_hand()
        kept = self._repository.save_checkpoint(execution.job, execution.so_far(), checkpoint)
        kept.add_done_callback(functools.partial(self._saved, execution))
        return kept

    def _save_first(self, execution: Execution) -> None:
        """Store soon that it runs, if it still does then. One timer for all: most jobs end before."""
        loop, job = asyncio.get_running_loop(), execution.job
        self._young.append((loop.time() + _FIRST_SAVE, job.id, job.attempt))
        if len(self._young) == 1:
            loop.call_later(_FIRST_SAVE, self._save_young)

    def _save_young(self) -> None:
        loop = asyncio.get_running_loop()
        while self._young and self._young[0][0] <= loop.time():
            _, job_id, attempt = self._young.popleft()
            execution = self.running.get(job_id)
            if execution is not None and execution.job.attempt == attempt and not execution.announced:
                self._save_later(execution, 0.0)
        if self._young:
            loop.call_at(self._young[0][0], self._save_young)

    def children_of(self, execution: Execution, portal: Portal) -> Children:
        told = functools.partial(self._told, execution)
        return Children(execution.job, portal, self._repository, self.new_child, told)

    def _told(self, execution: Execution, reason: StopReason) -> None:
        """The database knows earlier than this process that an attempt has to stop."""
        if self.running.get(execution.job.id) is not execution:
            return
        if reason is StopReason.LEASE_LOST:
            self._lost(execution)
        else:
            self.cancel(execution.job.id)

    def _save_later(self, execution: Execution, seconds: float) -> None:
        if execution.save_timer is None and not execution.ended.done():
            loop = asyncio.get_running_loop()
            execution.save_timer = loop.call_later(seconds, self._save, execution)

    def _save(self, execution: Execution) -> None:
        execution.save_timer = None
        # The first one says when the handler began; later ones are no news, for progress is told faster than stored.
        saved = self._repository.save_progress(execution.job, execution.so_far(), announce=not execution.announced)
        execution.announced = True
        saved.add_done_callback(functools.partial(self._saved, execution))

    def _saved(self, execution: Execution, saved: asyncio.Future[bool]) -> None:
        if saved.cancelled():
            return
        if (error := saved.exception()) is not None:
            log.warning("progress of job %s is not stored: %s", execution.job.id, error)
        elif not saved.result() and self.running.get(execution.job.id) is execution:
            self._lost(execution)

    def log_later(self, execution: Execution) -> None:
        if execution.log_timer is None and not execution.ended.done():
            loop = asyncio.get_running_loop()
            execution.log_timer = loop.call_later(_LOG_EVERY, self._store_log, execution)

    def _store_log(self, execution: Execution) -> None:
        execution.log_timer = None
        if new := _without_secrets(execution, execution.log.take()):
            stored = self._repository.add_logs(execution.job, new)
            stored.add_done_callback(functools.partial(self._log_stored, execution, new))

    def _log_stored(self, execution: Execution, new: NewLines, stored: asyncio.Future[bool]) -> None:
        job = execution.job
        if stored.cancelled():
            return
        if (error := stored.exception()) is not None:
            log.warning("%d log lines of job %s are not stored: %s", len(new.lines), job.id, error)
            execution.log.missed(len(new.lines) + new.dropped)
        elif stored.result():
            self._tell_log(job)
        elif self.running.get(job.id) is execution:
            self._lost(execution)

    def _tell_log(self, job: JobDefinition) -> None:
        if self._bus.wants(job.id):
            self._bus.publish(LogWritten(job.id, job.type))

    def _lost(self, execution: Execution) -> None:
        """Another process has the job now. The handler is stopped, and nothing of it is written."""
        self._settler.fenced += 1
        log.warning("job %s (attempt %d) was taken over by another process", execution.job.id, execution.job.attempt)
        execution.stop(StopReason.LEASE_LOST, self.grace)
        execution.stop_reason = StopReason.LEASE_LOST  # whatever was asked of it before

    def _settle(self, end: Settlement) -> None:
        # Others come soon while claimed jobs wait for their turn; but nobody who waits for this one is held up.
        more_to_come = bool(self.waiting) and not self._bus.wants(end.job.id)
        self._settler.settle(end, more_to_come=more_to_come)

    def _settled(self, end: Settlement) -> None:
        log_end(end)
        if end.attempt.log:
            self._tell_log(end.job)

    def _written(self) -> None:
        self.on_written()
        self._check_quiet()

    def _remember_stuck(self, execution: Execution) -> None:
        self.stuck = {other for other in self.stuck if other.stuck} | {execution}

    def _check_quiet(self) -> None:
        if self.waiting or self.running or self._settler.unsettled:
            self._quiet.clear()
        else:
            self._quiet.set()


def _failure(execution: Execution, ending: Ending, transition: Transition) -> Failure | None:
    """What the handler raised, if that is more than a wish of ours or of its own."""
    if transition.error is None or not isinstance(ending, Raised):
        return None
    failure = failure_of(ending.error, ending.traceback, transition.error, execution.redactor.text)
    if execution.stop_reason is StopReason.TIMEOUT and is_stop(ending.error):
        late = TimeoutError(transition.error)
        late.__cause__ = failure.error  # where it was when its time was over
        return failure._replace(error=late)
    return failure


def _left_behind(execution: Execution, failure: Failure | None) -> Attempt:
    """What is stored with the end: progress, the last log lines, and where it failed."""
    left = execution.so_far(_without_secrets(execution, execution.log.close()))
    return left if failure is None else left._replace(traceback=failure.traceback)


def _without_secrets(execution: Execution, new: NewLines) -> NewLines:
    if not new.lines:
        return new
    text = execution.redactor.text
    return dataclasses.replace(new, lines=tuple((at, level, text(line)) for at, level, line in new.lines))
