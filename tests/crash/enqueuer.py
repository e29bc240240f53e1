"""A process that enqueues jobs and prints each id as soon as it is accepted, until it is killed."""

from __future__ import annotations

import asyncio
import sys

from dayjob import JobQueue, JobRegistry


async def nothing(job_id: str) -> None: ...


async def main(database: str) -> None:
    async with JobQueue(f"sqlite:///{database}", registry=JobRegistry(), max_workers=0) as queue:
        while True:
            for job_id in await asyncio.gather(*(queue.enqueue("nothing", nothing) for _ in range(5))):
                sys.stdout.write(f"{job_id}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
