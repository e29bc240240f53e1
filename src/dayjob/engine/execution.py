"""One attempt of a job while it runs: its handler, the one way to stop it, and what the handler asks for."""

from __future__ import annotations

import asyncio
import functools
import threading
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from ..clock import Timer, call_later
from ..current import InAttempt, leave
from ..errors import Stopped
from ..events import EventBus
from ..invocation import Invocation
from ..job_log import JobLog
from ..logger import logger
from ..models import AttemptReport, JobDefinition, JobType, StopReason
from ..outcome import Abandoned, Ending, NotStarted, Raised, describe
from ..progress import JobProgress
from ..redaction import Redactor, of_arguments
from ..repository import JobRepository
from .checkpoints import Checkpoints
from .child_process import ProcessRunner
from .children import Children, NewChild
from .portal import Portal
from .recorder import Recorder
from .runners import Runner, TaskRunner, ThreadRunner

log = logger("dayjob.execution")

_making = threading.RLock()  # held for microseconds, while a part is made


class _Part(Protocol):
    def close(self) -> object: ...


P = TypeVar("P", bound=_Part)


class Owner(Protocol):
    """Who holds executions, and what they share."""

    loop: asyncio.AbstractEventLoop
    home: int  # the thread of ``loop``
    grace: float
    repository: JobRepository
    bus: EventBus
    new_child: NewChild

    def obey(self, execution: Execution, reason: StopReason) -> None:
        """The database knows earlier than this process that ``execution`` has to stop."""


