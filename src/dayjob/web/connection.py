"""One socket. It gets the newest state, not a stream, at its own pace; what it watches is the manager's to know."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from fastapi import WebSocket, WebSocketDisconnect

from ..errors import StorageError
from ..job_queue import JobQueue
from ..logger import logger
from ..mailbox import Mailbox
from ..redaction import Redactor
from .access import Access
from .job_filter import JobFilter
from .schemas import PING, RESYNC, log_frame

log = logger("dayjob.web")

_SILENCE = 15.0  # seconds after which a ping tells the page that the line is up
_SEND_TIMEOUT = 5.0  # seconds for one frame to leave; a tab that takes longer is let go
_LINES = 50  # log lines in one frame


@dataclass(frozen=True, slots=True)
class Frame:
    """A text to send; ``last`` closes the socket after it."""

    text: str
    rev: int = 0
    last: bool = False


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
