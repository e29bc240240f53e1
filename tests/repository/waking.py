"""A process that works on a queue and never polls: ``waking.py DATABASE``. It stops at the end of its input."""

from __future__ import annotations

import asyncio
import sys

from dayjob import JobQueue, JobRegistry
from dayjob.repository import writer

registry = JobRegistry()


@registry.job("echo")
async def echo(text: str) -> str:
    return text


@registry.job("sleeper")
async def sleeper() -> None:
    await asyncio.sleep(3600)


def never_poll() -> None:
    writer._IDLE_POLL = writer._WOKEN_POLL = 3600.0


async def main(database: str) -> None:
    never_poll()
    async with JobQueue(f"sqlite:///{database}", registry=registry, durability="process"):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
