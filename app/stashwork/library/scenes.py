"""Copies scenes with files and links; reads those that the index, figures, or a removed tag say have changed."""

from collections.abc import AsyncGenerator, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import func, select, update

from stashwork.stash import Batch, IndexEntry, Parts
from stashwork.stash import Scene as ServerScene

from . import mirror
from .index import local_ids_above, local_index
from .mirror import SLICE, Written, slices
from .models import Scene
from .prefetch import as_it_is, meanwhile, prefetch
from .records import KnownIds, is_partial, scene_record
from .run import Run, ids_of, is_whole
from .sync_cursor import SyncCursor
from .undated import UndatedChanges

_PARTIAL = "it has links to items that were made during this sync; the next sync adds them"
_UNKNOWN = "the server has no scene with this id"
TRANSACTION = 100  # scenes; also how often progress is told at least
_AT_ONCE = 2  # requests: the server works on the next one while an answer is read
_HIGHEST_ID = 2**63 - 1


async def sync_scenes(
    run: Run, cursor: SyncCursor, undated: UndatedChanges, *, known: int, total: int
) -> dict[str, Any] | None:
    """Make the local scenes, of which so many are `known`, equal to the `total` of the server.

    A run with `force` reads all of them, whatever the index says. Returns the marks for the next sync.
    """
    steps = _StepWriter(run, total, done=cursor.scenes)
    sweep = _Sweep(run, cursor.after, force=run.result.force, parts=undated.parts, suspects=undated.scenes)
    async with (
        meanwhile(undated.expect_nothing()) as expected,
        prefetch(sweep.steps(), partial(_fetch, run), count=_AT_ONCE) as fetched,
    ):
        async for fetch in fetched:
            await steps.write(fetch)
            await cursor.advance(fetch.step.last_id, steps.done, run.result)
        await expected
    gone = await run.confirm_gone("scenes", sweep.gone, sweep.is_whole, run.client.scene_index())
    await _remove(run, gone, known)
    hidden = await undated.find_hidden(is_untouched=not steps.has_read and not gone)
    if hidden is not None:
        await _look_again(run, hidden)
    return await undated.next_marks()


async def _look_again(run: Run, parts: Parts) -> None:
    """Read the scenes of which these parts differ; all of them were counted before."""
    steps = _StepWriter(run, 0, again=True)
    sweep = _Sweep(run, _HIGHEST_ID, force=False, parts=parts)
    async with prefetch(sweep.steps(), partial(_fetch, run), count=_AT_ONCE) as fetched:
        async for fetch in fetched:
            await steps.write(fetch)


async def sync_some_scenes(run: Run, ids: Sequence[int]) -> None:
    """Read these scenes, changed or not; those that the server no longer has are removed here."""
    known, local = await count_scenes(run), await _local_ids(run, ids)
    steps = _StepWriter(run, len(ids))
    found: set[int] = set()
    async with prefetch(_steps_of(ids), partial(_fetch, run), count=_AT_ONCE) as fetched:
        async for fetch in fetched:
            await steps.write(fetch)
            found |= ids_of(fetch.batch)
    for scene_id in sorted(set(ids) - local - found):
        run.result.fail("scenes", scene_id, _UNKNOWN)
    lost = sorted(local - found)
    again = (run.client.scenes_by_id(part) for part in slices(lost, SLICE))
    gone = set(lost).difference(*[ids_of(await answer) for answer in again])
    await _remove(run, gone, known)


@dataclass(frozen=True, slots=True)
class _Step:
    """A stretch of ids up to `last_id`: so many scenes are as they are here, and these are wanted."""

    last_id: int
    unchanged: int
    wanted: list[int]


@dataclass(frozen=True, slots=True)
class _Fetched:
    """What a step wanted, and the server's time before it was `asked`."""

    step: _Step
    batch: Batch[ServerScene]
    asked: datetime


