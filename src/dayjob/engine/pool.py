"""The worker slots of this process, and the feeder that claims jobs for them."""

from __future__ import annotations

import asyncio
import time
from collections import deque

from ..clock import now_micros
from ..loop import Loop
from ..registry import JobRegistry
from ..repository import Claim, JobRepository
from ..supervision import SupervisedTask, Supervisor
from .executions import Executions
from .worker import JobWorker

_PREFETCH_WINDOW = 0.1  # seconds: as many jobs as began and ended in them may be prefetched
_MOST_PREFETCHED = 1024
_MOST_UNSETTLED = 2048  # ended attempts that wait for the disk; above it nothing is claimed
_LONGEST_END = 5.0  # seconds that a slot gets at a stop, when the attempts have ended or were written off
_LONGEST_NAP = 10.0  # seconds to sleep at most for a scheduled job: the wall clock may jump


class WorkerPool:
    """``max_workers`` slots. Short jobs are prefetched, by the hundred; long ones are claimed when a slot is free."""

    def __init__(
        self,
        worker_id: str,
        max_workers: int,
        repository: JobRepository,
        registry: JobRegistry,
        executions: Executions,
        supervisor: Supervisor,
    ) -> None:
        self.max_workers = max_workers
        self.queue = executions.prefetched
        self.workers: list[SupervisedTask] = []
        self._worker_id = worker_id
        self._repository = repository
        self._registry = registry
        self._executions = executions
        self._supervisor = supervisor
        self._feeder = Loop("feeder", self._feed, supervisor)
        self._ended: deque[float] = deque(maxlen=_MOST_PREFETCHED)

    def start(self) -> None:
        """Start the slots and the feeder."""
        for number in range(self.max_workers):
            worker = JobWorker(self.queue, self._registry, self._executions, self._on_slot_free)
            self.workers.append(SupervisedTask(f"worker-{number}", worker.run, self._supervisor))
            self.workers[-1].start()
        if self.max_workers:
            self._feeder.start()

    def wake(self) -> None:
        """There may be something to claim."""
        self._feeder.wake()

    async def stop_claiming(self) -> None:
        """Claim nothing more."""
        await self._feeder.stop()

    async def stop(self) -> None:
        """End the slots; each ends its job first."""
        for _ in self.workers:
            self.queue.put_nowait(None)
        await asyncio.gather(*(worker.stop(_LONGEST_END) for worker in self.workers))
        self.workers.clear()

    def _on_slot_free(self, seconds: float) -> None:
        if seconds < _PREFETCH_WINDOW:  # the end of a longer one does not say that the next slot is free soon
            self._ended.append(time.monotonic())
        self._feeder.wake()

    async def _feed(self) -> float | None:
        free, want = self._count_wanted()
        if want <= 0:
            return None
        types = self._registry.job_types.values()
        limits = {job_type.name: job_type.limit for job_type in types if job_type.limit is not None}
        names = list(self._registry.job_types)
        # Else they could fail without a beginning.
        no_prefetch = {job_type.name for job_type in types if job_type.on_orphan == "fail"}
        claiming = self._repository.claim(
            self._worker_id,
            names,
            want,
            free=free,
            limits=limits,
            no_prefetch=no_prefetch,
            max_attempts={job_type.name: job_type.max_attempts for job_type in types},
        )
        claiming.add_done_callback(self._on_claim)  # not here: who ends this task must not lose what was claimed for it
        claim = await asyncio.shield(claiming)
        return _nap(claim) if len(claim.jobs) < want else None

    def _on_claim(self, claiming: asyncio.Future[Claim]) -> None:
        if claiming.cancelled() or claiming.exception() is not None:
            return
        self.queue.put_all(claiming.result().jobs)

    def _count_wanted(self) -> tuple[int, int]:
        """How many jobs could start at once, and how many to claim."""
        executions = self._executions
        free = self.max_workers - len(executions.running) - len(executions.prefetched.jobs)
        if executions.unsettled > _MOST_UNSETTLED:
            return 0, 0
        prefetch = self._count_ended_lately()
        # Half a stock is enough to go on with: many small claims cost more than few large ones.
        return free, free + prefetch if free > -(prefetch // 2) else 0

    def _count_ended_lately(self) -> int:
        since = time.monotonic() - _PREFETCH_WINDOW
        while self._ended and self._ended[0] < since:
            self._ended.popleft()
        return len(self._ended)


def _nap(claim: Claim) -> float | None:
    if claim.next_run_at is None:
        return None
    return min(_LONGEST_NAP, max(0.0, (claim.next_run_at - now_micros()) / 1_000_000))
