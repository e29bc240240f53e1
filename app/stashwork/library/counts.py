"""How many items are here, and how the last sync ended."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .models import Performer, Scene, Studio, SyncHistory, Tag
from .results import SyncResult

_TABLES = {"scenes": Scene, "performers": Performer, "tags": Tag, "studios": Studio}


@dataclass(frozen=True, slots=True)
class LastSync:
    """The newest run of the sync; timestamps are UTC, ISO 8601. `summary` is what it did, in one line."""

    job_id: str
    status: str
    started_at: str
    finished_at: str | None
    result: dict[str, Any] | None
    error: str | None
    code: str | None
    summary: str | None


@dataclass(frozen=True, slots=True)
class LibraryCounts:
    """How many items there are locally."""

    scenes: int
    performers: int
    tags: int
    studios: int
    last_sync: LastSync | None


async def library_counts(engine: AsyncEngine) -> LibraryCounts:
    """Count the local items, all at the same moment, and find the newest sync."""
    async with engine.connect() as connection:
        numbers = {name: await _count(connection, model.__table__) for name, model in _TABLES.items()}
        return LibraryCounts(**numbers, last_sync=await _last_sync(connection))


async def _count(connection: AsyncConnection, table: Any) -> int:
    return (await connection.scalar(select(func.count()).select_from(table))) or 0


async def _last_sync(connection: AsyncConnection) -> LastSync | None:
    columns = [getattr(SyncHistory, name) for name in LastSync.__slots__ if name != "summary"]
    newest = select(*columns).order_by(SyncHistory.id.desc()).limit(1)
    row = (await connection.execute(newest)).one_or_none()
    if row is None:
        return None
    return LastSync(**row._mapping, summary=SyncResult.from_dict(row.result).summary() if row.result else None)
