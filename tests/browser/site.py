"""A site with jobs that do what a test tells them, under the real uvicorn, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import FastAPI
from playwright.sync_api import Page
from pydantic import BaseModel, Field
from tests.dayjob.web.support import serve

from dayjob import JobContext, JobQueue, JobRegistry
from dayjob.web import LocalOnly, jobs_router

Auth = Callable[..., Any]


def until(page: Page, done: str | Callable[[], object]) -> None:
    """Wait until an expression of JavaScript, or a function, is true: our policy forbids Playwright's own way."""
    ends = time.monotonic() + 20
    while not (page.evaluate(done) if isinstance(done, str) else done()):
        assert time.monotonic() < ends, "it did not come about"
        page.wait_for_timeout(10)


class Quality(Enum):
    LOW = "low"
    HIGH = "high"


class Range(BaseModel):
    low: int = 0
    high: int = Field(100, ge=1, description="At least 1")


class Target(BaseModel):
    path: str
    range: Range = Range()


class Orders:
    """What the tests tell the jobs: one line of orders per job id."""

    def __init__(self) -> None:
        self._lines: dict[str, asyncio.Queue[tuple[str, dict[str, Any]]]] = {}

    def of(self, job_id: str) -> asyncio.Queue[tuple[str, dict[str, Any]]]:
        return self._lines.setdefault(job_id, asyncio.Queue())


async def follow_orders(ctx: JobContext, orders: Orders) -> Any:
    while True:
        order, values = await orders.of(ctx.job_id).get()
        if order == "update":
            await ctx.progress.update(values.pop("items", 0), **values)
        elif order == "log":
            ctx.log.info(values["text"])
        elif order == "fail":
            raise ValueError(values["text"])
        else:
            return values.get("result")


def make_registry(orders: Orders) -> JobRegistry:
    registry = JobRegistry()

    @registry.job("sync_all", "Copy the library's metadata")
    async def sync_all(ctx: JobContext, force: bool = False, api_key: str = "") -> Any:
        return await follow_orders(ctx, orders)

    @registry.job("flaky", "Fail, and try again", max_attempts=2)
    async def flaky(ctx: JobContext) -> Any:
        return await follow_orders(ctx, orders)

    @registry.job("family", "Wait for two other jobs")
    async def family(ctx: JobContext) -> Any:
        return await ctx.join([await ctx.enqueue_child("sync_all", {"force": force}) for force in (False, True)])

    @registry.job("quick", "Do nothing, at once")
    async def quick(number: int = 0) -> int:
        return number

    @registry.job("resize", "Resize pictures, with every kind of field")
    async def resize(
        title: Annotated[str, Field(max_length=40, description="What it is called")],
        width: Annotated[int, Field(ge=16, le=8192)] = 800,
        ratio: float | None = None,
        quality: Quality = Quality.LOW,
        mode: Literal["fit", "fill"] = "fit",
        day: date | None = None,
        at: datetime | None = None,
        tags: list[str] = [],  # noqa: B006 (only its schema is of interest)
        targets: list[Target] = [],  # noqa: B006
        limits: Range | None = None,
        labels: dict[str, int] = {},  # noqa: B006
        either: int | str = 1,
        anything: Any = None,
        dry_run: bool = True,
        offset: Annotated[int, Field(ge=-(2**63), le=2**63 - 1)] = 2**53 + 1,
        token: str = "",
    ) -> dict[str, Any]:
        return {"title": title, "width": width}

    return registry


class Site:
    """An app with a queue in ``folder``; may be stopped and started again on the same port."""

    def __init__(self, folder: Path, *, auth: Auth | None = None, prefix: str = "/jobs", root_path: str = "") -> None:
        self.folder = folder
        self.auth = auth or LocalOnly()
        self.prefix = prefix
        self.root_path = root_path
        self.port = 0
        self.orders = Orders()
        self.queue = JobQueue(folder / "not_started.db")
        self.extend: Callable[[FastAPI], None] = lambda app: None
        self.workers = 4
        self._running: tuple[asyncio.AbstractEventLoop, asyncio.Event, threading.Thread] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.prefix}"

    @property
    def pages(self) -> str:
        return f"{self.url}/ui/"

    def start(self) -> Site:
        url = f"sqlite:///{self.folder}/jobs.db"
        registry = make_registry(self.orders)
        self.queue = JobQueue(url, registry=registry, max_workers=self.workers, grace=1, durability="process")
        app = FastAPI(root_path=self.root_path)
        app.include_router(jobs_router(self.queue, auth=self.auth), prefix=self.prefix)
        self.extend(app)
        started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(app, started)), daemon=True)
        thread.start()
        self._running = (*started.result(20), thread)
        return self

    async def _serve(self, app: FastAPI, started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]) -> None:
        over = asyncio.Event()
        try:
            async with serve(app, port=self.port, ws="auto", timeout_graceful_shutdown=1) as served:
                self.port = served.port
                started.set_result((asyncio.get_running_loop(), over))
                await over.wait()
        except BaseException as error:
            if started.done():
                raise
            started.set_exception(error)

    def stop(self) -> None:
        if self._running is not None:
            loop, over, thread = self._running
            loop.call_soon_threadsafe(over.set)
            thread.join(20)
            assert not thread.is_alive()
            self._running = None
            self.orders = Orders()  # its queues belong to the loop that ended

    def run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        assert self._running is not None
        return asyncio.run_coroutine_threadsafe(coroutine, self._running[0]).result(20)

    def enqueue(self, job_type: str, **options: Any) -> str:
        return str(self.run(self.queue.enqueue(job_type, **options)))

    def order(self, job_id: str, what: str, **values: Any) -> None:
        assert self._running is not None
        self._running[0].call_soon_threadsafe(self.orders.of(job_id).put_nowait, (what, values))

    def wait(self, job_id: str) -> Any:
        return self.run(self.queue.wait(job_id, 20))
