"""Looking at plans and deciding about their changes, one by one or many at once."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, literal, select, tuple_, update
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.database import writer
from stashwork.library import moment
from stashwork.library.mirror import slices

from .errors import PlanNotFound, PlanNotReady
from .models import (
    AT_WORK,
    Decision,
    Outcome,
    Plan,
    PlanChange,
    PlanScene,
    PlanStatus,
    Rejection,
    is_open,
    is_scene_of_change,
)
from .values import parse_value

MAX_PAGE = 500
_ID_SLICE = 10_000
_OPEN = (PlanStatus.DRAFT, PlanStatus.REVIEWED, PlanStatus.PARTLY_APPLIED)


@dataclass(frozen=True, slots=True)
class ChangeFilter:
    """Which changes of a plan: all conditions that are given have to hold. Confidences are inclusive."""

    field: str | None = None
    decision: str | None = None
    outcome: str | None = None
    source: str | None = None
    scene_id: int | None = None
    min_confidence: float | None = None
    max_confidence: float | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The conditions for the database."""
        found: list[ColumnElement[bool]] = [
            getattr(PlanChange, name) == value
            for name in ("field", "decision", "outcome", "source", "scene_id")
            if (value := getattr(self, name)) is not None
        ]
        if self.min_confidence is not None:
            found.append(PlanChange.confidence >= self.min_confidence)
        if self.max_confidence is not None:
            found.append(PlanChange.confidence <= self.max_confidence)
        return found


@dataclass(frozen=True, slots=True)
class PlanView:
    """A plan and how many changes it has: by field and decision, and by outcome."""

    id: int
    job_id: str
    status: str
    options: dict[str, Any]
    created_at: str
    updated_at: str
    scenes: int
    scenes_with_changes: int
    ai_usage: dict[str, Any]
    changes: dict[str, dict[str, int]]
    outcomes: dict[str, int]
    undo_outcomes: dict[str, int]


@dataclass(frozen=True, slots=True)
class ChangeView:
    """One change as people see it; `live` is what the server had at a conflict."""

    id: int
    scene_id: int
    field: str
    action: str
    base: Any
    proposed: Any
    edited: Any
    confidence: float
    reason: str
    source: str
    decision: str
    outcome: str | None
    undo_outcome: str | None
    live: Any
    note: str | None


