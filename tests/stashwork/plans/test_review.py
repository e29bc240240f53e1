"""Decisions about changes, one by one and many at once."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.library.support import Statements
from tests.stashwork.plans.support import insert_changes, library, state, world

from stashwork.plans import ChangeFilter, Decision, InvalidValue, PlanNotFound, PlanNotReady
from stashwork.plans.models import Rejection

WALK = "/m/[Copper Lantern] Marla Quenby - The Walk [2023-05-01].mp4"


async def test_an_edited_change_is_approved_and_written_as_edited(engine: AsyncEngine) -> None:
    made = library(WALK)
    async with world(engine, made) as it:
        plan = await it.analyzed()
        by_field = {c.field: c.id for c in await it.changes(plan)}
        await it.review.edit(by_field["title"], "My Walk")
        await it.review.edit(by_field["performers"], {"id": 2, "name": "Tess Orvane"})
        before = state(made)
        await it.applier.apply_plan(plan)
        assert state(made)[1] == ("My Walk", "", None, None, [2], [])
        await it.applier.undo_plan(plan)
        assert state(made) == before


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("date", "2023-02-30", "looks like 2024-02-29"),
        ("title", 7, "title is a text"),
        ("title", "x" * 1001, "at most 1,000"),
        ("title", "a\0b", "NUL"),
        ("studio", "Copper", "a value of studio is"),
        ("studio", {"id": -1, "name": "x"}, "positive whole number"),
        ("performers", {"id": None, "name": " "}, "1 to 255"),
    ],
)
async def test_an_edit_that_cannot_be_written_is_refused(
    engine: AsyncEngine, field: str, value: Any, message: str
) -> None:
    async with world(engine, library(WALK)) as it:
        plan = await it.analyzed()
        change = next(c for c in await it.changes(plan) if c.field == field)
        with pytest.raises(InvalidValue, match=message):
            await it.review.edit(change.id, value)


async def test_what_is_applied_cannot_be_decided_about(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK)) as it:
        plan = await it.approved()
        await it.applier.apply_plan(plan)
        with pytest.raises(PlanNotReady, match="is applied"):
            await it.review.decide_where(plan, Decision.REJECTED)
        with pytest.raises(PlanNotFound):
            await it.review.plan(9)


async def test_of_a_partly_applied_plan_the_rest_can_be_decided_about(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK)) as it:
        plan = await it.analyzed()
        await it.review.decide_where(plan, Decision.APPROVED, ChangeFilter(field="date"))
        await it.review.finish(plan)
        assert (await it.review.plan(plan)).status == "reviewed"
        assert (await it.applier.apply_plan(plan)).status == "partly_applied"
        assert await it.review.decide_where(plan, Decision.REJECTED) == 3
        assert (await it.applier.apply_plan(plan)).status == "applied"


async def test_plans_are_listed_newest_first_and_can_be_deleted(engine: AsyncEngine) -> None:
    async with world(engine, library(WALK)) as it:
        ids = [await it.analyzed(name) for name in ("a", "b", "c")]
        assert [plan.id for plan in await it.review.plans()] == ids[::-1]
        assert [plan.id for plan in await it.review.plans(before=ids[2], limit=1)] == [ids[1]]
        await it.review.delete(ids[1])
        assert [plan.job_id for plan in await it.review.plans()] == ["c", "a"]
        assert await it.changes(ids[1]) == []


async def test_fifty_thousand_changes_are_decided_about_with_one_statement(engine: AsyncEngine) -> None:
    """Also when all were rejected before: what is remembered of that is looked up, not compared with each other."""
    async with world(engine, library(WALK)) as it:
        plan = await it.analyzed()
        await insert_changes(engine, plan, 50_000)
        assert await it.review.decide_where(plan, Decision.REJECTED) == 50_004
        statements = Statements(engine)
        assert await it.review.decide_where(plan, Decision.APPROVED, ChangeFilter(field="tags")) == 50_000
        decided = [text for text in statements.writes if text.startswith("UPDATE plan_change SET decision")]
        assert (len(decided), len(statements.writes)) == (1, 4)  # with the rejections, conflicts, and the plan's date
        async with engine.connect() as connection:
            assert await connection.scalar(select(func.count()).select_from(Rejection)) == 4
        assert (await it.review.plan(plan)).changes["tags"] == {"approved": 50_000}
