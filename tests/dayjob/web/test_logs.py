"""Log lines at the front door: pages over REST, and live over the socket of a job."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from tests.dayjob.web.support import Gates, Served, frame, frames_to_the_end, make_app, serve

from dayjob import JobQueue


async def ended(queue: JobQueue, gates: Gates, lines: int) -> str:
    """A job that has ended and logged one line more than ``lines``."""
    job_id = await queue.enqueue("log", job_args={"lines": lines})
    gates.open(job_id)
    await queue.wait(job_id, timeout=10)
    return job_id


def texts(frames: list[dict[str, Any]]) -> list[str]:
    return [line["text"] for document in frames if document["type"] == "log" for line in document["lines"]]


class TestRest:
    async def test_pages_follow_each_other(self, client: httpx2.AsyncClient, queue: JobQueue, gates: Gates) -> None:
        job_id = await ended(queue, gates, 4)
        first = (await client.get(f"/jobs/{job_id}/logs", params={"limit": 3})).json()
        second = (await client.get(f"/jobs/{job_id}/logs", params={"after": first["next"]})).json()
        third = (await client.get(f"/jobs/{job_id}/logs", params={"after": second["next"]})).json()
        assert [line["text"] for line in first["items"]] == ["begun", "line 0", "line 1"]
        assert [line["text"] for line in second["items"]] == ["line 2", "line 3"]
        assert (third["items"], third["next"]) == ([], 5)
        line = first["items"][1]
        assert (line["seq"], line["attempt"], line["level"]) == (2, 1, "WARNING")
        assert line["at"].endswith("Z")

    async def test_an_unknown_job_is_404(self, client: httpx2.AsyncClient, server: Served) -> None:
        answer = await client.get("/jobs/nope/logs")
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")

    @pytest.mark.parametrize("query", ["after=-1", "after=x", "after=99999999999999999999", "limit=0", "limit=1001"])
    async def test_wrong_numbers_are_422(self, client: httpx2.AsyncClient, server: Served, query: str) -> None:
        assert (await client.get(f"/jobs/nope/logs?{query}")).status_code == 422


class TestSocket:
    async def test_lines_come_while_the_job_runs_and_all_before_its_end(
        self, server: Served, queue: JobQueue, gates: Gates
    ) -> None:
        job_id = await queue.enqueue("log", job_args={"lines": 120})
        async with server.ws(f"/jobs/{job_id}/ws?logs=1") as websocket:
            first = await frame(websocket)
            assert first["type"] == "status"
            told: list[dict[str, Any]] = []
            while not texts(told):
                told.append(await frame(websocket))
            gates.open(job_id)
            told += await frames_to_the_end(websocket)
        assert texts(told) == ["begun", *(f"line {n}" for n in range(120))]
        assert told[-1]["job"]["status"] == "completed"
        assert [f["job_id"] for f in told if f["type"] == "log"] == [job_id] * len(
            [f for f in told if f["type"] == "log"]
        )

    async def test_a_finished_job_is_told_with_its_lines_and_closed(
        self, server: Served, queue: JobQueue, gates: Gates
    ) -> None:
        job_id = await ended(queue, gates, 2)
        async with server.ws(f"/jobs/{job_id}/ws?logs=1") as websocket:
            status, *logs = await frames_to_the_end(websocket)
        assert status["job"]["status"] == "completed"
        assert texts(logs) == ["begun", "line 0", "line 1"]

    async def test_who_did_not_ask_gets_none(self, server: Served, queue: JobQueue, gates: Gates) -> None:
        job_id = await queue.enqueue("log")
        async with server.ws(f"/jobs/{job_id}/ws") as websocket, server.ws("/jobs/ws") as everywhere:
            await frame(websocket)
            gates.open(job_id)
            assert texts(await frames_to_the_end(websocket)) == []
            told = [await frame(everywhere)]
            while told[-1]["job"]["status"] != "completed":
                told.append(await frame(everywhere))
            assert {document["type"] for document in told} == {"status"}

    async def test_lines_of_another_process_come_too(self, queue: JobQueue, server: Served, gates: Gates) -> None:
        watching = JobQueue(queue.url, max_workers=0, registry=queue.registry)
        job_id = await queue.enqueue("log")
        async with serve(make_app(watching)) as elsewhere, elsewhere.ws(f"/jobs/{job_id}/ws?logs=1") as websocket:
            told: list[dict[str, Any]] = []
            while not texts(told):
                told.append(await frame(websocket))
            gates.open(job_id)
            told += await frames_to_the_end(websocket)
        assert texts(told) == ["begun", "line 0"]
