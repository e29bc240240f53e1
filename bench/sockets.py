"""What stalled browser tabs cost a job: it is watched by 100 live sockets, with and without 20 that never read."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from websockets.asyncio.client import connect

from dayjob import JobQueue, JobRegistry, ProgressReporter
from dayjob.web import LocalOnly, jobs_router

LIVE, STALLED = 100, 20
_STEPS, _PAUSE = 300, 0.01  # the job: three seconds of small steps, each with a long message

registry = JobRegistry()


@registry.job("steps")
async def steps(job_id: str) -> float:
    """Many updates; returns how many seconds they took."""
    progress = ProgressReporter(job_id, total_items=_STEPS)
    began = time.perf_counter()
    for number in range(_STEPS):
        await asyncio.sleep(_PAUSE)
        await progress.update(1, f"{number} " + "x" * 900)
    return time.perf_counter() - began


async def seconds(folder: Path, stalled: int) -> float:
    """How long the job takes while it is watched by the live sockets and ``stalled`` others."""
    queue = JobQueue(f"sqlite:///{folder}/sockets-{stalled}-{time.monotonic_ns()}.db", registry=registry)
    async with served(queue) as port:
        job_id = await queue.enqueue("steps", delay=1.0)
        sleepers = [_stall(port, job_id) for _ in range(stalled)]
        live = [asyncio.create_task(_watch(port, job_id)) for _ in range(LIVE)]
        took = float(await queue.result(job_id))
        endings = await asyncio.gather(*live)
        for sleeper in sleepers:
            sleeper.close()
    if any('"completed"' not in ending for ending in endings):
        raise RuntimeError("a live socket missed the end")
    return took


@contextlib.asynccontextmanager
async def served(queue: JobQueue) -> AsyncIterator[int]:
    """The queue behind a web server; yields the port."""
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")
    server = uvicorn.Server(
        uvicorn.Config(
            app, log_config=None, ws="websockets-sansio", ws_per_message_deflate=False, timeout_graceful_shutdown=2
        )
    )
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    listener.setblocking(False)
    serving = asyncio.create_task(server.serve([listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield listener.getsockname()[1]
    server.should_exit = True
    await serving


async def _watch(port: int, job_id: str) -> str:
    last = ""
    async with connect(f"ws://127.0.0.1:{port}/jobs/{job_id}/ws", compression=None) as socket_:
        async for frame in socket_:
            last = str(frame)
    return last


def _stall(port: int, job_id: str) -> socket.socket:
    """A socket that asks to be told everything and never reads."""
    sleeper = socket.socket()
    sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sleeper.connect(("127.0.0.1", port))
    key = base64.b64encode(os.urandom(16)).decode()
    sleeper.sendall(
        f"GET /jobs/{job_id}/ws HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
    )
    return sleeper
