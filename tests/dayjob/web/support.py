"""A real server for the tests of the front door, and job types whose handlers wait until a test lets them go on."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import httpx2
import pytest
import uvicorn
from fastapi import FastAPI
from pydantic import Field
from tests.support import PATIENCE
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from dayjob import JobContext, JobQueue, JobRegistry, ProgressReporter
from dayjob.events import ProgressMade, StatusChanged
from dayjob.web import LocalOnly, jobs_router

Client = httpx2.AsyncClient


class Gates:
    """Handlers that wait here, by job id, until a test lets them through."""

    def __init__(self) -> None:
        self._gates: dict[str, asyncio.Event] = {}

    def of(self, job_id: str) -> asyncio.Event:
        return self._gates.setdefault(job_id, asyncio.Event())

    def open(self, job_id: str) -> None:
        self.of(job_id).set()

    def close_all(self) -> None:
        self._gates.clear()


def make_registry(gates: Gates) -> JobRegistry:
    registry = JobRegistry()
    _add_quick_types(registry)

    @registry.job("gate", "Wait until the test opens it")
    async def gate(job_id: str, label: str = "") -> str:
        await gates.of(job_id).wait()
        return label

    @registry.job("sync_all", "Only one at a time", unique=True)
    async def sync_all(job_id: str, force: bool = False, **kwargs: Any) -> bool:
        await gates.of(job_id).wait()
        return force

    @registry.job("log", "Log before and after the test opens it")
    async def log(ctx: JobContext, lines: int = 1) -> None:
        ctx.log.info("begun")
        await gates.of(ctx.job_id).wait()
        for number in range(lines):
            ctx.log.warning("line %d", number)

    @registry.job("count_to_ten", "Ten updates once the test opens it")
    async def count_to_ten(job_id: str) -> int:
        await gates.of(job_id).wait()
        progress = ProgressReporter(job_id, total_items=10)
        for number in range(1, 11):
            await progress.update(1, f"step {number}")
        return 10

    return registry


def _add_quick_types(registry: JobRegistry) -> None:
    @registry.job("echo", "Give the text back")
    async def echo(text: str = "hello") -> str:
        return text

    @registry.job("add", "Add two numbers")
    async def add(a: int, b: int) -> int:
        return a + b

    @registry.job("anything", "Take whatever JSON there is")
    async def anything(value: Any = None) -> None:
        return None

    @registry.job("fail", "Always fails")
    async def fail(ctx: JobContext) -> None:
        raise RuntimeError("it broke")

    @registry.job("big", "A result of this many characters")
    async def big(size: Annotated[int, Field(le=10_000_000)]) -> str:  # larger ones would hold up the event loop
        return "x" * size


def make_app(queue: JobQueue, **options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")
    return app


class _Server(uvicorn.Server):
    """Tells when it listens, and leaves signals alone."""

    def __init__(self, app: Any, **options: Any) -> None:
        config = {"log_config": None, "access_log": False, "ws": "websockets-sansio", "lifespan": "on"}
        super().__init__(uvicorn.Config(app, **(config | {"ws_per_message_deflate": False} | options)))
        self.up, self.over = asyncio.Event(), asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        await self.over.wait()


@dataclass
class Served:
    """Where a server listens."""

    port: int
    host: str = "127.0.0.1"

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def client(self) -> Client:
        """An HTTP client; without certificates, which take longer to read than most tests take."""
        return Client(base_url=self.url, trust_env=False, verify=False, timeout=PATIENCE)

    def ws(self, path: str, **options: Any) -> connect:
        """A WebSocket client for ``path``."""
        options = {"proxy": None, "compression": None, "max_queue": None, "open_timeout": PATIENCE} | options
        return connect(f"ws://{self.host}:{self.port}{path}", **options)


@contextlib.asynccontextmanager
async def serve(app: Any, *, port: int = 0, send_buffer: int | None = None, **options: Any) -> AsyncIterator[Served]:
    """``app`` on this port, or a free one, served in this event loop."""
    with socket.create_server(("127.0.0.1", port), backlog=512) as listener:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # what it accepts inherits this
        if send_buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, send_buffer)
        server = _Server(app, **options)
        task = asyncio.create_task(server.serve([listener]))
        up = asyncio.create_task(server.up.wait())
        await asyncio.wait([task, up], return_when=asyncio.FIRST_COMPLETED)
        try:
            if not server.up.is_set():
                up.cancel()
                await task
            yield Served(listener.getsockname()[1])
        finally:
            server.over.set()
            await task


@contextlib.contextmanager
def serve_in_thread(make: Callable[[], Any], **options: Any) -> Iterator[Served]:
    """The app that ``make`` returns, served by an event loop in a thread of its own."""
    ready: list[Served] = []
    started, stop = threading.Event(), threading.Event()

    async def main() -> None:
        try:
            async with serve(make(), **options) as served:
                ready.append(served)
                started.set()
                await asyncio.to_thread(stop.wait)
        finally:
            started.set()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    started.wait(30)
    try:
        yield ready[0]
    finally:
        stop.set()
        thread.join(30)


@dataclass
class Seen:
    """What happened to a job, for tests that have to wait for it."""

    events: list[Any] = field(default_factory=list)
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    def __call__(self, event: Any) -> None:
        self.events.append(event)
        self._more.set()

    async def until(self, wanted: Callable[[Any], bool], timeout: float = PATIENCE) -> Any:
        """The first event that is ``wanted``."""
        async with asyncio.timeout(timeout):
            while not (found := [event for event in self.events if wanted(event)]):
                self._more.clear()
                await self._more.wait()
        return found[0]


async def until_running(queue: JobQueue, job_id: str) -> None:
    """Wait until the job's handler runs, and the database says since when."""
    seen = Seen()
    unlisten = queue.bus.listen(seen, job_id)
    job = await queue.get_job_status(job_id)
    if job is None or job.started_at is None:
        await seen.until(lambda event: isinstance(event, StatusChanged) and event.status.started_at is not None)
    unlisten()


