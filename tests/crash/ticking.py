"""A process that runs a schedule every second until it is killed: ``ticking.py DATABASE``."""

from __future__ import annotations

import asyncio
import sys

from dayjob import JobQueue, JobRegistry

registry = JobRegistry()


@registry.job("often", schedule="every 1 second", max_attempts=3)
async def often() -> None: ...


async def main(database: str) -> None:
    async with JobQueue(f"sqlite:///{database}", registry=registry, max_workers=2, grace=0.5):
        print("ready", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
