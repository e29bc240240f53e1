"""Runs one handler: a coroutine function as a task, a plain function in a thread. `child_process` is the third way.

Whatever the handler does (``sys.exit()`` included), it ends in an `Ending` and in nothing else.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import threading
from collections.abc import Awaitable, Callable
from types import CoroutineType
from typing import Any, NamedTuple, Protocol

from ..awaitable import awaited, is_awaitable
from ..invocation import Invocation
from ..logger import logger
from ..models import JobDefinition, StopReason
from ..outcome import Ending, Raised, Returned

log = logger("dayjob.runners")


class Runner(Protocol):
    """One way to run a handler. It calls ``finish`` with the ending, once, on the event loop."""

    def start(self, invocation: Invocation, job: JobDefinition) -> None:
        """Call the handler."""

    def stop(self, reason: StopReason) -> None:
        """Ask it to stop."""

    def kill(self) -> bool:
        """End it now, if that is possible at all; True if its end is on the way."""


class TaskRunner:
    """A coroutine function in a task of its own: a cancel ends that task and nothing else."""

    def __init__(self, loop: asyncio.AbstractEventLoop, finish: Callable[[Ending], None]) -> None:
        self._loop = loop
        self._finish = finish
        self.task: asyncio.Task[Ending] | None = None

    def start(self, invocation: Invocation, job: JobDefinition) -> None:
        running = _run(invocation, invocation.call)
        self.task = self._loop.create_task(running, name=f"dayjob-{job.type}-{job.id}")
        self.task.add_done_callback(self._done)

    def stop(self, reason: StopReason) -> None:
        if self.task is not None:
            self.task.cancel()

    def kill(self) -> bool:
        return False

    def _done(self, task: asyncio.Task[Ending]) -> None:
        # A task that is cancelled before its first step never enters _run.
        self._finish(Raised(asyncio.CancelledError()) if task.cancelled() else task.result())


class ThreadRunner(TaskRunner):
    """A plain function in a daemon thread of its own: one that never ends must not keep the process from ending.

    A thread cannot be killed. It stops where it asks: at ``ctx.check()`` and at ``progress.update()``. A coroutine that
    the function returns goes on as a task.
    """

    def start(self, invocation: Invocation, job: JobDefinition) -> None:
        self._name = f"dayjob-{job.type}-{job.id}"
        self._stopped = False
        self._invocation = invocation
        run = functools.partial(contextvars.copy_context().run, self._run)
        threading.Thread(target=run, name=self._name, daemon=True).start()

    def stop(self, reason: StopReason) -> None:
        """In its thread the handler sees the stop reason when it looks."""
        self._stopped = True
        super().stop(reason)

    def _run(self) -> None:
        ending = _call(self._invocation)
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
        running = _run(self._invocation, lambda: awaited(begun.result))
        self.task = self._loop.create_task(running, name=self._name, context=begun.context)
        self.task.add_done_callback(self._done)


class _Begun(NamedTuple):
    """A plain function returned something to await, in a copy of its context: its thread has not left that yet."""

    result: Any
    context: contextvars.Context


async def _run(invocation: Invocation, call: Callable[[], Awaitable[Any]]) -> Ending:
    try:
        result = await call()
        return Returned(invocation.result_of(await awaited(result) if is_awaitable(result) else result))
    except BaseException as error:  # noqa: BLE001 (SystemExit in a task would end the event loop; it is the job's end only)
        return Raised(error)


def _call(invocation: Invocation) -> Ending | _Begun:
    try:
        result = invocation.call()
        if is_awaitable(result):
            return _Begun(result, contextvars.copy_context())
        return Returned(invocation.result_of(result))
    except BaseException as error:  # noqa: BLE001 (as above)
        return Raised(error)
