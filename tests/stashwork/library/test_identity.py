"""Another server where the old one was: its scenes have the same numbers, and must not be taken for the same."""

from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.library.support import in_tables, on_server
from tests.stashwork.plans.support import World, library, state, world

from stashwork.demo import Library
from stashwork.demo.library import LOCAL_TIME, Fingerprint, Scene
from stashwork.library import OtherLibrary, SceneIdentity, SyncService, TooManyGone, WhichLibrary
from stashwork.plans import ApplyService, Decision, PlanNotReady

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
        assert "stashwork sync --same-library" in message
        assert "stashwork sync --new-library" in message
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


# What a number stands for

SEQUENCES = 8  # of changes to a server, tried out with a plan each

ONE = SceneIdentity("2021-06-01T10:00:00-05:00", frozenset(["/m/a.mp4"]), frozenset(["oshash:1"]))


@pytest.mark.parametrize(
    ("created_at", "path", "fingerprint", "is_same"),
    [
        ("2021-06-01T10:00:00-05:00", "/m/a.mp4", "oshash:1", True),
        ("2021-06-01T15:00:00Z", "/m/a.mp4", "oshash:1", True),
        ("2021-06-01T10:00:00-05:00", "/m/renamed.mp4", "oshash:1", True),
        ("2021-06-01T10:00:00-05:00", "/m/a.mp4", "oshash:2", True),
        ("2021-06-01T10:00:00-05:00", "/m/b.mp4", "oshash:2", False),
        ("2021-06-01T10:00:01-05:00", "/m/a.mp4", "oshash:1", False),
        ("2021-06-01T10:00:00-05:00", "", "", True),
    ],
)
def test_when_a_number_is_the_same_scene(created_at: str, path: str, fingerprint: str, is_same: bool) -> None:
    other = SceneIdentity(created_at, frozenset(filter(None, [path])), frozenset(filter(None, [fingerprint])))
    assert (ONE.is_same(other), other.is_same(ONE)) == (is_same, is_same)


class Shelf:
    """A server whose scenes are about something: `code`, which no plan changes, says about which file."""

    NAMES = ("Marla Quenby", "Tess Orvane", "Ada Charles", "Kit Mossbank")

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.library = Library(clock=self._later)
        self._now = datetime(2024, 1, 1, tzinfo=LOCAL_TIME)
        self._files = 0
        self.set_up()

    def set_up(self) -> None:
        for name in self.rng.sample(self.NAMES, len(self.NAMES)):
            self.library.create_performer({"name": name})
        for name in self.rng.sample(["Copper Lantern", "Vexelon"], 2):
            self.library.create_studio({"name": name})
        for _ in range(self.rng.randint(3, 8)):
            self.scan()

    def scan(self) -> None:
        self._files += 1
        name = f"[{self.rng.choice(['Copper Lantern', 'Vexelon'])}] {self.rng.choice(self.NAMES)} - Tide {self._files}"
        scene = self.library.scan(f"/m/{name}.mp4", fingerprints=[Fingerprint("oshash", f"{self._files:016x}")])
        scene.code = str(self._files)

    def set_up_anew(self) -> None:
        self.library.start_anew()
        self.set_up()

    def restore(self) -> None:
        self.library.restore(self.old)
        for _ in range(self.rng.randint(1, 6)):
            self.scan()

    def delete(self) -> None:
        self.library.destroy_scene(self._any().id)

    def merge(self) -> None:
        one, other = self._any(), self._any()
        if one is not other:
            self.library.merge_scenes(one, other)

    def move(self) -> None:
        for file in self._any().files:
            self.library.move_file(file, f"/n/{file.basename}")

    def rename(self) -> None:
        for file in self._any().files:
            self.library.move_file(file, f"/m/Renamed {self.rng.random()}.mp4")

    def swap_performers(self) -> None:
        for name in self.NAMES[:2]:
            for number in [n for n, p in self.library.performers.items() if p.name == name]:
                self.library.destroy_performer(str(number))
            self.library.create_performer({"name": name})

    def something(self) -> None:
        adding = (self.set_up_anew, self.restore, self.scan)
        others = (self.delete, self.merge, self.move, self.rename, self.swap_performers)
        self.rng.choice(adding + others if len(self.library.scenes) > 2 else adding)()

    def _any(self) -> Scene:
        return self.rng.choice(list(self.library.scenes.values()))

    def _later(self) -> datetime:
        self._now += timedelta(seconds=1)
        return self._now


async def changed_and_synced(it: World, shelf: Shelf) -> None:
    """Some things happen to the server, and now and then a sync comes between, with what its owner may say."""
    for _ in range(shelf.rng.randint(0, 4)):
        shelf.something()
        if shelf.rng.random() < 0.4:
            which = shelf.rng.choice([None, None, WhichLibrary.SAME])
            try:
                await SyncService(it.engine, it.stash).sync_all("between", library=which)
            except (OtherLibrary, TooManyGone):
                continue


