"""Writes the ends of attempts: together, again while the database cannot, and with word of those that came too late."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable

from ..errors import StorageError
from ..logger import logger
from ..models import Settlement
from ..repository import JobRepository
from ..retry import exponential

log = logger("dayjob.settler")

_MOST = 256  # ends that are written together
_LONGEST_WAIT = 0.01  # seconds that an end waits for company
_again = exponential(0.1, longest=10.0)


class Settler:
    """The ends that are not on disk yet. Everything here runs on the event loop.

    ``on_settled`` is called for each that was written, ``on_idle`` when some became known to be on disk, or never
    to be. Ends are held back only while the caller says that there are more to come.
    """

    def __init__(
        self, repository: JobRepository, on_settled: Callable[[Settlement], None], on_idle: Callable[[], None]
    ) -> None:
        self.unsettled: dict[tuple[str, int], Settlement] = {}
        self.fenced = 0  # how many writes came too late, since another process had taken the job over
        self._repository = repository
        self._on_settled = on_settled
        self._on_idle = on_idle
        self._held: list[Settlement] = []
        self._closed = False

    def settle(self, end: Settlement, *, more_to_come: bool) -> None:
        """Write ``end`` soon; a few milliseconds later if there is ``more_to_come``, which can share its fsync."""
        self.unsettled[end.job.id, end.job.attempt] = end
        self._held.append(end)
        loop = asyncio.get_running_loop()
        if len(self._held) >= _MOST:
            self._flush()
        elif not more_to_come:
            loop.call_soon(self._flush)
        elif len(self._held) == 1:
            loop.call_later(_LONGEST_WAIT, self._flush)

    def close(self) -> None:
        """The database is closed: what is not written by now is found, and run again, at the next start."""
        self._closed = True

    def _flush(self) -> None:
        held, self._held = self._held, []
        if held:
            self._write(held)

    def _write(self, ends: list[Settlement], tries: int = 0) -> None:
        if self._closed:
            return
        written = self._repository.settle_all(ends)
        written.add_done_callback(functools.partial(self._on_written, ends, tries))

    def _on_written(
        self, ends: list[Settlement], tries: int, written: asyncio.Future[list[bool | BaseException]]
    ) -> None:
        failure = written.exception()
        results = [failure] * len(ends) if failure is not None else written.result()
        failed = []
        for end, result in zip(ends, results, strict=True):
            if isinstance(result, StorageError):
                # The result is worth keeping: it is written as soon as the database can, or run again after a restart.
                log.error("the end of job %s cannot be stored, trying again: %s", end.job.id, result)
                failed.append(end)
            else:
                self._finish(end, result)
        if failed:
            asyncio.get_running_loop().call_later(_again(tries + 1), self._write, failed, tries + 1)
        self._on_idle()

    def _finish(self, end: Settlement, result: bool | BaseException) -> None:
        job = end.job
        del self.unsettled[job.id, job.attempt]
        if isinstance(result, BaseException):
            log.error("the end of job %s cannot be stored", job.id, exc_info=result)
        elif result:
            self._on_settled(end)
        else:
            self.fenced += 1
            log.warning(
                "fenced: attempt %d of job %s ended after another process had taken it over", job.attempt, job.id
            )
