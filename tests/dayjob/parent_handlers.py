"""Handlers with children that run in child processes, and in a thread or a task as well."""

from __future__ import annotations

import contextlib
import os
import threading
from typing import Any

from dayjob import JobContext
from dayjob.errors import JobExists, UnknownJobType

gate = threading.Event()  # open: the children may end
gate.set()


def double(n: int) -> int:
    assert gate.wait(20)
    return 2 * n


def note(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, f"{text}\n".encode())
    os.close(descriptor)


def add_up(ctx: JobContext, ns: list[int], path: str) -> dict[str, Any]:
    """A plain function: its calls wait themselves."""
    note(path, f"run {ctx.attempt} {ctx.restored}")
    ctx.checkpoint("been here")
    children = [ctx.enqueue_child(double, {"n": n}) for n in ns]
    children.append(ctx.enqueue_child("double", {"n": 100}, key="a hundred", timeout=30))
    results = ctx.join(children)
    note(path, f"joined {len(set(children))}")
    return {"sum": sum(results), "results": results}


async def add_up_in_task(ctx: JobContext, ns: list[int], path: str) -> dict[str, Any]:
    note(path, f"run {ctx.attempt} {ctx.restored}")
    await ctx.checkpoint("been here")
    children = [await ctx.enqueue_child(double, {"n": n}) for n in ns]
    children.append(await ctx.enqueue_child("double", {"n": 100}, key="a hundred", timeout=30))
    results = await ctx.join(children)
    note(path, f"joined {len(set(children))}")
    return {"sum": sum(results), "results": results}


def make_mistakes(ctx: JobContext) -> list[str]:
    """What is raised in the handler, one after the other; it goes on."""
    told = []
    ctx.enqueue_child(double, {"n": 1}, key="k")
    for call in (
        lambda: ctx.enqueue_child("nobody", {}),
        lambda: ctx.enqueue_child(double, {"m": 1}),
        lambda: ctx.enqueue_child(double, {"n": 2}, key="k"),
        lambda: ctx.enqueue_child(double, {"n": 2}, key=""),
        lambda: ctx.enqueue_child(double, {"n": 2}, delay=-1),
        lambda: ctx.join([7]),  # type: ignore[list-item]
    ):
        try:
            call()
        except (UnknownJobType, JobExists, ValueError, TypeError) as error:
            told.append(type(error).__name__)
    return told


def swallow(ctx: JobContext) -> str:
    with contextlib.suppress(BaseException):  # what nobody should do
        ctx.join([ctx.enqueue_child("never")])
    return "done, says the handler"


def large(ctx: JobContext) -> int:
    """Answers that no pipe takes at once."""
    children = [ctx.enqueue_child("text", {"n": 300_000 + n}) for n in range(4)]
    return sum(map(len, ctx.join(children)))
