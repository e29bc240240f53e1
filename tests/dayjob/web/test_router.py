"""The router in apps: prefixes, several queues, lifespans, dependencies of one's own, the headers of every answer."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from tests.dayjob.web.support import (
    Client,
    Gates,
    client_of,
    make_app,
    make_registry,
    post,
)

from dayjob import JobQueue
from dayjob.errors import QueueNotRunning
from dayjob.web import LocalOnly, Token, get_job_queue, get_websocket_manager, jobs_router


class TestHeaders:
    async def test_no_cache_keeps_an_answer_and_no_browser_guesses_what_it_is(
        self, client: Client, queue: JobQueue
    ) -> None:
        job = await post(client, "echo")
        await queue.wait(job["id"], 10)
        path = f"/jobs/{job['id']}"
        tag = (await client.get(path)).headers["etag"]
        answers = [
            await client.post("/jobs/echo", json={}),
            await client.post("/jobs/echo", content="a=b"),
            await client.post("/jobs/echo", json={"text": 1}),
            await client.get(path, headers={"if-none-match": tag}),
            await client.put(path),
            await client.get("/jobs/nothing"),
            await client.get("/jobs", params={"limit": "many"}),
            await client.get("/jobs", headers={"host": "evil.example"}),
        ]
        answers += [await client.get(f"/jobs{each}") for each in ("", "/types", "/stats", "/workers", "/schedules")]
        answers += [await client.get(f"{path}/{each}") for each in ("logs", "attempts")]
        assert {answer.status_code for answer in answers} >= {200, 202, 304, 404, 405, 415, 421, 422}
        for answer in answers:
            assert answer.headers.get_list("cache-control") == ["no-store"], answer.url
            assert answer.headers["x-content-type-options"] == "nosniff"
        assert (await client.get("/jobs/ui/")).headers["cache-control"] == "no-cache"

    async def test_the_document_can_stand_behind_the_same_door(self, queue: JobQueue, path: Path) -> None:
        auth = Token("a-token-of-this-test")
        app = FastAPI(openapi_url=None)
        app.add_api_route("/openapi.json", lambda: app.openapi(), dependencies=[Depends(auth)], include_in_schema=False)
        app.include_router(jobs_router(queue, auth=auth), prefix="/jobs")
        async with client_of(app) as client:
            for closed in ("/openapi.json", "/docs", "/redoc"):
                answer = await client.get(closed)
                assert answer.status_code in (401, 404), closed
                assert "echo" not in answer.text
            owner = {"authorization": "Bearer a-token-of-this-test"}
            document = (await client.get("/openapi.json", headers=owner)).json()
        assert "/jobs/echo" in document["paths"]


async def test_methods_that_a_path_does_not_take(client: Client) -> None:
    for method, path in (("PUT", "/jobs/x"), ("PATCH", "/jobs"), ("PUT", "/jobs/types"), ("GET", "/jobs/x/retry")):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["allow"]


@pytest.mark.parametrize("path", ["/jobs?stat=failed", "/jobs/types?x=1", "/jobs/some?x", "/jobs/some/logs?before=1"])
async def test_unknown_query_parameters_are_named(client: Client, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["parameter"] == path.partition("?")[2].partition("=")[0]


class TestInApps:
    @pytest.mark.parametrize("prefix", ["/api/v1/tasks", "/a/jobs/b", "/übung"])
    async def test_another_prefix(self, queue: JobQueue, prefix: str) -> None:
        app = FastAPI()
        app.include_router(jobs_router(queue, auth=LocalOnly()), prefix=prefix)
        async with client_of(app) as client:
            created = await client.post(f"{prefix}/echo")
            assert created.status_code == 202
            found = await client.get(created.headers["location"])
            assert found.json()["id"] == created.json()["id"]
            assert (await client.get(prefix)).json()["items"][0]["id"] == created.json()["id"]

    async def test_a_prefix_with_a_parameter_cannot_forge_headers(self, queue: JobQueue) -> None:
        app = FastAPI()
        app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/of/{tenant}/jobs")
        async with client_of(app) as client:
            created = await client.post("/of/a%0d%0aset-cookie:%20x=1%3F%23/jobs/echo")
            assert created.status_code == 202
            assert "set-cookie" not in created.headers
            assert (await client.get(created.headers["location"])).json()["id"] == created.json()["id"]

    async def test_a_proxy_that_strips_the_root_path(self, queue: JobQueue) -> None:
        app = make_app(queue)

        async def behind_proxy(scope: Any, receive: Any, send: Any) -> None:
            await app(scope | {"root_path": "/proxied"}, receive, send)

        async with client_of(behind_proxy) as client:
            created = await client.post("/jobs/echo")
            assert created.headers["location"] == f"/proxied/jobs/{created.json()['id']}"
            direct = await client.post("/proxied/jobs/echo")
            assert direct.headers["location"] == f"/proxied/jobs/{direct.json()['id']}"

    async def test_the_servers_root_path(self, queue: JobQueue) -> None:
        async with client_of(make_app(queue), root_path="/proxied") as client:
            created = await client.post("/jobs/echo")
            assert created.headers["location"] == f"/proxied/jobs/{created.json()['id']}"

    async def test_two_queues_in_one_app(self, tmp_path: Path) -> None:
        queues = [
            JobQueue(f"sqlite:///{tmp_path}/{n}.db", registry=make_registry(Gates()), durability="process")
            for n in (1, 2)
        ]
        app = FastAPI()
        for number, queue in enumerate(queues, 1):
            app.include_router(jobs_router(queue, auth=LocalOnly()), prefix=f"/jobs{number}")
        async with client_of(app) as client:
            created = (await client.post("/jobs1/echo")).json()["id"]
            assert (await client.get(f"/jobs1/{created}")).status_code == 200
            assert (await client.get(f"/jobs2/{created}")).status_code == 404
            assert len((await client.get("/jobs1")).json()["items"]) == 1
            assert (await client.get("/jobs2")).json()["items"] == []

    async def test_a_router_included_twice_starts_once(self, queue: JobQueue) -> None:
        router = jobs_router(queue, auth=LocalOnly())
        app = FastAPI()
        app.include_router(router, prefix="/jobs")
        app.include_router(router, prefix="/again")
        async with client_of(app) as client:
            created = (await client.post("/jobs/echo")).json()["id"]
            assert (await queue.wait(created, 10)).status == "completed"
            assert (await client.get(f"/again/{created}")).status_code == 200
            assert len(await queue.workers()) == 1
        assert not queue.running

    async def test_the_queue_stops_with_the_app_and_starts_again(self, queue: JobQueue) -> None:
        for _ in range(2):
            assert not queue.running
            async with client_of(make_app(queue)) as client:
                assert queue.running
                assert (await client.post("/jobs/echo")).status_code == 202
        assert not queue.running

    async def test_lifespans_compose(self, queue: JobQueue) -> None:
        told: list[str] = []

        @contextlib.asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[dict[str, Any]]:
            told.append("up")
            yield {"mine": 42}
            told.append("down")

        app = make_app(queue, lifespan=lifespan)

        @app.get("/mine")
        async def mine(request: Request) -> int:
            value: int = request.state.mine
            return value

        async with client_of(app) as client:
            assert (await client.get("/mine")).json() == 42
            assert (await client.post("/jobs/echo")).status_code == 202
        assert told == ["up", "down"]

    async def test_a_started_queue_is_not_stopped_by_the_app(self, queue: JobQueue) -> None:
        async with queue:
            async with client_of(make_app(queue)) as client:
                await client.post("/jobs/echo")
            assert queue.running


class TestDependencies:
    async def test_the_queue_in_a_route_of_ones_own(self, queue: JobQueue) -> None:
        app = make_app(queue)

        @app.post("/scenes/import")
        async def start(jobs: Annotated[JobQueue, Depends(get_job_queue)]) -> dict[str, Any]:
            return {"id": await jobs.enqueue("echo"), "same": jobs is queue}

        @app.get("/watchers")
        async def watchers(manager: Annotated[Any, Depends(get_websocket_manager)]) -> int:
            return len(manager.active_connections)

        async with client_of(app) as client:
            answer = (await client.post("/scenes/import")).json()
            assert answer["same"]
            assert (await client.get(f"/jobs/{answer['id']}")).status_code == 200
            assert (await client.get("/watchers")).json() == 0

    async def test_the_queue_is_overridden_in_tests(self, queue: JobQueue, tmp_path: Path) -> None:
        other = JobQueue(f"sqlite:///{tmp_path}/other.db", registry=queue.registry, durability="process")
        app = make_app(queue)
        app.dependency_overrides[get_job_queue] = lambda: other
        async with client_of(app) as client, other:
            job_id = await other.enqueue("echo", job_id="of-the-other")
            assert (await client.get(f"/jobs/{job_id}")).status_code == 200
            created = (await client.post("/jobs/echo")).json()["id"]
            assert await other.get_job_status(created) is not None

    async def test_a_mounted_app_without_lifespan_says_what_to_do(self, queue: JobQueue) -> None:
        outer = FastAPI()
        outer.mount("/sub", make_app(queue))
        async with client_of(outer) as client:
            for method, path in (
                ("GET", ""),
                ("POST", "/echo"),
                ("GET", "/x"),
                ("DELETE", "/x"),
                ("POST", "/x/cancel"),
            ):
                answer = await client.request(method, f"/sub/jobs{path}")
                assert (answer.status_code, answer.json()["code"]) == (503, "queue_not_running")
                assert "async with queue:" in answer.json()["detail"]
                assert answer.headers["retry-after"] == "5"

    async def test_a_mounted_app_works_when_that_is_done(self, queue: JobQueue) -> None:
        @contextlib.asynccontextmanager
        async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
            async with queue:
                yield

        outer = FastAPI(lifespan=lifespan)
        outer.mount("/sub", make_app(queue))
        async with client_of(outer) as client:
            created = await client.post("/sub/jobs/echo")
            assert created.headers["location"] == f"/sub/jobs/{created.json()['id']}"
            assert (await client.get(created.headers["location"])).status_code == 200

    async def test_a_route_of_ones_own_without_lifespan_says_what_to_do(self) -> None:
        app = FastAPI()

        @app.exception_handler(QueueNotRunning)
        async def told(_request: Request, error: QueueNotRunning) -> JSONResponse:
            return JSONResponse(str(error), 503)

        @app.get("/mine")
        async def mine(jobs: Annotated[JobQueue, Depends(get_job_queue)]) -> None: ...

        async with client_of(app) as client:
            assert "async with queue:" in (await client.get("/mine")).json()
