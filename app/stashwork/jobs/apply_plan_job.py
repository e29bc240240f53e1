"""`apply_plan` and `undo_plan` as jobs."""

from collections.abc import Awaitable, Callable
from typing import Any

from dayjob import Fail, ProgressReporter, job
from stashwork.library import ProgressCallback
from stashwork.plans import ApplyResult, ApplyService, PlanError
from stashwork.stash import StashError

from .services import get_apply_service

_WRITES = "stash-writes"  # one apply or undo at a time; the others wait as pending jobs


@job(
    "apply_plan",
    "Write the approved changes of a plan to Stash",
    unique=True,
    max_concurrency=1,
    concurrency_key=_WRITES,
)
async def apply_plan_job(job_id: str, plan_id: int, **kwargs: Any) -> dict[str, Any]:
    """Write what is approved; a run that was interrupted goes on by the plan's journal. Returns the outcomes."""
    return await _write(ApplyService.apply_plan, job_id, plan_id)


@job("undo_plan", "Take back what a plan changed in Stash", unique=True, max_concurrency=1, concurrency_key=_WRITES)
async def undo_plan_job(job_id: str, plan_id: int, **kwargs: Any) -> dict[str, Any]:
    """Take back what was applied, where the scene still has it. Returns the outcomes."""
    return await _write(ApplyService.undo_plan, job_id, plan_id)


async def _write(
    write: Callable[[ApplyService, int, ProgressCallback], Awaitable[ApplyResult]], job_id: str, plan_id: int
) -> dict[str, Any]:
    progress = ProgressReporter(job_id)
    try:
        async with get_apply_service() as service:
            return (await write(service, plan_id, progress.update)).dict()
    except (StashError, PlanError) as error:
        raise Fail(str(error)) from error
