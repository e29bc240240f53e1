"""The sync against a real HTTP demo and a real SQLite file."""

import asyncio
import contextlib
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Waits
from tests.stashwork.library.support import Server, Statements, in_tables, on_server, rows_changed, serving, small

from stashwork.database import open_database, writer
from stashwork.demo import DemoStash, Faults, Library, seeded_library, serve_demo
from stashwork.demo.library import LOCAL_TIME, Scene, VideoFile
from stashwork.demo.schema import NEW_VERSION, OLD_VERSION
from stashwork.library import (
    NO_LIMIT,
    DeletionLimit,
    SyncResult,
    SyncService,
    TooManyGone,
    close_interrupted_runs,
    library_counts,
    scenes,
    sync_cursor,
)
from stashwork.library.history import last_marks
from stashwork.library.store import empty_library
from stashwork.library.undated import EVERY
from stashwork.stash import (
    Batch,
    IndexEntry,
    Parts,
    Rejected,
    StashClient,
    StashRefusedQuery,
    StashServerError,
    StashUnreachable,
)

KINDS = ("performers", "tags", "studios", "scenes")


async def history(engine: AsyncEngine) -> list[tuple[str, str, str | None]]:
    async with engine.connect() as connection:
        rows = await connection.execute(text("SELECT job_id, status, error FROM sync_history ORDER BY id"))
        assert not (await connection.execute(text("PRAGMA foreign_key_check"))).all()
        return [(row.job_id, row.status, row.error) for row in rows]


def numbers(result: SyncResult, name: str) -> list[int]:
    return [getattr(result.counts(kind), name) for kind in KINDS]


# Copying


@pytest.mark.parametrize("version", [OLD_VERSION, NEW_VERSION])
async def test_the_first_sync_copies_the_whole_library(engine: AsyncEngine, version: str) -> None:
    async with serving(engine, seeded_library(), version=version) as server:
        result = await server.sync()
        assert await in_tables(engine) == on_server(server.library)
    assert numbers(result, "created") == [300, 150, 40, 2000]
    assert result.scenes.failed == 0
    assert result.summary() == "2,000 scenes: 2,000 created"
    assert result.dict()["scenes"]["created"] == 2000
    assert await history(engine) == [("job", "completed", None)]


@pytest.mark.parametrize(("version", "undated"), [(OLD_VERSION, 1), (NEW_VERSION, 3)])
async def test_a_second_sync_finds_nothing_new_and_writes_nothing(
    engine: AsyncEngine, version: str, undated: int
) -> None:
    async with serving(engine, version=version) as server:
        await server.sync()
        requests, statements, rows = server.demo.requests, Statements(engine), await rows_changed(engine)
        result = await server.sync()
        assert numbers(result, "unchanged") == [40, 30, 12, 230]
        assert statements.writes == []
        assert await rows_changed(engine) - rows == 2, "the run's own row in the history: begun, and ended"
        # whether it is the same library, counts, three kinds, the index; and what is not dated
        assert server.demo.requests - requests == 6 + undated
        forced = await server.sync(force=True)
        assert numbers(forced, "unchanged") == [40, 30, 12, 230]
        assert statements.writes == []


async def test_an_empty_library_is_copied_too(engine: AsyncEngine) -> None:
    async with serving(engine, seeded_library(0, 0, 0, 0)) as server:
        result = await server.sync()
    assert numbers(result, "created") == [0, 0, 0, 0]
    assert result.summary() == "0 scenes: nothing to do"


@pytest.mark.parametrize("page_size", [1, 7, 100, 230])
async def test_pages_of_any_size_copy_the_same(engine: AsyncEngine, page_size: int) -> None:
    async with serving(engine, small(23), page_size=page_size) as server:
        await server.sync()
        assert await in_tables(engine) == on_server(server.library)


async def test_progress_tells_all_items_at_least_every_hundred_scenes(engine: AsyncEngine) -> None:
    told: list[tuple[int, str | None, int | None]] = []

    async def progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
        told.append((processed, message, total))

    async with serving(engine) as server:
        await server.sync(progress=progress)
    assert told[0] == (0, "Found 230 scenes", 312)
    assert [message for _, message, _ in told[1:]] == [
        "Performers 40 of 40",
        "Tags 30 of 30",
        "Studios 12 of 12",
        "Scenes 100 of 230",
        "Scenes 200 of 230",
        "Scenes 230 of 230",
    ]
    assert sum(processed for processed, _, _ in told) == 312


