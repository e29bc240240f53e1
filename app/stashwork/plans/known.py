"""What an analysis need not propose: a person rejected it, or another plan has it already."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from .models import Decision, Outcome, Plan, PlanChange, PlanStatus, Rejection

_EMPTY_FOR = timedelta(days=1)  # that a draft without changes is kept: whoever asked for it may look at it
_OPEN = (
    PlanStatus.ANALYZING,
    PlanStatus.DRAFT,
    PlanStatus.REVIEWED,
    PlanStatus.APPLYING,
    PlanStatus.PARTLY_APPLIED,
)

OpenChanges = dict[tuple[int, str, str], tuple[int, Any]]  # by scene, field and key


async def rejections(connection: AsyncConnection, ids: list[int]) -> set[tuple[int, str, str]]:
    """What a person does not want for these scenes."""
    columns = (Rejection.scene_id, Rejection.field, Rejection.key)
    rows = await connection.execute(select(*columns).where(Rejection.scene_id.in_(ids)))
    return {(row.scene_id, row.field, row.key) for row in rows}


async def open_changes(connection: AsyncConnection, plan_id: int, ids: list[int]) -> OpenChanges:
    """What other plans propose for these scenes and nobody has rejected or written: the plan, and the value before."""
    columns = (PlanChange.scene_id, PlanChange.field, PlanChange.key, PlanChange.plan_id, PlanChange.base)
    others = select(Plan.id).where(Plan.id != plan_id, Plan.status.in_(_OPEN))
    found = select(*columns).where(
        PlanChange.plan_id.in_(others),
        PlanChange.scene_id.in_(ids),
        PlanChange.decision != Decision.REJECTED,
        PlanChange.outcome.is_(None) | PlanChange.outcome.in_((Outcome.CONFLICT, Outcome.FAILED)),
    )
    rows = await connection.execute(found.order_by(PlanChange.id))
    return {(row.scene_id, row.field, row.key): (row.plan_id, row.base) for row in rows}


async def forget_empty(connection: AsyncConnection, plan_id: int) -> None:
    """Delete older drafts that hold nothing: a schedule makes one each time that there is nothing new."""
    some = exists().where(PlanChange.plan_id == Plan.id)
    before = (datetime.now(UTC) - _EMPTY_FOR).isoformat(timespec="milliseconds")
    old = (Plan.id < plan_id, Plan.status == PlanStatus.DRAFT, Plan.updated_at < before)
    await connection.execute(delete(Plan).where(*old, ~some))
