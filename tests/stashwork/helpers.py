"""A stub HTTP server that answers what a test says, and small tools."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stashwork.stash import RetryPolicy

RECORDINGS = Path(__file__).parent / "stash" / "recordings"


class Waits(list[float]):
    """Notes the waits between attempts instead of waiting."""

    async def _sleep(self, seconds: float) -> None:
        self.append(seconds)

    @property
    def policy(self) -> RetryPolicy:
        return RetryPolicy(attempts=4, sleep=self._sleep, random=lambda: 1.0)


@dataclass
class Reply:
    """One HTTP answer; without a status the connection is dropped, with `hang` nothing ever comes."""

    status: int | None = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False


@dataclass
class Request:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def query(self) -> str:
        return str(json.loads(self.body)["query"])

    @property
    def variables(self) -> dict[str, Any]:
        return dict(json.loads(self.body)["variables"])


class Stub:
    """Answers each request by `answer`, and keeps the requests."""

    def __init__(self, answer: Callable[[Request], Reply]) -> None:
        self.requests: list[Request] = []
        self.url = ""
        self._answer = answer
        self._connections: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def serve(self) -> AsyncIterator["Stub"]:
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            request = await _read(reader)
            self.requests.append(request)
            reply = self._answer(request)
            if reply.hang:
                await asyncio.Event().wait()
            if reply.status is not None:
                writer.write(_head(reply) + reply.body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client left
        finally:
            writer.close()
            self._connections.discard(task)


def answering(*replies: Reply) -> Stub:
    """A stub that gives these replies in turn, and the last one for ever."""
    rest = list(replies)
    return Stub(lambda _request: rest.pop(0) if len(rest) > 1 else rest[0])


def data(content: Any) -> Reply:
    """A GraphQL answer."""
    return Reply(body=json.dumps({"data": content}).encode())


def recording(name: str) -> Any:
    """A recording of a real server's behaviour, reduced, with made-up data."""
    return json.loads((RECORDINGS / f"{name}.json").read_text("utf-8"))


def described(types: dict[str, list[str]]) -> dict[str, Any]:
    """An answer to the client's introspection: each type with the names of its fields."""
    return {name: {"fields": [_field(text) for text in fields], "inputFields": None} for name, fields in types.items()}


def _field(text: str) -> dict[str, Any]:
    name, _, arguments = text.partition("(")
    return {"name": name, "args": [{"name": argument} for argument in arguments.rstrip(")").split()]}


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return Request(first.split()[1], headers, body)


def _head(reply: Reply) -> bytes:
    headers = {"Content-Length": str(len(reply.body)), "Connection": "close", **reply.headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {reply.status} Reply\r\n{lines}\r\n".encode()
