"""Writes the approved changes of a plan to the server, and takes them back."""

import asyncio
import logging
from collections.abc import Collection, Coroutine, Sequence
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from stashwork.library import ProgressCallback, SceneIdentity, ensure_same_library, no_progress, store_scenes
from stashwork.library.mirror import slices
from stashwork.stash import (
    RetryPolicy,
    Scene,
    StashClient,
    StashError,
    StashRefusedQuery,
    StashServerError,
    StashUnauthorized,
)

from .entities import ServerEntities, Unusable
from .journal import Journal, Row
from .lock import only_writer
from .models import Outcome
from .mutations import Group, document, group, split
from .results import MAX_NOTES, ApplyResult
from .three_way import Change, Direction, is_untouched, is_written, judge, live_ids, live_value, server_value
from .values import ENTITIES, LISTS, wanted_value

T = TypeVar("T")
PAGE = 50  # scenes that are read, written and read back together; a cancel waits for one page
_GONE = "the scene is no longer on the server"
_ANOTHER = "this number is another scene now"
_LOCKED = "database is locked"  # Stash is at work itself: no answer to what was asked
_CHANGED = {
    Direction.APPLY: "it was changed on the server since the analysis",
    Direction.UNDO: "it was changed on the server since the plan was applied",
}

_log = logging.getLogger(__name__)


class ApplyService:
    """Applies and undoes plans on one server; one at a time, others wait for their turn.

    Every page of scenes goes the same way: read what the server has, compare it with what the change was based on and
    what it proposes, note in the journal what will be written, write it, read it back, store what came of it. A
    process that is killed anywhere leaves notes by which the next one knows what to look at.

    >>> async with StashClient(url, key) as stash:
    ...     result = await ApplyService(engine, stash).apply_plan(1)
    """

    def __init__(self, engine: AsyncEngine, client: StashClient, *, retry: RetryPolicy | None = None) -> None:
        self._engine = engine
        self._client = client
        self._retry = retry or RetryPolicy()

    async def apply_plan(self, plan_id: int, progress_callback: ProgressCallback | None = None) -> ApplyResult:
        """Write what is approved and not written yet.

        A change whose scene has neither the base value nor the proposed one is left alone, as a conflict; so is one
        whose number is another scene now. Raises
        PlanNotFound, PlanNotReady, StashError if the server cannot be used or is another one, and what
        `progress_callback` raises; what was written by then is noted, and the next call goes on.
        """
        return await self._run(plan_id, Direction.APPLY, progress_callback or no_progress)

    async def undo_plan(self, plan_id: int, progress_callback: ProgressCallback | None = None) -> ApplyResult:
        """Take back what `apply_plan` wrote, where the scene still has it; raises what `apply_plan` raises.

        Performers, studios and tags that it made stay: they may be in use by now.
        """
        return await self._run(plan_id, Direction.UNDO, progress_callback or no_progress)

    async def _run(self, plan_id: int, direction: Direction, progress: ProgressCallback) -> ApplyResult:
        async with only_writer(self._engine):
            journal = Journal(self._engine, plan_id, direction)
            await journal.begin()
            writing = _Writing(self._client, journal, self._retry, ApplyResult(plan_id))
            try:
                await ensure_same_library(self._engine, self._client)
                await writing.write(progress)
            finally:
                writing.result.status = await _finish(journal.end())
            return await writing.collect_result()


