"""Runs one handler: a coroutine function as a task, a plain function in a thread, either in a child process.

Whatever the handler does (``sys.exit()`` included), it ends in an `Ending` and in nothing else.
"""

from __future__ import annotations

import asyncio
import contextvars
import dataclasses
import functools
import threading
from collections.abc import Callable
from types import CoroutineType
from typing import Any, NamedTuple, Protocol

from ..awaitable import awaited, is_awaitable
from ..clock import Timer, call_later
from ..context import WENT_ON, JobContext
from ..errors import Fail, Stopped
from ..job_log import InLog, JobLog
from ..models import Attempt, Handler, JobDefinition, JobType, NewLines, Progress, StopReason
from ..outcome import Abandoned, Ending, NotStarted, Raised, Returned, describe
from ..own_log import own_log
from ..progress import InJob, JobProgress
from ..redaction import Redactor, of_arguments
from .checkpoints import Checkpoints
from .child_process import ProcessRunner
from .children import Children
from .portal import Portal
from .stall import StallWatch

log = own_log("dayjob.runners")


_NO_LINES = NewLines()


class Owner(Protocol):
    """Who holds an execution, and hears of what it does; everything on the event loop."""

    def report(self, execution: Execution, progress: Progress) -> None:
        """It got further."""

    def keep(self, execution: Execution, checkpoint: str) -> asyncio.Future[bool]:
        """It wants a checkpoint (JSON) stored; whether it was."""

    def children_of(self, execution: Execution, portal: Portal) -> Children:
        """How it adds children, and learns of their ends."""

    def stalled(self, execution: Execution) -> None:
        """It made no progress for longer than its type finds normal."""

    def log_later(self, execution: Execution) -> None:
        """It has log lines to be stored."""


