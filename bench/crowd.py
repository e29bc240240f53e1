"""A crowd of browsers: a server in a process of its own, and a thousand raw sockets that are told the same.

The server is stashwork's (no compression, TCP_USER_TIMEOUT). The numbers of the server are its own CPU time and memory,
so that other work on the machine changes them little.

How late frames come is measured at one socket in ten; of the others the frames are only counted. A thousand clients
that all take frames apart in one process would be late themselves, and a thousand browsers are not one process. The
jobs tell one after the other, evenly: twenty at the same moment are not twenty frames a second.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from dayjob import JobContext, JobQueue, JobRegistry
from dayjob.web import LocalOnly, SocketLimits, jobs_router
from stashwork.server import bind, make_server
from stashwork.settings import Settings

from .figures import percentile

LIVE, STALLED = 1000, 50
_PADDING = "x" * 900  # so that who never reads is noticed
_JOBS, _TOLD = 20, 1  # so many jobs, each telling so many frames a second: slower than progress is passed on at once
_TIMED = 10  # of so many sockets one is timed
_FREED_WITHIN = 40.0  # seconds, after which we stop waiting for file descriptors

registry = JobRegistry()


@registry.job("tell")
async def tell(
    ctx: JobContext, seconds: float, per_second: int, padding: str = "", phase: float | None = None
) -> dict[str, float]:
    """Tell the time, so many times a second; returns when, for how long, and the CPU time of the process meanwhile.

    ``phase``: the part of a second at which it begins; at once if there is none.
    """
    if phase is not None:
        await asyncio.sleep((phase - time.time()) % 1)
    since, began, cpu, due = time.time(), time.perf_counter(), time.process_time(), time.perf_counter()
    for _ in range(int(seconds * per_second)):
        due += 1 / per_second
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await ctx.progress.update(1, f"{time.time()} {padding}")
    return {"since": since, "seconds": time.perf_counter() - began, "cpu": time.process_time() - cpu}


async def serve(folder: str) -> None:
    """The server: tells its port and, whenever a line comes in, its memory and open files."""
    queue = JobQueue(f"sqlite:///{folder}/crowd.db", max_workers=_JOBS, registry=registry, durability="process")
    app = FastAPI()
    limits = SocketLimits(per_address=2 * LIVE)
    app.include_router(jobs_router(queue, auth=LocalOnly(), sockets=limits), prefix="/jobs")
    listener = bind(Settings(stashwork_host="127.0.0.1", stashwork_port=0))
    server = make_server(app)
    serving = asyncio.create_task(server.serve([listener]))
    print(listener.getsockname()[1], flush=True)
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := (await reader.readline()).decode().strip():
        if line.startswith("job "):
            job_id = await queue.enqueue("tell", job_args=json.loads(line[4:]), delay=0.3)
            print(job_id, flush=True)
        else:
            resident = int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
            print(json.dumps({"memory": resident, "files": len(os.listdir("/proc/self/fd"))}), flush=True)
    server.should_exit = True
    await serving


class Reader(asyncio.Protocol):
    """A client that reads its frames and notes when they came."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self._buffer = bytearray()
        self._upgraded = False
        self.up = asyncio.get_running_loop().create_future()
        self.ended: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.lags: list[tuple[float, float]] = []  # when a frame came, and how late
        self.last = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        now = time.time()
        self._buffer += data
        if not self._upgraded:
            head, found, rest = bytes(self._buffer).partition(b"\r\n\r\n")
            if not found:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._upgraded, self._buffer = True, bytearray(rest)
            self.up.set_result(None)
        while (frame := self._frame()) is not None:
            self._take(frame, now)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(exc or ConnectionError("closed before the end"))
            self.ended.exception()  # looked at: who is stalled need not be asked

    def _frame(self) -> bytes | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        size, start = buffer[1] & 127, 2
        if size == 126:
            size, start = int.from_bytes(buffer[2:4]), 4
        if len(buffer) < start + size or (start == 4 and len(buffer) < 4):
            return None
        frame = bytes(buffer[start : start + size])
        del buffer[: start + size]
        return frame

    def _take(self, frame: bytes, now: float) -> None:
        if b'"type":"progress"' in frame:
            told = frame.partition(b'"message":"')[2].partition(b" ")[0]
            self.lags.append((now, now - float(told)))
        elif b'"completed"' in frame and not self.ended.done():
            self.last = frame
            self.ended.set_result(now)


