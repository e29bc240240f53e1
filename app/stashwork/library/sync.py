"""Copies a Stash library's metadata into the local database."""

import asyncio
from time import perf_counter

from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import writer
from stashwork.stash import StashClient

from .entities import PERFORMERS, STUDIOS, TAGS, sync_entities
from .fuse import DeletionFuse
from .history import begin_run, end_run
from .results import SyncResult
from .run import ProgressCallback, Run, no_progress
from .scenes import sync_scenes

_MAX_ERROR_CHARACTERS = 1000


class SyncService:
    """Syncs one server into one database; run one sync at a time.

    A sync can be killed at any point and run again: each transaction leaves rows that are right, and the next
    run reads what is still different. A run reads the scenes whose `updated_at` differs from ours, and those
    that used what is gone; `force` reads all, and so finds the changes that the server does not date.

    >>> async with open_database(Path("data")) as engine, StashClient(url, key) as stash:
    ...     result = await SyncService(engine, stash).sync_all("job-1")
    """

    def __init__(self, engine: AsyncEngine, client: StashClient, *, fuse: DeletionFuse | None = None) -> None:
        self._engine = engine
        self._client = client
        self._fuse = fuse or DeletionFuse()

    async def sync_all(
        self, job_id: str, force: bool = False, progress_callback: ProgressCallback | None = None
    ) -> SyncResult:
        """Copy performers, tags, studios, then scenes; returns what was done.

        Items that cannot be copied are in the result. Raises StashError if the server cannot be read, and
        whatever `progress_callback` raises. How the run ended is in `sync_history` in any case.
        """
        run_id = await begin_run(self._engine, job_id, force=force)
        try:
            result = await self._sync(SyncResult(job_id, force), progress_callback or no_progress)
        except asyncio.CancelledError:
            await end_run(self._engine, run_id, "cancelled")
            raise
        except Exception as error:  # of any kind: it belongs in the history, and goes on to the caller
            await end_run(self._engine, run_id, "failed", error=str(error)[:_MAX_ERROR_CHARACTERS])
            raise
        await end_run(self._engine, run_id, "completed", result=result.dict())
        return result

    async def _sync(self, result: SyncResult, progress: ProgressCallback) -> SyncResult:
        started = perf_counter()
        run = Run(self._engine, writer(self._engine), self._client, self._fuse, progress, result)
        counts = await self._client.counts()
        total = counts.performers + counts.tags + counts.studios + counts.scenes
        await progress(0, f"Found {counts.scenes:,} scenes", total=total)
        for kind in (PERFORMERS, TAGS, STUDIOS):
            await sync_entities(run, kind)
        await sync_scenes(run, force=result.force)
        result.duration_seconds = round(perf_counter() - started, 3)
        return result
