"""Monitors the event loop from another thread, and names the jobs that may be why it does not answer."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time

from ..clock import now_micros
from ..logger import logger
from ..repository import Health
from .executions import Executions

log = logger("dayjob.loop_monitor")

BLOCKED_AFTER = 5.0  # seconds without an answer of the event loop
_MOST_NAMED = 20  # jobs


class LoopMonitor:
    """Asks the event loop for a sign of life at each `sample`, which is called from one other thread again and again.

    A loop that is blocked is not dead: nothing is taken from the process, but everybody can see it, and why.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, executions: Executions) -> None:
        self._loop = loop
        self._executions = executions
        self._asked: tuple[float, int] | None = None  # when, as time.monotonic() and in microseconds since 1970
        self._is_blocked = False

    def sample(self) -> Health:
        """How the process is now."""
        stuck = sum(execution.is_stuck for execution in list(self._executions.stuck))
        asked = self._asked
        if asked is None:
            self._note_recovery()
            self._asked = time.monotonic(), now_micros()
            with contextlib.suppress(RuntimeError):  # a loop that was closed never answers again
                self._loop.call_soon_threadsafe(self._on_answer)
            return Health(stuck=stuck)
        if time.monotonic() - asked[0] <= BLOCKED_AFTER:
            return Health(stuck=stuck)
        return Health(blocked_since=asked[1], blocked_by=json.dumps(self._blocking(asked[0])), stuck=stuck)

    def _on_answer(self) -> None:
        """On the event loop."""
        self._asked = None

    def _note_recovery(self) -> None:
        if self._is_blocked:
            self._is_blocked = False
            log.warning("the event loop answers again")

    def _blocking(self, since: float) -> list[str]:
        """The job whose coroutine runs at this moment, or, if that cannot be told, all that could be the one."""
        coroutines = [e for e in list(self._executions.running.values()) if e.job_type.runs_in == "task"]
        task = asyncio.current_task(self._loop)
        found = [e for e in coroutines if task is not None and e.runs_as(task)] or coroutines[:_MOST_NAMED]
        if not self._is_blocked:
            self._is_blocked = True
            jobs = ", ".join(f"{e.job.id} ({e.job.type})" for e in found) or "none: something else blocks it"
            log.warning(
                "the event loop has not answered for %.1f s; jobs that may block it: %s. Use a plain function, or "
                'run_in="process", for work that does not await.',
                time.monotonic() - since,
                jobs,
            )
        return [e.job.id for e in found]
