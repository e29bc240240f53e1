"""Whether the process lives, and whether it can take jobs: for load balancers and supervisors, so without ``auth``."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from ..job_queue import JobQueue


def health_router(queue: JobQueue) -> APIRouter:
    """``/healthz`` (200 while the process answers) and ``/readyz`` (503 with a code while it cannot take jobs).

    >>> app.include_router(health_router(queue))     # doctest: +SKIP

    Neither tells more than a word: they are open to whoever reaches the port.
    """
    router = APIRouter(tags=["health"])

    @router.get("/healthz", summary="The process answers")
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @router.get("/readyz", summary="Jobs can be taken and stored")
    async def readyz() -> JSONResponse:
        if (trouble := queue.trouble) is None:
            return JSONResponse({"status": "ok"})
        return JSONResponse({"status": "not ready", "code": trouble.code}, 503, {"Retry-After": "5"})

    return router