async def test_the_local_library_is_counted(engine: AsyncEngine) -> None:
    empty = await library_counts(engine)
    assert (empty.scenes, empty.last_sync) == (0, None)
    async with serving(engine) as server:
        await server.sync()
    counts = await library_counts(engine)
    assert (counts.scenes, counts.performers, counts.tags, counts.studios) == (230, 40, 30, 12)
    assert counts.last_sync is not None
    assert (counts.last_sync.job_id, counts.last_sync.status) == ("job", "completed")
    assert counts.last_sync.result is not None
    assert counts.last_sync.result["scenes"]["created"] == 230


# Changes on the server


def rename(library: Library) -> None:
    library.update_tag({"id": "1", "name": "Renamed"})
    library.update_performer({"id": "1", "disambiguation": "weaver"})
    library.update_studio({"id": "1", "parent_id": None, "aliases": []})


def edit(library: Library) -> None:
    library.update_scenes([{"id": "5", "title": "New", "tag_ids": ["2", "1"], "performer_ids": [], "urls": []}])
    library.bulk_update_scenes({"ids": ["6", "7"], "tag_ids": {"ids": ["3"], "mode": "ADD"}})


def add(library: Library) -> None:
    tag = library.create_tag({"name": "Brand new"})
    library.create_scene(title="Fresh", tags=[tag], performers=[library.performers[2]])


def destroy(library: Library) -> None:
    library.destroy_tag("4")
    library.destroy_performer("4")
    library.destroy_studio("4")
    library.destroy_scene("4")


def merge(library: Library) -> None:
    """The scenes of one tag get another one instead, and no date changes: as a real server merges tags."""
    source, target = library.tags[6], library.tags[7]
    for scene in library.scenes.values():
        if source in scene.tags and target not in scene.tags:
            scene.tags.append(target)
    library.destroy_tag("6")


def replace_files(library: Library) -> None:
    library.scenes[8].files = [*library.scenes[9].files, *library.scenes[8].files]
    library.update_scenes([{"id": "8"}])


CHANGES: list[Callable[[Library], None]] = [rename, edit, add, destroy, merge, replace_files]


VERSIONS = [OLD_VERSION, NEW_VERSION]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("change", CHANGES)
async def test_changes_are_found(engine: AsyncEngine, change: Callable[[Library], None], version: str) -> None:
    async with serving(engine, version=version, page_size=100) as server:
        await server.sync()
        change(server.library)
        result = await server.sync()
        assert await in_tables(engine) == on_server(server.library)
        assert sum(numbers(result, "unchanged")) > 250
        again = await server.sync()
    assert sum(sum(numbers(again, name)) for name in ("created", "updated", "removed", "failed")) == 0


