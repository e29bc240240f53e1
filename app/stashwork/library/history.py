"""The history of syncs: one row for each run."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import writer

from .models import SyncHistory


def moment() -> str:
    """Now, in UTC, as our own timestamps are written."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


async def begin_run(engine: AsyncEngine, job_id: str, *, force: bool) -> int:
    """Add a running row and return its id; rows that a crash left running become interrupted."""
    row = {"job_id": job_id, "force": force, "status": "running", "started_at": moment()}
    async with writer(engine).begin() as connection:
        await connection.execute(_interrupt_running())
        run_id = await connection.scalar(insert(SyncHistory).values(row).returning(SyncHistory.id))
    return int(run_id or 0)


async def end_run(
    engine: AsyncEngine,
    run: int,
    status: str,
    *,
    result: dict[str, Any] | None = None,
    marks: dict[str, Any] | None = None,
    error: str | None = None,
    code: str | None = None,
) -> None:
    """Note how a run ended."""
    values = {"status": status, "finished_at": moment(), "result": result, "error": error, "code": code}
    values["marks"] = marks
    async with writer(engine).begin() as connection:
        await connection.execute(update(SyncHistory).where(SyncHistory.id == run).values(values))


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
