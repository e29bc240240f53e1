"""Routes for the local copy of the library."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query
from sqlalchemy.ext.asyncio import AsyncEngine

from dayjob.web import ProblemRoute
from stashwork.library import (
    LibraryCounts,
    Named,
    SceneDetail,
    ScenePage,
    find_names,
    find_scene,
    find_scenes,
    library_counts,
)

_LARGEST_ID = 2**63 - 1


def library_router(engine: AsyncEngine) -> APIRouter:
    """`GET /library`: how many items there are, and how the last sync ended. `GET /library/scenes`: the scenes."""
    router = APIRouter(prefix="/library", tags=["library"], route_class=ProblemRoute)

    @router.get("", summary="Numbers of the local library, and the last sync")
    async def get_library() -> LibraryCounts:
        return await library_counts(engine)

    @router.get("/scenes", summary="Scenes by id, page by page; query looks in titles and paths")
    async def get_scenes(
        query: Annotated[str, Query(max_length=200)] = "",
        cursor: Annotated[int, Query(ge=0, le=_LARGEST_ID, description="`next_cursor` of the page before")] = 0,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> ScenePage:
        return await find_scenes(engine, query, after=cursor, limit=limit)

    @router.get("/names/{kind}", summary="Performers, studios or tags of which a word begins so; for suggestions")
    async def get_names(
        kind: Literal["performers", "studio", "tags"],
        beginning: Annotated[str, Query(max_length=200)] = "",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> list[Named]:
        return await find_names(engine, kind, beginning.strip(), limit=limit)

    @router.get("/scenes/{scene_id}", summary="One scene with its files, performers, tags and studio")
    async def get_scene(scene_id: int) -> SceneDetail:
        found = await find_scene(engine, scene_id) if 0 < scene_id <= _LARGEST_ID else None
        if found is None:
            raise HTTPException(404, f"There is no scene {scene_id} here. Sync if Stash has it.")
        return found

    return router
