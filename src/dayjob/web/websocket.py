"""Live updates to browsers. A socket gets the newest state, not a stream; it can slow down nobody.

Every socket has a mailbox with a place for each job, and a task of its own that sends. Whoever has news lays them
into the mailboxes and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from fastapi import WebSocket, WebSocketDisconnect

from ..errors import StorageError
from ..events import JobEvent, LogWritten, Mailbox, ProgressMade
from ..job_queue import JobQueue
from ..models import JobStatus
from ..own_log import own_log
from ..states import Status
from .schemas import PING, RESYNC, log_frame, progress_frame, status_frame, summary_frame, update_frame

log = own_log("dayjob.web")

_SILENCE = 15.0  # seconds after which a ping tells the page that the line is up
_SEND_TIMEOUT = 5.0  # seconds for one frame to leave; a tab that takes longer is let go
_LINES = 50  # log lines in one frame
_FIRST_JOBS = 200  # running jobs that a new all-jobs socket is told

JOB_UNKNOWN, BAD_MESSAGE = 4404, 4400


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

    def wants(self, job: JobStatus) -> bool:
        """Whether the job passes."""
        return (not self.statuses or job.status in self.statuses) and self.wants_type(job.type)

    def wants_type(self, job_type: str) -> bool:
        """Whether jobs of this type can pass."""
        return not self.types or job_type in self.types


class LogReader:
    """Where a socket that wants a job's log lines is in them: they wait in the database, not in memory."""

    def __init__(self, queue: JobQueue, job_id: str) -> None:
        self._queue = queue
        self._job_id = job_id
        self._after = 0

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
        return log_frame(self._job_id, lines)


class Connection:
    """One socket: its mailbox and the task that empties it."""

    def __init__(self, websocket: WebSocket, job_filter: JobFilter, log_reader: LogReader | None = None) -> None:
        self.websocket = websocket
        self.filter = job_filter
        self.mailbox: Mailbox[Frame] = Mailbox()
        self.first: list[Frame] = []
        self.sender: asyncio.Task[None] | None = None
        self.log_reader = log_reader
        self._ending = False
        self._greeted = False

    def lay(self, key: str, frame: Frame) -> None:
        """Put news into the mailbox. After a last frame come no others, which could push it out."""
        if not self._ending:
            self._ending = frame.last
            # A status has the progress in it, so it takes its place too.
            self.mailbox.discard(f"{key}/progress")
            self.mailbox.put(key, frame, len(frame.text))

    def start(self) -> None:
        """Begin to send."""
        self.sender = asyncio.get_running_loop().create_task(self._send_all(), name="dayjob-socket")

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
        except TimeoutError:
            log.info("a socket took no frame for %g s and was let go", _SEND_TIMEOUT)
        except (WebSocketDisconnect, RuntimeError) as error:  # starlette says RuntimeError when it is closed already
            log.debug("a socket went away: %s", error)

    async def _next(self) -> Frame:
        if self.mailbox.overflowed:
            self.mailbox.overflowed = False
            return Frame(RESYNC)
        try:
            async with asyncio.timeout(_SILENCE):
                return await self.mailbox.get()
        except TimeoutError:
            return Frame(PING)

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
            async with asyncio.timeout(_SEND_TIMEOUT):
                await self.websocket.close(1000)
        return frame.last

    async def _send_logs(self) -> None:
        while self.log_reader is not None and (text := await self.log_reader.next()) is not None:
            await self._send_text(text)

    async def _send_text(self, text: str) -> None:
        async with asyncio.timeout(_SEND_TIMEOUT):
            await self.websocket.send_text(text)


