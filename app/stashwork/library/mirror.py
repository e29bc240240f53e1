"""Makes local rows equal to records, and writes only what differs."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import Column, FromClause, Table, delete, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from .models import Performer, Scene, SceneFile, Studio, Tag, scene_performer, scene_tag, tag_parent
from .records import Record, Row

T = TypeVar("T")

SLICE = 500  # ids in one statement: far below SQLite's limit on parameters


@dataclass(frozen=True, slots=True)
class Written:
    """How many records were new, different, and already equal."""

    created: int
    updated: int
    unchanged: int


class Mirror:
    """A table with the tables that belong to its rows; `children` are named with their column for the owner.

    Rows are compared by value, not by timestamp: whatever made a row wrong, reading its item repairs it.
    """

    def __init__(self, table: FromClause, children: Sequence[tuple[FromClause, str]] = ()) -> None:
        self.table = _table(table)
        self._children = [(_table(child), owner) for child, owner in children]
        self._columns = [column.name for column in self.table.columns]

    async def ids(self, connection: AsyncConnection) -> set[int]:
        """The ids of all local rows."""
        return set((await connection.scalars(select(self._id))).all())

    async def write(self, connection: AsyncConnection, records: Sequence[Record]) -> Written:
        """Insert and update what differs, in the caller's transaction."""
        created = updated = 0
        for part in slices(records, SLICE):
            local = await self._read_local(connection, [record.id for record in part])
            differing = [record for record in part if local.get(record.id) != record]
            known = [record.id for record in differing if record.id in local]
            await self._upsert(connection, differing, known)
            created += len(differing) - len(known)
            updated += sum(local[record.id].content() != record.content() for record in differing if record.id in local)
        return Written(created, updated, len(records) - created - updated)

    async def remove(self, connection: AsyncConnection, ids: Collection[int]) -> None:
        """Delete rows; what belongs to them goes with them."""
        for part in slices(sorted(ids), SLICE):
            await connection.execute(delete(self.table).where(self._id.in_(part)))

    async def _read_local(self, connection: AsyncConnection, ids: Sequence[int]) -> dict[int, Record]:
        rows = await connection.execute(select(self.table).where(self._id.in_(ids)))
        local = {row["id"]: Record(dict(row), {}) for row in rows.mappings()}
        for child, owner in self._children if local else ():
            owned = await _read_children(connection, child, owner, list(local))
            for number, record in local.items():
                record.children[child.name] = owned[number]
        return local

    async def _upsert(self, connection: AsyncConnection, records: Sequence[Record], known: Sequence[int]) -> None:
        """Write `records`; those with `known` ids have rows already."""
        if not records:
            return
        statement = insert(self.table)
        replaced = {name: statement.excluded[name] for name in self._columns if name != "id"}
        upsert = statement.on_conflict_do_update(index_elements=["id"], set_=replaced)
        await connection.execute(upsert, [record.row for record in records])
        for child, owner in self._children:
            if known:
                await connection.execute(delete(child).where(child.c[owner].in_(known)))
            rows = [row for record in records for row in record.children[child.name]]
            if rows:
                await connection.execute(insert(child), rows)

    @property
    def _id(self) -> Column[int]:
        return self.table.c.id


def slices(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut items into lists of at most `size`."""
    rest = iter(items)
    while part := list(islice(rest, size)):
        yield part


def _table(clause: FromClause) -> Table:
    if not isinstance(clause, Table):
        raise TypeError(f"{clause!r} is not a table")
    return clause


async def _read_children(
    connection: AsyncConnection, child: Table, owner: str, ids: Sequence[int]
) -> defaultdict[int, list[Row]]:
    query = select(child).where(child.c[owner].in_(ids)).order_by(*child.primary_key.columns)
    owned: defaultdict[int, list[Row]] = defaultdict(list)
    for row in (await connection.execute(query)).mappings():
        owned[row[owner]].append(dict(row))
    return owned


PERFORMERS = Mirror(Performer.__table__)
TAGS = Mirror(Tag.__table__, [(tag_parent, "tag_id")])
STUDIOS = Mirror(Studio.__table__)
SCENES = Mirror(
    Scene.__table__,
    [(SceneFile.__table__, "scene_id"), (scene_performer, "scene_id"), (scene_tag, "scene_id")],
)
