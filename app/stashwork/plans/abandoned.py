"""Plans that say that somebody is at work on them when nobody is: the process of their job was killed, and the job was
cancelled, or given up, before it ran again."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import writer
from stashwork.library import moment

from .journal import Journal
from .models import AT_WORK, Plan, PlanStatus
from .three_way import Direction


@dataclass(frozen=True, slots=True)
class BusyPlan:
    """A plan that an analysis (`job_id`), an apply or an undo works on, or did when it was interrupted."""

    id: int
    job_id: str
    status: str


async def busy_plans(engine: AsyncEngine) -> list[BusyPlan]:
    """The plans that say that they are at work."""
    async with engine.connect() as connection:
        found = await connection.execute(select(Plan.id, Plan.job_id, Plan.status).where(Plan.status.in_(AT_WORK)))
        return [BusyPlan(*row) for row in found]


async def release_plan(engine: AsyncEngine, plan: BusyPlan) -> None:
    """Let people go on with a plan that nobody works on: what was found, or written, by then is in it."""
    if plan.status != PlanStatus.ANALYZING:
        direction = Direction.APPLY if plan.status == PlanStatus.APPLYING else Direction.UNDO
        await Journal(engine, plan.id, direction).end()
        return
    stopped = update(Plan).where(Plan.id == plan.id, Plan.status == PlanStatus.ANALYZING)
    async with writer(engine).begin() as connection:
        await connection.execute(stopped.values(status=PlanStatus.DRAFT, updated_at=moment()))