class _Writing:
    """One run over the waiting changes of a plan."""

    def __init__(self, client: StashClient, journal: Journal, retry: RetryPolicy, result: ApplyResult) -> None:
        self.result = result
        self._client = client
        self._journal = journal
        self._direction = journal.direction
        self._retry = retry
        self._entities = ServerEntities(client, journal)
        self._about: dict[int, SceneIdentity] = {}  # what the numbers of the page's scenes stood for in the plan

    async def write(self, progress: ProgressCallback) -> None:
        """Write page after page of scenes, after what an interrupted run has announced."""
        await self._settle_open_entries()
        total, done, after = await self._journal.count_scenes(), 0, 0
        await progress(0, f"Scenes 0 of {total:,}", total=total)
        while rows := await self._journal.next_rows(after, PAGE):
            scenes = len({row["scene_id"] for row in rows})
            # A page is finished whatever happens: a cancel stops between pages.
            await _finish(self._write_page(rows))
            after, done = rows[-1]["scene_id"], done + scenes
            self.result.scenes += scenes
            await progress(scenes, f"Scenes {done:,} of {total:,}")

    async def collect_result(self) -> ApplyResult:
        """The result: outcomes are those of the whole plan, so a run that went on after a crash tells all."""
        for outcome, number in (await self._journal.counts()).items():
            setattr(self.result, outcome, number)
        for row in await self._journal.notes(MAX_NOTES):
            self.result.note(row["scene_id"], row["field"], row["outcome"], row["note"] or "")
        if self._direction == Direction.APPLY:
            self.result.created = [dict(row) for row in await self._journal.created_entities()]
        return self.result

    async def _write_page(self, rows: Sequence[Row]) -> None:
        await self._entities.load(row["field"] for row in rows)
        live = await self._read_live({row["scene_id"] for row in rows})
        changes = await self._judge(rows, live)
        if not changes:
            return
        async with self._journal.writer.begin() as connection:
            await self._journal.announce(connection, changes)
        await self._write(changes)

    async def _judge(self, rows: Sequence[Row], live: dict[int, Scene]) -> list[Change]:
        """The changes that have to be written; the outcome of the others is stored."""
        resolved = [(row, await self._resolve(row, live)) for row in rows]
        changes: list[Change] = []
        async with self._journal.writer.begin() as connection:
            for row, found in resolved:
                if isinstance(found, Change):
                    await self._journal.keep_id(connection, row, found.value)
                    changes += await self._to_write(connection, row, found, live[found.scene_id], changes)
                else:
                    await self._journal.settle(connection, row["id"], found[0], note=found[1])
            await store_scenes(connection, list(live.values()))
        return changes

    async def _resolve(self, row: Row, live: dict[int, Scene]) -> Change | tuple[Outcome, str]:
        """The change with the server's ids; or what came of it if it has none."""
        if (lost := self._lost(row["scene_id"], live)) is not None:
            return lost
        value = wanted_value(row)
        try:
            if row["field"] in ENTITIES and (self._direction == Direction.APPLY or value["id"] is None):
                value = {"id": await self._entities.server_id(row["field"], value)}
        except Unusable as error:
            return Outcome.GONE if error.is_gone else Outcome.FAILED, str(error)
        base = server_value(row["field"], row["base"])
        # After a conflict of the undo `live` is what a person put there, and no longer what the server made of ours.
        ours = row["outcome"] == Outcome.DONE and row["undo_outcome"] != Outcome.CONFLICT
        stored = row["live"] if ours else None
        return Change(
            row["id"], row["scene_id"], row["field"], row["action"], base, server_value(row["field"], value), stored
        )

    async def _to_write(
        self, connection: AsyncConnection, row: Row, change: Change, scene: Scene, others: Sequence[Change]
    ) -> list[Change]:
        outcome, note = judge(change, scene, self._direction), _CHANGED[self._direction]
        is_set = outcome is None and change.field not in LISTS
        if is_set and any((o.scene_id, o.field) == (change.scene_id, change.field) for o in others):
            outcome, note = Outcome.CONFLICT, "another change of this plan sets it"
        if outcome is None and self._direction == Direction.UNDO:
            outcome, note = self._judge_entities(row, change)
        if outcome is None:
            return [change]
        if outcome in (Outcome.CONFLICT, Outcome.GONE):
            live = self._found_value(change, scene) if outcome == Outcome.CONFLICT else None
            await self._journal.settle(connection, change.id, outcome, live, note)
        else:
            await self._journal.settle(connection, change.id, outcome, row["live"])
        return []

    def _judge_entities(self, row: Row, change: Change) -> tuple[Outcome | None, str]:
        """Whether the numbers that an undo writes still stand for the performer, tag or studio that they stood for."""
        value = wanted_value(row)
        try:
            for one in (value | {"id": change.value}, row["base"]) if row["field"] in ENTITIES else ():
                if one is not None:
                    self._entities.check(row["field"], one)
        except Unusable as error:
            return Outcome.GONE, str(error)
        return None, ""

    async def _write(self, changes: list[Change]) -> None:
        """Send until every change is settled: written, refused, or not to be told from the server's own changes."""
        groups = group(changes, self._direction)
        for attempt in range(1, self._retry.attempts + 1):
            refused, lost = await self._send(groups, changes)
            if lost is not None and attempt < self._retry.attempts:
                # Before the scenes are read, not after: what is edited during the pause must not be overwritten.
                await self._retry.sleep(self._retry.delay(attempt))
            after = await self._read(sorted({scene_id for one in groups for scene_id in one.scene_ids}))
            alone = {scene_id for one in groups if len(one.scene_ids) == 1 for scene_id in one.scene_ids}
            final = {scene_id: said for scene_id, said in refused.items() if scene_id in alone}
            left = await self._settle(changes, after, final, is_lost=lost is not None)
            changes = [change for change in changes if change.id in left]
            if not changes:
                return
            groups = group(changes, self._direction)
            groups = split(groups) if refused else groups
            if lost is not None:
                if attempt == self._retry.attempts:
                    raise lost
                _log.warning("writing again, for the answer was lost: %s", lost)
        await self._give_up(changes)

    async def _send(self, groups: list[Group], changes: Sequence[Change]) -> tuple[dict[int, str], StashError | None]:
        """What was refused, by scene, and the failure that leaves open what took place."""
        text, variables = document(groups)
        self.result.requests += 1
        try:
            answer = await self._client.mutate(text, variables)
        except (StashUnauthorized, StashRefusedQuery) as error:
            if isinstance(error, StashRefusedQuery) and not error.is_invalid:
                return {scene_id: str(error) for one in groups for scene_id in one.scene_ids}, None
            await self._withdraw(changes)
            raise
        except StashError as error:
            return {}, error
        if any(_LOCKED in str(error.get("message", "")) for error in answer.errors):
            return {}, StashServerError(f"Stash at {self._client.url} is busy ({_LOCKED}). Try again later.")
        return _refusals(groups, answer.errors), None

    async def _withdraw(self, changes: Sequence[Change]) -> None:
        """Close the entries of changes that were not written: the server did not even look at them."""
        async with self._journal.writer.begin() as connection:
            await self._journal.close(connection, {change.scene_id for change in changes})

    async def _settle(
        self, changes: Sequence[Change], after: dict[int, Scene], refused: dict[int, str], *, is_lost: bool
    ) -> set[int]:
        """Store the scenes and what came of their changes; returns the changes whose field is still as before."""
        left: set[int] = set()
        async with self._journal.writer.begin() as connection:
            for change in changes:
                if (lost := self._lost(change.scene_id, after)) is not None:
                    await self._journal.settle(connection, change.id, lost[0], note=lost[1])
                    continue
                scene = after[change.scene_id]
                if change.scene_id in refused and not is_written(change, scene, self._direction):
                    await self._journal.settle(connection, change.id, Outcome.FAILED, note=refused[change.scene_id])
                elif is_untouched(change, scene, self._direction):
                    left.add(change.id)
                elif is_lost and not is_written(change, scene, self._direction):
                    # Nobody says that it was us: it may be a person's edit, which an undo must not take away.
                    note = _CHANGED[self._direction]
                    live = self._found_value(change, scene)
                    await self._journal.settle(connection, change.id, Outcome.CONFLICT, live, note)
                else:
                    await self._settle_written(connection, change, scene)
            open_scenes = {change.scene_id for change in changes if change.id in left}
            await self._journal.close(connection, {change.scene_id for change in changes} - open_scenes)
            await store_scenes(connection, list(after.values()))
        return left

    async def _settle_written(self, connection: AsyncConnection, change: Change, scene: Scene) -> None:
        exact = is_written(change, scene, self._direction)
        stored = None if exact else self._found_value(change, scene)
        note = None if exact else "the server stored it in another form"
        await self._journal.settle(connection, change.id, Outcome.DONE, stored, note)

    async def _give_up(self, changes: Sequence[Change]) -> None:
        async with self._journal.writer.begin() as connection:
            for change in changes:
                note = "the server accepted it, and the scene is as before"
                await self._journal.settle(connection, change.id, Outcome.FAILED, note=note)
            await self._journal.close(connection, {change.scene_id for change in changes})

    async def _settle_open_entries(self) -> None:
        """What an interrupted run announced: see on the server whether it was written."""
        for entries in slices(await self._journal.open_entries(), PAGE):
            await _finish(self._settle_entries(entries))

    async def _settle_entries(self, entries: Sequence[Row]) -> None:
        live = await self._read_live({entry["scene_id"] for entry in entries})
        for entry in entries:
            journal = Journal(self._journal.engine, self._journal.plan_id, Direction(entry["direction"]))
            rows = await journal.rows(map(int, entry["changes"]))
            async with journal.writer.begin() as connection:
                for row in rows:
                    await self._settle_interrupted(connection, journal, row, entry, live)
                await journal.close(connection, [entry["scene_id"]])
        async with self._journal.writer.begin() as connection:
            await store_scenes(connection, list(live.values()))

    async def _settle_interrupted(
        self, connection: AsyncConnection, journal: Journal, row: Row, entry: Row, live: dict[int, Scene]
    ) -> None:
        noted = entry["changes"][str(row["id"])]
        change = Change(row["id"], row["scene_id"], row["field"], row["action"], noted["base"], noted["value"])
        if (lost := self._lost(entry["scene_id"], live)) is not None:
            await journal.settle(connection, change.id, lost[0], note=lost[1])
        elif is_written(change, live[entry["scene_id"]], journal.direction):
            await journal.settle(connection, change.id, Outcome.DONE)
        # Else it waits, as before: it is compared and written like any other.

    async def _read_live(self, ids: Collection[int]) -> dict[int, Scene]:
        """Scenes as the server has them; what their numbers stand for comes in the same answer as their values."""
        self._about = await self._journal.identities(ids)
        return await self._read(sorted(ids))

    def _lost(self, scene_id: int, live: dict[int, Scene]) -> tuple[Outcome, str] | None:
        """What comes of the changes of a scene that is gone, or is not the one that the plan was made from."""
        if scene_id not in live:
            return Outcome.GONE, _GONE
        about = self._about.get(scene_id)
        if about is None or not about.is_same(SceneIdentity.of(live[scene_id])):
            return Outcome.CONFLICT, _ANOTHER
        return None

    def _found_value(self, change: Change, scene: Scene) -> Any:
        """What the server has instead, in the form of the change's own values."""
        if change.field in LISTS:
            return list(live_ids(scene, change.field))
        live = live_value(scene, change.field)
        return live if live is None or change.field not in ENTITIES else self._entities.entity_value(change.field, live)

    async def _read(self, ids: Sequence[int]) -> dict[int, Scene]:
        batch = await self._client.scenes_by_id(ids)
        return {scene.id: scene for scene in batch.items}


def _refusals(groups: Sequence[Group], errors: Sequence[Any]) -> dict[int, str]:
    found: dict[int, str] = {}
    for error in errors:
        path = error.get("path") or [""]
        name = str(path[0])
        number = int(name[1:]) if name[1:].isdigit() else len(groups)
        for one in groups[number : number + 1]:
            found |= dict.fromkeys(one.scene_ids, str(error.get("message", "the server refused it")))
    return found


async def _finish(work: Coroutine[Any, Any, T]) -> T:
    """Finish the work although the task is cancelled, and pass the cancel on then."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled() and task.exception() is not None:
            _log.warning("while stopping: %s", task.exception())
        raise
