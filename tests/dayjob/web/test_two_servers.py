"""Two real servers on one database file: what one of them does, the sockets of the other tell."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from tests.dayjob.web.support import Served, frame, frames_until, is_status
from tests.processes import uvicorn

APP = """
from fastapi import FastAPI
from dayjob import JobQueue, job
from dayjob.web import LocalOnly, jobs_router

@job("echo")
async def echo(text: str = "hi") -> str:
    return text

app = FastAPI()
app.include_router(jobs_router(JobQueue("sqlite:///jobs.db"), auth=LocalOnly()), prefix="/jobs")
"""


def is_about(job_id: str, document: dict[str, Any]) -> bool:
    return bool(document["type"] == "status" and document["job"]["id"] == job_id)


async def test_changes_of_another_process_reach_the_sockets(tmp_path: Path) -> None:
    (tmp_path / "served_app.py").write_text(APP)
    with uvicorn("served_app:app", tmp_path) as first, uvicorn("served_app:app", tmp_path) as second:
        one, other = (Served(int(address.rpartition(":")[2])) for address in (first, second))
        async with httpx2.AsyncClient(base_url=other.url, trust_env=False, verify=False, timeout=30) as client:
            async with asyncio.timeout(60):
                while len((await client.get("/jobs/workers")).json()) < 2:
                    await asyncio.sleep(0.05)
            async with one.ws("/jobs/ws") as everything:
                took = []
                for number in range(5):
                    made = (await client.post("/jobs/echo", json={"text": str(number)}, params={"delay": 3600})).json()
                    began = time.monotonic()
                    await frames_until(everything, partial(is_about, made["id"]))
                    async with one.ws(f"/jobs/{made['id']}/ws") as single:
                        assert (await frame(single))["job"]["status"] == "pending"
                        await client.delete(f"/jobs/{made['id']}")
                        await frames_until(single, is_status("cancelled"))
                    took.append(time.monotonic() - began)
    print("seconds for a job and its cancel to be told:", [round(each, 3) for each in took])
