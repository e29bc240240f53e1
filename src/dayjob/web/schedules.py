"""The routes of schedules: list them, pause and resume them, run them now."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from ..job_queue import JobQueue
from ..models import JobStatus
from ..schedule import ScheduleStatus
from .schemas import job_json

Name = Annotated[str, Path(max_length=200)]


class ScheduleRoutes:
    """The schedules of one queue over HTTP."""

    def __init__(self, queue: JobQueue) -> None:
        self._queue = queue

    def add_to(self, router: APIRouter, problems: dict[int | str, dict[str, Any]]) -> None:
        """To be called before routes with a job id in their paths are added."""
        router.get("/schedules", response_model=list[ScheduleStatus], responses=problems)(self.list_schedules)
        one = "/schedules/{name}"
        router.post(f"{one}/run", status_code=202, response_model=JobStatus, responses=problems)(self.run_schedule)
        router.post(f"{one}/pause", response_model=ScheduleStatus, responses=problems)(self.pause_schedule)
        router.post(f"{one}/resume", response_model=ScheduleStatus, responses=problems)(self.resume_schedule)

    async def list_schedules(self) -> list[ScheduleStatus]:
        """All schedules, by name."""
        return await self._queue.schedules()

    async def run_schedule(self, name: Name) -> Response:
        """Add a job of this schedule now; its times stay as they are."""
        job = await self._queue.run_schedule_now(name)
        headers = {"Location": f"../../{job.id}"}  # relative to this path, so right behind every proxy
        return Response(job_json(job), 202, headers, media_type="application/json")

    async def pause_schedule(self, name: Name) -> ScheduleStatus:
        """Add no more jobs of this schedule until it is resumed."""
        return await self._queue.pause_schedule(name)

    async def resume_schedule(self, name: Name) -> ScheduleStatus:
        """Go on with a paused schedule at its next time."""
        return await self._queue.resume_schedule(name)
