"""Handlers that are plain functions, and return something to await."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from dayjob import JobContext


def traced(func: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """As many decorators are: it does not know that what it calls is a coroutine."""

    @functools.wraps(func)
    def call(*args: Any, **kwargs: Any) -> Any:
        return func(*args, **kwargs)

    return call


async def add(n: int = 1, m: int = 2) -> int:
    await asyncio.sleep(0)
    return n + m


@traced
async def report(ctx: JobContext, n: int = 3) -> dict[str, Any]:
    for number in range(ctx.restored["done"] if ctx.restored else 0, n):
        await ctx.progress.update(1, f"at {number}", total=n)
        ctx.log.info("did %d", number)
    await ctx.checkpoint({"done": n})
    child = await ctx.enqueue_child("add", {"n": n})
    return {"job": ctx.job_id, "child": await ctx.join([child])}


@traced
async def fail() -> None:
    raise ValueError("no such thing")


@traced
async def wait(ready: str, done: str, ctx: JobContext) -> None:
    Path(ready).write_text("ready")
    try:
        await asyncio.sleep(600)
    finally:
        Path(done).write_text(str(ctx.stop_reason))


async def forgets_to_await(n: int = 1) -> Any:
    return add(n)
