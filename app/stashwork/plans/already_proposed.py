"""What an analysis need not propose: a person rejected it, or another plan has it already."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stashwork.library import SceneIdentity

from .models import Decision, Plan, PlanChange, PlanScene, PlanStatus, Rejection, is_open, is_scene_of_change

_EMPTY_FOR = timedelta(days=1)  # that a draft without changes is kept: whoever asked for it may look at it
_OPEN = (
    PlanStatus.ANALYZING,
    PlanStatus.DRAFT,
    PlanStatus.REVIEWED,
    PlanStatus.APPLYING,
    PlanStatus.PARTLY_APPLIED,
)

OpenChanges = dict[tuple[int, str, str], tuple[int, Any]]  # by scene, field and key


async def rejections(connection: AsyncConnection, scenes: Mapping[int, SceneIdentity]) -> set[tuple[int, str, str]]:
    """What a person does not want for these scenes."""
    rows = await connection.execute(select(Rejection.__table__).where(Rejection.scene_id.in_(scenes)))
    return {(row.scene_id, row.field, row.key) for row in rows if _is_about(row, scenes)}


async def open_changes(connection: AsyncConnection, plan_id: int, scenes: Mapping[int, SceneIdentity]) -> OpenChanges:
    """What other plans propose for these scenes and nobody has rejected or written: the plan, and the value before."""
    columns = (PlanChange.scene_id, PlanChange.field, PlanChange.key, PlanChange.plan_id, PlanChange.base)
    others = select(Plan.id).where(Plan.id != plan_id, Plan.status.in_(_OPEN))
    found = select(*columns, PlanScene.created_at, PlanScene.files).where(
        is_scene_of_change(),
        PlanChange.plan_id.in_(others),
        PlanChange.scene_id.in_(scenes),
        PlanChange.decision != Decision.REJECTED,
        is_open(PlanChange.outcome),
    )
    rows = await connection.execute(found.order_by(PlanChange.id))
    return {(row.scene_id, row.field, row.key): (row.plan_id, row.base) for row in rows if _is_about(row, scenes)}


def _is_about(row: Any, scenes: Mapping[int, SceneIdentity]) -> bool:
    """Whether a row is about the scene that has its number now."""
    return SceneIdentity.restore(row.created_at, row.files).is_same(scenes[row.scene_id])


async def forget_empty(connection: AsyncConnection, plan_id: int) -> None:
    """Delete older drafts that hold nothing: a schedule makes one each time that there is nothing new."""
    some = exists().where(PlanChange.plan_id == Plan.id)
    before = (datetime.now(UTC) - _EMPTY_FOR).isoformat(timespec="milliseconds")
    old = (Plan.id < plan_id, Plan.status == PlanStatus.DRAFT, Plan.updated_at < before)
    await connection.execute(delete(Plan).where(*old, ~some))
