"""An app under test: a client that gets in, and its lifespan in the event loop of the test."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any, TypedDict


class Local(TypedDict):
    """Options of a test client; see `LOCAL`."""

    base_url: str
    client: tuple[str, int]


LOCAL = Local(base_url="http://localhost", client=("127.0.0.1", 50_000))
"""For ``TestClient(app, **LOCAL)``: a client on this machine, which `dayjob.web.LocalOnly` lets in.

The client's own defaults are the names ``testclient`` and ``testserver``, which no machine has.
"""

_App = Callable[[Any, Any, Any], Awaitable[None]]


@contextlib.asynccontextmanager
async def running_app(app: _App) -> AsyncIterator[_App]:
    """Run the lifespan of an ASGI app, and with it the queue of its ``jobs_router``, in the event loop of the test.

    What it gives is the app for ``httpx.ASGITransport``, which runs no lifespan itself. Whatever the lifespan raises
    is raised here.

    >>> async def test_a_report_is_made():
    ...     async with running_app(app) as running:
    ...         transport = httpx.ASGITransport(app=running)
    ...         async with httpx.AsyncClient(transport=transport, base_url=LOCAL["base_url"]) as client:
    ...             answer = await client.post("/jobs/report", json={"year": 2026})
    ...         await drain(queue)
    """
    life = _Life(app)
    await life.begin()
    try:
        yield life.app
    finally:
        await life.end()


class _Life:
    """The server's side of the lifespan protocol of ASGI."""

    def __init__(self, app: _App) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._said: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """The app, with what its lifespan left for requests."""
        await self._app({**scope, "state": dict(self._state)}, receive, send)

    async def begin(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._task = asyncio.create_task(self._live(scope))
        await self._ask("startup")

    async def end(self) -> None:
        await self._ask("shutdown")
        await self._task

    async def _live(self, scope: dict[str, Any]) -> None:
        await self._app(scope, self._asked.get, self._said.put)

    async def _ask(self, what: str) -> None:
        self._asked.put_nowait({"type": f"lifespan.{what}"})
        answer = asyncio.create_task(self._said.get())
        await asyncio.wait([answer, self._task], return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"lifespan.{what}.complete":
            return
        answer.cancel()
        await self._task  # raises what the app did
        raise RuntimeError(f"The app ended its lifespan at {what}, without an error.")