class _Sweep:
    """One pass over the ids of the server and ours, side by side and in their order.

    `after` is how far an interrupted run came: it has counted what is unchanged up to there, and read it all. Scenes
    are wanted where the `parts` differ, and `suspects` in any case.
    """

    def __init__(
        self, run: Run, after: int, *, force: bool, parts: Parts = Parts.DATES, suspects: Collection[int] = ()
    ) -> None:
        self.gone: set[int] = set()
        self.is_whole = True
        self._run = run
        self._after = after
        self._force = force
        self._parts = parts
        self._suspects = suspects

    async def steps(self) -> AsyncGenerator[_Step, None]:
        """Step after step."""
        lowest = 0
        async with prefetch(self._run.client.scene_index(self._parts), as_it_is, count=1) as pages:
            async for page in pages:
                self._run.count_rejected("scenes", page)
                await _doubt(self._run, page)
                self.is_whole = self.is_whole and is_whole(page)
                local = await local_index(self._run, self._parts, lowest, page.last_id())
                self.gone |= local.keys() - ids_of(page)
                for step in self._cut(page, local):
                    yield step
                lowest = page.last_id()
        self.gone |= await local_ids_above(self._run, lowest)

    def _cut(self, page: Batch[IndexEntry], local: dict[int, IndexEntry | None]) -> Iterator[_Step]:
        wanted: list[int] = []
        unchanged = 0
        for entry in page.items:
            was_read = entry.id <= self._after
            is_suspect = entry.id in self._suspects or (self._force and not was_read)
            if is_suspect or local.get(entry.id) != entry:
                wanted.append(entry.id)
            elif not was_read:
                unchanged += 1
            if len(wanted) == SLICE:
                yield _Step(entry.id, unchanged, wanted)
                wanted, unchanged = [], 0
        if wanted or unchanged:
            yield _Step(page.last_id(), unchanged, wanted)


class _StepWriter:
    """Writes step after step, and tells how far it is."""

    def __init__(self, run: Run, total: int, *, done: int = 0, again: bool = False) -> None:
        self.done = done
        self.has_read = False  # whether any scene was wanted
        self._again = again
        self._run = run
        self._known: KnownIds | None = None  # read when the first scene is to be written
        self._total = total

    async def write(self, fetched: _Fetched) -> None:
        """Store what was read, in transactions of a hundred scenes."""
        step, batch = fetched.step, fetched.batch
        self.has_read = self.has_read or bool(step.wanted)
        self._run.result.scenes.unchanged += step.unchanged
        self._run.count_rejected("scenes", batch)
        await _doubt(self._run, batch)
        await self._tell(step.unchanged)
        for part in slices(batch.items, TRANSACTION):
            await self._store(part, fetched.asked)
            await self._tell(len(part))
        await self._tell(len(step.wanted) - len(batch.items))

    async def _store(self, scenes: Sequence[ServerScene], asked: datetime) -> None:
        self._known = known = self._known or await _known_ids(self._run)
        records = {scene.id: scene_record(scene, known, asked) for scene in scenes}
        async with self._run.writer.begin() as connection:
            self._count(await mirror.SCENES.write(connection, list(records.values())))
        for scene in scenes:
            if is_partial(scene, known):
                self._run.result.fail("scenes", scene.id, _PARTIAL)

    def _count(self, written: Written) -> None:
        if self._again:  # these scenes are among the unchanged ones so far
            written = replace(written, unchanged=-written.created - written.updated)
        self._run.count("scenes", written)

    async def _tell(self, processed: int) -> None:
        if processed and not self._again:
            self.done += processed
            await self._run.progress(processed, f"Scenes {self.done:,} of {self._total:,}")


async def _steps_of(ids: Sequence[int]) -> AsyncGenerator[_Step, None]:
    for part in slices(ids, SLICE):
        yield _Step(part[-1], 0, part)


async def _fetch(run: Run, step: _Step) -> _Fetched:
    asked = run.client.server_time()
    return _Fetched(step, await run.client.scenes_by_id(step.wanted), asked)


async def _doubt(run: Run, batch: Batch[Any]) -> None:
    """Have the scenes read again that could not be read: no mark will tell of them a second time."""
    doubted = [item.id for item in batch.rejected if item.id is not None]
    for part in slices(doubted, SLICE):
        async with run.writer.begin() as connection:
            await connection.execute(update(Scene).where(Scene.id.in_(part)).values(needs_reading=True))


async def count_scenes(run: Run) -> int:
    """How many scenes are here."""
    async with run.reader.connect() as connection:
        return (await connection.scalar(select(func.count()).select_from(Scene))) or 0


async def _local_ids(run: Run, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    async with run.reader.connect() as connection:
        for part in slices(ids, SLICE):
            found.update((await connection.scalars(select(Scene.id).where(Scene.id.in_(part)))).all())
    return found


async def _known_ids(run: Run) -> KnownIds:
    async with run.reader.connect() as connection:
        return KnownIds(
            performers=await mirror.PERFORMERS.ids(connection),
            tags=await mirror.TAGS.ids(connection),
            studios=await mirror.STUDIOS.ids(connection),
        )


async def _remove(run: Run, gone: set[int], known: int) -> None:
    if gone:
        async with run.writer.begin() as connection:
            await run.remove(connection, "scenes", mirror.SCENES, gone, known)
