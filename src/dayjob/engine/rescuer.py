"""Finds processes that died, and puts their jobs back into the queue.

No clocks are compared: an observer goes by its own, and by the counter that each process raises (`heartbeat`). On the
same host a lock tells at once (`ProcessLock`).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from .. import processes
from ..clock import now_micros
from ..logger import logger
from ..loop import Loop
from ..models import AttemptReport, JobDefinition, Settlement
from ..outcome import Orphaned, Policy, decide
from ..registry import JobRegistry
from ..repository import HeartbeatReply, JobRepository, WorkerRow
from ..supervision import Supervisor
from .executions import Executions
from .lifecycle import log_end

log = logger("dayjob.rescuer")

LOOK_EVERY = 0.25  # seconds between looks whether the processes of this host still hold their locks


class Rescuer:
    """The observer of all other processes. ``on_rescue`` is called when a job is pending again.

    ``me`` is this process.
    """

    def __init__(
        self,
        me: WorkerRow,
        repository: JobRepository,
        registry: JobRegistry,
        executions: Executions,
        on_rescue: Callable[[], None],
        supervisor: Supervisor,
    ) -> None:
        self._me = me
        self._repository = repository
        self._registry = registry
        self._executions = executions
        self._on_rescue = on_rescue
        self._loop = Loop("rescuer", self.step, supervisor)
        self._lost: list[JobDefinition] = []
        self._unjudged: list[WorkerRow] = []
        self._neighbours: list[WorkerRow] = []
        self._seen: dict[str, tuple[int, float]] = {}
        self._watching_since = self._last_reply = time.monotonic()

    def start(self) -> None:
        """Begin to look after the others."""
        self._loop.start()

    async def stop(self) -> None:
        """Look after nobody any more."""
        await self._loop.stop()

    def on_reply(self, reply: HeartbeatReply) -> None:
        """Take in what the database answered to a beat of this process."""
        now = time.monotonic()
        if now - self._last_reply > processes.DEAD_AFTER / 2:
            self._watching_since = now  # we were away ourselves: nobody is judged for what we did not see
        self._last_reply = now
        # Here and not a moment later: answers come in the order of the transactions, so this is what is true now.
        self._lost += self._executions.reconcile(reply.running)
        self._unjudged = reply.workers
        self._neighbours = [w for w in reply.workers if w.host == self._me.host and w.id != self._me.id]
        self._loop.wake()

    def heard_ago(self, worker: str) -> float | None:
        """Seconds since the counter of that process was seen to rise, by this process's clock; None: not yet seen."""
        if worker == self._me.id:
            return time.monotonic() - self._last_reply
        seen = self._seen.get(worker)
        return None if seen is None else time.monotonic() - seen[1]

    async def step(self) -> float | None:
        """Put back what was lost here, and what processes left that died; the seconds until the next look."""
        if self._lost:
            log.warning("%d jobs are running here, says the database, but they are not; they go back", len(self._lost))
        while self._lost:
            await self._settle_orphan(self._lost.pop())
        workers, self._unjudged = self._unjudged, []
        dead = [worker for worker in workers if self._is_dead(worker)]  # now: reaping takes time, and beats go on
        for worker in dead:
            await self._reap(worker)
        if workers:
            self._seen = {worker.id: self._seen[worker.id] for worker in workers if worker.id in self._seen}
        await self._look_at_neighbours()
        return LOOK_EVERY if self._neighbours else None

    async def reap_neighbours(self) -> None:
        """Put back what processes of this host left that hold their locks no more."""
        for worker in await self._repository.list_workers():
            if self._lost_its_lock(worker):
                await self._reap(worker)

    async def _look_at_neighbours(self) -> None:
        """Between two beats: a lock that is free tells at once. Who is not listed any more has left in order."""
        if any(self._lost_its_lock(worker) for worker in self._neighbours):
            self._neighbours = []
            await self.reap_neighbours()

    def _is_dead(self, worker: WorkerRow) -> bool:
        if worker.id == self._me.id:
            return False
        if self._lost_its_lock(worker):
            return True
        now = time.monotonic()
        beat, since = self._seen.get(worker.id, (-1, now))
        if beat != worker.beat:
            self._seen[worker.id] = (worker.beat, now)
            return False
        return now - max(since, self._watching_since) > processes.DEAD_AFTER

    def _lost_its_lock(self, worker: WorkerRow) -> bool:
        return worker.id != self._me.id and self._repository.lost_its_lock(worker)

    async def _reap(self, worker: WorkerRow) -> None:
        jobs = await self._repository.list_running_of(worker.id)
        log.warning("process %s (pid %d on %s) died with %d jobs", worker.id, worker.pid, worker.host, len(jobs))
        for job in jobs:
            await self._settle_orphan(job)
        # The file last: should we die before, the next one has to see it at once, too.
        if await self._repository.remove_worker(worker.id) and self._lost_its_lock(worker):
            self._repository.remove_lock(worker)

    async def _settle_orphan(self, job: JobDefinition) -> None:
        policy = self._registry.job_types.get(job.type) or Policy()
        transition = decide(job, Orphaned(), None, now_micros(), policy)
        if await self._repository.settle(job, transition, AttemptReport()):
            log_end(Settlement(job, transition, AttemptReport()))
            self._on_rescue()
