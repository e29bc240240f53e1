"""A live progress bar: run `uvicorn examples.progress_bar:app`, POST to /jobs/count, follow its socket."""

import asyncio

from fastapi import FastAPI

from dayjob import JobQueue, ProgressReporter, job
from dayjob.web import LocalOnly, jobs_router


@job("count", "Count slowly")
async def count(job_id: str, to: int = 100) -> int:
    progress = ProgressReporter(job_id, total_items=to)
    for number in range(1, to + 1):
        await asyncio.sleep(0.05)
        await progress.update(1, f"at {number}")
    return to


app = FastAPI()
app.include_router(jobs_router(JobQueue("sqlite:///jobs.db"), auth=LocalOnly()), prefix="/jobs")
