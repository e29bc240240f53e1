"""The routes about the whole: types, numbers, workers."""

from __future__ import annotations

import os

from tests.dayjob.web.support import (
    Client,
    Gates,
    until_running,
)

from dayjob import JobQueue, JobRegistry, Secret


class TestOverview:
    async def test_types_tell_what_a_form_needs(self, client: Client, registry: JobRegistry) -> None:
        @registry.job("deploy", "Send it out", max_attempts=3, timeout=60)
        async def deploy(target: str, api_key: str, note: Secret[str] = "", times: int = 2) -> None: ...

        kinds = {kind["name"]: kind for kind in (await client.get("/jobs/types")).json()}
        assert kinds.keys() == registry.job_types.keys()
        found = kinds["deploy"]
        assert (found["description"], found["max_attempts"], found["timeout"]) == ("Send it out", 3, 60)
        assert (found["run_in"], found["unique"], found["secret"]) == ("task", False, ["api_key", "note"])
        assert found["schema"] == {
            "type": "object",
            "properties": {
                "target": {"type": "string"},
                "api_key": {"type": "string", "writeOnly": True},
                "note": {"type": "string", "writeOnly": True},
                "times": {"type": "integer", "default": 2},
            },
            "required": ["target", "api_key"],
            "additionalProperties": False,
        }

    async def test_stats(self, client: Client, queue: JobQueue) -> None:
        for job_type in ("echo", "echo", "fail"):
            await queue.wait(await queue.enqueue(job_type), 10)
        stats = (await client.get("/jobs/stats")).json()
        assert stats["jobs"] == {"pending": 0, "running": 0, "completed": 2, "failed": 1, "cancelled": 0}
        assert stats["last_hour"] == {"echo": {"completed": 2}, "fail": {"failed": 1}}
        assert {status: (len(each), sum(each)) for status, each in stats["per_minute"].items()} == {
            "completed": (60, 2),
            "failed": (60, 1),
            "cancelled": (60, 0),
        }
        assert stats["workers"] == 1

    async def test_workers(self, client: Client, queue: JobQueue, gates: Gates) -> None:
        job_id = await queue.enqueue("gate")
        await until_running(queue, job_id)
        (worker,) = (await client.get("/jobs/workers")).json()
        assert worker["running"] == [{"id": job_id, "type": "gate"}]
        assert (worker["pid"], worker["slots"], worker["stuck"]) == (os.getpid(), queue.max_workers, 0)
        assert 0 <= worker["heartbeat_age_seconds"] < 10
        assert (worker["blocked_since"], worker["blocked_by"], worker["loop_lag_seconds"]) == (None, [], None)
        assert worker["types"] == sorted(queue.registry.job_types)
        gates.of(job_id).set()
