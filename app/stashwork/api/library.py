"""Routes for the local copy of the library."""

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine

from stashwork.library import LibraryCounts, library_counts


def library_router(engine: AsyncEngine) -> APIRouter:
    """`GET /library`: how many items there are, and how the last sync ended."""
    router = APIRouter(tags=["library"])

    @router.get("/library", summary="Numbers of the local library, and the last sync")
    async def get_library() -> LibraryCounts:
        return await library_counts(engine)

    return router
