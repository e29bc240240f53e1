"""Two people and one queue: each route, list, socket and frame shows and does only what ``may=`` lets through."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from starlette.requests import HTTPConnection
from tests.dayjob.web.support import Gates, Served, close_code_of, frame, frames_until, is_status, serve, until_running

from dayjob import JobQueue, JobRegistry, JobStatus
from dayjob.web import Principal, jobs_router, read_only
from dayjob.web.access import Access

USERS = ("ann", "bob")


async def signed_in(connection: HTTPConnection) -> Principal:
    """Whoever names themselves."""
    if (user := connection.headers.get("x-user")) is None:
        raise HTTPException(401, "Say who you are.")
    return Principal(user)


def own(principal: Principal, action: str, what: JobStatus | str | None) -> bool:
    """Everybody has what carries their label; ``root`` has everything; nobody else sees numbers and schedules."""
    if principal.name == "root":
        return True
    if isinstance(what, JobStatus):
        return what.args.get("label") == principal.name
    return action == "create" and what == "gate"


@pytest.fixture
async def server(queue: JobQueue) -> AsyncIterator[Served]:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=signed_in, may=own), prefix="/jobs")
    async with serve(app) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False, verify=False) as client:
        yield client


def as_(user: str) -> dict[str, dict[str, str]]:
    return {"headers": {"x-user": user}}


async def test_every_route_that_names_a_job(client: httpx2.AsyncClient, queue: JobQueue) -> None:
    ids = {user: await queue.enqueue("gate", job_args={"label": user}, delay=60) for user in USERS}
    for asking in USERS:
        for owner in USERS:
            allowed = asking == owner
            path = f"/jobs/{ids[owner]}"
            for method, url, right in [
                ("GET", path, 200),
                ("GET", f"{path}/logs", 200),
                ("GET", f"{path}/attempts", 200),
                ("POST", f"{path}/retry", 409),
                ("POST", f"{path}/cancel", 200),
                ("DELETE", path, 200),
                ("POST", f"{path}/retry", 202),
            ]:
                answer = await client.request(method, url, **as_(asking))
                assert answer.status_code == (right if allowed else 403), (asking, owner, method, url)
                assert allowed or owner not in answer.text


async def test_what_belongs_to_no_job(client: httpx2.AsyncClient, queue: JobQueue) -> None:
    queue.schedule("echo", "every 5 hours", name="often")
    asked = [("GET", "/jobs/stats"), ("GET", "/jobs/workers"), ("GET", "/jobs/schedules")]
    asked += [("POST", f"/jobs/schedules/often/{act}") for act in ("run", "pause", "resume")]
    for method, path in asked:
        assert (await client.request(method, path, **as_("ann"))).status_code == 403, path
        assert (await client.request(method, path, **as_("root"))).status_code in (200, 202), path
    assert [kind["name"] for kind in (await client.get("/jobs/types", **as_("ann"))).json()] == ["gate"]
    assert (await client.post("/jobs/echo", **as_("ann"))).status_code == 403


async def test_an_active_job_of_somebody_else_is_not_shown(client: httpx2.AsyncClient, queue: JobQueue) -> None:
    await queue.enqueue("sync_all", delay=60)
    answer = await client.post("/jobs/sync_all", **as_("root"))
    assert answer.status_code == 200
    app = FastAPI()
    may_create = jobs_router(queue, auth=signed_in, may=lambda _who, action, _what: action == "create")
    app.include_router(may_create, prefix="/jobs")
    async with serve(app) as other, httpx2.AsyncClient(base_url=other.url, trust_env=False, verify=False) as asking:
        refused = await asking.post("/jobs/sync_all", **as_("ann"))
        assert refused.status_code == 403
        held = await asking.post("/jobs/echo", headers={"x-user": "ann", "prefer": "wait=20"})
        assert (held.status_code, held.json()["result"]) == (202, None)  # to wait would be to read


async def test_the_active_job_of_somebody_else_is_not_shown_to_who_retries(
    client: httpx2.AsyncClient, queue: JobQueue, gates: Gates
) -> None:
    mine = await queue.enqueue("gate", job_args={"label": "ann"}, unique_key="one")
    gates.open(mine)
    await queue.wait(mine, 10)
    await queue.enqueue("gate", job_args={"label": "bob"}, unique_key="one", delay=60)
    refused = await client.post(f"/jobs/{mine}/retry", **as_("ann"))
    assert (refused.status_code, "bob" in refused.text) == (403, False)


async def test_lists_have_only_ones_own_and_pages_are_full(client: httpx2.AsyncClient, queue: JobQueue) -> None:
    for number in range(20):
        await queue.enqueue("gate", job_args={"label": USERS[number % 2]}, job_id=f"{USERS[number % 2]}-{number}")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = f"&cursor={cursor}" if cursor else ""
        page = (await client.get(f"/jobs?limit=4{query}", **as_("ann"))).json()
        seen += [job["id"] for job in page["items"]]
        assert len(page["items"]) == 4 or page["next"] is None
        cursor = page["next"]
    assert seen == [f"ann-{number}" for number in range(18, -1, -2)]


async def test_sockets_and_every_frame(server: Served, queue: JobQueue, gates: Gates) -> None:
    ids = {user: await queue.enqueue("gate", job_args={"label": user}) for user in USERS}
    for job_id in ids.values():
        await until_running(queue, job_id)
    for asking in USERS:
        for owner in USERS:
            path, headers = f"/jobs/{ids[owner]}/ws", {"x-user": asking}
            if asking == owner:
                async with server.ws(path, additional_headers=headers) as websocket:
                    assert (await frame(websocket))["job"]["id"] == ids[owner]
            else:
                assert await close_code_of(server, path, headers) == 4403
    async with server.ws("/jobs/ws", additional_headers={"x-user": "ann"}) as websocket:
        first = await frame(websocket)
        gates.of(ids["bob"]).set()
        await queue.wait(ids["bob"], 10)
        counting = await queue.enqueue("count_to_ten")  # without a label: nobody's
        gates.of(counting).set()
        await queue.wait(counting, 10)
        gates.of(ids["ann"]).set()
        frames = [first, *await frames_until(websocket, is_status("completed"))]
    assert {f["job"]["id"] for f in frames if f["type"] == "status"} == {ids["ann"]}
    assert "bob" not in json.dumps(frames)
    assert not [f for f in frames if f["type"] == "progress"]


async def test_progress_frames_reach_who_may_see_the_job(
    server: Served, queue: JobQueue, registry: JobRegistry, gates: Gates
) -> None:
    @registry.job("steps")
    async def steps(ctx: Any, label: str) -> None:
        await gates.of(ctx.job_id).wait()
        await ctx.progress.update(1, f"of {label}")

    async with server.ws("/jobs/ws", additional_headers={"x-user": "ann"}) as websocket:
        for user in ("bob", "ann"):
            job_id = await queue.enqueue("steps", job_args={"label": user})
            gates.of(job_id).set()
            await queue.wait(job_id, 10)
        frames = await frames_until(websocket, is_status("completed"))
    assert "of ann" in json.dumps(frames)
    assert "of bob" not in json.dumps(frames)


async def test_read_only(queue: JobQueue) -> None:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=signed_in, may=read_only), prefix="/jobs")
    async with serve(app) as served, httpx2.AsyncClient(base_url=served.url, trust_env=False, verify=False) as client:
        job_id = await queue.enqueue("echo", delay=60)
        for path in ("", "/stats", "/workers", "/schedules", f"/{job_id}", f"/{job_id}/logs", f"/{job_id}/attempts"):
            assert (await client.get(f"/jobs{path}", **as_("ann"))).status_code == 200, path
        for path in ("/echo", f"/{job_id}/cancel", f"/{job_id}/retry", "/schedules/x/run"):
            assert (await client.post(f"/jobs{path}", **as_("ann"))).status_code == 403, path
        assert (await client.delete(f"/jobs/{job_id}", **as_("ann"))).status_code == 403
        assert (await client.get("/jobs/types", **as_("ann"))).json() == []


def test_a_may_that_fails_means_no(caplog: pytest.LogCaptureFixture) -> None:
    def broken(principal: Any, action: str, what: Any) -> bool:
        raise KeyError("a bug")

    assert not Access(broken, "me").allows("read")
    assert "a bug" in caplog.text
    assert not Access(lambda *_: "yes", "me").allows("read")  # type: ignore[arg-type, return-value]


def test_a_may_that_cannot_be_asked_is_refused(queue: JobQueue) -> None:
    async def later(principal: Any, action: str, what: Any) -> bool:
        return True

    for may in (later, "all", 5):
        with pytest.raises(TypeError, match="may="):
            jobs_router(queue, auth=signed_in, may=may)  # type: ignore[arg-type]
