"""Live updates to browsers. A socket gets the newest state, not a stream; it can slow down nobody.

Every socket has a mailbox with a place for each job, and a task of its own that sends. Whoever has news lays them
into the mailboxes and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from ..errors import StorageError
from ..events import JobEvent, LogWritten, ProgressMade, StatusChanged
from ..job_queue import JobQueue
from ..mailbox import Mailbox
from ..models import JobStatus
from ..own_log import own_log
from ..redaction import Redactor, of_arguments
from ..states import TRANSITIONS, Status
from .access import Access, readable_page
from .schemas import (
    PING,
    RESYNC,
    log_frame,
    progress_frame,
    status_frame,
    summary_frame,
    update_frame,
)

log = own_log("dayjob.web")

_SILENCE = 15.0  # seconds after which a ping tells the page that the line is up
_SEND_TIMEOUT = 5.0  # seconds for one frame to leave; a tab that takes longer is let go
_CHECK_EVERY = 1.0  # seconds between looks at all sockets for both
_LINES = 50  # log lines in one frame
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


@dataclass(frozen=True, slots=True)
class Frame:
    """A text to send; ``last`` closes the socket after it."""

    text: str
    rev: int = 0
    last: bool = False


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs an all-jobs socket wants; empty means all."""

    statuses: frozenset[Status] = frozenset()
    types: frozenset[str] = frozenset()

    def wants(self, job_type: str, statuses: Collection[Status]) -> bool:
        """Whether a job of this type, with one of these statuses, passes."""
        return (not self.types or job_type in self.types) and (
            not self.statuses or not self.statuses.isdisjoint(statuses)
        )


RUNNING = frozenset({Status.RUNNING})


def concerned_statuses(job: JobStatus) -> set[Status]:
    """The status of a job, and those that it can have come from: that it left a filter has to be told, too."""
    earlier = {old for (old, _event), new in TRANSITIONS.items() if old is not None and new is job.status}
    # Before its first attempt a job was never running.
    return {job.status, *(earlier if job.attempt else earlier - {Status.RUNNING})}


class LogReader:
    """Where a socket that wants a job's log lines is in them: they wait in the database, not in memory."""

    def __init__(self, queue: JobQueue, job_id: str) -> None:
        self._queue = queue
        self._job_id = job_id
        self._after = 0
        self.redactor = Redactor()

    async def next(self) -> str | None:
        """A frame with the lines that come next, or None if there are none now."""
        try:
            lines = await self._queue.get_logs(self._job_id, self._after, _LINES)
        except StorageError as error:  # the next news of the job are the next try
            log.warning("log lines cannot be told: %s", error)
            return None
        if not lines:
            return None
        self._after = lines[-1].seq
        return log_frame(self._job_id, [replace(line, text=self.redactor.text(line.text)) for line in lines])


class Connection:
    """One socket: its mailbox and the task that empties it."""

    def __init__(
        self, websocket: WebSocket, job_filter: JobFilter, access: Access, log_reader: LogReader | None = None
    ) -> None:
        self.websocket = websocket
        self.filter = job_filter
        self.access = access
        self.address = websocket.client.host if websocket.client else ""
        self.mailbox: Mailbox[Frame] = Mailbox()
        self.first: list[Frame] = []
        self.sender: asyncio.Task[None] | None = None
        self.log_reader = log_reader
        self._ending = False
        self._greeted = False
        self._sending = False
        self._time = asyncio.get_running_loop().time
        self._moved = self._time()  # when the last frame began to leave

    def put(self, key: str, frame: Frame, outdated: str | None = None) -> None:
        """Put news into the mailbox, and take ``outdated`` ones out.

        After a last frame come no others, which could push it out.
        """
        if not self._ending:
            self._ending = frame.last
            if outdated is not None:
                self.mailbox.discard(outdated)
            self.mailbox.put(key, frame, len(frame.text))

    def start(self) -> None:
        """Begin to send."""
        loop = asyncio.get_running_loop()
        self._moved = loop.time()
        self.sender = loop.create_task(self._send_all(), name="dayjob-socket")

    def check(self, now: float) -> None:
        """Called once a second for each socket, so that a frame needs no timer: let go who takes none, ping who waits.

        ``now`` is the event loop's time.
        """
        if self._sending and now - self._moved > _SEND_TIMEOUT and self.sender is not None:
            log.info("a socket took no frame for %g s and was let go", _SEND_TIMEOUT)
            self.sender.cancel()
        elif not self._sending and now - self._moved > _SILENCE:
            self.mailbox.put("", Frame(PING), len(PING))

    async def close(self) -> None:
        """End the sending, wherever it is."""
        if self.sender is not None:
            self.sender.cancel()
            await asyncio.wait([self.sender])

    async def _send_all(self) -> None:
        try:
            for frame in self.first:
                if await self._send(frame):
                    return
            self.first.clear()
            while not await self._send(await self._next()):
                pass
        except (WebSocketDisconnect, RuntimeError) as error:  # starlette says RuntimeError when it is closed already
            log.debug("a socket went away: %s", error)

    async def _next(self) -> Frame:
        if self.mailbox.overflowed:
            self.mailbox.overflowed = False
            return Frame(RESYNC)
        return await self.mailbox.get()

    async def _send(self, frame: Frame) -> bool:
        """Send a frame; True if it was the last one. Log lines go before it, but for the first one."""
        if self._greeted:
            await self._send_logs()
        if frame.text:
            await self._send_text(frame.text)
        if not self._greeted:
            self._greeted = True
            await self._send_logs()
        if frame.last:
            self._begin()
            await self.websocket.close(1000)
        return frame.last

    async def _send_logs(self) -> None:
        while self.log_reader is not None and (text := await self.log_reader.next()) is not None:
            await self._send_text(text)

    async def _send_text(self, text: str) -> None:
        self._begin()
        await self.websocket.send_text(text)
        self._sending = False

    def _begin(self) -> None:
        self._sending, self._moved = True, self._time()


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
