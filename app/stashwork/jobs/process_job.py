"""`process_library`: the whole way as one job, with the steps as its children."""

from typing import Any

from dayjob import Fail, JobContext, JobFailed, Retry, job
from dayjob.errors import JobExists
from stashwork.plans import ChangeFilter, Decision, PlanError, PlanView

from .services import get_review_service, get_settings

_AGAIN = 30.0  # seconds until it looks again whether the other sync has ended


@job("process_library", "Sync, analyse, and apply what is sure", unique=True, max_attempts=100)
async def process_library_job(
    ctx: JobContext, auto_approve: float | None = None, options: dict[str, Any] | None = None, **kwargs: Any
) -> dict[str, Any]:
    """Sync, analyse, approve what has a confidence of `auto_approve` or more (default: the setting), and apply that.

    What is not approved is left to a person. Nothing waits for her, and no slot is held: the job ends with `plan_id`
    and `to_review`, and the review goes on with `apply_plan`. `options` as in `AnalysisOptions`.
    """
    if auto_approve is not None and not 0 <= auto_approve <= 1:
        raise Fail(
            f"auto_approve is a number from 0 to 1, and not {auto_approve}; leave it out to approve by the settings."
        )
    try:
        await ctx.join([await ctx.enqueue_child("sync_all")])
        [analysis] = await ctx.join([await ctx.enqueue_child("analyze_scenes", {"options": options})])
        plan_id = analysis["plan_id"]
        applied = None
        if await _approve(ctx, plan_id, auto_approve):
            [applied] = await ctx.join([await ctx.enqueue_child("apply_plan", {"plan_id": plan_id})])
    except JobExists as error:
        raise Retry("Another sync is at work; this waits for its end.", after=_AGAIN) from error
    except (JobFailed, PlanError) as error:
        raise Fail(str(error)) from error
    return {"plan_id": plan_id, "to_review": await _count_pending(plan_id), "analysis": analysis, "applied": applied}


async def _approve(ctx: JobContext, plan_id: int, threshold: float | None) -> int:
    """Approve what is sure; returns how many changes. Done once: the handler runs again when the apply has ended."""
    if ctx.restored is not None:
        return int(ctx.restored["approved"])
    threshold = get_settings().auto_approve if threshold is None else threshold
    approved = 0
    if threshold is not None:
        review = get_review_service()
        sure = ChangeFilter(decision=Decision.PENDING, min_confidence=threshold)
        await review.decide_where(plan_id, Decision.APPROVED, sure)
        approved = _count(await review.plan(plan_id), Decision.APPROVED)
    await ctx.checkpoint({"approved": approved})
    return approved


async def _count_pending(plan_id: int) -> int:
    return _count(await get_review_service().plan(plan_id), Decision.PENDING)


def _count(plan: PlanView, decision: Decision) -> int:
    return sum(numbers.get(decision, 0) for numbers in plan.changes.values())
