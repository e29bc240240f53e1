"""Routes for plans: make one, look at it, decide about its changes, write them to Stash and take them back."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

from fastapi import APIRouter, Body, Depends, HTTPException, Path, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from dayjob import JobQueue, JobRequest, Status
from dayjob.web import ProblemRoute, only_known_parameters, problem
from stashwork.library import SceneLine, scene_lines
from stashwork.plans import (
    AnalysisOptions,
    ChangeFilter,
    ChangeView,
    Decision,
    InvalidValue,
    Outcome,
    PlanError,
    PlanStatus,
    PlanView,
    ReviewService,
    busy_plans,
    release_plan,
)

_LARGEST_ID = 2**53 - 1  # what every program reads exactly in JSON
_STATUSES = {"plan_not_found": 404, "plan_not_ready": 409}
_WORKERS = ("analyze_scenes", "apply_plan", "undo_plan")
_MOST_JOBS = 10_000
_MOST_IDS = 50_000  # changes that are decided about in one request

Id: TypeAlias = Annotated[int, Path(ge=1, le=_LARGEST_ID)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1)]
FieldName: TypeAlias = Literal["studio", "performers", "tags", "date", "title", "details"]
Source: TypeAlias = Annotated[str, Field(max_length=50)]


class PlanRoute(ProblemRoute):
    """A route on which what can go wrong with plans is a problem document, too."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler that translates the errors of the domain."""
        handle = super().get_route_handler()

        async def handle_with_plans(request: Request) -> Response:
            try:
                return await handle(request)
            except PlanError as error:
                return problem(_STATUSES[error.code], error.code, str(error))
            except InvalidValue as error:
                fault = {"pointer": "/value", "detail": str(error)}
                return problem(422, "invalid_value", f"The value cannot be written: {error}.", errors=[fault])

        return handle_with_plans


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Filters(_Strict):
    """Which scenes to look at: all conditions that are given have to hold."""

    organized: bool | None = Field(
        default=None, description="Only organized scenes, or only the others (which is the default)."
    )
    path_contains: str | None = Field(default=None, max_length=1000, description="Part of a file's path, in any case.")
    studio_id: int | None = Field(
        default=None, ge=1, le=_LARGEST_ID, title="Studio", description="Only scenes of the studio with this number."
    )
    lacking: Literal["studio", "performers", "tags", "date", "title"] | None = Field(
        default=None, title="Empty", description="Only scenes in which this field is empty."
    )


class Analysis(_Strict):
    """What to look for, and in which scenes."""

    detect_performers: bool = Field(default=True, title="Performers")
    detect_studios: bool = Field(default=True, title="Studios")
    detect_tags: bool = Field(default=True, title="Tags")
    detect_date: bool = Field(default=True, title="Dates")
    detect_title: bool = Field(default=True, title="Titles")
    detect_details: bool = Field(default=True, title="Details", description="Cleans HTML out of them.")
    technical_tags: bool = Field(default=False, description="Tags for resolution and duration.")
    create_missing: bool = Field(
        default=False, title="New names", description="Propose names, too, that the library does not have yet."
    )
    include_organized: bool = Field(
        default=False,
        title="Organized scenes",
        description="Look at scenes marked Organized, too; otherwise they are left alone.",
    )
    use_ai: bool = Field(
        default=False, title="Language model", description="Also ask the language model of the settings."
    )
    confidence_threshold: Share = Field(
        default=0.7, title="Least confidence", description="Proposals below it (0 to 1) are dropped."
    )
    scene_ids: Annotated[list[Annotated[int, Field(ge=1, le=_LARGEST_ID)]], Field(max_length=100_000)] | None = Field(
        default=None,
        title="Only some scenes",
        description="The numbers of these scenes; leave it out to look at all.",
    )
    filters: Filters = Filters()


class Where(_Strict):
    """Which changes of a plan: all conditions that are given have to hold."""

    field: FieldName | None = None
    decision: Decision | None = None
    outcome: Outcome | None = None
    source: Source | None = None
    scene_id: Annotated[int, Field(ge=1, le=_LARGEST_ID)] | None = None
    min_confidence: Share | None = None
    max_confidence: Share | None = None

    def filter(self) -> ChangeFilter:
        """The conditions for the review."""
        return ChangeFilter(**self.model_dump())


class Verdict(_Strict):
    """A decision about some changes: either those of `change_ids`, or those that `where` finds ({} finds all)."""

    decision: Decision
    change_ids: Annotated[list[int], Field(min_length=1, max_length=_MOST_IDS)] | None = None
    where: Where | None = None

    @model_validator(mode="after")
    def _check_one_of_them(self) -> "Verdict":
        if (self.change_ids is None) == (self.where is None):
            raise ValueError("give either change_ids or where; an empty where means all changes")
        return self


class Edit(_Strict):
    """Another value in place of the proposed one: a text, or {"id": number or null, "name": text}."""

    value: Any