class Execution:
    """One attempt of a job while it runs: its handler, its progress, and the one way to stop it.

    ``ended`` is done when the handler ended, or when it was asked to stop and its grace period is over: then the
    attempt counts as ended, while the handler may still be running (`stuck`).
    """

    def __init__(
        self,
        job: JobDefinition,
        job_type: JobType,
        owner: Owner,
        started_at: int,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self.job = job
        self.job_type = job_type
        self._owner = owner
        self.started_at = started_at
        self.stop_reason: StopReason | None = None
        self.ended: asyncio.Future[Ending] = self._loop.create_future()
        self.save_timer: asyncio.TimerHandle | None = None
        self.log_timer: asyncio.TimerHandle | None = None
        self.announced = False
        self.rev = job.rev
        check = self._check if job_type.runs_in == "thread" else None
        self.progress = JobProgress(job.id, self._report, self._loop, check, job.resumed, self.redact)
        self.log = JobLog(self._logged, self.redact)
        self.stall = StallWatch(job_type.stalled_after, self._stalled)
        self._portal = Portal(self._loop, self._check)
        self._checkpoints = Checkpoints(self._portal, self._keep)
        self._children: Children | None = None
        self._context: JobContext | None = None
        self._runner: Runner = self._make_runner()
        self._timers: list[Timer] = []
        self._stop_at = float("inf")
        self._running = True

    def start(self, grace: float) -> None:
        """Call the handler with its arguments. ``grace`` (seconds) is what it gets to stop after its timeout."""
        try:
            arguments = self.job_type.arguments.bind(self.job.args)
        except Exception as error:  # noqa: BLE001 (stored by another version, perhaps; validators raise anything)
            self._finish(Raised(error))
            return
        self._inject(arguments)
        timeout = self.job_type.timeout if self.job.timeout is None else self.job.timeout
        if timeout is not None:
            self._timers.append(call_later(timeout, self.stop, StopReason.TIMEOUT, grace))
        try:
            with InJob(self.progress), InLog(self.log):
                self._runner.start(self.job_type, arguments, self.job)
        except RuntimeError as error:  # no more threads
            self._finish(NotStarted(f"Its thread could not be started: {describe(error)}"))

    def stop(self, reason: StopReason, grace: float) -> None:
        """Ask the handler to stop; write it off after ``grace`` seconds. The first reason, the shortest grace count."""
        if not self._running:
            return
        if self.stop_reason is None:
            self.stop_reason = reason
            self._runner.stop(reason)
        deadline = self._loop.time() + grace
        if deadline < self._stop_at:
            self._stop_at = deadline
            self._timers.append(self._loop.call_later(grace, self._abandon, grace))

    def renew(self) -> None:
        """Have its end waited for again after who waited was cancelled, which has cancelled ``ended``."""
        if self.ended.cancelled():
            self.ended = self._loop.create_future()

    def leave_behind(self) -> None:
        """The event loop has ended: end what can be ended without it."""
        self.stop_reason = self.stop_reason or StopReason.SHUTDOWN
        self._runner.kill()

    def close(self) -> None:
        """The attempt ended: tell the last progress, and take nothing more from what may be left of the handler."""
        self.progress.close()
        self.stall.close()
        self._checkpoints.close()
        if self._children is not None:
            self._children.close()

    @functools.cached_property
    def redactor(self) -> Redactor:
        """What takes this job's secrets out of all that it leaves behind; made when something is left."""
        return of_arguments(self.job.args, self.job_type.arguments.secret)

    def redact(self, text: str) -> str:
        """``text`` without this job's secrets. May be called in any thread."""
        return self.redactor.text(text)

    def shown(self, progress: Progress) -> Progress:
        """``progress`` without secrets in its texts."""
        if progress.message is None and progress.stage is None:
            return progress
        message, stage = self.redactor.optional(progress.message), self.redactor.optional(progress.stage)
        return dataclasses.replace(progress, message=message, stage=stage)

    @property
    def stuck(self) -> bool:
        """Whether the attempt was written off and its handler still runs."""
        return self._running and self.ended.done()

    def runs_as(self, task: asyncio.Task[Any]) -> bool:
        """Whether ``task`` is the one in which this attempt's coroutine runs."""
        return isinstance(self._runner, _TaskRunner) and self._runner.task is task

    def so_far(self, log: NewLines = _NO_LINES) -> Attempt:
        """What is to be stored about this attempt now."""
        progress = self.shown(self.progress.snapshot()) if self.progress.touched else None
        return Attempt(self.started_at, progress, self.stall.progressed_at, self.stall.since, log)

    def _make_runner(self) -> Runner:
        if self.job_type.runs_in == "process":
            return ProcessRunner(self._loop, self._finish, self.progress, self.log, self._checkpoints, self._family())
        runner = _TaskRunner if self.job_type.runs_in == "task" else _ThreadRunner
        return runner(self._loop, self._finish)

    def _inject(self, arguments: dict[str, Any]) -> None:
        injected = self.job_type.arguments.injected
        if "job_id" in injected:
            arguments["job_id"] = self.job.id
        if "ctx" in injected:
            keep, family = self._checkpoints.keep, self._family()
            stop_reason = lambda: self.stop_reason  # noqa: E731 (to be asked at every look)
            self._context = JobContext(self.job, self.progress, stop_reason, keep, family, self.log, self.redact)
            arguments["ctx"] = self._context

    def _family(self) -> Children:
        """Made for those who can ask for it only: it costs as much as a short handler."""
        if self._children is None:
            self._children = self._owner.children_of(self, self._portal)
        return self._children

    def _check(self) -> None:
        if self.stop_reason is not None:
            raise Stopped(self.stop_reason.value)

    def _report(self, progress: Progress) -> None:
        self._owner.report(self, progress)

    def _keep(self, checkpoint: str) -> asyncio.Future[bool]:
        return self._owner.keep(self, checkpoint)

    def _stalled(self) -> None:
        self._owner.stalled(self)

    def _logged(self) -> None:
        """In any thread: there are lines to be stored."""
        try:
            self._loop.call_soon_threadsafe(self._owner.log_later, self)
        except RuntimeError:
            log.debug("a handler logged after its event loop had ended")

    def _abandon(self, grace: float) -> None:
        self.renew()
        if not self.ended.done() and not self._runner.kill():
            self.ended.set_result(Abandoned(grace))
            log.warning(
                "job %s (%s) did not stop within %g s; its slot is written off", self.job.id, self.job.type, grace
            )

    def _finish(self, ending: Ending) -> None:
        self._running = False
        self._runner = _OVER
        self.renew()
        for timer in self._timers:
            timer.cancel()
        if self.ended.done():
            how = self.redact(describe(ending.error, self.redact)) if isinstance(ending, Raised) else "it returned"
            log.warning("job %s (%s), which was written off, has ended now: %s", self.job.id, self.job.type, how)
        else:
            went_on = isinstance(ending, Returned) and self._context is not None and self._context.left_to_wait
            self.ended.set_result(Raised(Fail(WENT_ON)) if went_on else ending)
        self._context = None


class Runner(Protocol):
    """One way to run a handler. It calls ``finish`` with the ending, once, on the event loop."""

    def start(self, job_type: JobType, arguments: dict[str, Any], job: JobDefinition) -> None:
        """Call the handler."""

    def stop(self, reason: StopReason) -> None:
        """Ask it to stop."""

    def kill(self) -> bool:
        """End it now, if that is possible at all; True if its end is on the way."""


class _Over:
    """The runner of a handler that has ended."""

    def start(self, job_type: JobType, arguments: dict[str, Any], job: JobDefinition) -> None:
        """Never called."""

    def stop(self, reason: StopReason) -> None:
        """It has."""

    def kill(self) -> bool:
        return True


_OVER = _Over()  # instead of the runner, which keeps the whole attempt, in a circle


class _TaskRunner:
    """A coroutine function in a task of its own: a cancel ends that task and nothing else."""

    def __init__(self, loop: asyncio.AbstractEventLoop, finish: Callable[[Ending], None]) -> None:
        self._loop = loop
        self._finish = finish
        self.task: asyncio.Task[Ending] | None = None

    def start(self, job_type: JobType, arguments: dict[str, Any], job: JobDefinition) -> None:
        self.task = self._loop.create_task(_await(job_type.handler, arguments), name=f"dayjob-{job.type}-{job.id}")
        self.task.add_done_callback(self._done)

    def stop(self, reason: StopReason) -> None:
        if self.task is not None:
            self.task.cancel()

    def kill(self) -> bool:
        return False

    def _done(self, task: asyncio.Task[Ending]) -> None:
        # A task that is cancelled before its first step never enters _await.
        self._finish(Raised(asyncio.CancelledError()) if task.cancelled() else task.result())


class _ThreadRunner(_TaskRunner):
    """A plain function in a daemon thread of its own: one that never ends must not keep the process from ending.

    A thread cannot be killed. It stops where it asks: at ``ctx.check()`` and at ``progress.update()``. A coroutine that
    the function returns goes on as a task.
    """

    def start(self, job_type: JobType, arguments: dict[str, Any], job: JobDefinition) -> None:
        self._name = f"dayjob-{job.type}-{job.id}"
        self._stopped = False
        run = functools.partial(contextvars.copy_context().run, self._run, job_type.handler, arguments)
        threading.Thread(target=run, name=self._name, daemon=True).start()

    def stop(self, reason: StopReason) -> None:
        """In its thread the handler sees the stop reason when it looks."""
        self._stopped = True
        super().stop(reason)

    def _run(self, handler: Handler, arguments: dict[str, Any]) -> None:
        ending = _call(handler, arguments)
        go_on = isinstance(ending, _Begun)
        try:
            self._loop.call_soon_threadsafe(self._go_on if go_on else self._finish, ending)  # type: ignore[arg-type]
        except RuntimeError:
            log.debug("a handler ended after its event loop; its job is run again at the next start")

    def _go_on(self, begun: _Begun) -> None:
        if self._stopped:
            if type(begun.result) is CoroutineType:  # or Python would warn that nobody awaited it
                begun.result.close()
            self._finish(Raised(asyncio.CancelledError()))
            return
        going_on = _await(awaited, {"value": begun.result})
        self.task = self._loop.create_task(going_on, name=self._name, context=begun.context)
        self.task.add_done_callback(self._done)


class _Begun(NamedTuple):
    """A plain function returned something to await, in a copy of its context: its thread has not left that yet."""

    result: Any
    context: contextvars.Context


async def _await(handler: Handler, arguments: dict[str, Any]) -> Ending:
    try:
        result = await handler(**arguments)
        return Returned(await awaited(result) if is_awaitable(result) else result)
    except BaseException as error:  # noqa: BLE001 (SystemExit in a task would end the event loop; it is the job's end only)
        return Raised(error)


def _call(handler: Handler, arguments: dict[str, Any]) -> Ending | _Begun:
    try:
        result = handler(**arguments)
        return _Begun(result, contextvars.copy_context()) if is_awaitable(result) else Returned(result)
    except BaseException as error:  # noqa: BLE001 (as above)
        return Raised(error)
