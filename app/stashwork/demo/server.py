"""Serves a demo Stash on 127.0.0.1 inside a running program, or as the whole program."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn

from .app import DemoStash


@asynccontextmanager
async def serve_demo(demo: DemoStash, *, port: int = 0) -> AsyncIterator[str]:
    """Serve until the block ends; yields the server's URL. Port 0 takes a free one.

    >>> async with serve_demo(DemoStash(seeded_library(scenes=20))) as url:
    ...     print(url)
    """
    with bound_socket(port) as listener:
        server = _EmbeddedServer(demo_config(demo))
        serving = asyncio.create_task(server.serve([listener]))
        try:
            yield url_of(listener)
        finally:
            server.should_exit = True
            await serving


def bound_socket(port: int) -> socket.socket:
    """A socket that accepts connections from now on, so that its URL can be announced at once."""
    listener = socket.create_server(("127.0.0.1", port))
    listener.setblocking(False)
    # asyncio does this only for sockets made in another way; without it each answer waits 40 ms for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def demo_config(demo: DemoStash) -> uvicorn.Config:
    """A server that logs nothing and waits for nobody when it ends."""
    return uvicorn.Config(demo.app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)


class _EmbeddedServer(uvicorn.Server):
    """Leaves signals to the program that it runs in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def url_of(listener: socket.socket) -> str:
    """The address under which the socket is reached."""
    return f"http://127.0.0.1:{listener.getsockname()[1]}"