@dataclass(frozen=True, slots=True)
class PlanPage:
    """Plans, newest first; `next_cursor` asks for older ones, and is None on the last page."""

    items: list[PlanView]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Changes by scene, and the scenes that they are about; a scene that is no longer here is not listed."""

    items: list[ChangeView]
    scenes: list[SceneLine]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """How many changes were decided about; those that are applied already are left out."""

    decided: int


@dataclass(frozen=True, slots=True)
class StartedJob:
    """The job that does it: `GET /jobs/{job_id}`. `created` is false if the same one was active already."""

    job_id: str
    created: bool


def plans_router(engine: AsyncEngine, queue: JobQueue) -> APIRouter:
    """`/plans`: list, review, apply and undo; what takes longer than a moment is a job."""
    router = APIRouter(
        prefix="/plans", tags=["plans"], route_class=PlanRoute, dependencies=[Depends(only_known_parameters)]
    )
    _add_plans(router, ReviewService(engine), lambda: _release_abandoned(engine, queue))
    _add_review(router, ReviewService(engine), engine)
    _add_jobs(router, ReviewService(engine), queue)
    return router


async def _release_abandoned(engine: AsyncEngine, queue: JobQueue) -> None:
    """Plans whose job has ended without a word are open again: nobody else would ever say so."""
    if not (busy := await busy_plans(engine)):
        return
    # Looked at after the plans: a job that began meanwhile is among them.
    jobs = (await queue.list_jobs([Status.PENDING, Status.RUNNING], _WORKERS, _MOST_JOBS)).items
    at_work = {job.id for job in jobs} | {job.args.get("plan_id") for job in jobs}
    for plan in busy:
        if (plan.job_id if plan.status == PlanStatus.ANALYZING else plan.id) not in at_work:
            await release_plan(engine, plan)


def _add_plans(router: APIRouter, review: ReviewService, release: Callable[[], Awaitable[None]]) -> None:
    @router.get("", summary="Plans, newest first, with the numbers of their changes")
    async def get_plans(
        cursor: Annotated[
            int | None, Query(ge=1, le=_LARGEST_ID, description="`next_cursor` of the page before")
        ] = None,
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> PlanPage:
        await release()
        found = await review.plans(before=cursor, limit=limit + 1)
        return PlanPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    @router.get("/{plan_id}", summary="One plan: its changes by field and decision, and what came of them")
    async def get_plan(plan_id: Id) -> PlanView:
        await release()
        return await review.plan(plan_id)

    @router.delete("/{plan_id}", status_code=204, summary="Forget a plan that is not at work; rejections stay")
    async def delete_plan(plan_id: Id) -> None:
        await review.delete(plan_id)


def _add_review(router: APIRouter, review: ReviewService, engine: AsyncEngine) -> None:
    @router.get("/{plan_id}/changes", summary="Changes of a plan, scene by scene, page by page")
    async def get_changes(
        plan_id: Id,
        field: FieldName | None = None,
        decision: Decision | None = None,
        outcome: Outcome | None = None,
        source: Annotated[str | None, Query(max_length=50)] = None,
        scene_id: Annotated[int | None, Query(ge=1, le=_LARGEST_ID)] = None,
        min_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
        max_confidence: Annotated[float | None, Query(ge=0, le=1)] = None,
        cursor: Annotated[int, Query(ge=0, le=_LARGEST_ID, description="`next_cursor` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 100,
    ) -> ChangePage:
        wanted = ChangeFilter(field, decision, outcome, source, scene_id, min_confidence, max_confidence)
        found = await review.changes(plan_id, wanted, after=cursor, limit=limit + 1)
        items = found[:limit]
        lines = await scene_lines(engine, sorted({change.scene_id for change in items}))
        return ChangePage(items, lines, items[-1].id if len(found) > limit else None)

    @router.post("/{plan_id}/decisions", summary="Approve, reject, or take back a decision, for many changes at once")
    async def decide(plan_id: Id, verdict: Verdict) -> Decided:
        if verdict.change_ids is not None:
            return Decided(await review.decide(plan_id, verdict.change_ids, verdict.decision))
        wanted = (verdict.where or Where()).filter()
        return Decided(await review.decide_where(plan_id, verdict.decision, wanted))

    @router.put(
        "/{plan_id}/changes/{change_id}/value", summary="Write another value than the proposed one; approves it"
    )
    async def edit_change(plan_id: Id, change_id: Id, edit: Edit) -> ChangeView:
        await _change(review, plan_id, change_id)
        await review.edit(change_id, edit.value)
        return await _change(review, plan_id, change_id)

    @router.post("/{plan_id}/finish", summary="Say that the review is done")
    async def finish(plan_id: Id) -> PlanView:
        await review.finish(plan_id)
        return await review.plan(plan_id)


async def _change(review: ReviewService, plan_id: int, change_id: int) -> ChangeView:
    found = await review.changes(plan_id, after=change_id - 1, limit=1)
    if not found or found[0].id != change_id:
        raise HTTPException(404, f"Plan {plan_id} has no change {change_id}.")
    return found[0]


def _add_jobs(router: APIRouter, review: ReviewService, queue: JobQueue) -> None:
    @router.post("", status_code=202, summary="Analyse scenes: the job makes a new plan")
    async def analyze(analysis: Annotated[Analysis | None, Body()] = None) -> StartedJob:
        options = AnalysisOptions.of((analysis or Analysis()).model_dump()).dict()
        return await _start(queue, "analyze_scenes", {"options": options})

    @router.post("/{plan_id}/apply", status_code=202, summary="Write what is approved to Stash: a job")
    async def apply(plan_id: Id) -> StartedJob:
        await review.plan(plan_id)
        return await _start(queue, "apply_plan", {"plan_id": plan_id})

    @router.post("/{plan_id}/undo", status_code=202, summary="Take back what was applied: a job")
    async def undo(plan_id: Id) -> StartedJob:
        await review.plan(plan_id)
        return await _start(queue, "undo_plan", {"plan_id": plan_id})


async def _start(queue: JobQueue, job_type: str, arguments: dict[str, Any]) -> StartedJob:
    accepted = await queue.accept(JobRequest(job_type, arguments))
    return StartedJob(accepted.job_id, accepted.created)
