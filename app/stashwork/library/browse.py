"""Looking at the scenes of the local library."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from .models import Performer, Scene, SceneFile, Studio, Tag, scene_performer, scene_tag

_KINDS: dict[str, type[Performer | Studio | Tag]] = {"performers": Performer, "studio": Studio, "tags": Tag}


@dataclass(frozen=True, slots=True)
class SceneLine:
    """A scene in a list; `path` is that of its primary file. All texts come from Stash: escape them in pages."""

    id: int
    title: str
    date: str | None
    studio: str | None
    path: str | None
    organized: bool


@dataclass(frozen=True, slots=True)
class ScenePage:
    """Some scenes by ascending id; `next_cursor` asks for the page after it, and is None on the last one."""

    items: list[SceneLine]
    next_cursor: int | None


@dataclass(frozen=True, slots=True)
class Named:
    """A performer, tag or studio."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class FileDetail:
    """One file: size in bytes, duration in seconds."""

    path: str
    size: int
    duration: float
    width: int
    height: int
    video_codec: str


@dataclass(frozen=True, slots=True)
class SceneDetail:
    """All that is here about a scene; timestamps are the server's own texts."""

    id: int
    title: str
    code: str
    details: str
    director: str
    urls: list[str]
    date: str | None
    rating100: int | None
    organized: bool
    created_at: str
    updated_at: str
    studio: Named | None
    performers: list[Named]
    tags: list[Named]
    files: list[FileDetail]


async def find_names(engine: AsyncEngine, kind: str, beginning: str, *, limit: int = 20) -> list[Named]:
    """Performers, studios or tags of which a word begins so; those whose name does come first."""
    model = _KINDS[kind]
    begins = model.name.istartswith(beginning, autoescape=True)
    wanted = or_(begins, model.name.icontains(f" {beginning}", autoescape=True))
    there = select(model.id, model.name).where(wanted)
    async with engine.connect() as connection:
        return await _read_names(connection, there.order_by(begins.desc(), model.name, model.id).limit(limit))


async def find_scenes(engine: AsyncEngine, query: str = "", *, after: int = 0, limit: int = 50) -> ScenePage:
    """Scenes with an id above `after`, whose title or a file's path holds `query` (ASCII letters in any case)."""
    found = _select_lines().where(Scene.id > after).limit(limit + 1)
    if query:
        in_a_path = select(SceneFile.scene_id).where(SceneFile.path.icontains(query, autoescape=True))
        found = found.where(or_(Scene.title.icontains(query, autoescape=True), Scene.id.in_(in_a_path)))
    async with engine.connect() as connection:
        lines = [SceneLine(*row) for row in (await connection.execute(found)).all()]
    more = len(lines) > limit
    return ScenePage(lines[:limit], lines[limit - 1].id if more else None)


async def scene_lines(engine: AsyncEngine, ids: Sequence[int]) -> list[SceneLine]:
    """The scenes with these ids, at most some hundreds; those that are not here are left out."""
    async with engine.connect() as connection:
        found = await connection.execute(_select_lines().where(Scene.id.in_(ids)))
        return [SceneLine(*row) for row in found.all()]


def _select_lines() -> Any:
    primary = (SceneFile.scene_id == Scene.id) & (SceneFile.position == 0)
    columns = (Scene.id, Scene.title, Scene.date, Studio.name, SceneFile.path, Scene.organized)
    found = select(*columns).outerjoin(Studio, Studio.id == Scene.studio_id).outerjoin(SceneFile, primary)
    return found.order_by(Scene.id)


async def find_scene(engine: AsyncEngine, scene_id: int) -> SceneDetail | None:
    """The scene with this id, or None."""
    async with engine.connect() as connection:
        row = (await connection.execute(select(Scene.__table__).where(Scene.id == scene_id))).mappings().one_or_none()
        if row is None:
            return None
        own = {name: value for name, value in row.items() if name not in ("studio_id", "needs_reading")}
        studios = await _read_names(connection, select(Studio.id, Studio.name).where(Studio.id == row["studio_id"]))
        return SceneDetail(
            **own,
            studio=studios[0] if studios else None,
            performers=await _read_names(
                connection,
                select(Performer.id, Performer.name)
                .join(scene_performer)
                .where(scene_performer.c.scene_id == scene_id)
                .order_by(Performer.name, Performer.id),
            ),
            tags=await _read_names(
                connection,
                select(Tag.id, Tag.name)
                .join(scene_tag)
                .where(scene_tag.c.scene_id == scene_id)
                .order_by(Tag.name, Tag.id),
            ),
            files=await _read_files(connection, scene_id),
        )


async def _read_names(connection: AsyncConnection, query: Select[int, str]) -> list[Named]:
    return [Named(number, name) for number, name in (await connection.execute(query)).all()]


async def _read_files(connection: AsyncConnection, scene_id: int) -> list[FileDetail]:
    columns = (
        SceneFile.path,
        SceneFile.size,
        SceneFile.duration,
        SceneFile.width,
        SceneFile.height,
        SceneFile.video_codec,
    )
    query = select(*columns).where(SceneFile.scene_id == scene_id).order_by(SceneFile.position)
    return [FileDetail(*row) for row in (await connection.execute(query)).all()]
