"""Local scenes as the server's index has them, to be compared with it."""

from collections import defaultdict
from collections.abc import Callable

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from stashwork.stash import FilePart, IndexEntry, Links, Parts

from .models import Scene, SceneFile, scene_performer, scene_tag
from .run import Run


async def local_index(run: Run, parts: Parts, above: int, up_to: int) -> dict[int, IndexEntry | None]:
    """The scenes of a range of ids, or None where the scene must be read anyway."""
    columns = (Scene.id, Scene.created_at, Scene.updated_at, Scene.studio_id, Scene.needs_reading)
    query = select(*columns).where(Scene.id > above, Scene.id <= up_to)
    async with run.reader.connect() as connection:
        rows = (await connection.execute(query)).all()
        files = None if parts == Parts.DATES else await _read_files(connection, above, up_to)
        links = None if parts != Parts.LINKS else await _links(connection, above, up_to)
    index: dict[int, IndexEntry | None] = {}
    for scene_id, created_at, updated_at, studio_id, needs_reading in rows:
        its_files = None if files is None else tuple(files[scene_id])
        its_links = None if links is None else links(scene_id, studio_id)
        index[scene_id] = None if needs_reading else IndexEntry(scene_id, created_at, updated_at, its_files, its_links)
    return index


async def local_ids_above(run: Run, lowest: int) -> set[int]:
    """The scenes with a higher id."""
    async with run.reader.connect() as connection:
        return set((await connection.scalars(select(Scene.id).where(Scene.id > lowest))).all())


async def _read_files(connection: AsyncConnection, above: int, up_to: int) -> dict[int, list[FilePart]]:
    query = select(
        SceneFile.scene_id,
        SceneFile.file_id,
        SceneFile.path,
        SceneFile.size,
        SceneFile.mod_time,
        SceneFile.fingerprints,
    ).where(SceneFile.scene_id > above, SceneFile.scene_id <= up_to)
    files: dict[int, list[FilePart]] = defaultdict(list)
    for row in await connection.execute(query.order_by(SceneFile.scene_id, SceneFile.position)):
        fingerprints = tuple((kind, value) for kind, value in row.fingerprints)
        files[row.scene_id].append(FilePart(row.file_id, row.path, row.size, row.mod_time, fingerprints))
    return files


async def _links(connection: AsyncConnection, above: int, up_to: int) -> Callable[[int, int | None], Links]:
    performers = await _read_links(connection, scene_performer, above, up_to)
    tags = await _read_links(connection, scene_tag, above, up_to)
    return lambda scene, studio: Links(studio, tuple(sorted(performers[scene])), tuple(sorted(tags[scene])))


async def _read_links(connection: AsyncConnection, table: Table, above: int, up_to: int) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for scene, other in await connection.execute(
        select(table).where(table.c.scene_id > above, table.c.scene_id <= up_to)
    ):
        found[scene].append(other)
    return found
