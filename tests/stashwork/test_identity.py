"""Another server where the old one was: its scenes have the same numbers, and must not be taken for the same."""

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.plans_support import World, library, state, world
from tests.stashwork.test_sync import in_tables, on_server

from stashwork.demo import Library
from stashwork.library import OtherLibrary, SyncService
from stashwork.plans import ApplyService

PATHS = [f"/m/[Copper Lantern] Marla Quenby - Walk {number} [2023-05-01].mp4" for number in range(1, 31)]


def made_at(year: int) -> Library:
    made = library(*PATHS)
    for scene in made.scenes.values():
        scene.created_at = f"{year}-06-01T10:00:{int(scene.id):02d}-05:00"
    return made


async def refused(work: Any, other: World) -> str:
    with pytest.raises(OtherLibrary) as caught:
        await work
    assert other.mutations == []
    return str(caught.value)


async def test_another_library_is_neither_read_nor_written(engine: AsyncEngine) -> None:
    async with world(engine, made_at(2021)) as old, world(engine, made_at(2022)) as new:
        plan = await old.approved()
        tables, before = await in_tables(engine), state(new.server)
        message = await refused(new.sync(), new)
        assert "of 20 scenes with the same numbers, 20 are others" in message
        assert "set STASHWORK_DATA to another folder" in message
        await refused(SyncService(engine, new.stash).sync_scenes("some", [1]), new)
        await refused(new.applier.apply_plan(plan), new)
        assert (await in_tables(engine), state(new.server)) == (tables, before)
        # Nothing of the plan is lost: it can be applied to its own server.
        assert (await old.applier.apply_plan(plan)).done == 120
        await refused(new.applier.undo_plan(plan), new)
        assert state(new.server) == before
        assert (await old.applier.undo_plan(plan)).done == 120


async def test_the_same_library_may_move_to_another_address_and_another_time_zone(engine: AsyncEngine) -> None:
    moved = made_at(2021)
    for scene in moved.scenes.values():
        instant = datetime.fromisoformat(scene.created_at)
        scene.created_at = instant.astimezone(timezone(timedelta(hours=9))).isoformat()
    async with world(engine, made_at(2021)) as old, world(engine, moved) as new:
        plan = await old.approved()
        await new.sync()
        assert (await ApplyService(engine, new.stash).apply_plan(plan)).done == 120
        assert await in_tables(engine) == on_server(new.server)


async def test_scenes_that_were_deleted_or_made_anew_do_not_make_it_another_library(engine: AsyncEngine) -> None:
    async with world(engine, made_at(2021)) as it:
        await it.sync()
        for number in range(1, 6):
            it.server.destroy_scene(str(number))
        for number in range(6, 12):
            it.server.scenes[number].created_at = it.server.scenes[number].updated_at = "2024-01-01T00:00:00Z"
        await it.sync()
        assert await in_tables(engine) == on_server(it.server)
