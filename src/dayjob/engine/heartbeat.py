"""Keeps this process known as alive: a lock on a file, and a counter in the database that rises every two seconds.

Liveness belongs to processes, not to jobs: a job may run for days. The counter is raised from a thread of its own, so
that a handler that blocks the event loop does not look like death.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable

from .. import processes
from ..errors import StorageError
from ..logger import logger
from ..loop import Loop
from ..registry import JobRegistry
from ..repository import Health, HeartbeatReply, JobRepository, WorkerRow
from ..supervision import SupervisedThread, Supervisor
from .executions import Executions
from .loop_monitor import LoopMonitor

log = logger("dayjob.heartbeat")

_LIFE = 1_000_000_000  # beats; a process that was taken for dead and is back counts from the next multiple on


class Heartbeat:
    """The signs of life of the process ``me``.

    On the event loop ``on_reply`` gets the answer to each beat, and ``on_return`` is called when this process is back
    after others took it for dead. ``on_loop_closed`` is called in the thread.
    """

    def __init__(
        self,
        me: WorkerRow,
        repository: JobRepository,
        registry: JobRegistry,
        executions: Executions,
        *,
        on_reply: Callable[[HeartbeatReply], None],
        on_return: Callable[[], None],
        on_loop_closed: Callable[[], None],
        supervisor: Supervisor,
    ) -> None:
        self._me = me
        self._lock = repository.process_lock(me.id)
        self._repository = repository
        self._registry = registry
        self._executions = executions
        self._on_reply = on_reply
        self._on_return = on_return
        self._on_loop_closed = on_loop_closed
        self._registrar = Loop("registrar", self.keep_registered, supervisor)
        self._thread = SupervisedThread("heartbeat", self._run, supervisor)
        self._is_forgotten = False
        self._reply: asyncio.Future[HeartbeatReply] | None = None
        self._stopped = threading.Event()

    async def register(self) -> None:
        """Take the lock and enter this process into the database. Raises `StorageError`."""
        self._lock.acquire()
        try:
            await self._repository.register_worker(self._me)
        except BaseException:
            self._lock.release()
            raise

    def start(self) -> None:
        """Begin to beat."""
        self._loop = asyncio.get_running_loop()
        self._expect_reply()
        self._thread.start()
        self._registrar.start()

    async def stop(self) -> None:
        """Sign off: nothing of this process runs any more."""
        self._stopped.set()
        await self._registrar.stop()
        signed_off = False
        try:  # with jobs that nobody could settle the row has to stay: they are found by it
            signed_off = await self._repository.remove_worker(self._me.id) and not self._executions.unsettled
        except StorageError as error:  # a stop goes on to its end, whatever the disk says
            log.warning("this process cannot sign off, so others will take it for dead: %s", error)
        self._lock.release(remove=signed_off)

    def abandon(self, *, remove_lock: bool = False) -> None:
        """End without signing off: others have to find what was left running. For any thread."""
        self._stopped.set()
        self._lock.release(remove=remove_lock)

    async def keep_registered(self) -> None:
        """Register again if others took this process for dead, or if types were registered since.

        Others have to know that somebody runs jobs of these types.
        """
        types, returns = types_of(self._registry), self._is_forgotten
        if returns:
            log.warning("this process was away for so long that others took it for dead; it is back")
            # From another number on: whoever saw the old one stand still must not take it for this one.
            self._me = self._me._replace(beat=self._me.beat + _LIFE)
            self._lock.renew()
        if returns or types != self._me.types:
            self._me = self._me._replace(types=types)
            await self._repository.register_worker(self._me)
        if returns:
            self._is_forgotten = False
            self._on_return()

    def _run(self) -> None:
        """In the thread."""
        monitor = LoopMonitor(self._loop, self._executions)
        sent, due = Health(), False
        while not self._stopped.wait(processes.BEAT_EVERY / 2):
            if self._loop.is_closed():
                self._on_loop_closed()
                return
            health, due = monitor.sample(), not due
            if due or health.blocked_since != sent.blocked_since:
                reply, self._reply = self._reply, None
                self._repository.beat(self._me.id, reply, health)
                sent = health

    def _expect_reply(self) -> None:
        reply: asyncio.Future[HeartbeatReply] = asyncio.get_running_loop().create_future()
        reply.add_done_callback(self._take_reply)
        self._reply = reply

    def _take_reply(self, reply: asyncio.Future[HeartbeatReply]) -> None:
        self._expect_reply()
        if reply.cancelled():
            return
        if (error := reply.exception()) is not None:
            log.warning("no beat: %s", error)
            return
        pulse = reply.result()
        self._on_reply(pulse)
        self._is_forgotten = all(worker.id != self._me.id for worker in pulse.workers)
        self._registrar.wake()


def types_of(registry: JobRegistry) -> str:
    """The names of all types, as a `WorkerRow` has them."""
    return json.dumps(sorted(registry.job_types))