class Execution:
    """One attempt of a job. Its parts are made when they are first asked for, in whichever thread: most need none.

    ``ended`` is done when the handler ended, or when it was asked to stop and its grace period is over: then the
    attempt counts as ended, while the handler may still be running (`is_stuck`).
    """

    __slots__ = (
        "_is_closed",
        "_owner",
        "_parts",
        "_redactor",
        "_runner",
        "_stop_at",
        "_timers",
        "ended",
        "job",
        "job_type",
        "started_at",
        "stop_reason",
    )

    def __init__(self, job: JobDefinition, job_type: JobType, owner: Owner, started_at: int) -> None:
        self.job = job
        self.job_type = job_type
        self.started_at = started_at
        self.stop_reason: StopReason | None = None
        self.ended: asyncio.Future[Ending] = owner.loop.create_future()
        self._owner = owner
        self._runner: Runner | None = None  # while the handler runs
        self._timers: list[Timer] = []
        self._stop_at = float("inf")
        self._is_closed = False
        self._parts: dict[type[_Part], Any] = {}
        self._redactor: Redactor | None = None

    def start(self) -> None:
        """Call the handler with its arguments."""
        if self.job.resumed is not None:
            self.progress.flush()  # where it stands
        try:
            invocation = Invocation(self.job_type.handler, self.job_type.arguments, self)
        except Exception as error:  # noqa: BLE001 (stored by another version, perhaps; validators raise anything)
            self._finish(Raised(error))
            return
        if self.job_type.stalled_after is not None:
            self._part(Recorder, self._new_recorder)  # whose stall watch begins now
        timeout = self.job_type.timeout if self.job.timeout is None else self.job.timeout
        if timeout is not None:
            self._timers.append(call_later(timeout, self.stop, StopReason.TIMEOUT, self._owner.grace))
        self._runner = self._new_runner()
        try:
            with InAttempt(self):
                self._runner.start(invocation, self.job)
        except RuntimeError as error:  # no more threads
            self._finish(NotStarted(f"Its thread could not be started: {describe(error)}"))

    def stop(self, reason: StopReason, grace: float) -> None:
        """Ask the handler to stop; write it off after ``grace`` seconds. The first reason, the shortest grace count."""
        if self._runner is None:
            return
        if self.stop_reason is None:
            self.stop_reason = reason
            self._runner.stop(reason)
        deadline = self.loop.time() + grace
        if deadline < self._stop_at:
            self._stop_at = deadline
            self._timers.append(self.loop.call_later(grace, self._abandon, grace))

    def renew(self) -> None:
        """Have its end waited for again after who waited was cancelled, which has cancelled ``ended``."""
        if self.ended.cancelled():
            self.ended = self.loop.create_future()

    def leave_behind(self) -> None:
        """The event loop has ended: end what can be ended without it."""
        self.stop_reason = self.stop_reason or StopReason.SHUTDOWN
        if (runner := self._runner) is not None:
            runner.kill()

    def close(self) -> AttemptReport:
        """The attempt ended: take nothing more from what may be left of its handler; what is to be stored with its end.

        The parts are dropped: they hold this object, and would keep it in a circle.
        """
        leave(self)
        with _making:
            parts, self._parts, self._is_closed = self._parts, {}, True
        recorder: Recorder | None = parts.pop(Recorder, None)
        report = AttemptReport(self.started_at) if recorder is None else recorder.close()
        for part in parts.values():
            part.close()
        return report

    @property
    def is_stuck(self) -> bool:
        """Whether the attempt was written off and its handler still runs."""
        return self._runner is not None and self.ended.done()

    def runs_as(self, task: asyncio.Task[Any]) -> bool:
        """Whether ``task`` is the one in which this attempt's coroutine runs."""
        return isinstance(self._runner, TaskRunner) and self._runner.task is task

    # --- what the handler may ask for ---

    @property
    def job_id(self) -> str:
        return self.job.id

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return self._owner.loop

    @property
    def home(self) -> int:
        return self._owner.home

    @property
    def recorder(self) -> Recorder:
        return self._part(Recorder, self._new_recorder)

    @property
    def progress(self) -> JobProgress:
        return self.recorder.progress

    @property
    def log(self) -> JobLog:
        return self.recorder.log

    @property
    def portal(self) -> Portal:
        return self._part(Portal, lambda: Portal(self.loop, self.check, self.home))

    @property
    def checkpoints(self) -> Checkpoints:
        return self._part(Checkpoints, lambda: Checkpoints(self.portal, self.recorder.save_checkpoint))

    @property
    def children(self) -> Children:
        owner = self._owner
        on_stop = functools.partial(owner.obey, self)
        return self._part(Children, lambda: Children(self.job, self.portal, owner.repository, owner.new_child, on_stop))

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """Store a checkpoint (JSON), for the context."""
        return self.checkpoints.keep(checkpoint)

    def redact(self, text: str) -> str:
        """``text`` without this job's secrets. May be called in any thread."""
        if self._redactor is None:  # made when something is left behind that may hold a secret
            self._redactor = of_arguments(self.job.args, self.job_type.arguments.secret)
        return self._redactor.text(text)

    def check(self) -> None:
        """Raise `Stopped` if the handler has to stop."""
        if self.stop_reason is not None:
            raise Stopped(self.stop_reason.value)

    def _part(self, kind: type[P], new: Callable[[], P]) -> P:
        part: P | None = self._parts.get(kind)
        return self._make_part(kind, new) if part is None else part

    def _make_part(self, kind: type[P], new: Callable[[], P]) -> P:
        with _making:  # threads of the handler may ask at the same time
            part: P | None = self._parts.get(kind)
            if part is None:
                self._parts[kind] = part = new()
                if self._is_closed:
                    part.close()
            return part

    def _new_recorder(self) -> Recorder:
        owner = self._owner
        return Recorder(self, owner.repository, owner.bus, functools.partial(owner.obey, self, StopReason.LEASE_LOST))

    def _new_runner(self) -> Runner:
        if self.job_type.runs_in == "process":
            return ProcessRunner(
                self.loop, self._finish, self.job_type, self.progress, self.log, self.checkpoints, self.children
            )
        runner = TaskRunner if self.job_type.runs_in == "task" else ThreadRunner
        return runner(self.loop, self._finish)

    def _abandon(self, grace: float) -> None:
        self.renew()
        if not self.ended.done() and not (self._runner is not None and self._runner.kill()):
            self.ended.set_result(Abandoned(grace))
            log.warning(
                "job %s (%s) did not stop within %g s; its slot is written off", self.job.id, self.job.type, grace
            )

    def _finish(self, ending: Ending) -> None:
        self._runner = None  # which keeps the whole attempt, in a circle
        self.renew()
        for timer in self._timers:
            timer.cancel()
        if not self.ended.done():
            self.ended.set_result(ending)
            return
        how = self.redact(describe(ending.error, self.redact)) if isinstance(ending, Raised) else "it returned"
        log.warning("job %s (%s), which was written off, has ended now: %s", self.job.id, self.job.type, how)
