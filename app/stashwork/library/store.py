"""Stores single items that were just read from the server, so that the local copy shows them before the next sync."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.stash import Performer as ServerPerformer
from stashwork.stash import Scene as ServerScene
from stashwork.stash import Studio as ServerStudio
from stashwork.stash import Tag as ServerTag

from . import mirror
from .mirror import SLICE, slices
from .models import Performer, Scene, Studio, SyncHistory, Tag
from .records import KnownIds, performer_record, scene_record, studio_record, tag_record


async def store_scenes(connection: AsyncConnection, scenes: Sequence[ServerScene]) -> None:
    """Make the local rows of these scenes equal to them, in the caller's transaction; the next sync reads them again.

    They were just changed, and another change in the same second has the same date.
    """
    known = KnownIds(
        performers=await _known_ids(connection, Performer, {n for scene in scenes for n in scene.performer_ids}),
        tags=await _known_ids(connection, Tag, {n for scene in scenes for n in scene.tag_ids}),
        studios=await _known_ids(connection, Studio, {scene.studio_id for scene in scenes if scene.studio_id}),
    )
    await mirror.SCENES.write(connection, [scene_record(scene, known) for scene in scenes])


async def store_entity(connection: AsyncConnection, entity: ServerPerformer | ServerStudio | ServerTag) -> None:
    """Make the local row of a performer, studio or tag equal to it, in the caller's transaction."""
    if isinstance(entity, ServerPerformer):
        await mirror.PERFORMERS.write(connection, [performer_record(entity, ())])
    elif isinstance(entity, ServerStudio):
        parents = await _known_ids(connection, Studio, {entity.parent_id} if entity.parent_id else set())
        await mirror.STUDIOS.write(connection, [studio_record(entity, parents)])
    else:
        parents = await _known_ids(connection, Tag, set(entity.parent_ids))
        await mirror.TAGS.write(connection, [tag_record(entity, parents)])


async def empty_library(engine: AsyncEngine) -> None:
    """Forget all items, as if none had been copied; the history of the syncs stays."""
    async with engine.begin() as connection:
        for model in (Scene, Performer, Tag, Studio):  # their links and files go with them
            await connection.execute(delete(model))
        await connection.execute(update(SyncHistory).values(marks=None))


async def _known_ids(connection: AsyncConnection, model: Any, ids: set[int]) -> set[int]:
    """The ids that the local table has of these; in slices, for a scene may have any number of tags."""
    found: set[int] = set()
    for part in slices(sorted(ids), SLICE):
        found.update((await connection.scalars(select(model.id).where(model.id.in_(part)))).all())
    return found
