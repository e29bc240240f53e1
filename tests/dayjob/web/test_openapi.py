"""The OpenAPI document has an operation for each job type."""

from __future__ import annotations

import json

import pytest
from tests.dayjob.web.support import (
    Client,
    make_app,
)

from dayjob import JobQueue
from dayjob.web import LocalOnly, jobs_router


class TestDocument:
    async def test_openapi_is_json_with_the_routes(self, client: Client, queue: JobQueue) -> None:
        answer = await client.get("/openapi.json")
        document = json.loads(answer.content, parse_constant=lambda name: pytest.fail(name))
        assert {path: sorted(item) for path, item in document["paths"].items()} == {
            "/jobs": ["get"],
            "/jobs/schedules": ["get"],
            "/jobs/schedules/{name}/pause": ["post"],
            "/jobs/schedules/{name}/resume": ["post"],
            "/jobs/schedules/{name}/run": ["post"],
            "/jobs/types": ["get"],
            "/jobs/stats": ["get"],
            "/jobs/workers": ["get"],
            "/jobs/{job_id}": ["delete", "get"],
            "/jobs/{job_id}/cancel": ["post"],
            "/jobs/{job_id}/retry": ["post"],
            "/jobs/{job_id}/logs": ["get"],
            "/jobs/{job_id}/attempts": ["get"],
        } | {f"/jobs/{name}": ["post"] for name in queue.registry.job_types}
        assert document["paths"]["/jobs/echo"]["post"]["responses"].keys() >= {"202", "404", "415", "422"}

    async def test_every_reference_leads_somewhere(self, client: Client) -> None:
        text = (await client.get("/openapi.json")).text
        schemas = json.loads(text)["components"]["schemas"]
        wanted = {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}
        assert wanted <= schemas.keys()
        assert {"JobStatus", "JobPage", "Problem"} <= schemas.keys()

    async def test_operation_ids_are_unique_when_included_twice(self, queue: JobQueue) -> None:
        app = make_app(queue)
        app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/again")
        operations = [op["operationId"] for item in app.openapi()["paths"].values() for op in item.values()]
        assert len(operations) == len(set(operations)) == 30
