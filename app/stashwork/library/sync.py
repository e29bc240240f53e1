"""Copies a Stash library's metadata into the local database."""

from collections.abc import Collection
from time import perf_counter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.database import writer
from stashwork.stash import StashClient

from .deletion_limit import DeletionLimit
from .entities import sync_entities
from .history import record_run
from .identity import WhichLibrary, ensure_same_library
from .prefetch import meanwhile
from .results import SyncResult
from .run import Checkpoints, ProgressCallback, Run, no_progress
from .scenes import count_scenes, sync_scenes, sync_some_scenes
from .store import empty_library
from .sync_cursor import SyncCursor
from .undated import UndatedChanges


class SyncService:
    """Syncs one server into one database; run one sync at a time.

    A sync can be killed at any point and run again: each transaction leaves rows that are right, and the next
    run reads what is still different. A run reads the scenes whose `updated_at` differs from ours, those that used
    what is gone, and those of which `UndatedChanges` says that something changed without a date; `force` reads all.

    >>> async with open_database(Path("data")) as engine, StashClient(url, key) as stash:
    ...     result = await SyncService(engine, stash).sync_all("job-1")
    """

    def __init__(
        self, engine: AsyncEngine, client: StashClient, *, deletion_limit: DeletionLimit | None = None
    ) -> None:
        self._engine = engine
        self._client = client
        self._deletion_limit = deletion_limit or DeletionLimit()

    async def sync_all(
        self,
        job_id: str,
        force: bool = False,
        progress_callback: ProgressCallback | None = None,
        checkpoints: Checkpoints | None = None,
        library: WhichLibrary | None = None,
    ) -> SyncResult:
        """Copy performers, tags, studios, then scenes; returns what was done.

        With `checkpoints`, a run that was interrupted goes on where it stood, and its result tells of both.
        `library` is what its owner says of one that does not look like the one that is here: that it is the same, or
        a new one, for which the local copy is emptied first. Items that cannot be copied are in the result. Raises
        StashError if the server cannot be read, OtherLibrary if it is not the one whose library is here, TooManyGone
        if it lacks more than the deletion limit, and whatever `progress_callback` raises. How the run ended is in
        `sync_history` in any case.
        """
        cursor = SyncCursor.restore(checkpoints, SyncResult(job_id, force))
        run = self._run(cursor.result, progress_callback, resumed=cursor.is_resumed)
        async with record_run(self._engine, job_id, force=force) as ended:
            await self._client.connect()
            if library is None:
                await ensure_same_library(self._engine, self._client)
            if library == WhichLibrary.NEW and not cursor.is_resumed:
                await empty_library(run.writer)
            ended["marks"] = await _sync_all(run, cursor)
            ended["result"] = run.result.dict()
        return run.result

    async def sync_scenes(
        self, job_id: str, scene_ids: Collection[int], progress_callback: ProgressCallback | None = None
    ) -> SyncResult:
        """Copy performers, tags and studios, and then these scenes, changed or not; returns what was done.

        An id that neither the server nor we know is a failure in the result. Raises StashError, ValueError for an
        id below 1, and whatever `progress_callback` raises.

        >>> result = await service.sync_scenes("job-2", [17, 4])
        """
        ids = sorted(set(scene_ids))
        if ids and ids[0] < 1:
            raise ValueError(f"{ids[0]} is no id of a scene: ids are whole numbers from 1 on.")
        started = perf_counter()
        await self._client.connect()
        await ensure_same_library(self._engine, self._client)
        run = self._run(SyncResult(job_id, force=True), progress_callback)
        await _sync_entities(run, scenes=len(ids), message=f"{len(ids):,} scenes asked for")
        await sync_some_scenes(run, ids)
        run.result.duration_seconds = round(perf_counter() - started, 3)
        return run.result

    def _run(self, result: SyncResult, progress: ProgressCallback | None, *, resumed: bool = False) -> Run:
        return Run(
            self._engine,
            writer(self._engine),
            self._client,
            self._deletion_limit,
            progress or no_progress,
            result,
            resumed,
        )


async def _sync_all(run: Run, cursor: SyncCursor) -> dict[str, Any] | None:
    started = perf_counter()
    known = await count_scenes(run)
    undated = UndatedChanges(run, reads_all=run.result.force or not known, resumed=cursor.is_resumed)
    async with meanwhile(undated.begin()) as begun:
        scenes = await _sync_entities(run)
        await begun
    marks = await sync_scenes(run, cursor, undated, known=known, total=scenes)
    run.result.duration_seconds = round(perf_counter() - started, 3)
    return marks


async def _sync_entities(run: Run, *, scenes: int | None = None, message: str | None = None) -> int:
    """Copy all kinds but scenes; returns how many scenes there are to come."""
    counts = await run.client.counts()
    expected = counts.scenes if scenes is None else scenes
    total = counts.performers + counts.tags + counts.studios + expected
    await run.progress(0, message or f"Found {expected:,} scenes", total=total)
    await sync_entities(run)
    return expected
