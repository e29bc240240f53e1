"""A source that is a database file, beside the processes that work on it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from pathlib import Path
from typing import Self

from ..errors import JobActive, JobNotFound, StorageError, UnknownJobType
from ..host import host_name
from ..ids import check_name, is_name
from ..job_queue import JobQueue
from ..masking import mask_attempts, mask_job, mask_lines, mask_schedule
from ..models import AttemptRecord, JobStatus, LogLine, NewJob
from ..processes import Process, read_processes
from ..repository import (
    Finding,
    Listener,
    database_path,
    examine,
    is_foreign,
    open_repository,
    read_schedules,
    read_workers,
)
from ..request import JobRequest, again, new_job, new_job_elsewhere
from ..retention import Pruner, Retention
from ..schedule import ScheduleStatus
from ..schedule_control import find_schedule, oversleeps, pause_schedule, resume_schedule, wake_schedules
from ..states import Status
from ..stats import Stats, StatsReader
from .output import members_of, notice
from .reports import is_broken, schedules_finding, workers_finding
from .source import WorkerStatus


class DatabaseSource:
    """The database at ``url``, made if it is not there and may be. ``queue``: the code of the app, if it is known.

    ``any_type``: jobs may be added of types that nobody knows yet.
    """

    def __init__(
        self, url: str | Path, queue: JobQueue | None = None, *, create: bool = False, any_type: bool = False
    ) -> None:
        self._path = database_path(url)
        self._repository = open_repository(self._path)
        self._changed = asyncio.Event()
        self._queue = queue
        self._create = create
        self._any_type = any_type
        if not create and not self._path.exists():
            raise StorageError(f"There is no database {self._path}. Name yours with --db sqlite:///path or --app.")

    async def __aenter__(self) -> Self:
        if not self._create and is_foreign(self._path):  # to look must not make it one of ours
            raise StorageError(f"{self._path} is not a database of dayjob; nothing was changed.")
        await self._repository.open(Listener(on_foreign=lambda _changes: self._changed.set()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._repository.close()

    async def list_jobs(
        self,
        statuses: Sequence[Status],
        types: Sequence[str],
        limit: int,
        parent: str | None = None,
        owner: str | None = None,
    ) -> list[JobStatus]:
        page = await self._repository.list_jobs(statuses, types, limit, parent=parent, owner=owner)
        return [self._mask(job) for job in page.items]

    async def get_job(self, job_id: str) -> JobStatus | None:
        job = await self._repository.get_job(job_id) if is_name(job_id) else None
        return None if job is None else self._mask(job)

    async def get_attempts(self, job_id: str) -> list[AttemptRecord]:
        job = await self._get_stored(job_id)
        return mask_attempts(job, await self._repository.list_attempts(job_id), self._secret_names(job.type))

    async def get_logs(self, job_id: str, after: int, limit: int) -> list[LogLine]:
        job = await self._get_stored(job_id)
        return mask_lines(job, await self._repository.list_logs(job_id, after, limit), self._secret_names(job.type))

    async def create(self, request: JobRequest) -> JobStatus:
        if self._queue is None and not self._any_type:
            await self._check_type(check_name(request.job_type, "job type"))
        return await self._add(request)

    async def _add(self, request: JobRequest) -> JobStatus:
        self._repository.check_room()
        accepted = await self._repository.add_job(await self._check_request(request))
        return self._mask(accepted.status())

    async def cancel(self, job_id: str) -> JobStatus:
        job = await self._repository.request_cancel(job_id)
        if job is None:
            raise _not_found(job_id)
        return self._mask(job)

    async def retry(self, job_id: str) -> JobStatus:
        job = await self._get_stored(job_id)
        if not job.finished:
            raise JobActive(f"Job '{job_id}' is {job.status}; only a job that ended can be run again.")
        return await self._add(again(job, await self._repository.get_unique_key(job_id)))

    async def stats(self) -> Stats:
        return await StatsReader(self._repository).read()

    async def workers(self) -> list[WorkerStatus]:
        processes = await read_processes(self._repository, lambda _: None)  # nobody listened to them until now
        return [WorkerStatus(**members_of(process), alive=self._is_alive(process)) for process in processes]

    async def schedules(self) -> list[ScheduleStatus]:
        return [self._mask_schedule(row.status()) for row in await self._repository.schedules.list()]

    async def pause_schedule(self, name: str) -> ScheduleStatus:
        return self._mask_schedule(await pause_schedule(self._repository, name))

    async def resume_schedule(self, name: str) -> ScheduleStatus:
        return self._mask_schedule(await resume_schedule(self._repository, name))

    async def run_schedule(self, name: str) -> JobStatus:
        schedule = await find_schedule(self._repository, name)
        return await self._add(JobRequest(schedule.type, dict(schedule.args)))

    async def prune(self, *, dry_run: bool) -> Mapping[Status, int]:
        pruner = Pruner(self._repository, self._queue.retention if self._queue else Retention())
        return await (pruner.due() if dry_run else pruner.run())

    async def examine(self, *, thorough: bool) -> list[Finding]:
        findings = examine(self._path, thorough=thorough)
        if not is_broken(findings):
            findings.append(workers_finding(read_workers(self._path), self._repository.lost_its_lock))
            findings.append(schedules_finding([row.name for row in read_schedules(self._path) if oversleeps(row)]))
        return findings

    async def fix(self) -> None:
        await wake_schedules(self._repository)

    async def changes(self) -> AsyncIterator[None]:
        """The repository looks four times a second whether somebody wrote."""
        while True:
            yield
            await self._changed.wait()
            self._changed.clear()

    async def _check_request(self, request: JobRequest) -> NewJob:
        """The job, checked by the code of the app, or else by the process that will run it."""
        if self._queue is not None and not (self._any_type and request.job_type not in self._queue.registry.job_types):
            return new_job(self._queue.registry.get(request.job_type), request, max_pending=self._queue.max_pending)
        new = new_job_elsewhere(request)
        if new.type not in (known := await self._known_types()):
            notice(f"'{new.type}' waits until a process knows this type. Known now: {_join_names(known)}")
        return new

    async def _check_type(self, job_type: str) -> None:
        """Raise `UnknownJobType` for one that no process knows, and that never ran here: it may be misspelt."""
        began = [status for status in Status if status not in (Status.PENDING, Status.CANCELLED)]
        if (
            job_type in (known := await self._known_types())
            or (await self._repository.list_jobs(began, [job_type], 1)).items
        ):
            return
        raise UnknownJobType(
            f"There is no job type '{job_type}' that a process knows, or that ran here before. Known now: "
            f"{_join_names(known)}. Name the code with --app, or use --any-type: it waits until a process knows it."
        )

    async def _known_types(self) -> set[str]:
        return {name for worker in await self._repository.list_workers() for name in json.loads(worker.types)}

    async def _get_stored(self, job_id: str) -> JobStatus:
        if (job := await self._repository.get_job(job_id)) is None:
            raise _not_found(job_id)
        return job

    def _is_alive(self, process: Process) -> bool | None:
        if process.host != host_name():
            return None
        return not self._repository.lost_its_lock(process)

    def _mask(self, job: JobStatus) -> JobStatus:
        return mask_job(job, self._secret_names(job.type))

    def _mask_schedule(self, schedule: ScheduleStatus) -> ScheduleStatus:
        return mask_schedule(schedule, self._secret_names(schedule.type))

    def _secret_names(self, job_type: str) -> Collection[str]:
        """The arguments that the type calls secret; without the code of the app only their names tell."""
        return self._queue.registry.secret_arguments(job_type) if self._queue else ()


def _join_names(types: set[str]) -> str:
    return ", ".join(sorted(types)) or "none (no process is working on this database)"


def _not_found(job_id: str) -> JobNotFound:
    return JobNotFound(f"There is no job '{job_id:.130}'. `dayjob list` shows what there is.")
