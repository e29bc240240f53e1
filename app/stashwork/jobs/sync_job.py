"""`sync_all` and `sync_scenes` as jobs; one of them at a time."""

from typing import Any, Literal

from dayjob import Fail, JobContext, job
from stashwork.library import NO_LIMIT, WhichLibrary
from stashwork.stash import StashError

from .services import get_review_service, get_sync_service

MAX_SCENES = 10_000  # of one `sync_scenes`


@job(
    "sync_all",
    "Full synchronization from Stash",
    unique="sync",
    max_concurrency=1,
    concurrency_key="sync",
    stalled_after=300,
)
async def sync_all_job(
    ctx: JobContext,
    job_id: str,
    force: bool = False,
    allow_removals: bool = False,
    library: Literal["same", "new"] | None = None,
    **kwargs: Any,
) -> dict[str, Any]:
    """Copy the library's metadata; returns the counts of the sync.

    `force` reads every scene, changed or not. `allow_removals` lets it remove more than the deletion limit: for a
    person who has looked at what is missing. `library` answers a sync that found another library: it is the `same`,
    or a `new` one, for which the local copy is made again and all plans are closed.
    """
    limit = NO_LIMIT if allow_removals else None
    which = None if library is None else WhichLibrary(library)
    try:
        if which == WhichLibrary.NEW:
            await get_review_service().close_all()
        async with get_sync_service(limit) as sync_service:
            result = await sync_service.sync_all(job_id, force, ctx.progress.update, ctx, which)
    except StashError as error:
        # The client tried again where that helps, and its message says what to do: one sentence, no traceback.
        raise Fail(str(error)) from error
    return result.dict()


@job("sync_scenes", "Synchronization of some scenes", max_concurrency=1, concurrency_key="sync", stalled_after=300)
async def sync_scenes_job(ctx: JobContext, job_id: str, scene_ids: list[int]) -> dict[str, Any]:
    """Read these scenes, changed or not; at most 10,000. Returns the counts of the sync."""
    if len(scene_ids) > MAX_SCENES:
        raise Fail(f"{len(scene_ids):,} scenes are more than {MAX_SCENES:,}. Use sync_all, or several jobs.")
    try:
        async with get_sync_service() as sync_service:
            result = await sync_service.sync_scenes(job_id, scene_ids, ctx.progress.update)
    except (StashError, ValueError) as error:
        raise Fail(str(error)) from error
    return result.dict()
