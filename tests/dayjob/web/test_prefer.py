"""``Idempotency-Key`` and ``Prefer: wait``, over a real server."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from starlette.requests import HTTPConnection
from tests.dayjob.web.support import serve
from tests.support import eventually, query

from dayjob import JobQueue
from dayjob.web import jobs_router
from dayjob.web.prefer import parse_wait

Client = httpx2.AsyncClient


class TestIdempotencyKey:
    async def test_a_repeated_request_gets_the_same_job_and_says_so(self, client: Client) -> None:
        send = {"json": {"text": "a"}, "headers": {"Idempotency-Key": "k"}}
        first, second = [await client.post("/jobs/echo", **send) for _ in range(2)]  # type: ignore[arg-type]
        assert (first.status_code, second.status_code) == (202, 202)
        assert first.json()["id"] == second.json()["id"]
        assert first.headers["location"] == second.headers["location"]
        assert "idempotency-replayed" not in first.headers
        assert second.headers["idempotency-replayed"] == "true"

    @pytest.mark.parametrize(
        "changed", [{"json": {"text": "b"}}, {"params": {"priority": 1}}, {"url": "/jobs/anything"}]
    )
    async def test_another_request_with_the_key_is_422(self, client: Client, changed: dict[str, Any]) -> None:
        send: dict[str, Any] = {"url": "/jobs/echo", "json": {}, "headers": {"Idempotency-Key": "k"}}
        await client.post(**send)
        answer = await client.post(**(send | changed))
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")
        assert answer.headers["content-type"] == "application/problem+json"

    @pytest.mark.parametrize("key", ["", "k" * 256])
    async def test_a_key_that_is_none_is_422(self, client: Client, key: str) -> None:
        answer = await client.post("/jobs/echo", json={}, headers={"Idempotency-Key": key})
        assert answer.status_code == 422

    async def test_a_job_that_is_not_kept_any_more_is_404(self, client: Client, queue: JobQueue) -> None:
        job = (await client.post("/jobs/echo", headers={"Idempotency-Key": "k"})).json()
        await queue.wait(job["id"], 10)
        query(queue._get_engine().repository.database.path, "DELETE FROM dayjob_job")
        answer = await client.post("/jobs/echo", headers={"Idempotency-Key": "k"})
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")

    async def test_principals_do_not_meet_in_a_key(self, queue: JobQueue) -> None:
        async def who(connection: HTTPConnection) -> str | None:
            return connection.headers.get("x-who")

        app = FastAPI()
        app.include_router(jobs_router(queue, auth=who), prefix="/jobs")
        async with serve(app) as served, served.client() as client:
            made = []
            for name in ("ada", "bob", "ada"):
                headers = {"Idempotency-Key": "k", "X-Who": name}
                made.append((await client.post("/jobs/echo", headers=headers)).json()["id"])
        assert made[0] == made[2] != made[1]


class TestPrefer:
    async def test_the_answer_is_held_until_the_job_ended(self, client: Client) -> None:
        answer = await client.post("/jobs/add", json={"a": 2, "b": 3}, headers={"Prefer": "wait=20"})
        assert (answer.status_code, answer.json()["status"], answer.json()["result"]) == (200, "completed", 5)
        assert answer.headers["preference-applied"] == "wait=20"
        assert answer.headers["location"] == f"/jobs/{answer.json()['id']}"

    async def test_a_failure_ends_it_too(self, client: Client) -> None:
        answer = await client.post("/jobs/fail", headers={"Prefer": "wait=20"})
        assert (answer.status_code, answer.json()["status"]) == (200, "failed")

    async def test_when_it_takes_longer_the_job_is_told_as_it_is(self, client: Client, queue: JobQueue) -> None:
        answer = await client.post("/jobs/gate", headers={"Prefer": "respond-async, wait=1"})
        assert (answer.status_code, answer.json()["status"]) == (202, "running")
        assert answer.headers["preference-applied"] == "wait=1"

    async def test_without_the_wish_nothing_is_held(self, client: Client) -> None:
        answer = await client.post("/jobs/gate", headers={"Prefer": "wait=soon"})
        assert answer.status_code == 202
        assert "preference-applied" not in answer.headers

    async def test_a_client_that_leaves_ends_the_wait(self, client: Client, queue: JobQueue) -> None:
        held = asyncio.create_task(client.post("/jobs/gate", headers={"Prefer": "wait=20"}))
        await eventually(lambda: queue._get_engine().feed._waits)
        held.cancel()  # httpx closes the connection
        await eventually(lambda: not queue._get_engine().feed._waits, 5)

    async def test_a_queue_that_stops_ends_the_wait(self, client: Client, queue: JobQueue) -> None:
        held = asyncio.create_task(client.post("/jobs/gate", headers={"Prefer": "wait=20"}))
        await eventually(lambda: queue._get_engine().feed._waits)
        await queue.stop(0.1)
        answer = await held
        assert (answer.status_code, answer.json()["type"]) == (202, "gate")

    @pytest.mark.parametrize(
        ("header", "seconds"),
        [
            (None, 0),
            ("wait=5", 5),
            ("wait=60", 20),
            ("respond-async, Wait = 7; x", 7),
            ("wait=0", 0),
            ("wait=-1", 0),
            ("wait=" + "9" * 400, 0),
            ("wait", 0),
            ("nowait=5", 0),
        ],
    )
    def test_how_long_is_read_from_the_header(self, header: str | None, seconds: int) -> None:
        assert parse_wait(header) == seconds
