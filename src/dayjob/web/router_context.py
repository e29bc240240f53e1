"""What the routes of one router share, and the dependencies that find it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path
from starlette.requests import HTTPConnection

from ..errors import QueueNotRunning
from ..job_queue import JobQueue
from .access import Access, Authorization
from .openapi import new_mark, typed_openapi
from .websocket import WebSocketManager


class RouterContext:
    """A queue, its sockets, and who may do what with them."""

    def __init__(self, queue: JobQueue, manager: WebSocketManager, authorization: Authorization, max_body: int) -> None:
        self.queue = queue
        self.manager = manager
        self.authorization = authorization
        self.max_body = max_body
        self.mark = new_mark()
        self._users = 0

    @contextlib.asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        """Runs the queue while the app runs. A router that is included twice is counted, not started twice."""
        async with self.queue:
            self.manager.start()
            self._users += 1
            try:
                with typed_openapi(app, self.queue.registry, self.mark):
                    yield {"dayjob": self}
            finally:
                self._users -= 1
                if not self._users:
                    self.manager.stop()

    async def bind(self, connection: HTTPConnection) -> None:
        """Lets `get_job_queue` find the queue of the router that the request came through."""
        connection.scope["dayjob"] = self


def get_job_queue(connection: HTTPConnection) -> JobQueue:
    """FastAPI dependency: the queue. In routes of your own it is that of the (last) router that your app includes."""
    return get_router_context(connection).queue


def get_websocket_manager(connection: HTTPConnection) -> WebSocketManager:
    """FastAPI dependency: the sockets of the queue."""
    return get_router_context(connection).manager


def get_router_context(connection: HTTPConnection) -> RouterContext:
    """FastAPI dependency: all of it. Raises `QueueNotRunning` where no lifespan ran."""
    context = connection.scope.get("dayjob") or connection.scope.get("state", {}).get("dayjob")
    if not isinstance(context, RouterContext):
        raise QueueNotRunning(
            "No job queue runs here: the lifespan of jobs_router was not started (a mounted sub-app?). "
            "Use `async with queue:` in the lifespan of the outer app, and pass the queue to your routes."
        )
    return context


def get_access(connection: HTTPConnection) -> Access:
    """FastAPI dependency: what whoever asks may do. Raises `HTTPException` (403) if it has no place here."""
    return get_router_context(connection).authorization.access(connection.scope.get("dayjob_principal"))


Queue = Annotated[JobQueue, Depends(get_job_queue)]
Manager = Annotated[WebSocketManager, Depends(get_websocket_manager)]
Authorized = Annotated[Access, Depends(get_access)]
JobId = Annotated[str, Path(max_length=200)]