class WebSocketManager:
    """All sockets of one queue in this process, by the job that they watch (None: all jobs)."""

    def __init__(self, queue: JobQueue) -> None:
        self.active_connections: dict[str | None, list[Connection]] = {}
        self._queue = queue
        self._unlisten: Callable[[], None] | None = None

    def start(self) -> None:
        """Pass on what the queue's bus says."""
        if self._unlisten is None:
            self._unlisten = self._queue.bus.listen(self._heard)

    def stop(self) -> None:
        """Pass nothing on any more."""
        if self._unlisten is not None:
            self._unlisten()
            self._unlisten = None

    async def connect(
        self, websocket: WebSocket, job_id: str | None, job_filter: JobFilter | None = None, *, logs: bool = False
    ) -> Connection | None:
        """Accept a socket and have it told everything about a job (or all jobs), beginning with how it is now.

        ``logs`` adds the log lines of the job, all that there are.

        None if there is no such job: then the socket is closed with 4404.
        """
        await websocket.accept()
        self.start()  # in a mounted app no lifespan has done it
        reader = LogReader(self._queue, job_id) if logs and job_id is not None else None
        connection = Connection(websocket, job_filter or JobFilter(), reader)
        # Registered before the state is read: what happens between the two is in the mailbox.
        self.active_connections.setdefault(job_id, []).append(connection)
        try:
            connection.first = await self._first_frames(job_id, connection)
        except BaseException:
            self.disconnect(websocket, job_id)
            raise
        if job_id is not None and not connection.first:
            self.disconnect(websocket, job_id)
            await websocket.close(JOB_UNKNOWN, "There is no job with this id.")  # a reason holds 123 bytes
            return None
        connection.start()
        return connection

    def disconnect(self, websocket: WebSocket, job_id: str | None) -> None:
        """Forget a socket. It may leave at any moment, also while news are being passed on."""
        kept = [c for c in self.active_connections.get(job_id, ()) if c.websocket is not websocket]
        if kept:
            self.active_connections[job_id] = kept
        else:
            self.active_connections.pop(job_id, None)

    async def send_job_update(self, job_id: str, data: dict[str, Any]) -> None:
        """Tell everybody who watches this job ``data`` (JSON members), as a frame of type ``update``. Never waits."""
        frame = Frame(update_frame(job_id, data))
        self._lay(self.active_connections.get(job_id, ()), f"{job_id}/update", frame)

    async def serve(
        self, websocket: WebSocket, job_id: str | None, job_filter: JobFilter | None = None, *, logs: bool = False
    ) -> None:
        """Handle a socket from accept to close: what a route needs."""
        connection = await self.connect(websocket, job_id, job_filter, logs=logs)
        if connection is None or connection.sender is None:
            return
        receiver = asyncio.get_running_loop().create_task(_hear_out(websocket))
        try:
            await asyncio.wait([receiver, connection.sender], return_when=asyncio.FIRST_COMPLETED)
        finally:
            self.disconnect(websocket, job_id)
            receiver.cancel()
            await connection.close()
            await asyncio.wait([receiver])

    async def _first_frames(self, job_id: str | None, connection: Connection) -> list[Frame]:
        if job_id is not None:
            job = await self._queue.get_job_status(job_id)
            if job is None:
                return []
            job = self._queue.attempts.as_told(job)
            connection.mailbox.drop(lambda frame: frame.rev < job.rev)
            return [_status(job)]
        wanted = connection.filter
        if wanted.statuses and Status.RUNNING not in wanted.statuses:
            return []
        page = await self._queue.list_jobs([Status.RUNNING], sorted(wanted.types), _FIRST_JOBS)
        as_told = self._queue.attempts.as_told
        return [Frame(summary_frame(as_told(job)), job.rev) for job in page.items]

    def _heard(self, event: JobEvent) -> None:
        """News from the bus: encoded once for all who get them."""
        watchers = self.active_connections.get(event.job_id, ())
        everywhere = self.active_connections.get(None, ())
        if isinstance(event, ProgressMade):
            if watchers or everywhere:
                all_who = [*watchers, *(c for c in everywhere if c.filter.wants_type(event.type))]
                self._lay(all_who, f"{event.job_id}/progress", Frame(progress_frame(event), event.rev))
            return
        if isinstance(event, LogWritten):
            self._lay([c for c in watchers if c.log_reader is not None], f"{event.job_id}/log", Frame(""))
            return
        if watchers:
            self._lay(watchers, event.job_id, _status(event.status))
        if wanting := [c for c in everywhere if c.filter.wants(event.status)]:
            self._lay(wanting, event.job_id, Frame(summary_frame(event.status), event.status.rev))

    @staticmethod
    def _lay(connections: Iterable[Connection], key: str, frame: Frame) -> None:
        for connection in connections:
            connection.lay(key, frame)


def _status(job: JobStatus) -> Frame:
    return Frame(status_frame(job), job.rev, last=job.finished)


async def _hear_out(websocket: WebSocket) -> None:
    """Wait until the other side goes. It has nothing to say here: commands go over REST."""
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        message = await websocket.receive()
        if message["type"] == "websocket.receive":
            await websocket.close(BAD_MESSAGE, "This socket only tells; commands go over REST.")
