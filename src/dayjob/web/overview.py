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
    kinds = sorted(queue.registry.job_types.values(), key=lambda kind: kind.name)
    return [_document(kind) for kind in kinds if access.allows("create", JobRequest(kind.name, owner=access.owner))]


async def get_stats(queue: Queue, access: Authorized) -> Stats:
    """How many jobs there are of each status, and how those of the last hour ended; of whose jobs one may see."""
    if access.only is None:
        access.demand("read")
    return await queue.get_stats(access.only)


async def list_workers(queue: Queue, access: Authorized) -> list[Process]:
    """The processes that work on this database, the oldest first."""
    access.demand("read")
    return await queue.processes()


def _document(kind: JobType) -> TypeDocument:
    return TypeDocument(
        name=kind.name,
        description=kind.description,
        run_in=kind.runs_in,
        max_attempts=kind.max_attempts,
        timeout=kind.timeout,
        unique=kind.unique is not False,
        max_concurrency=kind.max_concurrency,
        max_pending=kind.max_pending,
        stalled_after=kind.stalled_after,
        secret=sorted(kind.arguments.secret),
        schema=kind.arguments.schema(),
    )
