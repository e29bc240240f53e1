"""An app in the event loop of a test."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient

from dayjob import (
    JobQueue,
)
from dayjob.testing import (
    LOCAL,
    drain,
    fake_clock,
    inline,
    running_app,
    temporary_database,
)
from dayjob.web import LocalOnly, get_job_queue, jobs_router


def app_of(queue: JobQueue, **options: Any) -> FastAPI:
    app = FastAPI(**options)
    app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")

    @app.post("/double")
    async def ask(n: int, own: Annotated[JobQueue, Depends(get_job_queue)]) -> str:
        return await own.enqueue("double", job_args={"n": n})

    return app


def client_of(app: Any) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=LOCAL["base_url"])


def test_a_test_client_on_this_machine_gets_in_by_http_and_by_socket(doubling: JobQueue, path: Path) -> None:
    app = app_of(doubling)
    for _ in range(2):  # a loop of its own each time
        with temporary_database(doubling), TestClient(app, **LOCAL) as client:
            answer = client.post("/jobs/double", json={"n": 4}, headers={"Prefer": "wait=10"})
            assert (answer.status_code, answer.json()["result"]) == (200, 8)
            with client.websocket_connect(f"ws://localhost/jobs/{answer.json()['id']}/ws") as socket:
                assert socket.receive_json()["job"]["status"] == "completed"
            assert len(client.get("/jobs").json()["items"]) == 1
    assert not path.exists()


async def test_an_app_runs_in_the_loop_of_the_test(doubling: JobQueue, path: Path) -> None:
    with temporary_database(doubling):
        async with running_app(app_of(doubling)) as app, client_of(app) as client:
            answers = [await client.post("/jobs/double", json={"n": 4}), await client.post("/double?n=5")]
            await drain(doubling)
            ids = answers[0].json()["id"], answers[1].json()
            assert [await doubling.result(job_id) for job_id in ids] == [8, 10]
        assert not doubling.running
    assert not path.exists()
    assert doubling.url == f"sqlite:///{path}"


async def test_inline_and_fake_clock_work_on_a_running_app(doubling: JobQueue) -> None:
    with temporary_database(doubling):
        async with running_app(app_of(doubling)) as app, client_of(app) as client:
            with inline(doubling):
                job = (await client.post("/jobs/double", json={"n": 4})).json()
                assert (await client.get(f"/jobs/{job['id']}")).json()["result"] == 8
            with fake_clock(doubling) as clock:
                late = (await client.post("/jobs/double?delay=3600", json={"n": 5})).json()
                await clock.advance(hours=1)
                assert (await doubling.result(late["id"])) == 10


@pytest.mark.parametrize("at", ["startup", "shutdown"])
async def test_what_the_lifespan_of_an_app_raises_is_raised(doubling: JobQueue, at: str) -> None:
    @contextlib.asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if at == "startup":
            raise OSError("no model")
        yield
        raise OSError("no model")

    with temporary_database(doubling), pytest.raises(OSError, match="no model"):
        async with running_app(app_of(doubling, lifespan=lifespan)):
            assert at == "shutdown"
    assert not doubling.running


async def test_an_app_without_a_lifespan_is_told() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        return

    with pytest.raises(RuntimeError, match="ended its lifespan at startup"):
        async with running_app(app):
            pass
