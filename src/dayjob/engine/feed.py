"""Passes on what was committed, here or in another process: to who listens, who waits, and who has to stop."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterator

from ..errors import JobNotFound, QueueNotRunning, StorageError
from ..events import EventBus, StatusChanged
from ..logger import logger
from ..loop import Loop
from ..models import JobStatus
from ..repository import Changes, JobRepository, JobRow
from ..supervision import Supervisor
from .executions import Executions

log = logger("dayjob")

_READ_AGAIN = 1.0  # seconds until changes that could not be read are read again


class Feed:
    """The committed changes of one database. Everything here runs on the event loop.

    ``on_work`` is called when other processes may have left something to do.
    """

    def __init__(
        self,
        repository: JobRepository,
        bus: EventBus,
        executions: Executions,
        on_work: Callable[[], None],
        supervisor: Supervisor,
    ) -> None:
        self._repository = repository
        self._bus = bus
        self._executions = executions
        self._on_work = on_work
        self._reader = Loop("change-reader", self._read, supervisor)
        self._unread: Changes | None = None  # the changes of other processes that are to be read
        self._waits: dict[asyncio.Future[JobStatus], str] = {}

    def start(self) -> None:
        """Begin to read what other processes change."""
        self._reader.start()

    async def stop(self) -> None:
        """Read no more, and end the waits of those who are left."""
        await self._reader.stop()
        for ended in self._waits:
            if not ended.done():
                ended.set_exception(QueueNotRunning("The job queue was stopped before the job ended."))

    @contextlib.contextmanager
    def waiting(self, ended: asyncio.Future[JobStatus], job_id: str) -> Iterator[None]:
        """While inside, ``ended`` raises when the queue stops, or when all traces of the job are gone."""
        self._waits[ended] = job_id
        try:
            yield
        finally:
            del self._waits[ended]
            if ended.done() and not ended.cancelled():
                ended.exception()  # the queue may have stopped while the answer was found elsewhere: nobody asks then

    def on_changed(self, rows: list[JobRow]) -> None:
        """This process committed ``rows``, in this order."""
        for row in rows:
            self._cancel_if_asked(row)
            if self._bus.wants(row.id):
                self._bus.publish(StatusChanged(self._executions.with_live_progress(row.status_of_job())))

    def on_foreign(self, changes: Changes) -> None:
        """Other processes changed something: there may be work, a cancel for us, or news for who watches here."""
        self._on_work()
        if self._executions.running or self._bus.listening:
            self._note_unread(changes)
            self._reader.wake()

    def _cancel_if_asked(self, row: JobRow) -> None:
        """Stop a job that runs here. What others asked may be seen in a change of our own only."""
        if row.cancel_requested_at is not None and row.status == "running":
            self._executions.cancel(row.id)

    def _note_unread(self, changes: Changes) -> None:
        self._unread = changes if self._unread is None else changes.join(self._unread)

    async def _read(self) -> float | None:
        while self._unread is not None:
            unread, self._unread = self._unread, None
            try:
                await self._read_changes(unread)
            except BaseException as error:
                self._note_unread(unread)  # a change that is left out may be the last one that somebody waits for
                if not isinstance(error, StorageError):
                    raise
                log.warning("changes of other processes cannot be read, trying again: %s", error)
                return _READ_AGAIN
        return None

    async def _read_changes(self, changes: Changes) -> None:
        changed = await self._repository.list_changed(changes)
        awaited = set(self._waits.values())
        gone = awaited.difference(await self._repository.existing(awaited)) if awaited else awaited
        for row in changed:
            self._cancel_if_asked(row)
            if self._bus.wants(row.id):
                self._bus.publish(StatusChanged(row.status_of_job()))
        self._end_waits(gone)

    def _end_waits(self, gone: set[str]) -> None:
        """The jobs of these waits ended and were removed before this process read of it: no event will follow."""
        for ended, job_id in self._waits.items():
            if job_id in gone and not ended.done():
                ended.set_exception(
                    JobNotFound(f"Job '{job_id}' ended and was removed before this process heard of it.")
                )
