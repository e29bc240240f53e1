"""Keeps this process known as alive, finds processes that died, and puts their jobs back into the queue.

Liveness belongs to processes, not to jobs: a job may run for days. Each process raises a counter in the database
every two seconds, from a thread of its own, so that a handler that blocks the event loop does not look like death.
No clocks are compared: an observer goes by its own. On the same host a lock tells at once (`presence`).
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Callable
from pathlib import Path

from .. import processes
from ..clock import now_micros
from ..errors import StorageError
from ..loop import Loop
from ..models import Attempt, JobDefinition, Settlement
from ..outcome import Orphaned, Policy, decide
from ..own_log import own_log
from ..presence import Presence, is_gone
from ..registry import JobRegistry
from ..repository import Health, JobRepository, Pulse, WorkerRow
from ..supervision import SupervisedThread, Supervisor
from .attempts import Attempts
from .lifecycle import log_end
from .watch import Watch

log = own_log("dayjob.maintenance")

LOOK_EVERY = 0.25  # seconds between looks whether the processes of this host still hold their locks
_LIFE = 1_000_000_000  # beats; a process that was taken for dead and is back counts from the next multiple on

TIDY_EVERY = 60.0  # seconds between looks for expired idempotency keys
KEYS_AT_ONCE = 500  # as in forget_idempotency.sql
UNKNOWN_AFTER = 30_000_000  # microseconds that a job may wait for a process that knows its type, without a warning


class Maintenance:
    """The housekeeping of one process: its beat, and the rescue of what others left behind."""

    def __init__(
        self,
        me: WorkerRow,
        folder: Path,
        repository: JobRepository,
        registry: JobRegistry,
        attempts: Attempts,
        on_rescue: Callable[[], None],
        on_loop_closed: Callable[[], None],
        supervisor: Supervisor,
    ) -> None:
        self._me = me
        self._folder = folder.resolve()  # once: it is looked into four times a second
        self._repository = repository
        self._registry = registry
        self._attempts = attempts
        self._on_rescue = on_rescue
        self._presence = Presence(folder, me.id)
        self._rescuer = Loop("rescuer", self._rescue, supervisor)
        self._timer = SupervisedThread("heartbeat", self._beat, supervisor)
        self._on_loop_closed = on_loop_closed  # called in the timer thread
        self._forgotten = False
        self._types = len(registry.job_types)
        self._warned: set[str] = set()
        self._lost: list[JobDefinition] = []
        self._workers: list[WorkerRow] = []
        self._neighbours: list[WorkerRow] = []
        self._seen: dict[str, tuple[int, float]] = {}
        self._beating_since = time.monotonic()
        self._last_answer = time.monotonic()
        self._tidy_at = time.monotonic() + processes.BEAT_EVERY
        self._answer: asyncio.Future[Pulse] | None = None
        self._stopped = threading.Event()

    async def start(self) -> None:
        """Announce this process; what dead ones left is pending again when this returns."""
        self._presence.announce()
        try:
            await self._repository.register_worker(self._me)
            for worker in await self._repository.list_workers():
                if self._locked_out(worker):
                    await self._bury(worker)
        except BaseException:
            self._presence.leave()
            raise
        self._loop = asyncio.get_running_loop()
        self._expect_answer()
        self._timer.start()
        self._rescuer.start()

    async def stop(self) -> None:
        """Leave: nothing of this process runs any more."""
        self._stopped.set()
        await self._rescuer.stop()
        signed_off = False
        try:  # with jobs that nobody could settle the row has to stay: they are found by it
            signed_off = await self._repository.remove_worker(self._me.id) and not self._attempts.unsettled
        except StorageError as error:  # a stop goes on to its end, whatever the disk says
            log.warning("this process cannot sign off, so others will take it for dead: %s", error)
        self._presence.leave(signed_off=signed_off)

    def abandon(self) -> None:
        """The event loop has ended without a stop: others have to find what was left running. For any thread."""
        self._stopped.set()
        self._presence.leave(signed_off=False)

    def heard_ago(self, worker: str) -> float | None:
        """Seconds since the counter of that process was seen to rise, by this process's clock; None: not yet seen."""
        if worker == self._me.id:
            return time.monotonic() - self._last_answer
        seen = self._seen.get(worker)
        return None if seen is None else time.monotonic() - seen[1]

    def _beat(self) -> None:
        """In the timer thread."""
        watch = Watch(self._loop, self._attempts)
        shown, due = Health(), False
        while not self._stopped.wait(processes.BEAT_EVERY / 2):
            if self._loop.is_closed():
                self._on_loop_closed()
                return
            health, due = watch.look(), not due
            if due or health.blocked_since != shown.blocked_since:
                answer, self._answer = self._answer, None
                self._repository.beat(self._me.id, answer, health)
                shown = health

    def _expect_answer(self) -> None:
        answer: asyncio.Future[Pulse] = asyncio.get_running_loop().create_future()
        answer.add_done_callback(self._answered)
        self._answer = answer

    def _answered(self, answer: asyncio.Future[Pulse]) -> None:
        self._expect_answer()
        if answer.cancelled():
            return
        if (error := answer.exception()) is not None:
            log.warning("no beat: %s", error)
            return
        now = time.monotonic()
        if now - self._last_answer > processes.DEAD_AFTER / 2:
            self._beating_since = now  # we were away ourselves: nobody is judged for what we did not see
        self._last_answer = now
        pulse = answer.result()
        # Here and not a moment later: answers come in the order of the transactions, so this is what is true now.
        self._lost += self._attempts.reconcile(pulse.running)
        self._workers = pulse.workers
        self._neighbours = [w for w in pulse.workers if w.host == self._me.host and w.id != self._me.id]
        self._forgotten = all(worker.id != self._me.id for worker in pulse.workers)
        self._rescuer.wake()

    async def _rescue(self) -> float | None:
        if self._lost:
            log.warning("%d jobs are running here, says the database, but they are not; they go back", len(self._lost))
        while self._lost:
            await self._settle_orphan(self._lost.pop())
        if self._forgotten:
            log.warning("this process was away for so long that others took it for dead; it is back")
            # From another number on: whoever saw the old one stand still must not take it for this one.
            self._me = self._me._replace(beat=self._me.beat + _LIFE)
            self._presence.renew()
            await self._repository.register_worker(self._me)
            self._forgotten = False
            self._on_rescue()
        await self._tell_types()
        await self._tidy()
        workers, self._workers = self._workers, []
        dead = [worker for worker in workers if self._is_dead(worker)]  # now: burials take time, and beats go on
        for worker in dead:
            await self._bury(worker)
        if workers:
            self._seen = {worker.id: self._seen[worker.id] for worker in workers if worker.id in self._seen}
        await self._look_at_neighbours()
        return LOOK_EVERY if self._neighbours else None

    async def _look_at_neighbours(self) -> None:
        """Between two beats: a lock that is free tells at once. Who is not listed any more has left in order."""
        if any(self._locked_out(worker) for worker in self._neighbours):
            self._neighbours = []
            for worker in await self._repository.list_workers():
                if self._locked_out(worker):
                    await self._bury(worker)

    async def _tell_types(self) -> None:
        """Types may be registered while the queue runs; the others have to know that somebody runs their jobs."""
        if len(self._registry.job_types) != self._types:
            self._types = len(self._registry.job_types)
            self._me = self._me._replace(types=types_of(self._registry))
            await self._repository.register_worker(self._me)

    async def _tidy(self) -> None:
        """Once a minute: look for types that nobody knows, and remove idempotency keys that expired.

        Of those some, and more as long as there are many.
        """
        if time.monotonic() < self._tidy_at:
            return
        if self._me.slots:
            await self._warn_of_unknown_types()
        removed = await self._repository.forget_keys(now_micros())
        self._tidy_at = time.monotonic() + (0 if removed >= KEYS_AT_ONCE else TIDY_EVERY)

    async def _warn_of_unknown_types(self) -> None:
        """Once for each, and only if it lasts: in a deploy the new process may come after the new jobs."""
        unknown = await self._repository.list_unknown_types()
        late = now_micros() - UNKNOWN_AFTER
        news = {job_type for job_type, since in unknown.items() if since <= late} - self._warned
        self._warned = (self._warned & unknown.keys()) | news
        for job_type in sorted(news):
            log.warning("jobs of the type '%s' wait, and no running process knows it: was it renamed?", job_type)

    def _is_dead(self, worker: WorkerRow) -> bool:
        if worker.id == self._me.id:
            return False
        if self._locked_out(worker):
            return True
        now = time.monotonic()
        beat, since = self._seen.get(worker.id, (-1, now))
        if beat != worker.beat:
            self._seen[worker.id] = (worker.beat, now)
            return False
        return now - max(since, self._beating_since) > processes.DEAD_AFTER

    def _locked_out(self, worker: WorkerRow) -> bool:
        return worker.id != self._me.id and worker.host == self._me.host and is_gone(self._folder, worker.id)

    async def _bury(self, worker: WorkerRow) -> None:
        jobs = await self._repository.list_running_of(worker.id)
        log.warning("process %s (pid %d on %s) died with %d jobs", worker.id, worker.pid, worker.host, len(jobs))
        for job in jobs:
            await self._settle_orphan(job)
        # The file last: should we die before, the next one has to see it at once, too.
        if await self._repository.remove_worker(worker.id) and self._locked_out(worker):
            (self._folder / worker.id).unlink(missing_ok=True)

    async def _settle_orphan(self, job: JobDefinition) -> None:
        job_type = self._registry.job_types.get(job.type)
        policy = job_type or Policy()
        transition = decide(job, Orphaned(), None, now_micros(), policy)
        if await self._repository.settle(job, transition, Attempt()):
            log_end(Settlement(job, transition, Attempt()))
            self._on_rescue()


def types_of(registry: JobRegistry) -> str:
    """The names of all types, as a `WorkerRow` has them."""
    return json.dumps(sorted(registry.job_types))
