"""Apply and undo against a real HTTP demo and a real SQLite file."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.library.support import in_tables, on_server
from tests.stashwork.plans.support import add_scene, library, state, world

from stashwork.demo.library import Refused
from stashwork.demo.schema import NEW_VERSION, OLD_VERSION
from stashwork.plans import ChangeFilter, Decision, PlanNotFound, PlanNotReady
from stashwork.plans.models import JournalEntry
from stashwork.stash import StashError

PATHS = (
    "/m/[Copper Lantern] Marla Quenby & Tess Orvane - The Walk [2023-05-01].mp4",
    "/m/[Copper Lantern] Marla Quenby - The Tide [2023-06-01].mp4",
    "/m/[Copper Lantern] Tess Orvane - The Loom [2023-07-01].mp4",
    "/m/nothing.mp4",
)
SAME = tuple(f"/m/Copper Lantern/clip {number}.mp4" for number in range(120))


def outcomes(changes: list[Any], name: str = "outcome") -> dict[str, Any]:
    return {f"{c.scene_id} {c.field} {getattr(c, 'key', '')[:4]}": getattr(c, name) for c in changes}


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
async def test_what_is_approved_is_written_read_back_and_undone(engine: AsyncEngine, version: str) -> None:
    made = library(*PATHS)
    async with world(engine, made, version=version) as it:
        plan = await it.approved()
        before = state(made)
        result = await it.applier.apply_plan(plan)
        assert (result.status, result.failed, result.conflict) == ("applied", 0, 0)
        assert result.done == 13
        assert state(made)[1] == ("The Walk", "", "2023-05-01", 1, [1, 2], [])
        assert state(made)[4] == before[4]
        assert await in_tables(engine) == on_server(made)
        undone = await it.applier.undo_plan(plan)
        assert (undone.status, undone.done) == ("undone", 13)
        assert state(made) == before
        assert await in_tables(engine) == on_server(made)


async def test_scenes_with_equal_changes_share_a_mutation(engine: AsyncEngine) -> None:
    async with world(engine, library(*SAME)) as it:
        result = await it.applier.apply_plan(await it.approved())
    assert result.done == 120
    assert [len(sent["ids"]) for sent in it.mutations] == [50, 50, 20]
    assert result.requests == 3


async def test_only_what_is_approved_is_written(engine: AsyncEngine) -> None:
    made = library(*PATHS)
    async with world(engine, made) as it:
        plan = await it.analyzed()
        await it.review.decide_where(plan, Decision.APPROVED, ChangeFilter(field="date"))
        await it.review.decide_where(plan, Decision.REJECTED, ChangeFilter(field="title"))
        result = await it.applier.apply_plan(plan)
        assert (result.status, result.done) == ("partly_applied", 3)
        assert state(made)[1] == ("", "", "2023-05-01", None, [], [])


async def test_an_edit_on_the_server_is_a_conflict_until_it_is_approved_again(engine: AsyncEngine) -> None:
    made = library(*PATHS)
    async with world(engine, made) as it:
        plan = await it.approved()
        made.update_scenes([{"id": "1", "title": "Mine", "date": "2023-05-01"}])
        result = await it.applier.apply_plan(plan)
        assert (result.status, result.conflict, result.already, result.done) == ("partly_applied", 1, 1, 11)
        assert made.scenes[1].title == "Mine"
        assert result.notes[0]["note"] == "it was changed on the server since the analysis"
        conflict = next(c for c in await it.changes(plan) if c.outcome == "conflict")
        assert conflict.live == "Mine"
        await it.review.decide(plan, [conflict.id], Decision.APPROVED)
        assert (await it.applier.apply_plan(plan)).status == "applied"
        assert made.scenes[1].title == "The Walk"
        await it.applier.undo_plan(plan)
        assert (made.scenes[1].title, made.scenes[1].date) == ("Mine", "2023-05-01")


async def test_an_undo_leaves_what_was_edited_since(engine: AsyncEngine) -> None:
    made = library(*PATHS)
    async with world(engine, made) as it:
        plan = await it.approved()
        await it.applier.apply_plan(plan)
        made.update_scenes([{"id": "1", "title": "Mine", "performer_ids": ["2"]}])
        result = await it.applier.undo_plan(plan)
        assert (result.status, result.conflict, result.already) == ("partly_undone", 1, 1)
        assert state(made)[1] == ("Mine", "", None, None, [], [])


async def test_what_was_so_before_is_not_undone(engine: AsyncEngine) -> None:
    made = library(*PATHS)
    async with world(engine, made) as it:
        plan = await it.approved()
        made.update_scenes([{"id": "1", "performer_ids": ["1"], "studio_id": "1"}])
        await it.applier.apply_plan(plan)
        await it.applier.undo_plan(plan)
        assert state(made)[1] == ("", "", None, 1, [1], [])


async def test_deleted_scenes_and_entities_are_gone_and_the_rest_is_written(engine: AsyncEngine) -> None:
    made = library(*PATHS)
    async with world(engine, made) as it:
        plan = await it.approved()
        made.destroy_scene("2")
        made.destroy_performer("2")
        result = await it.applier.apply_plan(plan)
        assert (result.gone, result.done, result.status) == (6, 7, "applied")
        assert state(made)[1] == ("The Walk", "", "2023-05-01", 1, [1], [])
        undone = await it.applier.undo_plan(plan)
        assert (undone.done, undone.status) == (7, "undone")


async def test_new_entities_are_made_once(engine: AsyncEngine) -> None:
    paths = [f"/m/[Zephyr Row] Marla Quenby - Tale {word}.mp4" for word in ("Ash", "Elm", "Oak")]
    made = library(*paths)
    async with world(engine, made) as it:
        plan = await it.approved(create_missing=True)
        before = state(made)
        result = await it.applier.apply_plan(plan)
        assert [s.name for s in made.studios.values()] == ["Copper Lantern", "Zephyr Row"]
        assert result.created == [{"kind": "studio", "id": 2, "name": "Zephyr Row"}]
        assert {s.studio.name for s in made.scenes.values() if s.studio} == {"Zephyr Row"}
        assert await in_tables(engine) == on_server(made)
        await it.applier.undo_plan(plan)
        assert state(made) == before


@pytest.mark.parametrize("known", ["ZEPHYR ROW", "Zéphyr Row", "another one, with an alias"])
async def test_an_entity_that_was_made_meanwhile_is_used(engine: AsyncEngine, known: str) -> None:
    made = library("/m/[Zephyr Row] Marla Quenby - Tale.mp4")
    async with world(engine, made) as it:
        plan = await it.approved(create_missing=True)
        made.create_studio({"name": known, "aliases": ["Zephyr Row"] if "," in known else []})
        result = await it.applier.apply_plan(plan)
        assert result.created == []
        assert made.scenes[1].studio is made.studios[2]


async def test_a_refused_mutation_fails_its_scene_only(engine: AsyncEngine) -> None:
    made = library(*SAME[:3])
    async with world(engine, made) as it:
        plan = await it.approved()
        update = made.bulk_update_scenes

        def refusing(entry: Any) -> Any:
            if "2" in entry["ids"]:
                raise Refused("scene 2 is locked")
            return update(entry)

        made.bulk_update_scenes = refusing  # type: ignore[method-assign]
        result = await it.applier.apply_plan(plan)
        assert (result.done, result.failed, result.status) == (2, 1, "partly_applied")
        assert result.notes == [{"scene_id": 2, "field": "studio", "outcome": "failed", "note": "scene 2 is locked"}]
        made.bulk_update_scenes = update  # type: ignore[method-assign]
        assert (await it.applier.apply_plan(plan)).status == "applied"


@pytest.mark.parametrize("every", [2, 3, 5])
async def test_lost_answers_write_nothing_twice(engine: AsyncEngine, every: int) -> None:
    """The connection breaks in the middle of answers: what was written is seen by reading it."""
    made = library(*SAME)
    async with world(engine, made) as it:
        plan = await it.approved()
        it.demo.faults.drop_every = every
        result = await it.applier.apply_plan(plan)
        it.demo.faults.drop_every = 0
        assert (result.done, result.status) == (120, "applied")
        written = [scene_id for sent in it.mutations for scene_id in sent["ids"]]
        assert len(written) == len(set(written)) == 120


async def test_an_unreachable_server_leaves_a_plan_that_can_be_applied_later(engine: AsyncEngine) -> None:
    made = library(*SAME)
    async with world(engine, made) as it:
        plan = await it.approved()
        it.demo.faults.fail_every = 1
        with pytest.raises(StashError, match="not available"):
            await it.applier.apply_plan(plan)
        assert (await it.review.plan(plan)).status == "partly_applied"
        it.demo.faults.fail_every = 0
        assert (await it.applier.apply_plan(plan)).done == 120
        assert len(it.mutations) == 3


async def test_two_applies_at_once_write_everything_once(engine: AsyncEngine) -> None:
    made = library(*SAME)
    async with world(engine, made) as it:
        plan = await it.approved()
        results = await asyncio.gather(*(it.applier.apply_plan(plan) for _ in range(3)))
        assert [r.done for r in results] == [120, 120, 120]
        assert sorted(r.scenes for r in results) == [0, 0, 120]
        assert len(it.mutations) == 3


async def test_a_cancel_stops_between_pages_and_the_rest_follows(engine: AsyncEngine) -> None:
    made = library(*SAME)
    async with world(engine, made) as it:
        plan = await it.approved()
        applying: list[asyncio.Task[Any]] = []

        async def progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
            if processed:
                applying[0].cancel()

        applying.append(asyncio.create_task(it.applier.apply_plan(plan, progress)))
        with pytest.raises(asyncio.CancelledError):
            await applying[0]
        view = await it.review.plan(plan)
        assert (view.status, view.outcomes) == ("partly_applied", {"done": 50})
        assert (await it.applier.apply_plan(plan)).status == "applied"
        assert len(it.mutations) == 3
        async with engine.connect() as connection:
            left = select(func.count()).where(JournalEntry.finished_at.is_(None))
            assert await connection.scalar(left) == 0


async def test_texts_of_any_kind_are_compared_and_written(engine: AsyncEngine) -> None:
    made = library()
    odd = ("<p>One</p><p>שלום &amp; עולם</p>", "<b>x</b>\0", "<p>" + "long " * 20_000 + "</p>", "<br>‮right to left")
    for number, details in enumerate(odd):
        add_scene(made, f"/m/clip {number}.mp4", details=details)
    add_scene(made, "")
    made.create_scene()
    async with world(engine, made) as it:
        plan = await it.approved()
        result = await it.applier.apply_plan(plan)
        assert (result.done, result.conflict, result.status) == (4, 0, "applied")
        assert made.scenes[1].details == "One\n\nשלום & עולם"
        assert "<" not in made.scenes[3].details
        assert (await it.applier.undo_plan(plan)).done == 4
        assert made.scenes[1].details == odd[0]


async def test_plans_that_cannot_be_applied_say_why(engine: AsyncEngine) -> None:
    async with world(engine, library(*PATHS)) as it:
        with pytest.raises(PlanNotFound, match="no plan 7"):
            await it.applier.apply_plan(7)
        plan = await it.approved()
        with pytest.raises(PlanNotReady, match="is draft"):
            await it.applier.undo_plan(plan)
        await it.applier.apply_plan(plan)
        assert (await it.applier.apply_plan(plan)).status == "applied"
        await it.applier.undo_plan(plan)
        with pytest.raises(PlanNotReady, match="is undone"):
            await it.applier.apply_plan(plan)
