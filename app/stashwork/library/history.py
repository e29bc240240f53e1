"""The history of syncs: one row for each run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import writer
from stashwork.stash import StashError

from .models import SyncHistory

_MAX_ERROR_CHARACTERS = 1000


def moment() -> str:
    """Now, in UTC, as our own timestamps are written."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@asynccontextmanager
async def record_run(engine: AsyncEngine, job_id: str, *, force: bool) -> AsyncIterator[dict[str, Any]]:
    """Keep a row for the run that the block is: `running`, and then how it ended.

    The block puts its `result` and its `marks` into the dict. Rows that a crash left running become interrupted.
    """
    run_id = await _begin(engine, job_id, force=force)
    ended: dict[str, Any] = {}
    try:
        yield ended
    except asyncio.CancelledError:
        await _end(engine, run_id, "cancelled")
        raise
    except Exception as error:  # of any kind: it belongs in the history, and goes on to the caller
        code = error.code if isinstance(error, StashError) else None
        await _end(engine, run_id, "failed", error=str(error)[:_MAX_ERROR_CHARACTERS], code=code)
        raise
    await _end(engine, run_id, "completed", **ended)


async def _begin(engine: AsyncEngine, job_id: str, *, force: bool) -> int:
    row = {"job_id": job_id, "force": force, "status": "running", "started_at": moment()}
    async with writer(engine).begin() as connection:
        await connection.execute(_interrupt_running())
        run_id = await connection.scalar(insert(SyncHistory).values(row).returning(SyncHistory.id))
    return int(run_id or 0)


async def _end(engine: AsyncEngine, run_id: int, status: str, **values: Any) -> None:
    ended = update(SyncHistory).where(SyncHistory.id == run_id)
    async with writer(engine).begin() as connection:
        await connection.execute(ended.values(status=status, finished_at=moment(), **values))


async def last_marks(engine: AsyncEngine) -> dict[str, Any] | None:
    """The marks of the last run that left some."""
    newest = select(SyncHistory.marks).where(SyncHistory.marks.is_not(None)).order_by(SyncHistory.id.desc()).limit(1)
    async with engine.connect() as connection:
        return await connection.scalar(newest)


async def close_interrupted_runs(engine: AsyncEngine) -> int:
    """Mark the rows that a crash left running, and return how many; for use when the program starts."""
    async with writer(engine).begin() as connection:
        return (await connection.execute(_interrupt_running())).rowcount


def _interrupt_running() -> Any:
    stale = update(SyncHistory).where(SyncHistory.status == "running")
    return stale.values(status="interrupted", finished_at=moment())
