"""``Prefer: wait=20`` (RFC 7240): an answer that is held until the job ended."""

from __future__ import annotations

import asyncio
import contextlib
import re

from fastapi import Request

from ..errors import JobNotFound, QueueNotRunning
from ..job_queue import JobQueue
from ..models import JobStatus

LONGEST_WAIT = 20  # seconds: proxies and browsers give up after 30 or 60
_WAIT = re.compile(r"\s*wait\s*=\s*(\d{1,9})\s*(;.*)?", re.IGNORECASE)


def parse_wait(prefer: str | None) -> int:
    """Seconds that a ``Prefer`` header asks for, at most 20; 0 for none, and for what makes no sense.

    >>> parse_wait("respond-async, wait=60")
    20
    """
    found = (_WAIT.fullmatch(part) for part in (prefer or "").split(","))
    return next((min(int(match[1]), LONGEST_WAIT) for match in found if match), 0)


async def wait_until_ended(queue: JobQueue, job: JobStatus, request: Request, seconds: float) -> JobStatus:
    """The job when it ended, or as it is after ``seconds``, or when the client left, or when the queue stops.

    uvicorn tells an app that it stops only when its open requests have ended; ``--timeout-graceful-shutdown`` ends
    them earlier.
    """
    ended = asyncio.create_task(queue.wait(job.id, seconds))
    left = asyncio.create_task(_wait_for_disconnect(request))
    try:
        await asyncio.wait((ended, left), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (ended, left):
            task.cancel()
        await asyncio.gather(ended, left, return_exceptions=True)
    # What ended the wait is no fault of the request, which was accepted: the job stands.
    with contextlib.suppress(TimeoutError, QueueNotRunning, JobNotFound, asyncio.CancelledError):
        return ended.result()
    with contextlib.suppress(QueueNotRunning):
        return await queue.get_job_status(job.id) or job
    return job


async def _wait_for_disconnect(request: Request) -> None:
    """Until the client is gone. The body has been read: what comes now is the end."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
