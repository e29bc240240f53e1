"""A job that fails twice and then works: attempts, back-off, and how its status tells."""

import asyncio
import sys

from dayjob import JobContext, JobQueue, constant, job


@job("flaky", "Fail twice", max_attempts=3, backoff=constant(0.05))
async def flaky(ctx: JobContext) -> str:
    if ctx.attempt < 3:
        raise ConnectionError(f"attempt {ctx.attempt} did not get through")
    return "done"


async def main(url: str) -> None:
    async with JobQueue(url) as queue:
        status = await queue.wait(await queue.enqueue("flaky"))
        print(status.status, "after", status.attempt, "attempts,", status.failures, "of them failed")


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1] if len(sys.argv) > 1 else "sqlite:///jobs.db"))