class ReviewService:
    """Plans and decisions. A plan's changes can be decided about until they are applied.

    >>> review = ReviewService(engine)
    >>> await review.decide_where(1, Decision.APPROVED, ChangeFilter(field="studio", min_confidence=0.9))
    120
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._writer = writer(engine)

    async def plans(self, *, before: int | None = None, limit: int = 50) -> list[PlanView]:
        """The newest plans, or those before the one with id `before`."""
        wanted = select(Plan.id).order_by(Plan.id.desc()).limit(_page(limit))
        wanted = wanted if before is None else wanted.where(Plan.id < before)
        async with self._engine.connect() as connection:
            return [await _view(connection, plan_id) for plan_id in (await connection.scalars(wanted)).all()]

    async def plan(self, plan_id: int) -> PlanView:
        """One plan. Raises PlanNotFound."""
        async with self._engine.connect() as connection:
            return await _view(connection, plan_id)

    async def changes(
        self, plan_id: int, wanted: ChangeFilter | None = None, *, after: int = 0, limit: int = 100
    ) -> list[ChangeView]:
        """The next changes by id, which is also by scene; `after` is the last id of the page before."""
        columns = [getattr(PlanChange, name) for name in ChangeView.__slots__]
        query = select(*columns).where(PlanChange.plan_id == plan_id, PlanChange.id > after)
        query = query.where(*(wanted or ChangeFilter()).conditions()).order_by(PlanChange.id).limit(_page(limit))
        async with self._engine.connect() as connection:
            await _status(connection, plan_id)
            return [ChangeView(**row._mapping) for row in await connection.execute(query)]

    async def decide(self, plan_id: int, change_ids: list[int], decision: Decision) -> int:
        """Decide about these changes; returns how many. Raises PlanNotFound, PlanNotReady.

        To approve a conflict means to overwrite what the server has: that becomes the base of the change.
        """
        decided = 0
        for part in slices(change_ids, _ID_SLICE):
            decided += await self._decide(plan_id, decision, [PlanChange.id.in_(part)])
        return decided

    async def decide_where(self, plan_id: int, decision: Decision, wanted: ChangeFilter | None = None) -> int:
        """Decide about all changes that the filter finds; those in conflict only if it asks for them."""
        wanted = wanted or ChangeFilter()
        conditions = wanted.conditions()
        if wanted.outcome is None:
            conditions.append(PlanChange.outcome.is_(None) | (PlanChange.outcome == Outcome.FAILED))
        return await self._decide(plan_id, decision, conditions)

    async def edit(self, change_id: int, value: Any) -> None:
        """Replace the proposed value by another one, and approve it.

        Raises InvalidValue, PlanNotFound, PlanNotReady.
        """
        async with self._writer.begin() as connection:
            columns = (PlanChange.plan_id, PlanChange.field)
            row = (await connection.execute(select(*columns).where(PlanChange.id == change_id))).one_or_none()
            if row is None:
                raise PlanNotFound(f"There is no change {change_id}.")
            edited = parse_value(row.field, value)
            await _ensure_open(connection, row.plan_id)
            change = update(PlanChange).where(PlanChange.id == change_id, is_open(PlanChange.outcome))
            if not (await connection.execute(change.values(edited=edited))).rowcount:
                raise PlanNotReady(f"Change {change_id} is applied already.")
        await self.decide(row.plan_id, [change_id], Decision.APPROVED)

    async def finish(self, plan_id: int) -> None:
        """Say that the review of a draft is done. Raises PlanNotFound, PlanNotReady."""
        async with self._writer.begin() as connection:
            await _ensure_open(connection, plan_id)
            draft = update(Plan).where(Plan.id == plan_id, Plan.status == PlanStatus.DRAFT)
            await connection.execute(draft.values(status=PlanStatus.REVIEWED, updated_at=moment()))

    async def delete(self, plan_id: int) -> None:
        """Forget a plan, unless it is at work; what was rejected stays rejected. Raises PlanNotFound, PlanNotReady."""
        async with self._writer.begin() as connection:
            status = await _status(connection, plan_id)
            if status in AT_WORK:
                raise PlanNotReady(f"Plan {plan_id} is {status}. Cancel its job first.")
            await connection.execute(delete(Plan).where(Plan.id == plan_id))

    async def close_all(self) -> None:
        """Close all plans that are not at work, for good: the library that they are about is no longer here."""
        async with self._writer.begin() as connection:
            idle = update(Plan).where(Plan.status.not_in((*AT_WORK, PlanStatus.CLOSED)))
            await connection.execute(idle.values(status=PlanStatus.CLOSED, updated_at=moment()))

    async def _decide(self, plan_id: int, decision: Decision, conditions: list[ColumnElement[bool]]) -> int:
        chosen = [PlanChange.plan_id == plan_id, is_open(PlanChange.outcome), *conditions]
        async with self._writer.begin() as connection:
            await _ensure_open(connection, plan_id)
            await _remember(connection, decision, chosen)
            if decision == Decision.APPROVED:
                await _rebase(connection, chosen)
            found = await connection.execute(update(PlanChange).where(*chosen).values(decision=decision))
            await connection.execute(update(Plan).where(Plan.id == plan_id).values(updated_at=moment()))
        return found.rowcount


async def _remember(connection: AsyncConnection, decision: Decision, chosen: list[ColumnElement[bool]]) -> None:
    """Note rejections, so that the next analysis does not propose the same again; forget those taken back."""
    key = (PlanChange.scene_id, PlanScene.created_at, PlanChange.field, PlanChange.key)
    if decision == Decision.REJECTED:
        rows = select(*key, PlanScene.files, literal(moment())).where(*chosen, is_scene_of_change())
        names = ["scene_id", "created_at", "field", "key", "files", "rejected_at"]
        await connection.execute(insert(Rejection).from_select(names, rows).on_conflict_do_nothing())
        return
    # Looked up by the key: a condition on each remembered rejection would compare every one with every change.
    taken_back = select(*key).where(*chosen, is_scene_of_change(), PlanChange.decision == Decision.REJECTED)
    known = tuple_(Rejection.scene_id, Rejection.created_at, Rejection.field, Rejection.key)
    await connection.execute(delete(Rejection).where(known.in_(taken_back)))


async def _rebase(connection: AsyncConnection, chosen: list[ColumnElement[bool]]) -> None:
    conflicts = update(PlanChange).where(*chosen, PlanChange.outcome == Outcome.CONFLICT)
    await connection.execute(conflicts.values(base=PlanChange.live, live=None, outcome=None, note=None))


async def _view(connection: AsyncConnection, plan_id: int) -> PlanView:
    names = [name for name in PlanView.__slots__ if name not in ("changes", "outcomes", "undo_outcomes")]
    columns = [getattr(Plan, name) for name in names]
    row = (await connection.execute(select(*columns).where(Plan.id == plan_id))).one_or_none()
    if row is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    counted = select(PlanChange.field, PlanChange.decision, func.count()).where(PlanChange.plan_id == plan_id)
    changes: dict[str, dict[str, int]] = {}
    for field, decision, number in await connection.execute(counted.group_by(PlanChange.field, PlanChange.decision)):
        changes.setdefault(field, {})[decision] = number
    outcomes = await _counts(connection, plan_id, PlanChange.outcome)
    undone = await _counts(connection, plan_id, PlanChange.undo_outcome)
    return PlanView(**row._mapping, changes=changes, outcomes=outcomes, undo_outcomes=undone)


async def _counts(connection: AsyncConnection, plan_id: int, column: Any) -> dict[str, int]:
    counted = select(column, func.count()).where(PlanChange.plan_id == plan_id, column.is_not(None))
    rows = await connection.execute(counted.group_by(column))
    return {str(outcome): int(number) for outcome, number in rows}


async def _status(connection: AsyncConnection, plan_id: int) -> str:
    status = await connection.scalar(select(Plan.status).where(Plan.id == plan_id))
    if status is None:
        raise PlanNotFound(f"There is no plan {plan_id}.")
    return status


async def _ensure_open(connection: AsyncConnection, plan_id: int) -> None:
    status = await _status(connection, plan_id)
    if status not in _OPEN:
        raise PlanNotReady(f"Plan {plan_id} is {status}; its changes cannot be decided about now.")


def _page(limit: int) -> int:
    return max(1, min(limit, MAX_PAGE))
