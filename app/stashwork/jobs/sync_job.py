"""`sync_all` as a job."""

from typing import Any

from dayjob import Fail, ProgressReporter, job
from stashwork.stash import StashError

from .services import get_sync_service


@job("sync_all", "Full synchronization from Stash", unique="sync")
async def sync_all_job(job_id: str, force: bool = False, **kwargs: Any) -> dict[str, Any]:
    """Copy the library's metadata; `force` reads every scene, changed or not. Returns the counts of the sync."""
    progress = ProgressReporter(job_id)
    try:
        async with get_sync_service() as sync_service:
            result = await sync_service.sync_all(job_id=job_id, force=force, progress_callback=progress.update)
    except StashError as error:
        # The client tried again where that helps, and its message says what to do: one sentence, no traceback.
        raise Fail(str(error)) from error
    return result.dict()
