"""One slot: takes a claimed job, runs it, has it settled, takes the next."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from ..logger import logger
from ..models import JobDefinition
from ..registry import JobRegistry
from .execution import Execution
from .executions import Executions

log = logger("dayjob.worker")


class JobWorker:
    """Runs the jobs that come through ``queue``, one at a time, until a None comes.

    The handler runs in a task or thread of its own, so that no cancel and no exception of a job can end the worker.
    ``on_free`` is told after each for how many seconds it took the slot.
    """

    _execution: Execution | None = None  # what a stray cancel of this slot's task has left to be ended

    def __init__(
        self,
        queue: asyncio.Queue[JobDefinition | None],
        job_registry: JobRegistry,
        executions: Executions,
        on_free: Callable[[float], None] = lambda _seconds: None,
    ) -> None:
        self.queue = queue
        self.registry = job_registry
        self.current_job: JobDefinition | None = None
        self._executions = executions
        self._on_free = on_free

    async def run(self) -> None:
        """Main loop. Called again after a stray cancel, it goes on with the attempt that it waited for."""
        if self._execution is not None:
            await self._finish(self._execution)
        while (job := await self.queue.get()) is not None:
            began = time.monotonic()
            try:
                await self.execute_job(job)
            except (
                Exception
            ):  # a bug of ours must cost one job, not the slot; the next beat finds the job and rescues it
                log.exception("job %s could not be executed", job.id)
                self._executions.forget(job)
            finally:
                self.current_job = None
                self._on_free(time.monotonic() - began)

    async def execute_job(self, job: JobDefinition) -> None:
        """Run one claimed job to its end, or until its slot is written off, and hand its outcome on."""
        execution = self._executions.begin(job, self.registry.get(job.type))
        if execution is None:
            return
        self.current_job = job
        self._execution = execution
        await self._finish(execution)

    async def _finish(self, execution: Execution) -> None:
        try:
            ending = await execution.ended
        except asyncio.CancelledError:
            execution.renew()  # the wait for it was cancelled, and with that the future; the handler was not
            raise
        self._execution = None
        self._executions.end(execution, ending)
