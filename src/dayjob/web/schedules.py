"""The routes of schedules: list them, pause and resume them, run them now."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import Path, Response

from ..job_queue import JobQueue
from ..schedule import ScheduleStatus
from .access import Access
from .router_context import Authorized, Queue
from .schemas import JobSummary, ScheduleDocument, job_json, schedule_document, summarize

Name = Annotated[str, Path(max_length=200)]


async def list_schedules(queue: Queue, access: Authorized) -> list[ScheduleDocument]:
    """All schedules, by name."""
    access.demand("read")
    return await asyncio.gather(*(_document(queue, access, schedule) for schedule in await queue.schedules()))


async def run_schedule(queue: Queue, access: Authorized, name: Name) -> Response:
    """Add a job of this schedule now; its times stay as they are."""
    access.demand("admin", name)
    job = await queue.run_schedule_now(name)
    headers = {"Location": f"../../{job.id}"}  # relative to this path, so right behind every proxy
    return Response(job_json(queue, job), 202, headers, media_type="application/json")


async def pause_schedule(queue: Queue, access: Authorized, name: Name) -> ScheduleDocument:
    """Add no more jobs of this schedule until it is resumed."""
    access.demand("admin", name)
    return await _document(queue, access, await queue.pause_schedule(name))


async def resume_schedule(queue: Queue, access: Authorized, name: Name) -> ScheduleDocument:
    """Go on with a paused schedule at its next time."""
    access.demand("admin", name)
    return await _document(queue, access, await queue.resume_schedule(name))


async def _document(queue: JobQueue, access: Access, schedule: ScheduleStatus) -> ScheduleDocument:
    return schedule_document(queue, schedule, await _last_job(queue, access, schedule.last_job_id))


async def _last_job(queue: JobQueue, access: Access, job_id: str | None) -> JobSummary | None:
    """The job, unless it was removed meanwhile or is not for this principal."""
    job = await queue.get_job_status(job_id) if job_id else None
    return summarize(queue, job) if job and access.allows("read", job) else None