async def close_code_of(served: Served, path: str, headers: dict[str, str]) -> int | None:
    """With which code a socket is closed before a frame comes."""
    async with served.ws(path, additional_headers=headers) as websocket:
        with pytest.raises(ConnectionClosed):
            await frame(websocket)
    return websocket.close_code


async def frames_to_the_end(websocket: ClientConnection) -> list[dict[str, Any]]:
    """All frames until the server closes."""
    return [json.loads(text) async for text in websocket]


async def frame(websocket: ClientConnection, timeout: float = PATIENCE) -> dict[str, Any]:
    """The next frame."""
    async with asyncio.timeout(timeout):
        document: dict[str, Any] = json.loads(await websocket.recv())
        return document


async def frames_until(websocket: ClientConnection, wanted: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """The frames up to the first one that is ``wanted``."""
    frames = [await frame(websocket)]
    while not wanted(frames[-1]):
        frames.append(await frame(websocket))
    return frames


def is_status(wanted: str) -> Callable[[dict[str, Any]], bool]:
    return lambda document: document["type"] == "status" and document["job"]["status"] == wanted


def is_progress(event: Any) -> bool:
    return isinstance(event, ProgressMade)


async def raw_request(port: int, request: bytes, timeout: float = PATIENCE) -> bytes:
    """What a server answers to these very bytes, until it closes."""
    async with asyncio.timeout(timeout):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


_UPGRADE = ["Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]


def handshake(port: int, path: str, *headers: str) -> bytes:
    """The bytes that open a WebSocket; ``{port}`` in a header stands for the port."""
    lines = [f"GET {path} HTTP/1.1", *_UPGRADE, *(h.format(port=port) for h in headers), "Connection: Upgrade", "", ""]
    return "\r\n".join(lines).encode()


async def stalled_socket(port: int, path: str) -> socket.socket:
    """A client that opens a WebSocket, keeps it open, and never reads a frame."""
    loop = asyncio.get_running_loop()
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    client.setblocking(False)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)  # the kernel makes it its smallest
    await loop.sock_connect(client, ("127.0.0.1", port))
    await loop.sock_sendall(client, handshake(port, path, f"Host: 127.0.0.1:{port}"))
    answer = await loop.sock_recv(client, 12)
    assert answer == b"HTTP/1.1 101", answer
    return client


@contextlib.asynccontextmanager
async def client_of(app: Any, **options: Any) -> AsyncIterator[Client]:
    async with serve(app, **options) as served, served.client() as client:
        yield client


async def post(client: Client, job_type: str, args: Any = None, **params: Any) -> dict[str, Any]:
    answer = await client.post(f"/jobs/{job_type}", json=args or {}, params=params)
    assert answer.status_code == 202, answer.text
    document: dict[str, Any] = answer.json()
    return document
