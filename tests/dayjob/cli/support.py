"""Databases with jobs for the commands, and the command as a process of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from dayjob import JobContext, JobQueue, JobRegistry, JobStatus, ProgressReporter
from dayjob.testing import drain

HOSTILE = "\x1b[2J\x1b]0;owned\a\r\nsecond line \x9b31m \u202e"


def make_registry() -> JobRegistry:
    registry = JobRegistry()

    @registry.job("echo")
    async def echo(text: str = "hello") -> str:
        return text

    @registry.job("fail")
    async def fail(text: str = "it broke") -> None:
        raise RuntimeError(text)

    @registry.job("talk")
    async def talk(job_id: str, text: str) -> None:
        await ProgressReporter(job_id, total_items=2).update(1, text)

    @registry.job("stutter", max_attempts=2, backoff=lambda _: 0)
    async def stutter(ctx: JobContext, text: str = "a line") -> None:
        ctx.log.info(text)
        if ctx.attempt == 1:
            raise ValueError("not yet")

    return registry


def fill(*jobs: tuple[str, dict[str, Any]], run: bool = True, ids: tuple[str, ...] = (), delay: float = 0) -> list[str]:
    """Add jobs to ``jobs.db`` here, run them all, and return their ids."""

    async def filling() -> list[str]:
        async with JobQueue(max_workers=1 if run else 0, registry=make_registry(), durability="process") as queue:
            added = [
                await queue.enqueue(job_type, job_args=args, job_id=ids[n] if ids else None, delay=delay)
                for n, (job_type, args) in enumerate(jobs)
            ]
            if run:
                await drain(queue)
            return added

    return asyncio.run(filling())


def stored(url: str = "sqlite:///jobs.db") -> list[JobStatus]:
    async def read() -> list[JobStatus]:
        async with JobQueue(url, max_workers=0, registry=make_registry(), durability="process") as queue:
            return (await queue.list_jobs()).items

    return asyncio.run(read())


def start(folder: Path, *arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "dayjob.cli", *arguments]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    return subprocess.Popen(command, cwd=folder, text=True, env=environment, **pipes)


def finished(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=30)
    return process.returncode, out, err