async def test_nothing_is_written_to_a_scene_that_the_plan_was_not_made_from(engine: AsyncEngine) -> None:
    written = 0
    for seed in range(SEQUENCES):
        shelf = Shelf(seed)
        shelf.old = shelf.library.backup()
        for _ in range(3):
            shelf.scan()
        async with world(engine, shelf.library) as it:
            await SyncService(engine, it.stash).sync_all("begin", library=WhichLibrary.NEW)
            plan = await it.approved(job_id=f"plan {seed}")
            about = {number: scene.code for number, scene in shelf.library.scenes.items()}
            names = {(c.scene_id, c.field): c.proposed["name"] for c in await it.changes(plan) if c.field != "title"}
            for write in (it.applier.apply_plan, it.applier.undo_plan):
                await changed_and_synced(it, shelf)
                it.mutations.clear()
                try:
                    await write(plan)
                except OtherLibrary:
                    assert it.mutations == []
                for entry in it.mutations:
                    for number in map(int, entry["ids"]):
                        assert shelf.library.scenes[number].code == about[number], f"seed {seed}: another scene"
                        written += 1
                    for performer in entry.get("performer_ids", {}).get("ids", ()):
                        name = shelf.library.performers[int(performer)].name
                        assert all(names[int(n), "performers"] == name for n in entry["ids"]), f"seed {seed}: {name}"
    assert written > SEQUENCES


async def test_another_scene_under_the_number_is_a_conflict_however_often_it_is_approved(engine: AsyncEngine) -> None:
    shelf = Shelf(1)
    shelf.old = shelf.library.backup()
    shelf.scan()
    number = max(shelf.library.scenes)
    async with world(engine, shelf.library) as it:
        plan = await it.approved()
        shelf.restore()
        before = state(shelf.library)[number]
        for _ in range(2):
            await it.applier.apply_plan(plan)
            mine = [c for c in await it.changes(plan) if c.scene_id == number]
            assert {(c.outcome, c.note) for c in mine} == {("conflict", "this number is another scene now")}
            await it.review.decide(plan, [c.id for c in mine], Decision.APPROVED)
        assert state(shelf.library)[number] == before


async def test_a_rejection_is_about_the_scene_and_not_about_its_number(engine: AsyncEngine) -> None:
    shelf = Shelf(2)
    shelf.old = shelf.library.backup()
    shelf.scan()
    number = max(shelf.library.scenes)
    path = shelf.library.scenes[number].files[0].path
    async with world(engine, shelf.library) as it:
        await it.review.decide_where(await it.analyzed(), Decision.REJECTED)
        assert await it.changes(await it.analyzed("again")) == []
        shelf.library.restore(shelf.old)
        shelf.library.scan(path)
        await it.sync()
        later = await it.changes(await it.analyzed("later"))
    assert {c.scene_id for c in later} == {number}


async def test_a_performer_is_trusted_with_its_name_only(engine: AsyncEngine) -> None:
    async with world(engine, library(PATHS[0])) as it:
        plan = await it.approved()
        it.server.update_performer({"id": "1", "name": "Somebody Else"})
        it.server.update_studio({"id": "1", "name": "Copper Lantern Films", "aliases": ["Copper Lantern"]})
        result = await it.applier.apply_plan(plan)
        assert (result.gone, result.done) == (1, 3)
        assert [note["note"] for note in result.notes] == [
            "the number of the performer Marla Quenby is Somebody Else now"
        ]
        it.server.update_studio({"id": "1", "name": "Vexelon", "aliases": []})
        undone = await it.applier.undo_plan(plan)
        assert it.server.scenes[1].studio is not None
        assert (undone.gone, undone.done) == (1, 2)


async def test_the_two_ways_out_of_another_library(engine: AsyncEngine) -> None:
    async with world(engine, made_at(2021)) as old, world(engine, made_at(2022)) as new:
        plan, service = await old.approved(), SyncService(engine, new.stash)
        await service.sync_all("same", library=WhichLibrary.SAME)
        assert await in_tables(engine) == on_server(new.server)
        assert (await new.applier.apply_plan(plan)).conflict == 120, "it was said to be the same, and is not"
        await new.review.close_all()
        await service.sync_all("new", library=WhichLibrary.NEW)
        assert await in_tables(engine) == on_server(new.server)
        with pytest.raises(PlanNotReady, match="is closed"):
            await new.applier.apply_plan(plan)
        with pytest.raises(PlanNotReady, match="is closed"):
            await new.review.decide_where(plan, Decision.APPROVED)
        fresh = await new.approved(job_id="fresh")
        assert (await new.applier.apply_plan(fresh)).done == 120
