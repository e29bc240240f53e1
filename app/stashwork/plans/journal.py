"""Reads the changes that are to be written, and stores what became of them: the only SQL of apply and undo."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.database import durable_writer
from stashwork.library import SceneIdentity, moment

from .errors import PlanNotFound, PlanNotReady
from .models import CreatedEntity, Decision, JournalEntry, Outcome, Plan, PlanChange, PlanScene, PlanStatus, is_open
from .three_way import Change, Direction
from .values import ENTITIES, wanted_value

Row = Mapping[str, Any]

_MAY_BEGIN = {
    Direction.APPLY: (
        PlanStatus.DRAFT,
        PlanStatus.REVIEWED,
        PlanStatus.APPLYING,
        PlanStatus.PARTLY_APPLIED,
        PlanStatus.APPLIED,
    ),
    Direction.UNDO: (
        PlanStatus.APPLIED,
        PlanStatus.PARTLY_APPLIED,
        PlanStatus.APPLYING,
        PlanStatus.UNDOING,
        PlanStatus.PARTLY_UNDONE,
        PlanStatus.UNDONE,
    ),
}
_RUNNING = {Direction.APPLY: PlanStatus.APPLYING, Direction.UNDO: PlanStatus.UNDOING}
_NOTE = 500  # characters


class Journal:
    """The journal of one plan in one direction.

    What is about to be written is committed, on the disk, before it is sent; what came of it with the local copy of
    the scenes after it. Between the two, an entry is open: whoever comes next looks at the server and closes it.
    """

    def __init__(self, engine: AsyncEngine, plan_id: int, direction: Direction) -> None:
        self.writer = durable_writer(engine)
        self.plan_id = plan_id
        self.direction = direction
        self.engine = engine
        self._outcome = "outcome" if direction == Direction.APPLY else "undo_outcome"

    async def begin(self) -> None:
        """Note that a run begins. Changes that were refused are tried again. Raises PlanNotFound, PlanNotReady."""
        async with self.writer.begin() as connection:
            status = await connection.scalar(select(Plan.status).where(Plan.id == self.plan_id))
            if status is None:
                raise PlanNotFound(f"There is no plan {self.plan_id}.")
            if status not in _MAY_BEGIN[self.direction]:
                raise PlanNotReady(f"Plan {self.plan_id} is {status}; {self.direction} needs {self._allowed()}.")
            await self._set_status(connection, _RUNNING[self.direction])
            again = update(PlanChange).where(self._of_plan, self._column == Outcome.FAILED)
            await connection.execute(again.values({self._outcome: None, "note": None}))

    async def end(self) -> str:
        """Set the status that the outcomes give, and return it."""
        async with self.writer.begin() as connection:
            status = await self._final_status(connection)
            await self._set_status(connection, status)
        return status

    async def count_scenes(self) -> int:
        """How many scenes are to be looked at."""
        async with self.engine.connect() as connection:
            wanted = select(func.count(PlanChange.scene_id.distinct())).where(self._waiting)
            return int(await connection.scalar(wanted) or 0)

    async def next_rows(self, after: int, scenes: int) -> list[Row]:
        """The waiting changes of the next scenes, by scene."""
        async with self.engine.connect() as connection:
            wanted = select(PlanChange.scene_id).where(self._waiting, PlanChange.scene_id > after)
            ids = (await connection.scalars(wanted.distinct().order_by(PlanChange.scene_id).limit(scenes))).all()
            rows = select(PlanChange.__table__).where(self._waiting, PlanChange.scene_id.in_(ids))
            found = await connection.execute(rows.order_by(PlanChange.scene_id, PlanChange.id))
            return [dict(row) for row in found.mappings()]

    async def identities(self, scene_ids: Iterable[int]) -> dict[int, SceneIdentity]:
        """What the numbers of scenes stood for when the plan was made."""
        mine = (PlanScene.plan_id == self.plan_id, PlanScene.scene_id.in_(list(scene_ids)))
        async with self.engine.connect() as connection:
            rows = await connection.execute(select(PlanScene.__table__).where(*mine))
            return {row.scene_id: SceneIdentity.restore(row.created_at, row.files) for row in rows}

    async def open_entries(self) -> list[Row]:
        """What may or may not have been written before a crash."""
        async with self.engine.connect() as connection:
            mine = (JournalEntry.plan_id == self.plan_id, JournalEntry.finished_at.is_(None))
            found = await connection.execute(select(JournalEntry.__table__).where(*mine).order_by(JournalEntry.id))
            return [dict(row) for row in found.mappings()]

    async def rows(self, ids: Iterable[int]) -> list[Row]:
        """Changes by their ids."""
        async with self.engine.connect() as connection:
            wanted = select(PlanChange.__table__).where(PlanChange.id.in_(list(ids))).order_by(PlanChange.id)
            return [dict(row) for row in (await connection.execute(wanted)).mappings()]

    async def announce(self, connection: AsyncConnection, changes: Sequence[Change]) -> None:
        """Open an entry for each scene that is about to be written."""
        scenes: dict[int, dict[str, Any]] = {}
        for change in changes:
            scenes.setdefault(change.scene_id, {})[str(change.id)] = {"base": change.base, "value": change.value}
        common = {"plan_id": self.plan_id, "direction": self.direction, "started_at": moment(), "finished_at": None}
        if scenes:
            rows = [{**common, "scene_id": scene_id, "changes": values} for scene_id, values in scenes.items()]
            await connection.execute(insert(JournalEntry), rows)

    async def keep_id(self, connection: AsyncConnection, row: Row, value: Any) -> None:
        """Store which entity a new name became: an undo takes back that one."""
        wanted = wanted_value(row)
        if row["field"] in ENTITIES and wanted["id"] is None:
            known = {"id": value, "name": wanted["name"]}
            await connection.execute(update(PlanChange).where(PlanChange.id == row["id"]).values(edited=known))

    async def close(self, connection: AsyncConnection, scene_ids: Iterable[int]) -> None:
        """Close the open entries of these scenes."""
        mine = (JournalEntry.plan_id == self.plan_id, JournalEntry.finished_at.is_(None))
        of_scenes = JournalEntry.scene_id.in_(list(scene_ids))
        await connection.execute(update(JournalEntry).where(*mine, of_scenes).values(finished_at=moment()))

    async def settle(
        self, connection: AsyncConnection, change_id: int, outcome: Outcome, live: Any = None, note: str | None = None
    ) -> None:
        """Store what came of a change; `note` says why, for people."""
        values = {self._outcome: outcome, "live": live, "note": note[:_NOTE] if note else None}
        await connection.execute(update(PlanChange).where(PlanChange.id == change_id).values(values))

    async def counts(self) -> dict[str, int]:
        """How many changes have which outcome."""
        async with self.engine.connect() as connection:
            counted = select(self._column, func.count()).where(self._of_plan, self._column.is_not(None))
            rows = (await connection.execute(counted.group_by(self._column))).all()
        return {str(outcome): int(number) for outcome, number in rows}

    async def notes(self, limit: int) -> list[Row]:
        """The first changes that need attention."""
        columns = (PlanChange.scene_id, PlanChange.field, self._column.label("outcome"), PlanChange.note)
        bad = (Outcome.CONFLICT, Outcome.GONE, Outcome.FAILED)
        async with self.engine.connect() as connection:
            wanted = select(*columns).where(self._of_plan, self._column.in_(bad)).order_by(PlanChange.id).limit(limit)
            return [dict(row) for row in (await connection.execute(wanted)).mappings()]

    async def created_entities(self) -> list[Row]:
        """The entities that applies of this plan made."""
        columns = (CreatedEntity.kind, CreatedEntity.entity_id, CreatedEntity.name)
        mine = (CreatedEntity.plan_id == self.plan_id, CreatedEntity.entity_id.is_not(None))
        async with self.engine.connect() as connection:
            found = await connection.execute(select(*columns).where(*mine).order_by(CreatedEntity.id))
            return [{"kind": row.kind, "id": row.entity_id, "name": row.name} for row in found]

    async def _final_status(self, connection: AsyncConnection) -> PlanStatus:
        if self.direction == Direction.APPLY:
            approved = PlanChange.decision == Decision.APPROVED
            rest = (PlanChange.decision == Decision.PENDING) | approved & is_open(PlanChange.outcome)
            left, done = PlanStatus.PARTLY_APPLIED, PlanStatus.APPLIED
        else:
            rest = (PlanChange.outcome == Outcome.DONE) & is_open(PlanChange.undo_outcome)
            left, done = PlanStatus.PARTLY_UNDONE, PlanStatus.UNDONE
        found = await connection.scalar(select(PlanChange.id).where(self._of_plan, rest).limit(1))
        return done if found is None else left

    async def _set_status(self, connection: AsyncConnection, status: PlanStatus) -> None:
        change = update(Plan).where(Plan.id == self.plan_id).values(status=status, updated_at=moment())
        await connection.execute(change)

    @property
    def _column(self) -> Any:
        return PlanChange.outcome if self.direction == Direction.APPLY else PlanChange.undo_outcome

    @property
    def _of_plan(self) -> ColumnElement[bool]:
        return PlanChange.plan_id == self.plan_id

    @property
    def _waiting(self) -> ColumnElement[bool]:
        if self.direction == Direction.APPLY:
            return self._of_plan & PlanChange.outcome.is_(None) & (PlanChange.decision == Decision.APPROVED)
        open_outcome = PlanChange.undo_outcome.is_(None) | (PlanChange.undo_outcome == Outcome.CONFLICT)
        return self._of_plan & (PlanChange.outcome == Outcome.DONE) & open_outcome

    def _allowed(self) -> str:
        return "one of " + ", ".join(_MAY_BEGIN[self.direction])