class Counter(asyncio.Protocol):
    """A client that only counts what comes, which costs little."""

    def __init__(self, request: bytes) -> None:
        self._request = request
        self.frames = 0
        self.up = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.write(self._request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        self.frames += data.count(b'"type":"progress"')
        if not self.up.done():
            self.up.set_result(None)


@dataclass
class Server:
    """The server process, asked from here."""

    process: asyncio.subprocess.Process
    port: int = 0

    async def ask(self, line: str = "state") -> Any:
        """Its answer to a line."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(line.encode() + b"\n")
        answer = (await self.process.stdout.readline()).decode().strip()
        return json.loads(answer) if answer.startswith("{") else answer

    async def job(self, **args: Any) -> str:
        """Start a job; its id. It begins after 0.3 s, so that whoever watches is there."""
        return str(await self.ask("job " + json.dumps(args)))

    async def watch(self, count: int, path: str) -> list[Reader]:
        """So many clients, all connected."""
        request = _handshake(self.port, path)
        loop = asyncio.get_running_loop()
        made = []
        for first in range(0, count, 50):
            opened = [
                loop.create_connection(lambda: Reader(request), "127.0.0.1", self.port)
                for _ in range(min(50, count - first))
            ]
            made += [reader for _, reader in await asyncio.gather(*opened)]
            await asyncio.gather(*(reader.up for reader in made[first:]))
        return made

    async def count(self, count: int, path: str) -> list[Counter]:
        """So many clients that only count, all connected."""
        request, loop = _handshake(self.port, path), asyncio.get_running_loop()
        opened = [loop.create_connection(lambda: Counter(request), "127.0.0.1", self.port) for _ in range(count)]
        made = [counter for _, counter in await asyncio.gather(*opened)]
        await asyncio.gather(*(counter.up for counter in made))
        return made


async def start(folder: str) -> Server:
    """A server that listens."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.crowd", folder, stdin=pipe, stdout=pipe, cwd=Path(__file__).parents[1]
    )
    assert process.stdout is not None
    return Server(process, int(await process.stdout.readline()))


async def stop(server: Server) -> None:
    """End it."""
    assert server.process.stdin is not None
    server.process.stdin.close()
    await server.process.wait()


async def endings() -> dict[str, float]:
    """1,000 live and 50 stalled clients of one job: what its end, the job and the memory look like."""
    with tempfile.TemporaryDirectory() as folder:
        server = await start(folder)
        everything = (await server.watch(1, "/jobs/ws"))[0]
        await server.job(seconds=4, per_second=20)
        await everything.ended
        alone = json.loads(everything.last)["job"]
        before = await server.ask()
        live = await server.watch(LIVE, "/jobs/ws")
        watched = await server.ask()
        sleepers = [_stall(server.port) for _ in range(STALLED)]
        await server.job(seconds=4, per_second=20, padding=_PADDING)
        ends = await asyncio.gather(*(reader.ended for reader in live))
        beside = json.loads(live[0].last)["job"]
        freed = await _until_freed(server, before["files"] + LIVE)
        for sleeper in sleepers:
            sleeper.close()
        await stop(server)
    return {
        "told": float(len(ends)),
        "spread": max(ends) - min(ends),
        "slower": (_seconds(beside) / _seconds(alone) - 1) * 100,
        "memory": (watched["memory"] - before["memory"]) / LIVE / 1024,
        "freed": freed,
    }


async def _until_freed(server: Server, files: int) -> float:
    began = time.monotonic()
    while (await server.ask())["files"] > files and time.monotonic() - began < _FREED_WITHIN:
        await asyncio.sleep(0.2)
    return time.monotonic() - began


async def stream() -> dict[str, float]:
    """1,000 clients, 20 frames a second for each: the server's share of a core, and how late the frames come."""
    with tempfile.TemporaryDirectory() as folder:
        server = await start(folder)
        read: list[Reader] = []
        others: list[Counter] = []
        for _ in range(LIVE // _TIMED):  # in turn: who came first is told first
            read += await server.watch(1, "/jobs/ws")
            others += await server.count(_TIMED - 1, "/jobs/ws")
        for number in range(1, _JOBS):
            await server.job(seconds=7, per_second=_TOLD, phase=number / _JOBS)
        job_id = await server.job(seconds=5, per_second=_TOLD, phase=0.0)
        one = (await server.watch(1, f"/jobs/{job_id}/ws"))[0]
        await asyncio.gather(one.ended, *(reader.ended for reader in read))
        used = json.loads(one.last)["job"]["result"]
        await asyncio.sleep(3)  # all jobs have ended
        await stop(server)
    came = [len(reader.lags) for reader in read]
    if (fewest := min(each.frames for each in others)) < min(came):
        raise RuntimeError(f"one socket was told {fewest} frames, others {min(came)}")
    until = used["since"] + used["seconds"]
    lags = sorted(lag for reader in read for at, lag in reader.lags if used["since"] <= at < until)
    frames = len(lags) * _TIMED
    return {
        "core": used["cpu"] / used["seconds"] * 100,
        "p99": percentile(lags, 99) * 1000,
        "cost": used["cpu"] * 1e6 / frames,
        "rate": frames / LIVE / used["seconds"],
    }


def _seconds(job: dict[str, Any]) -> float:

    began, ended = (datetime.fromisoformat(job[name]) for name in ("started_at", "completed_at"))
    return (ended - began).total_seconds()


def _handshake(port: int, path: str) -> bytes:
    key = base64.b64encode(os.urandom(16)).decode()
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def _stall(port: int) -> socket.socket:
    """A client that asks to be told everything and never reads."""
    sleeper = socket.socket()
    sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sleeper.connect(("127.0.0.1", port))
    sleeper.sendall(_handshake(port, "/jobs/ws"))
    return sleeper


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