async def test_an_edit_that_changes_nothing_still_brings_the_new_timestamp(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        server.library.update_scenes([{"id": "5"}])
        assert (await server.sync()).scenes.updated == 1
        assert await in_tables(engine) == on_server(server.library)


async def test_force_finds_what_the_server_does_not_date(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        server.library.scenes[5].title = "Changed behind the server's back"
        assert (await server.sync()).scenes.updated == 0
        assert (await server.sync(force=True)).scenes.updated == 1
        assert await in_tables(engine) == on_server(server.library)


async def test_force_repairs_rows_that_something_else_changed(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        async with writer(engine).begin() as connection:
            await connection.execute(text("UPDATE scene SET title = 'broken' WHERE id < 10"))
            await connection.execute(text("DELETE FROM scene_tag"))
            await connection.execute(text("DELETE FROM scene_file WHERE scene_id = 20"))
        await server.sync(force=True)
        assert await in_tables(engine) == on_server(server.library)


async def test_a_tag_made_during_the_sync_comes_with_the_next(engine: AsyncEngine) -> None:
    async with serving(engine) as server:

        async def progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
            if message == "Studios 12 of 12":
                tag = server.library.create_tag({"name": "Meanwhile"})
                server.library.update_scenes([{"id": "3", "tag_ids": [tag.id]}])

        result = await server.sync(progress=progress)
        assert [(failure.kind, failure.id) for failure in result.failures] == [("scenes", 3)]
        assert (await server.sync()).scenes.updated == 1
        assert await in_tables(engine) == on_server(server.library)


# Changes that the server does not date in the scene


def rename_file(library: Library, rng: Random) -> None:
    file = _some_file(library, rng)
    library.move_file(file, f"{file.path.rpartition('/')[0]}/renamed {rng.random()}.mp4")


def move_file(library: Library, rng: Random) -> None:
    library.move_file(_some_file(library, rng), f"/media/elsewhere/{rng.random()}.mp4")


def rename_folder(library: Library, rng: Random) -> None:
    library.rename_folder(_some_file(library, rng).path.rpartition("/")[0], f"/media/renamed {rng.random()}")


def rename_upper_folder(library: Library, rng: Random) -> None:
    path = next(file.path for file in _files_of(library) if file.path.count("/") > 3)
    library.rename_folder(path.rpartition("/")[0].rpartition("/")[0], f"/media/upper {rng.random()}/below")


def delete_file(library: Library, rng: Random) -> None:
    library.destroy_file(_some_file(library, rng))


def give_file(library: Library, rng: Random) -> None:
    library.assign_file(_some_file(library, rng), _some_scene(library, rng))


def merge_scenes(library: Library, rng: Random) -> None:
    source, destination = _some_scene(library, rng), _some_scene(library, rng)
    if source is not destination:
        library.merge_scenes(source, destination)


def merge_and_keep_the_better_file(library: Library, rng: Random) -> None:
    source, destination = rng.sample([scene for scene in library.scenes.values() if len(scene.files) == 1], 2)
    worse = destination.files[0]
    library.merge_scenes(source, destination)
    library.destroy_file(worse)


def scan(library: Library, rng: Random) -> None:
    library.scan(f"/media/new/{rng.random()}.mp4", size=rng.randrange(10**9))


def edit_some(library: Library, rng: Random) -> None:
    library.update_scenes([{"id": _some_scene(library, rng).id, "title": str(rng.random()), "tag_ids": ["2"]}])


def auto_tag(library: Library, rng: Random) -> None:
    scene = next(scene for scene in library.scenes.values() if scene.studio is None and len(scene.tags) < 3)
    tags, performers = rng.sample(list(library.tags.values()), 4), rng.sample(list(library.performers.values()), 4)
    library.auto_tag(scene, tags=tags, performers=performers, studio=next(iter(library.studios.values())))


def auto_tag_while_somebody_takes_the_tag_elsewhere(library: Library, rng: Random) -> None:
    tagged = next(scene for scene in library.scenes.values() if scene.tags)
    without = next(scene for scene in library.scenes.values() if not scene.tags)
    library.auto_tag(without, tags=tagged.tags[:1])
    library.update_scenes([{"id": tagged.id, "tag_ids": [tag.id for tag in tagged.tags[1:]]}])


def _files_of(library: Library) -> list[VideoFile]:
    return [file for scene in library.scenes.values() for file in scene.files]


def _some_file(library: Library, rng: Random) -> VideoFile:
    return rng.choice(_files_of(library))


def _some_scene(library: Library, rng: Random) -> Scene:
    return rng.choice(list(library.scenes.values()))


Undated = Callable[[Library, Random], None]
FILE_CHANGES: list[Undated] = [
    rename_file,
    move_file,
    rename_folder,
    rename_upper_folder,
    delete_file,
    give_file,
    merge_scenes,
    merge_and_keep_the_better_file,
    scan,
]
LINK_CHANGES: list[Undated] = [auto_tag, auto_tag_while_somebody_takes_the_tag_elsewhere]  # v0.22 only
UNDATED = [(version, change) for version in VERSIONS for change in FILE_CHANGES]
UNDATED += [(OLD_VERSION, change) for change in LINK_CHANGES]


@pytest.mark.parametrize(("version", "change"), UNDATED)
async def test_a_change_without_a_date_is_found(engine: AsyncEngine, version: str, change: Undated) -> None:
    async with serving(engine, version=version, page_size=100) as server:
        await server.sync()
        await server.sync()
        change(server.library, Random(1))
        result = await server.sync()
        assert await in_tables(engine) == on_server(server.library)
        assert sum(getattr(result.scenes, name) for name in ("created", "updated", "removed")) > 0
        assert result.scenes.created + result.scenes.updated + result.scenes.unchanged == len(server.library.scenes)
        again = await server.sync()
    assert sum(sum(numbers(again, name)) for name in ("created", "updated", "removed", "failed")) == 0


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("seed", range(4))
async def test_any_sequence_of_changes_is_found(engine: AsyncEngine, version: str, seed: int) -> None:
    rng = Random(seed)
    changes = [*FILE_CHANGES, *FILE_CHANGES, edit_some, *(LINK_CHANGES if version == OLD_VERSION else ())]
    async with serving(engine, version=version, page_size=100) as server:
        await server.sync()
        for turn in range(2 * EVERY + 2):
            for change in rng.choices(changes, k=rng.randint(1, 4)):
                change(server.library, rng)
            await server.sync()
            assert await in_tables(engine) == on_server(server.library), turn


class Interrupting(StashClient):
    """Has somebody change the server in the moment before it is asked something for the `turn`-th time."""

    change: Callable[[], None] | None = None
    name, turn = "", 1

    async def query(self, document: str, *arguments: Any) -> Any:
        if self.change is not None and document.startswith(f"query {self.name}("):
            self.turn -= 1
            if not self.turn:
                self.change, change = None, self.change
                change()
        return await super().query(document, *arguments)


@pytest.mark.parametrize(
    ("name", "turn"),
    [
        ("Performers", 1),
        ("FileDates", 1),
        ("ChangedFiles", 1),
        ("FileFigures", 1),
        ("SceneIndex", 1),
        ("SceneIndex", 2),
    ],
)
async def test_a_change_during_a_sync_is_found_by_it_or_by_the_next(engine: AsyncEngine, name: str, turn: int) -> None:
    demo, rng = DemoStash(small(120), version=NEW_VERSION), Random(turn)
    async with serve_demo(demo) as url, Interrupting(url, index_page=70) as stash:
        await SyncService(engine, stash).sync_all("job")
        for change in FILE_CHANGES:
            stash.name, stash.turn, stash.change = name, turn, partial(change, demo.library, rng)
            await SyncService(engine, stash).sync_all("job")
            assert stash.change is None, "it was not asked"
            await SyncService(engine, stash).sync_all("job")
            assert await in_tables(engine) == on_server(demo.library), change


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_second_edit_in_the_same_second_is_found(engine: AsyncEngine, version: str) -> None:
    moment = datetime.now(LOCAL_TIME) + timedelta(minutes=1)
    async with serving(engine, version=version) as server:
        await server.sync()
        server.library.use_clock(lambda: moment)
        file = server.library.scenes[9].files[0]
        for turn in ("first", "second", "third"):
            server.library.update_scenes([{"id": "5", "title": turn}])
            server.library.move_file(file, f"/media/{turn}.mp4")
            assert (await server.sync()).scenes.updated == 2
            assert await in_tables(engine) == on_server(server.library)
        assert (await server.sync()).scenes.updated == 0


async def test_what_changed_long_ago_is_not_read_again(engine: AsyncEngine) -> None:
    async with serving(engine, version=NEW_VERSION) as server:
        await server.sync()
        async with engine.connect() as connection:
            assert not (await connection.scalars(text("SELECT id FROM scene WHERE needs_reading"))).all()


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("cancel_at", [8, 12, 16, 20, 24, 28, 32])
async def test_a_cancel_loses_no_change_without_a_date(engine: AsyncEngine, version: str, cancel_at: int) -> None:
    rng = Random(cancel_at)
    async with serving(engine, version=version, page_size=100) as server:
        await server.sync()
        for change in [rename_folder, delete_file, give_file, merge_scenes, merge_and_keep_the_better_file, move_file]:
            change(server.library, rng)
        with contextlib.suppress(asyncio.CancelledError):
            statements = Statements(engine, cancel_at)
            statements.task = asyncio.create_task(server.sync())
            await statements.task
        statements.task = None
        await server.sync()
        assert await in_tables(engine) == on_server(server.library)


async def test_a_scene_that_could_not_be_read_when_its_file_changed_is_read_later(engine: AsyncEngine) -> None:
    async with serving(engine, version=NEW_VERSION) as server:
        await server.sync()
        server.library.move_file(server.library.scenes[7].files[0], "/media/moved.mp4")
        server.demo.faults.malformed_scene = 7
        assert (await server.sync()).scenes.failed == 1
        server.library.move_file(server.library.scenes[8].files[0], "/media/too.mp4")
        server.library.scenes[8].files[0].updated_at = "2090-01-01T00:00:00-05:00"
        assert (await server.sync()).scenes.failed == 1
        server.demo.faults.malformed_scene = None
        assert (await server.sync()).scenes.updated == 1
        assert await in_tables(engine) == on_server(server.library)


async def test_a_file_dated_in_the_future_hides_no_later_change(engine: AsyncEngine) -> None:
    async with serving(engine, version=NEW_VERSION) as server:
        server.library.scenes[8].files[0].updated_at = "2090-01-01T00:00:00-05:00"
        await server.sync()
        server.library.move_file(server.library.scenes[7].files[0], "/media/moved.mp4")
        await server.sync()
        assert await in_tables(engine) == on_server(server.library)


async def test_files_exchanged_by_two_scenes_are_found_by_the_sync_that_looks_at_all(engine: AsyncEngine) -> None:
    """No date and no figure tells of it."""
    async with serving(engine, version=NEW_VERSION) as server:
        await server.sync()
        one, other = (scene for scene in server.library.scenes.values() if scene.id in ("5", "6"))
        one.files, other.files = other.files, one.files
        updated = [(await server.sync()).scenes.updated for _ in range(EVERY)]
        assert updated == [0] * (EVERY - 1) + [2]
        assert await in_tables(engine) == on_server(server.library)


@pytest.mark.parametrize("refused", ["FileDates", "ChangedFiles", "FileFigures"])
async def test_a_server_that_does_not_say_what_changed_is_compared_whole(engine: AsyncEngine, refused: str) -> None:
    class Refusing(StashClient):
        async def query(self, document: str, *arguments: Any) -> Any:
            if document.startswith(f"query {refused}("):
                raise StashRefusedQuery("unsupported")
            return await super().query(document, *arguments)

    demo = DemoStash(small(), version=NEW_VERSION)
    async with serve_demo(demo) as url, Refusing(url) as stash:
        await SyncService(engine, stash).sync_all("job")
        rename_folder(demo.library, Random(1))
        give_file(demo.library, Random(2))
        result = await SyncService(engine, stash).sync_all("job")
        assert await in_tables(engine) == on_server(demo.library)
        assert result.warnings == ["What changed could not be asked, so all was compared: unsupported"]


async def test_a_new_library_forgets_the_marks_of_the_old_one(engine: AsyncEngine) -> None:
    async with serving(engine, version=NEW_VERSION) as server:
        await server.sync()
        assert await last_marks(engine) == {
            "dates": {"files": max(file.updated_at for file in _files_of(server.library)), "folders": ""},
            "excess": 0.0,
            "since": 0,
        }
        await empty_library(writer(engine))
        assert await last_marks(engine) is None


# Removals


async def too_many_gone(work: Any) -> str:
    with pytest.raises(TooManyGone) as caught:
        await work
    return str(caught.value)


async def test_a_sync_that_would_remove_suspiciously_many_scenes_stops(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        before = await in_tables(engine)
        taken = {number: server.library.scenes.pop(number) for number in range(1, 48)}  # of 230: more than 20 %
        assert await too_many_gone(server.sync()) == (
            f"47 of 230 scenes are no longer on Stash at {server.stash.url}. That is more than the deletion limit, so "
            "none were removed, and the sync was stopped. If they are meant to be gone, allow that (stashwork sync "
            "--allow-removals); if it is a new library, start anew: the local copy is made again, and old plans are "
            "closed (stashwork sync --new-library)."
        )
        assert await in_tables(engine) == before
        assert (await library_counts(engine)).last_sync.code == "too_many_gone"  # type: ignore[union-attr]
        server.library.scenes = dict(sorted((server.library.scenes | taken).items()))
        assert (await server.sync()).scenes.unchanged == 230
        assert await in_tables(engine) == on_server(server.library)


async def test_up_to_the_share_scenes_are_removed_and_a_higher_limit_removes_more(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        for number in range(1, 47):  # of 230: just 20 %
            server.library.destroy_scene(str(number))
        assert (await server.sync()).scenes.removed == 46
        server.library.scenes.clear()
        assert "184 of 184 scenes" in await too_many_gone(server.sync())
        assert (await server.sync(deletion_limit=DeletionLimit(share=1.0))).scenes.removed == 184
        assert await in_tables(engine) == on_server(server.library)


async def test_an_empty_answer_empties_no_library_however_small(engine: AsyncEngine) -> None:
    async with serving(engine, seeded_library(scenes=2, performers=0, tags=0, studios=0)) as server:
        await server.sync()
        server.library.scenes.clear()
        assert "2 of 2 scenes" in await too_many_gone(server.sync())


async def test_the_deletion_limit_guards_tags_too(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        tags = dict(server.library.tags)
        server.library.tags.clear()
        assert "30 of 30 tags" in await too_many_gone(server.sync())
        server.library.tags.update(tags)
        await server.sync()
        assert await in_tables(engine) == on_server(server.library)


@pytest.mark.parametrize(
    ("share", "always", "gone", "known", "exceeded"),
    [
        (0.2, 10, 10, 10, True),
        (0.2, 10, 10, 11, False),
        (0.2, 10, 1, 1, False),
        (0.2, 10, 11, 11, True),
        (0.2, 10, 20, 100, False),
        (0.2, 10, 21, 100, True),
        (0, 0, 1, 9, True),
        (1, 0, 9, 9, False),
    ],
)
def test_the_deletion_limit_is_a_share_or_a_few(
    share: float, always: int, gone: int, known: int, exceeded: bool
) -> None:
    assert DeletionLimit(share, always).is_exceeded(gone=gone, known=known) is exceeded


@pytest.mark.parametrize(("share", "always"), [(-0.1, 1), (1.1, 1), (0.5, -1)])
def test_a_deletion_limit_that_makes_no_sense_is_refused(share: float, always: int) -> None:
    with pytest.raises(ValueError, match="share must be"):
        DeletionLimit(share, always)


class ForgetfulClient(StashClient):
    """Its index lacks the first scene as often as it is told, and may say the wrong number of scenes."""

    forget = 0
    miscount = 0

    async def scene_index(self, parts: Parts = Parts.DATES) -> AsyncIterator[Batch[IndexEntry]]:
        async for index in super().scene_index(parts):
            if self.forget:
                self.forget -= 1
                yield Batch(index.items[1:], (), index.total - 1 + self.miscount)
            else:
                yield index


async def test_one_wrong_answer_removes_nothing(engine: AsyncEngine) -> None:
    async with serve_demo(DemoStash(small(20))) as url, ForgetfulClient(url) as stash:
        service = SyncService(engine, stash)
        await service.sync_all("job")
        stash.forget = 1
        assert (await service.sync_all("job")).scenes.removed == 0
        stash.forget, stash.miscount = 2, 1
        result = await service.sync_all("job")
        assert result.scenes.removed == 0
        assert result.warnings == ["The server's list of scenes was not whole, so none were removed."]
        stash.forget, stash.miscount = 2, 0
        assert (await service.sync_all("job")).scenes.removed == 1


# Interruptions


@pytest.mark.parametrize("cancel_at", [1, 2, 4, 7, 9, 13, 18, 24, 30, 36, 42, 48])
async def test_a_sync_cancelled_at_any_statement_can_be_run_again(engine: AsyncEngine, cancel_at: int) -> None:
    async with serving(engine, faults=Faults(latency=0.001), page_size=50) as server:
        await cancelled_sync(server, cancel_at)
        expected, found = on_server(server.library), await in_tables(engine)
        for kind, rows in found.items():
            assert rows.items() <= expected[kind].items(), "what is there must be right"
        result = await server.sync()
        assert await in_tables(engine) == expected
        assert result.scenes.created + result.scenes.unchanged == 230
    assert [status for _, status, _ in await history(engine)] in (
        ["cancelled", "completed"],
        ["completed"],
    )


@pytest.mark.parametrize("cancel_at", [3, 8, 12, 16, 20, 24, 28])
async def test_a_cancel_amid_removals_loses_no_change(engine: AsyncEngine, cancel_at: int) -> None:
    """No date tells of the merge: if the tag's scenes were forgotten here, no later sync would see it."""
    async with serving(engine) as server:
        await server.sync()
        for change in CHANGES:
            change(server.library)
        await cancelled_sync(server, cancel_at)
        await server.sync()
        assert await in_tables(engine) == on_server(server.library)


async def cancelled_sync(server: Server, cancel_at: int) -> None:
    statements = Statements(server.engine, cancel_at)
    statements.task = asyncio.create_task(server.sync())
    with pytest.raises(asyncio.CancelledError):
        await statements.task
    assert statements.count >= cancel_at
    statements.task = None


async def test_what_was_copied_before_a_cancel_is_not_read_again(engine: AsyncEngine) -> None:
    async with serving(engine) as server:

        async def progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
            if message == "Scenes 200 of 230":
                raise InterruptedError

        with pytest.raises(InterruptedError):
            await server.sync(progress=progress)
        result = await server.sync()
        assert (result.scenes.unchanged, result.scenes.created) == (200, 30)
        assert await in_tables(engine) == on_server(server.library)
    assert [status for _, status, _ in await history(engine)] == ["failed", "completed"]


KILLED = """
import asyncio, sys
from pathlib import Path
from stashwork.database import open_database
from stashwork.library import SyncService
from stashwork.stash import StashClient

async def tell(processed=1, message=None, *, total=None):
    print(message, flush=True)

async def main(folder, url):
    async with open_database(Path(folder)) as engine, StashClient(url, index_page=20) as stash:
        await SyncService(engine, stash).sync_all("killed", progress_callback=tell)

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("kill_after", ["Found", "Performers", "Studios", "Scenes 60 of"])
async def test_a_killed_sync_can_be_run_again(tmp_path: Path, kill_after: str) -> None:
    demo = DemoStash(small(), faults=Faults(latency=0.005))
    async with serve_demo(demo) as url:
        command = (sys.executable, "-c", KILLED, str(tmp_path), url)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        assert process.stdout is not None
        while not (await process.stdout.readline()).decode().startswith(kill_after):
            assert not process.stdout.at_eof()
        os.kill(process.pid, signal.SIGKILL)
        await process.communicate()
        async with open_database(tmp_path) as engine, StashClient(url) as stash:
            assert await history(engine) == [("killed", "running", None)]
            await SyncService(engine, stash).sync_all("next")
            assert await in_tables(engine) == on_server(demo.library)
            assert await history(engine) == [("killed", "interrupted", None), ("next", "completed", None)]


async def test_rows_that_a_crash_left_running_can_be_closed_at_the_start(engine: AsyncEngine) -> None:
    async with writer(engine).begin() as connection:
        row = "INSERT INTO sync_history (job_id, force, status, started_at) VALUES ('old', 0, 'running', 'x')"
        await connection.execute(text(row))
    assert await close_interrupted_runs(engine) == 1
    assert await close_interrupted_runs(engine) == 0
    assert await history(engine) == [("old", "interrupted", None)]


class Kept:
    """Keeps a run's checkpoints as a job does, through JSON; each is one second after the one before."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.restored: Any = None
        seconds = itertools.count()
        monkeypatch.setattr(sync_cursor, "monotonic", lambda: float(next(seconds)))

    async def checkpoint(self, value: Any) -> None:
        self.restored = json.loads(json.dumps(value))


@pytest.mark.parametrize("force", [False, True])
async def test_a_run_that_was_interrupted_goes_on_at_its_checkpoint(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch, force: bool
) -> None:
    """Found, read and told are the same as in one run; what was read is not asked for again, not even by force."""
    kept, told, interrupted = Kept(monkeypatch), 0, False
    monkeypatch.setattr(scenes, "SLICE", 50)

    async def progress(processed: int = 1, message: str | None = None, *, total: int | None = None) -> None:
        nonlocal told, interrupted
        if message == "Scenes 150 of 230" and not interrupted:
            interrupted = True
            raise InterruptedError
        told += processed

    async with serving(engine) as server:
        if force:
            await server.sync()
        with pytest.raises(InterruptedError):
            await server.sync(force=force, progress=progress, kept=kept)
        server.library.update_scenes([{"id": "7", "title": "Meanwhile"}])
        requests = server.demo.requests
        assert kept.restored["after"] == 100
        told = 82 + kept.restored["scenes"]  # as the job's progress is set back to the checkpoint
        result = await server.sync(force=force, progress=progress, kept=kept)
        assert await in_tables(engine) == on_server(server.library)
        assert numbers(result, "unchanged") == ([40, 30, 12, 230] if force else [0, 0, 0, 50])
        assert numbers(result, "created") == ([0, 0, 0, 0] if force else [40, 30, 12, 180])
        assert result.scenes.updated == 1
        assert told == 82 + 230 + 1, "the changed scene was read twice"
        assert server.demo.requests - requests <= 6 + 3


# Some scenes


async def test_some_scenes_are_read_whatever_their_date_says(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        for number in (5, 6, 7):
            server.library.scenes[number].title = "Changed behind the server's back"
        tag = server.library.create_tag({"name": "Brand new"})
        server.library.scenes[5].tags.append(tag)
        result = await server.sync_scenes(6, 5, 5, 100)
        assert (result.scenes.updated, result.scenes.unchanged, result.tags.created) == (2, 1, 1)
        server.library.scenes[7].title = (await in_tables(engine))["scene"][7][0][0]
        assert await in_tables(engine) == on_server(server.library)


async def test_some_scenes_that_are_gone_are_removed_and_unknown_ones_are_told(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        server.library.destroy_scene("9")
        result = await server.sync_scenes(8, 9, 4711)
        assert (result.scenes.unchanged, result.scenes.removed) == (1, 1)
        assert [(failure.id, failure.reason) for failure in result.failures] == [
            (4711, "the server has no scene with this id")
        ]
        assert await in_tables(engine) == on_server(server.library)


async def test_the_deletion_limit_guards_scenes_that_were_asked_for_by_id(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        await server.sync()
        for number in range(1, 61):
            server.library.destroy_scene(str(number))
        assert "60 of 230 scenes" in await too_many_gone(server.sync_scenes(*range(1, 61)))
        assert (await server.sync(deletion_limit=NO_LIMIT)).scenes.removed == 60
        assert await in_tables(engine) == on_server(server.library)


async def test_ids_that_are_none_are_refused(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        with pytest.raises(ValueError, match="0 is no id of a scene"):
            await server.sync_scenes(3, 0)
        assert (await server.sync_scenes()).scenes.failed == 0


# Faults and hostile content


@pytest.mark.parametrize("faults", [Faults(fail_every=3), Faults(drop_every=3), Faults(fail_every=4, drop_every=3)])
async def test_faults_that_pass_are_survived(engine: AsyncEngine, faults: Faults) -> None:
    async with serving(engine, faults=faults, page_size=20) as server:
        result = await server.sync()
        assert await in_tables(engine) == on_server(server.library)
    assert sum(numbers(result, "failed")) == 0


async def test_a_server_that_stays_away_ends_the_sync_with_one_sentence(engine: AsyncEngine) -> None:
    async with serving(engine) as server:
        server.demo.faults.fail_every = 1
        with pytest.raises(StashServerError):
            await server.sync()
    found = await history(engine)
    assert found[0][:2] == ("job", "failed")
    assert "not available (HTTP 503)" in str(found[0][2])


async def test_a_server_that_went_away_is_told_in_the_history(engine: AsyncEngine) -> None:
    async with AsyncExitStack() as rest:
        async with serve_demo(DemoStash(small(1))) as url:
            stash = await rest.enter_async_context(StashClient(url, retry=Waits().policy))
        with pytest.raises(StashUnreachable):
            await SyncService(engine, stash).sync_all("job")
    assert "Cannot reach Stash" in str((await history(engine))[0][2])


async def test_one_malformed_scene_does_not_stop_the_others(engine: AsyncEngine) -> None:
    async with serving(engine, faults=Faults(malformed_scene=7)) as server:
        result = await server.sync()
        assert (result.scenes.created, result.scenes.failed) == (229, 1)
        assert result.dict()["failures"] == [{"kind": "scenes", "id": 7, "reason": "title is not a text"}]
        server.demo.faults.malformed_scene = None
        assert (await server.sync()).scenes.created == 1
        server.demo.faults.malformed_scene = 7
        assert (await server.sync(force=True)).scenes.removed == 0, "unreadable is not gone"
        assert await in_tables(engine) == on_server(server.library)


async def test_many_failures_are_counted_but_few_are_kept(engine: AsyncEngine) -> None:
    class Unreadable(StashClient):
        async def scenes_by_id(self, ids: Sequence[int]) -> Batch[Any]:
            page = await super().scenes_by_id(ids)
            return replace(page, items=(), rejected=tuple(Rejected(scene.id, "spoilt") for scene in page.items))

    async with serve_demo(DemoStash(small())) as url, Unreadable(url) as stash:
        result = await SyncService(engine, stash).sync_all("job")
    assert (result.scenes.failed, len(result.failures)) == (230, 100)


async def test_hostile_texts_are_stored(engine: AsyncEngine) -> None:
    library = small(10)
    titles = {1: "nul\0nul", 2: "<script>alert(1)</script>", 3: "\u202eright to left", 4: "x" * 1_000_000}
    titles |= {
        5: "half \ud83d",
        6: "'; DROP TABLE scene; --",
        7: "\U0001f600 \ufdfd",
        8: "line\nline\r\n\tend",
    }
    for number, title in titles.items():
        library.scenes[number].title = library.scenes[number].details = title
    library.scenes[9].files[0].path = "/media/\ud800/\0.mp4"
    library.scenes[9].urls = ["javascript:alert(1)", "\0"]
    library.tags[1].aliases = ["\udfff", "<b>"]
    async with serving(engine, library) as server:
        result = await server.sync()
        found = await in_tables(engine)
        assert sum(numbers((await server.sync(force=True)), "updated")) == 0
    assert sum(numbers(result, "failed")) == 0
    stored = {number: found["scene"][number][0][0] for number in titles}
    assert stored == titles | {1: "nul\ufffdnul", 5: "half \ufffd"}
    assert found["scene"][9][4][0][1] == "/media/\ufffd/\ufffd.mp4"
    assert found["tag"][1][2] == ["\ufffd", "<b>"]
