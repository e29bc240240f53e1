"""A demo Stash and the sync of it, and what the demo and the local tables hold, to be compared."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import AsyncAdaptedQueuePool, event, select, text
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Waits

from stashwork.demo import DemoStash, Faults, Library, seeded_library, serve_demo
from stashwork.demo.schema import OLD_VERSION
from stashwork.library import DeletionLimit, SyncResult, SyncService, models
from stashwork.stash import StashClient

FILE = (
    "path",
    "basename",
    "size",
    "duration",
    "video_codec",
    "width",
    "height",
    "frame_rate",
    "bit_rate",
    "mod_time",
)


def small(scenes: int = 230) -> Library:
    return seeded_library(scenes, performers=40, tags=30, studios=12)


class Server:
    """A demo and a client of it."""

    def __init__(self, demo: DemoStash, url: str, engine: AsyncEngine, stash: StashClient) -> None:
        self.demo, self.url, self.engine, self.stash = demo, url, engine, stash
        self.library = demo.library

    async def sync(
        self,
        *,
        force: bool = False,
        deletion_limit: DeletionLimit | None = None,
        progress: Any = None,
        kept: Any = None,
    ) -> SyncResult:
        service = SyncService(self.engine, self.stash, deletion_limit=deletion_limit)
        return await service.sync_all("job", force, progress, kept)

    async def sync_scenes(self, *ids: int) -> SyncResult:
        return await SyncService(self.engine, self.stash).sync_scenes("job", ids)


@asynccontextmanager
async def serving(
    engine: AsyncEngine,
    library: Library | None = None,
    faults: Faults | None = None,
    page_size: int = 500,
    version: str = OLD_VERSION,
) -> AsyncIterator[Server]:
    demo = DemoStash(library or small(), faults=faults, version=version)
    async with (
        serve_demo(demo) as url,
        StashClient(url, index_page=page_size, retry=Waits().policy) as stash,
    ):
        yield Server(demo, url, engine, stash)


def on_server(library: Library) -> dict[str, Any]:
    """What the tables should hold, taken from the demo's own objects, not from what it sends."""
    return {
        "performer": {
            number: (p.name, p.disambiguation, p.alias_list, p.favorite, p.ignore_auto_tag, p.created_at, p.updated_at)
            for number, p in library.performers.items()
        },
        "tag": {
            number: (
                t.name,
                t.description,
                t.aliases,
                {int(parent.id) for parent in t.parents},
                t.ignore_auto_tag,
                t.updated_at,
            )
            for number, t in library.tags.items()
        },
        "studio": {
            number: (
                s.name,
                s.aliases,
                int(s.parent_studio.id) if s.parent_studio else None,
                s.ignore_auto_tag,
                s.updated_at,
            )
            for number, s in library.studios.items()
        },
        "scene": {
            number: (
                (s.title, s.code, s.details, s.director, s.urls, s.date, s.rating100, s.organized),
                (s.created_at, s.updated_at, int(s.studio.id) if s.studio else None),
                {int(performer.id) for performer in s.performers},
                {int(tag.id) for tag in s.tags},
                [(int(f.id), *(getattr(f, name) for name in FILE)) for f in s.files],
                [[[p.type, p.value] for p in f.fingerprints] for f in s.files],
            )
            for number, s in library.scenes.items()
        },
    }


async def in_tables(engine: AsyncEngine) -> dict[str, Any]:
    async with engine.connect() as connection:

        async def rows(table: Any) -> list[Any]:
            return list((await connection.execute(select(table))).all())

        async def links(table: Any) -> defaultdict[int, set[int]]:
            found = defaultdict(set)
            for owner, other in await rows(table):
                found[owner].add(other)
            return found

        parents = await links(models.tag_parent)
        performers, tags = await links(models.scene_performer), await links(models.scene_tag)
        files = defaultdict(list)
        for file in sorted(await rows(models.SceneFile.__table__), key=lambda file: file.position):
            files[file.scene_id].append(file)
        return {
            "performer": {
                p.id: (p.name, p.disambiguation, p.aliases, p.favorite, p.ignore_auto_tag, p.created_at, p.updated_at)
                for p in await rows(models.Performer.__table__)
            },
            "tag": {
                t.id: (t.name, t.description, t.aliases, parents[t.id], t.ignore_auto_tag, t.updated_at)
                for t in await rows(models.Tag.__table__)
            },
            "studio": {
                s.id: (s.name, s.aliases, s.parent_id, s.ignore_auto_tag, s.updated_at)
                for s in await rows(models.Studio.__table__)
            },
            "scene": {
                s.id: (
                    (s.title, s.code, s.details, s.director, s.urls, s.date, s.rating100, s.organized),
                    (s.created_at, s.updated_at, s.studio_id),
                    performers[s.id],
                    tags[s.id],
                    [(f.file_id, *(getattr(f, name) for name in FILE)) for f in files[s.id]],
                    [f.fingerprints for f in files[s.id]],
                )
                for s in await rows(models.Scene.__table__)
            },
        }


class Statements:
    """Counts an engine's statements, keeps those that write, and cancels a task at one of them."""

    def __init__(self, engine: AsyncEngine, cancel_at: int = 0) -> None:
        self.count = 0
        self.writes: list[str] = []
        self.task: asyncio.Task[Any] | None = None
        self._cancel_at = cancel_at
        event.listen(engine.sync_engine, "before_cursor_execute", self._note)

    def _note(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.count += 1
        if statement.split()[0] in ("INSERT", "UPDATE", "DELETE") and "sync_history" not in statement:
            self.writes.append(statement)
        if self.task is not None and self.count == self._cancel_at:
            self.task.cancel()


async def rows_changed(engine: AsyncEngine) -> int:
    """How many rows all of the engine's connections have changed, as SQLite itself counts."""
    pool = engine.pool
    assert isinstance(pool, AsyncAdaptedQueuePool)
    connections = [await engine.connect() for _ in range(pool.checkedin())]
    counts = [(await connection.execute(text("SELECT total_changes()"))).scalar_one() for connection in connections]
    for connection in connections:
        await connection.close()
    return sum(counts)
