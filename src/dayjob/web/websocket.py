"""Live updates to browsers: news from the bus, to every socket that may hear them; slow ones hold up nobody.

Every socket has a mailbox with a place for each job, and a task of its own that sends. Whoever has news lays them
into the mailboxes and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from ..events import JobEvent, LogWritten, ProgressMade, StatusChanged
from ..job_queue import JobQueue
from ..logger import logger
from ..models import JobStatus
from ..redaction import of_arguments
from ..states import Status
from .access import Access, readable_page
from .connection import Connection, Frame, LogReader
from .job_filter import RUNNING, JobFilter, concerned_statuses
from .schemas import (
    progress_frame,
    status_frame,
    summary_frame,
    update_frame,
)

log = logger("dayjob.web")

_CHECK_EVERY = 1.0  # seconds between looks at all sockets for both
_FIRST_JOBS = 200  # running jobs that a new all-jobs socket is told

_LONGEST_MESSAGE = 4096  # characters of what a client says
_MOST_KNOWN = 10_000  # active jobs, where it is asked who may see them
BAD_MESSAGE, JOB_UNKNOWN, TOO_MANY, TOO_BIG = 4400, 4404, 4429, 1009
EVERYTHING = Access(None, None)


@dataclass(frozen=True, slots=True)
class SocketLimits:
    """How many sockets may be open in this process: in all, and of one address.

    Behind a proxy the address is that of the proxy, unless the server is told to believe its headers (uvicorn:
    ``--forwarded-allow-ips``).
    """

    total: int = 2000
    per_address: int = 200


class WebSocketManager:
    """All sockets of one queue in this process, by the job that they watch (None: all jobs).

    ``limited``: not every principal may see every job.
    """

    def __init__(self, queue: JobQueue, limits: SocketLimits | None = None, *, limited: bool = False) -> None:
        self.active_connections: dict[str | None, list[Connection]] = {}
        self._queue = queue
        self._limits = limits or SocketLimits()
        self._limited = limited
        self._known: dict[str, JobStatus] = {}
        self._addresses: Counter[str] = Counter()
        self._unlisten: Callable[[], None] | None = None
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Pass on what the queue's bus says."""
        if self._unlisten is None:
            self._unlisten = self._queue.bus.listen(self._on_event)
            self._check_all()

    def stop(self) -> None:
        """Pass nothing on any more."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def connect(
        self,
        websocket: WebSocket,
        job_id: str | None,
        job_filter: JobFilter | None = None,
        *,
        logs: bool = False,
        access: Access = EVERYTHING,
    ) -> Connection | None:
        """Accept a socket and have it told everything about a job (or all jobs), beginning with how it is now.

        ``logs`` adds the log lines of the job, all that there are. ``access``: whom it is for.

        None if it was closed at once: with 4404 (no such job for this principal), 4429 (too many sockets).
        """
        await websocket.accept()
        self.start()  # in a mounted app no lifespan has done it
        reader = LogReader(self._queue, job_id) if logs and job_id is not None else None
        connection = Connection(websocket, job_filter or JobFilter(), access, reader)
        if not self._admit(connection):
            await websocket.close(TOO_MANY, "There are too many sockets; close one, or try again later.")
            return None
        # Registered before the state is read: what happens between the two is in the mailbox.
        self.active_connections.setdefault(job_id, []).append(connection)
        try:
            await self._prepare(job_id, connection)
        except _Refused as refused:
            self.disconnect(websocket, job_id)
            await websocket.close(refused.code, str(refused))
            return None
        except BaseException:
            self.disconnect(websocket, job_id)
            raise
        connection.start()
        return connection

    def disconnect(self, websocket: WebSocket, job_id: str | None) -> None:
        """Forget a socket. It may leave at any moment, also while news are being passed on."""
        here = self.active_connections.get(job_id, [])
        kept = [c for c in here if c.websocket is not websocket]
        for connection in here:
            if connection.websocket is websocket:
                self._addresses.subtract([connection.address])
                self._addresses += Counter()  # forgets those that are at zero
        if kept:
            self.active_connections[job_id] = kept
        else:
            self.active_connections.pop(job_id, None)

    def _admit(self, connection: Connection) -> bool:
        limits, address = self._limits, connection.address
        if self._addresses.total() >= limits.total or self._addresses[address] >= limits.per_address:
            log.warning("a socket of %s was refused: %d are open", address, self._addresses.total())
            return False
        self._addresses[address] += 1
        return True

    async def send_job_update(self, job_id: str, data: dict[str, Any]) -> None:
        """Tell everybody who watches this job ``data`` (JSON members), as a frame of type ``update``. Never waits."""
        frame = Frame(update_frame(job_id, data))
        self._put(self.active_connections.get(job_id, ()), f"{job_id}/update", frame)

    async def serve(
        self,
        websocket: WebSocket,
        job_id: str | None,
        job_filter: JobFilter | None = None,
        *,
        logs: bool = False,
        access: Access = EVERYTHING,
    ) -> None:
        """Handle a socket from accept to close: what a route needs."""
        connection = await self.connect(websocket, job_id, job_filter, logs=logs, access=access)
        if connection is None or connection.sender is None:
            return
        receiver = asyncio.get_running_loop().create_task(_receive_until_gone(websocket))
        try:
            await asyncio.wait([receiver, connection.sender], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.disconnect(websocket, job_id)
            receiver.cancel()
            await connection.close()
            await asyncio.wait([receiver])

    def _check_all(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(_CHECK_EVERY, self._check_all)
        for connections in list(self.active_connections.values()):
            for connection in connections:
                connection.check(loop.time())

    async def _prepare(self, job_id: str | None, connection: Connection) -> None:
        """Find the frames that a new socket gets first."""
        if job_id is None:
            connection.first = await self._running_frames(connection)
            return
        job = await self._queue.get_job_status(job_id)
        if job is None or not connection.access.allows("read", job):
            raise _Refused(JOB_UNKNOWN, "There is no job with this id.")  # a reason holds 123 bytes
        live = self._queue.live(job)
        self._remember(live)
        if connection.log_reader is not None:
            connection.log_reader.redactor = of_arguments(job.args, self._queue.registry.secret_arguments(job.type))
        connection.mailbox.drop(lambda frame: frame.rev < live.rev)
        connection.first = [self._status_frame(live)]

    async def _running_frames(self, connection: Connection) -> list[Frame]:
        wanted = connection.filter
        if wanted.statuses and Status.RUNNING not in wanted.statuses:
            return []
        page = await readable_page(
            self._queue, connection.access, _FIRST_JOBS, statuses=[Status.RUNNING], types=sorted(wanted.types)
        )
        jobs = [self._queue.live(job) for job in page.items]
        for job in jobs:
            self._remember(job)
        return [Frame(summary_frame(self._queue, job), job.rev) for job in jobs]

    def _on_event(self, event: JobEvent) -> None:
        """News from the bus: encoded once for all who get them."""
        if isinstance(event, StatusChanged):
            self._remember(event.status)
        job = event.status if isinstance(event, StatusChanged) else self._known.get(event.job_id)
        watchers = self._readers(self.active_connections.get(event.job_id, ()), job)
        everywhere = self._readers(self.active_connections.get(None, ()), job)
        if isinstance(event, ProgressMade):
            if watchers or everywhere:
                all_who = [*watchers, *(c for c in everywhere if c.filter.wants(event.type, RUNNING))]
                self._put(all_who, _progress_key(event.job_id), Frame(progress_frame(event), event.rev))
        elif isinstance(event, LogWritten):
            self._put([c for c in watchers if c.log_reader is not None], f"{event.job_id}/log", Frame(""))
        else:
            self._put_status(event.status, watchers, everywhere)

    def _put_status(self, job: JobStatus, watchers: Sequence[Connection], everywhere: Sequence[Connection]) -> None:
        outdated = _progress_key(job.id)  # a status has the progress in it, so it takes its place, too
        if watchers:
            self._put(watchers, job.id, self._status_frame(job), outdated)
        concerned = concerned_statuses(job)
        if wanting := [c for c in everywhere if c.filter.wants(job.type, concerned)]:
            self._put(wanting, job.id, Frame(summary_frame(self._queue, job), job.rev), outdated)

    def _readers(self, connections: Sequence[Connection], job: JobStatus | None) -> Sequence[Connection]:
        """Those of ``connections`` whose principal may see the job as it is now; of an unknown one nobody is told."""
        if not self._limited:
            return connections
        return [c for c in connections if c.access.unlimited or (job is not None and c.access.allows("read", job))]

    def _remember(self, job: JobStatus) -> None:
        """Keep a job while it runs, since its progress may be told: to ask who may see it."""
        if not self._limited:
            return
        self._known.pop(job.id, None)
        if job.status is not Status.RUNNING:  # of others there is no progress to tell
            return
        self._known[job.id] = job
        if len(self._known) > _MOST_KNOWN:
            del self._known[next(iter(self._known))]

    def _status_frame(self, job: JobStatus) -> Frame:
        return Frame(status_frame(self._queue, job), job.rev, last=job.finished)

    @staticmethod
    def _put(connections: Iterable[Connection], key: str, frame: Frame, outdated: str | None = None) -> None:
        for connection in connections:
            connection.put(key, frame, outdated)


def _progress_key(job_id: str) -> str:
    return f"{job_id}/progress"


class _Refused(Exception):
    """A socket that is closed at once; the text is the reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


async def _receive_until_gone(websocket: WebSocket) -> None:
    """Wait until the other side goes. It has nothing to say here: commands go over REST."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        message = await websocket.receive()
        if message["type"] == "websocket.receive":  # the first one ends it: so no rate has to be counted
            too_big = len(message.get("text") or message.get("bytes") or "") > _LONGEST_MESSAGE
            code = TOO_BIG if too_big else BAD_MESSAGE
            await websocket.close(code, "This socket only tells; commands go over REST.")
