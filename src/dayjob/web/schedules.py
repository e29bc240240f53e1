"""The routes of schedules: list them, pause and resume them, run them now."""

from __future__ import annotations

from typing import Annotated

from fastapi import Path, Response

from .router_context import Authorized, Queue
from .schemas import ScheduleDocument, job_json, schedule_document

Name = Annotated[str, Path(max_length=200)]


async def list_schedules(queue: Queue, access: Authorized) -> list[ScheduleDocument]:
    """All schedules, by name."""
    access.demand("read")
    return [schedule_document(queue, schedule) for schedule in await queue.schedules()]


async def run_schedule(queue: Queue, access: Authorized, name: Name) -> Response:
    """Add a job of this schedule now; its times stay as they are."""
    access.demand("admin", name)
    job = await queue.run_schedule_now(name)
    headers = {"Location": f"../../{job.id}"}  # relative to this path, so right behind every proxy
    return Response(job_json(queue, job), 202, headers, media_type="application/json")


async def pause_schedule(queue: Queue, access: Authorized, name: Name) -> ScheduleDocument:
    """Add no more jobs of this schedule until it is resumed."""
    access.demand("admin", name)
    return schedule_document(queue, await queue.pause_schedule(name))


async def resume_schedule(queue: Queue, access: Authorized, name: Name) -> ScheduleDocument:
    """Go on with a paused schedule at its next time."""
    access.demand("admin", name)
    return schedule_document(queue, await queue.resume_schedule(name))
