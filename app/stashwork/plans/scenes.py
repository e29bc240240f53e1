"""Reads the local library for the analysis: a page of scenes at a time, and all names once."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stashwork.detectors import Entity, Kind, SceneFacts
from stashwork.library import SceneIdentity
from stashwork.library.mirror import slices
from stashwork.library.models import Performer, Scene, SceneFile, Studio, Tag, scene_performer, scene_tag

from .options import AnalysisOptions

_MARGIN = timedelta(days=2)  # clocks and time zones differ
_ID_SLICE = 30_000  # ids in one statement: below SQLite's limit on parameters


async def read_entities(connection: AsyncConnection) -> list[Entity]:
    """All performers, studios and tags that are on the server."""
    found: list[Entity] = []
    for kind, model in ((Kind.PERFORMER, Performer), (Kind.TAG, Tag)):
        rows = await connection.execute(select(model.id, model.name, model.aliases, model.ignore_auto_tag))
        found += [Entity(kind, row.id, row.name, tuple(row.aliases), None, row.ignore_auto_tag) for row in rows]
    columns = (Studio.id, Studio.name, Studio.aliases, Studio.parent_id, Studio.ignore_auto_tag)
    rows = await connection.execute(select(*columns))
    return found + [
        Entity(Kind.STUDIO, row.id, row.name, tuple(row.aliases), row.parent_id, row.ignore_auto_tag) for row in rows
    ]


async def count_scenes(connection: AsyncConnection, options: AnalysisOptions) -> int:
    """How many scenes the options choose."""
    return await _count(connection, options, _conditions(options))


async def count_left_alone(connection: AsyncConnection, options: AnalysisOptions) -> int:
    """How many scenes the options would choose if they were not marked *Organized*."""
    if not options.leaves_organized or options.filters.organized is False:
        return 0
    organized = replace(options, filters=replace(options.filters, organized=True))
    return await _count(connection, options, _conditions(organized))


async def _count(
    connection: AsyncConnection, options: AnalysisOptions, conditions: Sequence[ColumnElement[bool]]
) -> int:
    chosen = select(func.count()).select_from(Scene).where(*conditions)
    if options.scene_ids is None:
        return int(await connection.scalar(chosen) or 0)
    parts = slices(options.scene_ids, _ID_SLICE)
    return sum([int(await connection.scalar(chosen.where(Scene.id.in_(part))) or 0) for part in parts])


async def read_scenes(
    connection: AsyncConnection, options: AnalysisOptions, after: int, limit: int
) -> dict[SceneFacts, SceneIdentity]:
    """The next scenes by ascending id, and what their numbers stand for."""
    wanted = [*_conditions(options), Scene.id > after]
    if options.scene_ids is not None:
        ids = [scene_id for scene_id in options.scene_ids if scene_id > after][:_ID_SLICE]
        wanted.append(Scene.id.in_(ids))
    columns = (Scene.id, Scene.title, Scene.details, Scene.date, Scene.studio_id, Scene.created_at)
    rows = (await connection.execute(select(*columns).where(*wanted).order_by(Scene.id).limit(limit))).all()
    ids = [row.id for row in rows]
    files = await _files(connection, ids)
    performers = await _links(connection, scene_performer, "performer_id", ids)
    tags = await _links(connection, scene_tag, "tag_id", ids)
    return {
        _facts(row, files[row.id], performers[row.id], tags[row.id]): SceneIdentity.of_files(
            row.created_at, files[row.id]
        )
        for row in rows
    }


def _conditions(options: AnalysisOptions) -> list[ColumnElement[bool]]:
    filters = options.filters
    found: list[ColumnElement[bool]] = []
    if options.leaves_organized:
        found.append(~Scene.organized)
    elif filters.organized is not None:
        found.append(Scene.organized == filters.organized)
    if filters.studio_id is not None:
        found.append(Scene.studio_id == filters.studio_id)
    if filters.path_contains:
        inside = SceneFile.path.icontains(filters.path_contains, autoescape=True)
        found.append(exists().where(and_(SceneFile.scene_id == Scene.id, inside)))
    if filters.lacking:
        found.append(_lacking(filters.lacking))
    return found


def _lacking(field: str) -> ColumnElement[bool]:
    links = {"performers": scene_performer, "tags": scene_tag}
    if field in links:
        return ~exists().where(links[field].c.scene_id == Scene.id)
    return {"studio": Scene.studio_id.is_(None), "date": Scene.date.is_(None), "title": Scene.title == ""}[field]


async def _files(connection: AsyncConnection, ids: Sequence[int]) -> defaultdict[int, list[Any]]:
    """The files of each scene, the primary one first."""
    columns = (SceneFile.scene_id, SceneFile.path, SceneFile.mod_time, SceneFile.height, SceneFile.duration)
    query = select(*columns, SceneFile.fingerprints).where(SceneFile.scene_id.in_(ids)).order_by(SceneFile.position)
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in await connection.execute(query):
        found[row.scene_id].append(row)
    return found


async def _links(
    connection: AsyncConnection, table: Any, column: str, ids: Sequence[int]
) -> defaultdict[int, set[int]]:
    found: defaultdict[int, set[int]] = defaultdict(set)
    for owner, other in await connection.execute(
        select(table.c.scene_id, table.c[column]).where(table.c.scene_id.in_(ids))
    ):
        found[owner].add(other)
    return found


def _facts(row: Any, files: Sequence[Any], performers: set[int], tags: set[int]) -> SceneFacts:
    file = files[0] if files else None
    return SceneFacts(
        id=row.id,
        path=file.path if file else "",
        title=row.title,
        details=row.details,
        date=row.date,
        studio_id=row.studio_id,
        performer_ids=frozenset(performers),
        tag_ids=frozenset(tags),
        height=file.height if file else 0,
        duration=file.duration if file else 0.0,
        latest=_latest(row.created_at, file.mod_time if file else ""),
    )


def _latest(*moments: str) -> date:
    """The last day that a scene's date may be: when its file was there, it had been made."""
    today = datetime.now(UTC).date()
    days = [day for day in map(_day, moments) if day is not None and day <= today]
    return max(days, default=today) + _MARGIN


def _day(moment: str) -> date | None:
    try:
        return date.fromisoformat(moment[:10])
    except ValueError:
        return None
