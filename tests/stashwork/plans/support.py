"""A demo Stash and its local copy, analysed and decided about: the beginning of most tests of plans."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Waits

from stashwork.database import writer
from stashwork.demo import DemoStash, Faults, Library, seeded_library, serve_demo
from stashwork.demo.library import VideoFile
from stashwork.library import SyncService
from stashwork.plans import AnalysisOptions, AnalysisService, ApplyService, Decision, ReviewService
from stashwork.plans.models import PlanChange
from stashwork.stash import StashClient

MADE = "2024-06-01T10:00:00-05:00"


def library(*paths: str) -> Library:
    """Scenes with these files, and a few names that their paths may have."""
    made = seeded_library(scenes=0, performers=0, tags=0, studios=0)
    made.create_studio({"name": "Copper Lantern"})
    made.create_performer({"name": "Marla Quenby", "alias_list": ["Marley Quen"]})
    made.create_performer({"name": "Tess Orvane"})
    made.create_tag({"name": "Time-lapse"})
    for path in paths:
        add_scene(made, path)
    return made


def add_scene(made: Library, path: str, **values: Any) -> int:
    """Add a scene as a scan leaves it; returns its id."""
    scene = made.create_scene(**values)
    number = int(scene.id)
    name = path.rpartition("/")[2]
    scene.files = [VideoFile(str(number), path, name, MADE, 1, [], 1920, 1080, 60.0, 25.0, 1)]
    scene.created_at = MADE
    return number


@dataclass
class World:
    """A server, its client, and the services on a local copy of it."""

    engine: AsyncEngine
    demo: DemoStash
    stash: StashClient
    mutations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def server(self) -> Library:
        return self.demo.library

    @property
    def review(self) -> ReviewService:
        return ReviewService(self.engine)

    @property
    def applier(self) -> ApplyService:
        return ApplyService(self.engine, self.stash, retry=Waits().policy)

    async def sync(self) -> None:
        await SyncService(self.engine, self.stash).sync_all("sync")

    async def analyzed(self, job_id: str = "job", **options: Any) -> int:
        """Sync and analyse; returns the plan's id."""
        await self.sync()
        result = await AnalysisService(self.engine).analyze_scenes(job_id, options=AnalysisOptions.of(options))
        return result.plan_id

    async def approved(self, job_id: str = "job", **options: Any) -> int:
        """A plan of which all is approved."""
        plan_id = await self.analyzed(job_id, **options)
        await self.review.decide_where(plan_id, Decision.APPROVED)
        return plan_id

    async def changes(self, plan_id: int) -> list[Any]:
        async with self.engine.connect() as connection:
            query = select(PlanChange.__table__).where(PlanChange.plan_id == plan_id).order_by(PlanChange.id)
            return list((await connection.execute(query)).all())


@asynccontextmanager
async def world(
    engine: AsyncEngine, made: Library, *, faults: Faults | None = None, version: str = "v0.22.1"
) -> AsyncIterator[World]:
    """Serve a library until the block ends. `World.mutations` notes the input of every bulk mutation."""
    demo = DemoStash(made, faults=faults, version=version)
    sent: list[dict[str, Any]] = []
    update = made.bulk_update_scenes

    def noted(entry: Any) -> Any:
        sent.append(dict(entry))
        return update(entry)

    made.bulk_update_scenes = noted  # type: ignore[method-assign]
    async with serve_demo(demo) as url, StashClient(url, retry=Waits().policy) as stash:
        yield World(engine, demo, stash, sent)


def state(made: Library) -> dict[int, Any]:
    """What a server's scenes have, without their dates of change."""
    return {
        number: (
            s.title, s.details, s.date, int(s.studio.id) if s.studio else None,
            sorted(int(p.id) for p in s.performers), sorted(int(t.id) for t in s.tags),
        )
        for number, s in made.scenes.items()
    }  # fmt: skip


async def insert_changes(engine: AsyncEngine, plan_id: int, number: int) -> None:
    """Add proposals of tags to a plan: half a hundred thousand would take an analysis some minutes."""
    common = {"plan_id": plan_id, "field": "tags", "action": "add", "confidence": 0.9, "reason": "a folder"}
    rows = [
        {**common, "scene_id": 1 + n % 50, "key": f"name:{n}", "proposed": {"id": None, "name": f"Tag {n}"}}
        for n in range(number)
    ]
    async with writer(engine).begin() as connection:
        await connection.execute(insert(PlanChange).values(source="rules", decision="pending"), rows)
