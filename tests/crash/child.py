"""A process that works on a queue until it is killed: ``child.py DATABASE LEDGER [SECONDS BETWEEN BEATS]``.

Its handlers write what they do into the ledger with O_APPEND, which a kill cannot undo and no queue can embellish.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
import time
from pathlib import Path

from dayjob import JobContext, JobQueue, JobRegistry, processes
from dayjob.crashtest.ledger import Ledger
from dayjob.engine import loop_monitor

registry = JobRegistry()
ledger: Ledger  # of this process, once it is one


def note(what: str, ctx: JobContext) -> None:
    ledger.note(what, ctx.job_id, ctx.attempt)


@registry.job("hold")
async def hold(ctx: JobContext) -> str:
    """Goes on until it is told to stop, and says so."""
    note("begin", ctx)
    try:
        while True:
            await ctx.progress.update(1)
            await asyncio.sleep(0.02)
    finally:
        note(f"stopped-{ctx.stop_reason}", ctx)


@registry.job("block")
async def block(ctx: JobContext) -> None:
    """Blocks the event loop until a file says that it is enough."""
    note("begin", ctx)
    while not Path(f"{sys.argv[2]}.enough").exists():
        pass
    note("end", ctx)


@registry.job("beside")
async def beside(ctx: JobContext) -> None:
    """Innocent: it is under way whenever the process is killed, but the third time it comes to an end."""
    note("begin", ctx)
    await asyncio.sleep(3600 if ctx.attempt <= 2 else 0.3)
    note("end", ctx)


@registry.job("poison_in_company")
async def poison_in_company(ctx: JobContext, company: int) -> None:
    """Kills its process, the first two times when as many others have begun there."""
    note("begin", ctx)
    while ctx.attempt <= 2 and _begun_here() <= company:
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), 9)


def _begun_here() -> int:
    lines = Path(sys.argv[2]).read_text().splitlines()
    return sum(line.startswith("begin") and line.endswith(f" {os.getpid()}") for line in lines)


@registry.job("poison")
async def poison(ctx: JobContext) -> None:
    note("begin", ctx)
    os.kill(os.getpid(), 9)


def _is_far_enough(ctx: JobContext, items: int) -> bool:
    """The first two attempts are to be killed: they wait for it when they are well ahead of the slowest."""
    return ctx.attempt <= 2 and items > 40


@registry.job("resume_task")
async def resume_task(ctx: JobContext, items: str, to: int) -> int:
    begins = ctx.restored or 0
    for number in range(begins + 1, to + 1):
        line(items, f"item {number}")
        await ctx.progress.update(1, total=to)
        await asyncio.sleep(3600 if _is_far_enough(ctx, number - begins) else random.uniform(0, 0.02))
        await ctx.checkpoint(number)
        line(items, f"kept {number}")
    return ctx.progress.processed_items


def resume_call(ctx: JobContext, items: str, to: int) -> int:
    begins = ctx.restored or 0
    for number in range(begins + 1, to + 1):
        line(items, f"item {number}")
        ctx.progress.update(1, total=to)
        time.sleep(3600 if _is_far_enough(ctx, number - begins) else random.uniform(0, 0.02))
        ctx.checkpoint(number)
        line(items, f"kept {number}")
    return ctx.progress.processed_items


registry.register("resume_thread", resume_call)


@registry.job("resume_process", run_in="process")
def resume_process(ctx: JobContext, items: str, to: int) -> int:
    return resume_call(ctx, items, to)


@registry.job("leaf")
async def leaf(ctx: JobContext, n: int, gate: str) -> int:
    """A child that ends when there is a file of this name."""
    note("begin", ctx)
    while not Path(gate).exists():
        await asyncio.sleep(0.01)
    note("end", ctx)
    return n


@registry.job("family_task")
async def family_task(ctx: JobContext, children: int, gate: str) -> int:
    added = []
    for n in range(children):
        added.append(await ctx.enqueue_child(leaf, {"n": n, "gate": gate}))
        await asyncio.sleep(0.01)
    return sum(await ctx.join(added))


def family_call(ctx: JobContext, children: int, gate: str) -> int:
    added = []
    for n in range(children):
        added.append(ctx.enqueue_child("leaf", {"n": n, "gate": gate}))
        time.sleep(0.01)
    return sum(ctx.join(added))


registry.register("family_thread", family_call)


@registry.job("family_process", run_in="process")
def family_process(ctx: JobContext, children: int, gate: str) -> int:
    return family_call(ctx, children, gate)


def line(path: str, text: str) -> None:
    """Also from a child process, which has not got the ledger."""
    with open(path, "a") as lines:
        lines.write(text + "\n")


async def main(database: str, ledger_path: str, beat: str = "2") -> None:
    global ledger
    ledger = Ledger(Path(ledger_path))
    processes.BEAT_EVERY, processes.DEAD_AFTER = float(beat), 3 * float(beat)
    loop_monitor.BLOCKED_AFTER = 2.5 * float(beat)
    async with JobQueue(f"sqlite:///{Path(database)}", registry=registry, max_workers=4, grace=0.5):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
