"""A process that works on a queue and never looks by itself: ``waking.py DATABASE``. It stops with its input."""

from __future__ import annotations

import asyncio
import sys

from dayjob import JobQueue, JobRegistry, processes
from dayjob.repository.sqlite import connection

registry = JobRegistry()


@registry.job("echo")
async def echo(text: str) -> str:
    return text


@registry.job("sleeper")
async def sleeper() -> None:
    await asyncio.sleep(3600)


def never_look() -> None:
    """A beat is a transaction, too, which sees what others wrote."""
    connection._IDLE_POLL = connection._WOKEN_POLL = processes.BEAT_EVERY = 3600.0


async def main(database: str) -> None:
    never_look()
    async with JobQueue(f"sqlite:///{database}", registry=registry, durability="process"):
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
