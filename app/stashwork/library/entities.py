"""Copies performers, tags and studios: as they are few, each kind is read and compared whole."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from stashwork.stash import Batch, StashClient

from . import mirror
from .mirror import SLICE, Mirror, slices
from .models import Scene, scene_performer, scene_tag
from .prefetch import prefetch
from .records import Record, performer_record, studio_record, tag_record
from .run import Run, ids_of, is_whole

Ids: TypeAlias = Collection[int]


@dataclass(frozen=True, slots=True)
class EntityKind:
    """How one kind is asked for, written, and found in scenes."""

    name: str
    mirror: Mirror
    fetch: Callable[[StashClient], Awaitable[Batch[Any]]]
    record: Callable[[Any, Ids], Record]
    used_by: Callable[[Ids], ColumnElement[bool]]


def _has_performer(ids: Ids) -> ColumnElement[bool]:
    return Scene.id.in_(select(scene_performer.c.scene_id).where(scene_performer.c.performer_id.in_(ids)))


def _has_tag(ids: Ids) -> ColumnElement[bool]:
    return Scene.id.in_(select(scene_tag.c.scene_id).where(scene_tag.c.tag_id.in_(ids)))


def _has_studio(ids: Ids) -> ColumnElement[bool]:
    return Scene.studio_id.in_(ids)


_KINDS = (
    EntityKind("performers", mirror.PERFORMERS, StashClient.performers, performer_record, _has_performer),
    EntityKind("tags", mirror.TAGS, StashClient.tags, tag_record, _has_tag),
    EntityKind("studios", mirror.STUDIOS, StashClient.studios, studio_record, _has_studio),
)


async def sync_entities(run: Run) -> None:
    """Make the local performers, tags and studios equal to the server's."""
    async with prefetch(_kinds(), partial(_fetch, run), count=1) as batches:
        for kind in _KINDS:
            await _sync_kind(run, kind, await anext(batches))


async def _sync_kind(run: Run, kind: EntityKind, batch: Batch[Any]) -> None:
    run.count_rejected(kind.name, batch)
    async with run.reader.connect() as connection:
        before = await kind.mirror.ids(connection)
    gone = await run.confirm_gone(kind.name, before - ids_of(batch), is_whole(batch), _fetch_again(run, kind))
    async with run.writer.begin() as connection:
        items = {item.id: item for item in batch.items}
        known = (before | items.keys()) - gone
        records = [kind.record(item, known) for item in items.values()]
        run.count_all(kind.name, await kind.mirror.write(connection, records), len(records))
        await _mark_scenes(connection, kind, gone)
        await run.remove(connection, kind.name, kind.mirror, gone, len(before))
    await run.progress(
        0 if run.resumed else batch.total, f"{kind.name.capitalize()} {batch.total:,} of {batch.total:,}"
    )


async def _kinds() -> AsyncGenerator[EntityKind, None]:
    for kind in _KINDS:
        yield kind


async def _fetch(run: Run, kind: EntityKind) -> Batch[Any]:
    return await kind.fetch(run.client)


async def _fetch_again(run: Run, kind: EntityKind) -> AsyncIterator[Batch[Any]]:
    yield await kind.fetch(run.client)


async def _mark_scenes(connection: AsyncConnection, kind: EntityKind, gone: Ids) -> None:
    """Have the scenes read again that used what is gone.

    The server does not date this change of a scene, and a merge may have given it another tag instead.
    The mark is in the same transaction as the removal, so a crash in between loses neither.
    """
    for part in slices(sorted(gone), SLICE):
        await connection.execute(update(Scene).where(kind.used_by(part)).values(needs_reading=True))
