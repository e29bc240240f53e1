"""The routes of what belongs to no single job: types, numbers, processes."""

from __future__ import annotations

from ..models import JobType
from ..processes import Process
from ..request import JobRequest
from ..stats import Stats
from .router_context import Authorized, Queue
from .schemas import TypeDocument


async def list_types(queue: Queue, access: Authorized) -> list[TypeDocument]:
    """The types of jobs that can be started here, by name, each with the JSON Schema of its arguments."""
    known = sorted(queue.registry.job_types.values(), key=lambda each: each.name)
    return [_document(each) for each in known if access.allows("create", JobRequest(each.name, owner=access.owner))]


async def get_stats(queue: Queue, access: Authorized) -> Stats:
    """How many jobs there are of each status, and how those of the last hour ended; of whose jobs one may see."""
    if access.only is None:
        access.demand("read")
    return await queue.get_stats(access.only)


async def list_workers(queue: Queue, access: Authorized) -> list[Process]:
    """The processes that work on this database, the oldest first."""
    access.demand("read")
    return await queue.processes()


def _document(job_type: JobType) -> TypeDocument:
    return TypeDocument(
        name=job_type.name,
        description=job_type.description,
        run_in=job_type.runs_in,
        max_attempts=job_type.max_attempts,
        timeout=job_type.timeout,
        unique=job_type.unique is not False,
        max_concurrency=job_type.max_concurrency,
        max_pending=job_type.max_pending,
        stalled_after=job_type.stalled_after,
        secret=sorted(job_type.arguments.secret),
        schema=job_type.arguments.schema(),
    )
