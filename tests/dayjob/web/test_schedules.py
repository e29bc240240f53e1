"""The routes of schedules, over a real server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import serve
from tests.support import query

from dayjob import JobQueue, JobStatus
from dayjob.web import LocalOnly, jobs_router

Client = httpx2.AsyncClient


@pytest.fixture
async def daily(client: Client, queue: JobQueue) -> str:
    return queue.schedule("echo", "0 3 * * *", time_zone="Europe/Berlin", args={"text": "hi"}, name="daily")


async def test_the_list(client: Client, daily: str) -> None:
    answer = await client.get("/jobs/schedules")
    (schedule,) = answer.json()
    coming = datetime.fromisoformat(schedule.pop("next_run_at"))
    runs = [datetime.fromisoformat(run) for run in schedule.pop("next_runs")]
    assert (len(runs), runs[0], runs) == (5, coming, sorted(set(runs)))
    assert answer.status_code == 200
    assert coming > datetime.now(UTC)
    assert schedule == {
        "name": "daily",
        "type": "echo",
        "expression": "0 3 * * *",
        "time_zone": "Europe/Berlin",
        "words": "At 03:00 every day",
        "args": {"text": "hi"},
        "missed": "skip",
        "paused": False,
        "orphaned": False,
        "last_run_at": None,
        "last_job_id": None,
        "last_job": None,
        "error": None,
    }


@pytest.mark.parametrize("may_see", [True, False])
async def test_the_last_job_comes_with_its_schedule_for_who_may_see_it(queue: JobQueue, may_see: bool) -> None:
    app = FastAPI()
    rules: Any = {"authorize": lambda _who, _action, resource: may_see or not isinstance(resource, JobStatus)}
    app.include_router(jobs_router(queue, auth=LocalOnly(), **rules), prefix="/jobs")
    async with serve(app) as served, httpx2.AsyncClient(base_url=served.url, trust_env=False, verify=False) as client:
        for name in ("daily", "weekly"):
            queue.schedule("echo", "0 3 * * *", time_zone="Europe/Berlin", args={"text": "hi"}, name=name)
        assert [one["last_job"] for one in (await client.get("/jobs/schedules")).json()] == [None, None]
        job = await queue.enqueue("echo", job_args={"text": "hi"})
        await queue.wait(job, timeout=10)
        ran = "UPDATE dayjob_schedule SET last_job_id = CASE name WHEN 'daily' THEN ? ELSE 'removed' END"
        query(Path(queue.url.removeprefix("sqlite:///")), ran, str(job))
        daily, weekly = (await client.get("/jobs/schedules")).json()
        paused = (await client.post("/jobs/schedules/daily/pause")).json()
        assert (daily["last_job_id"], weekly["last_job_id"], weekly["last_job"]) == (job, "removed", None)
        assert (daily["last_job"] or {}).get("status") == ("completed" if may_see else None)
        assert paused["last_job"] == daily["last_job"]


async def test_no_schedules(client: Client) -> None:
    assert (await client.get("/jobs/schedules")).json() == []


async def test_pause_and_resume(client: Client, daily: str) -> None:
    for _ in range(2):
        paused = await client.post("/jobs/schedules/daily/pause")
        assert (paused.status_code, paused.json()["paused"], paused.json()["next_run_at"]) == (200, True, None)
    assert (await client.get("/jobs/schedules")).json() == [paused.json()]
    for _ in range(2):
        resumed = await client.post("/jobs/schedules/daily/resume")
        assert (resumed.status_code, resumed.json()["paused"]) == (200, False)
        assert resumed.json()["next_run_at"] is not None


async def test_run_now(client: Client, queue: JobQueue, daily: str) -> None:
    answer = await client.post("/jobs/schedules/daily/run")
    job = answer.json()
    assert (answer.status_code, job["type"], job["args"]) == (202, "echo", {"text": "hi"})
    assert answer.url.join(answer.headers["location"]).path == f"/jobs/{job['id']}"
    assert await queue.result(job["id"], timeout=10) == "hi"


@pytest.mark.parametrize("act", ["run", "pause", "resume"])
@pytest.mark.parametrize("name", ["nobody", "%00", "a%20b", "x" * 129])
async def test_a_name_that_is_unknown(client: Client, act: str, name: str) -> None:
    answer = await client.post(f"/jobs/schedules/{name}/{act}")
    assert (answer.status_code, answer.json()["code"]) == (404, "schedule_not_found")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_type_that_is_gone(client: Client, queue: JobQueue, daily: str) -> None:
    assert (await client.get("/jobs/schedules")).status_code == 200
    del queue.registry.job_types["echo"]
    answer = await client.post("/jobs/schedules/daily/run")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown_job_type")


async def test_other_sites_cannot_run_schedules(client: Client, daily: str) -> None:
    for act in ("run", "pause", "resume"):
        answer = await client.post(f"/jobs/schedules/daily/{act}", headers={"Origin": "https://evil.example"})
        assert answer.status_code == 403
    assert (await client.get("/jobs/schedules", headers={"Host": "evil.example"})).status_code == 421
