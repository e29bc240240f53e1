"""What this process holds: attempts that are prefetched, that run, and that ended and are not on disk yet."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable

from ..clock import monotonic, now_micros
from ..errors import OutOfResources
from ..events import EventBus, LogWritten
from ..logger import logger
from ..models import AttemptReport, Failure, JobDefinition, JobStatus, JobType, Settlement, StopReason, Transition
from ..outcome import START_AGAIN, Ending, NotStarted, Orphaned, Raised, decide, is_stop
from ..repository import JobRepository
from ..states import Status
from .children import NewChild
from .execution import Execution
from .lifecycle import failure_of, log_end, log_started
from .prefetched import Prefetched
from .settler import Settler

log = logger("dayjob.executions")

_LONGEST_TROUBLE = 3 * START_AGAIN / 1_000_000  # seconds without another one
_ANNOUNCE_EVERY = 0.04  # seconds: a start is stored when it was seen twice, so that most jobs have ended before


class Executions:
    """All attempts of this process: here they begin, and are settled. Everything here runs on the event loop.

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
        self.loop = asyncio.get_running_loop()
        self.home = threading.get_ident()
        self.grace = grace
        self.repository = repository
        self.bus = bus
        self.new_child = new_child
        self.on_written = on_written
        self.prefetched = Prefetched(self._give_back)
        self.running: dict[str, Execution] = {}
        self.stuck: set[Execution] = set()
        self._settler = Settler(repository, self._on_settled, self._on_written)
        self._quiet = asyncio.Event()
        self._trouble: tuple[float, OutOfResources] | None = None
        self._young: list[Execution] = []  # whose start is not stored yet
        self._older: list[Execution] = []  # the same, seen before
        self._announcer: asyncio.TimerHandle | None = None

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

    def begin(self, job: JobDefinition, job_type: JobType) -> Execution | None:
        """Start a claimed job; None if it must not run again."""
        if job.orphans and job_type.on_orphan == "fail":  # rescued by a process that did not know its type
            self._settle(Settlement(job, decide(job, Orphaned(), None, now_micros(), job_type), AttemptReport()))
            return None
        if (older := self.running.get(job.id)) is not None:
            self._lose(older)  # taken over by another process, given back, and claimed here again before we heard of it
        execution = Execution(job, job_type, self, now_micros())
        self.running[job.id] = execution
        log_started(job, job_type)
        self._announce_later(execution)
        execution.start()
        return execution

    def end(self, execution: Execution, ending: Ending) -> None:
        """Decide what becomes of a job whose attempt ended, and have it written."""
        job = execution.job
        self.forget(job)
        report = execution.close()
        if execution.is_stuck:
            self.stuck = {other for other in self.stuck if other.is_stuck} | {execution}
        if execution.stop_reason is StopReason.LEASE_LOST:
            self._check_quiet()
            return
        transition = decide(job, ending, execution.stop_reason, now_micros(), execution.job_type, execution.redact)
        if transition.error is not None:
            transition = transition._replace(error=execution.redact(transition.error))
        if isinstance(ending, NotStarted):
            self._note_trouble(job, ending)
            self._settle(Settlement(job, transition, AttemptReport()))
            return
        failure = _failure(execution, ending, transition)
        if failure is not None:
            report = report._replace(traceback=failure.traceback)
        self._settle(Settlement(job, transition, report, failure, execution.job_type.log_level))

    def _note_trouble(self, job: JobDefinition, ending: NotStarted) -> None:
        error = OutOfResources(f"Job '{job.id}' ({job.type}) waits. {ending.why}")
        if self.trouble is None:
            log.warning("%s; it is tried again", error)
        self._trouble = monotonic(), error

    def cancel(self, job_id: str) -> None:
        """Stop a job of ours that somebody wants cancelled; at once if it has not started."""
        if (waiting := self.prefetched.jobs.get(job_id)) is not None:
            waiting.cancel_requested = True
            self._give_back(waiting)
        elif (execution := self.running.get(job_id)) is not None:
            execution.job.cancel_requested = True
            execution.stop(StopReason.CANCELLED, self.grace)

    def stop_all(self, grace: float) -> None:
        """The process stops: give back what waits, and ask all that run to stop within ``grace`` seconds."""
        for job in list(self.prefetched.jobs.values()):
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
                self._lose(execution)
            elif row.cancel_requested:
                self.cancel(row.id)
        for job in list(self.prefetched.jobs.values()):
            if (job.id, job.attempt) not in rows:
                del self.prefetched.jobs[job.id]
        return [job for key, job in rows.items() if not self._holds(key)]

    def forget(self, job: JobDefinition) -> None:
        """Let go of an attempt; unless it is settled, the next beat finds its job and rescues it."""
        if (execution := self.running.get(job.id)) is not None and execution.job is job:
            del self.running[job.id]

    def obey(self, execution: Execution, reason: StopReason) -> None:
        """Stop an attempt that the database says has to stop, if it still runs."""
        if self.running.get(execution.job.id) is not execution:
            return
        if reason is StopReason.LEASE_LOST:
            self._lose(execution)
        else:
            self.cancel(execution.job.id)

    def with_live_progress(self, status: JobStatus) -> JobStatus:
        """A committed change of a job, with the progress that was told meanwhile: news never go backwards."""
        execution = self.running.get(status.id)
        if execution is None or status.status is not Status.RUNNING or execution.job.attempt != status.attempt:
            return status
        return execution.recorder.with_live_progress(status)

    def _holds(self, key: tuple[str, int]) -> bool:
        job_id, attempt = key
        held = self.prefetched.jobs.get(job_id) or getattr(self.running.get(job_id), "job", None)
        return key in self._settler.unsettled or (held is not None and held.attempt == attempt)

    def _give_back(self, job: JobDefinition) -> None:
        del self.prefetched.jobs[job.id]
        self._settle(Settlement(job, decide(job, NotStarted(), None, now_micros()), AttemptReport()))

    def _announce_later(self, execution: Execution) -> None:
        """Store soon that it runs, if it still does then. One timer for all."""
        self._young.append(execution)
        if self._announcer is None:
            self._announcer = self.loop.call_later(_ANNOUNCE_EVERY, self._announce)

    def _announce(self) -> None:
        older, self._older, self._young = self._older, self._young, []
        for execution in older:
            if self.running.get(execution.job.id) is execution:
                execution.recorder.announce()
        self._announcer = self.loop.call_later(_ANNOUNCE_EVERY, self._announce) if self._older else None

    def _lose(self, execution: Execution) -> None:
        """Another process has the job now. The handler is stopped, and nothing of it is written."""
        self._settler.fenced += 1
        log.warning("job %s (attempt %d) was taken over by another process", execution.job.id, execution.job.attempt)
        execution.stop(StopReason.LEASE_LOST, self.grace)
        execution.stop_reason = StopReason.LEASE_LOST  # whatever was asked of it before

    def _settle(self, end: Settlement) -> None:
        # Others come soon while claimed jobs wait for their turn; but nobody who waits for this one is held up.
        more_to_come = bool(self.prefetched.jobs) and not self.bus.wants(end.job.id)
        self._settler.settle(end, more_to_come=more_to_come)

    def _on_settled(self, end: Settlement) -> None:
        log_end(end)
        if end.report.log and self.bus.wants(end.job.id):
            self.bus.publish(LogWritten(end.job.id, end.job.type))

    def _on_written(self) -> None:
        self.on_written()
        self._check_quiet()

    def _check_quiet(self) -> None:
        if self.prefetched.jobs or self.running or self._settler.unsettled:
            self._quiet.clear()
        else:
            self._quiet.set()


def _failure(execution: Execution, ending: Ending, transition: Transition) -> Failure | None:
    """What the handler raised, if that is more than a wish of ours or of its own."""
    if transition.error is None or not isinstance(ending, Raised):
        return None
    failure = failure_of(ending.error, ending.traceback, transition.error, execution.redact)
    if execution.stop_reason is StopReason.TIMEOUT and is_stop(ending.error):
        late = TimeoutError(transition.error)
        late.__cause__ = failure.error  # where it was when its time was over
        return failure._replace(error=late)
    return failure
