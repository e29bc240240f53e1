"""Copies scenes with files and links; reads those that the index, or a removed tag, says have changed."""

from collections.abc import AsyncIterator

from sqlalchemy import select

from stashwork.stash import Batch, IndexEntry
from stashwork.stash import Scene as ServerScene

from .entities import PERFORMERS, STUDIOS, TAGS
from .mirror import SLICE, Mirror, slices
from .models import Scene, SceneFile, scene_performer, scene_tag
from .records import KnownIds, Record, scene_record
from .run import Run

_PARTIAL = "it has links to items that were made during this sync; the next sync adds them"
TRANSACTION = 100  # scenes; also how often progress is told at least

_MIRROR = Mirror(
    Scene.__table__,
    [(SceneFile.__table__, "scene_id"), (scene_performer, "scene_id"), (scene_tag, "scene_id")],
)


async def sync_scenes(run: Run, *, force: bool) -> None:
    """Make the local scenes equal to the server's; `force` reads all of them, whatever the index says."""
    index = await run.client.scene_index()
    local = await _local_index(run)
    wanted = [entry.id for entry in index.items if local.get(entry.id) != entry.updated_at]
    everything = force or len(wanted) == len(index.items)
    steps = _Steps(run, await _known_ids(run), total=index.total)
    if not everything:
        await steps.skip(len(index.items) - len(wanted))
    async for page in run.client.scenes() if everything else _scenes_by_id(run, wanted):
        await steps.write(page)
    await _remove_gone(run, index, set(local))


class _Steps:
    """Writes page after page, and tells how far it is."""

    def __init__(self, run: Run, known: KnownIds, *, total: int) -> None:
        self._run = run
        self._known = known
        self._total = total
        self._done = 0

    async def skip(self, unchanged: int) -> None:
        self._run.result.scenes.unchanged += unchanged
        await self._tell(unchanged)

    async def write(self, page: Batch[ServerScene]) -> None:
        self._run.count_rejected("scenes", page)
        for part in slices(page.items, TRANSACTION):
            records = list({scene.id: scene_record(scene, self._known) for scene in part}.values())
            async with self._run.writer.begin() as connection:
                self._run.count("scenes", await _MIRROR.write(connection, records))
            self._count_partial(records)
            await self._tell(len(part))
        await self._tell(len(page.rejected))

    def _count_partial(self, records: list[Record]) -> None:
        for record in records:
            if record.row["needs_reading"]:
                self._run.result.fail("scenes", record.id, _PARTIAL)

    async def _tell(self, processed: int) -> None:
        if processed:
            self._done += processed
            await self._run.progress(processed, f"Scenes {self._done:,} of {self._total:,}")


async def _local_index(run: Run) -> dict[int, str | None]:
    """The server's `updated_at` for each local scene, or None where the scene must be read anyway."""
    query = select(Scene.id, Scene.updated_at, Scene.needs_reading, Scene.missing_since)
    async with run.reader.connect() as connection:
        rows = (await connection.execute(query)).all()
    return {row.id: None if row.needs_reading or row.missing_since else row.updated_at for row in rows}


async def _known_ids(run: Run) -> KnownIds:
    async with run.reader.connect() as connection:
        return KnownIds(
            performers=await PERFORMERS.mirror.ids(connection),
            tags=await TAGS.mirror.ids(connection),
            studios=await STUDIOS.mirror.ids(connection),
        )


async def _scenes_by_id(run: Run, ids: list[int]) -> AsyncIterator[Batch[ServerScene]]:
    for part in slices(ids, SLICE):
        yield await run.client.scenes_by_id(part)


async def _remove_gone(run: Run, index: Batch[IndexEntry], before: set[int]) -> None:
    gone: set[int] = await run.confirmed_gone("scenes", before, index, run.client.scene_index)
    if gone:
        async with run.writer.begin() as connection:
            await run.remove(connection, "scenes", _MIRROR, gone, len(before))
