"""The routes about jobs, and all that they answer, over a real server."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob.web.support import (
    Client,
    Gates,
    Served,
    client_of,
    make_app,
    post,
    raw_request,
    until_running,
)
from tests.support import eventually

from dayjob import JobContext, JobQueue, JobRegistry
from dayjob.redaction import MASK


class TestCreate:
    async def test_a_new_job_is_202_with_its_location(self, client: Client) -> None:
        answer = await client.post("/jobs/echo", json={"text": "hi"})
        job = answer.json()
        assert answer.status_code == 202
        assert answer.headers["location"] == f"/jobs/{job['id']}"
        assert answer.headers["content-type"] == "application/json"
        assert (job["type"], job["status"], job["args"], job["attempt"]) == ("echo", "pending", {"text": "hi"}, 0)

    @pytest.mark.parametrize("option", ["unique", "concurrency_key"])
    async def test_a_key_function_that_raises_is_422(self, client: Client, registry: JobRegistry, option: str) -> None:
        async def sync(server: str = "main", site: str | None = None) -> None: ...

        options: Any = {"max_concurrency": 1, option: lambda args: args["server"] + args["site"]}
        registry.register("keyed", sync, **options)
        assert (await client.post("/jobs/keyed", json={"site": "b"})).status_code == 202
        answer = await client.post("/jobs/keyed", json={})
        problem = answer.json()
        assert (answer.status_code, problem["code"]) == (422, "invalid_arguments")
        assert answer.headers["content-type"] == "application/problem+json"
        assert f"{option} of 'keyed' makes no key of these arguments: TypeError" in problem["detail"]

    async def test_a_full_queue_is_429_with_a_time_to_come_back(self, tmp_path: Path, registry: JobRegistry) -> None:
        full = JobQueue(f"sqlite:///{tmp_path}/full.db", registry=registry, max_workers=0, max_pending=1)
        async with client_of(make_app(full)) as client:
            await post(client, "echo")
            answer = await client.post("/jobs/echo", json={})
        assert (answer.status_code, answer.json()["code"]) == (429, "queue_full")
        assert answer.headers["retry-after"] == "5"

    async def test_it_runs_to_its_end(self, client: Client, queue: JobQueue) -> None:
        answer = await client.post("/jobs/add", json={"a": 2, "b": 3})
        await queue.wait(answer.json()["id"], 10)
        job = (await client.get(answer.headers["location"])).json()
        assert (job["status"], job["result"], job["progress"], job["error"]) == ("completed", 5, 100, None)
        assert job["created_at"] <= job["started_at"] <= job["completed_at"]
        assert datetime.fromisoformat(job["completed_at"]).utcoffset() == timedelta(0)

    async def test_a_failure_is_told_without_a_traceback(self, client: Client, queue: JobQueue) -> None:
        job = await post(client, "fail")
        await queue.wait(job["id"], 10)
        text = (await client.get(f"/jobs/{job['id']}")).text
        assert json.loads(text)["status"] == "failed"
        assert "it broke" in text
        assert "Traceback" not in text
        assert ".py" not in text

    async def test_an_active_unique_job_is_answered_with_200(self, client: Client, gates: Gates) -> None:
        first = await post(client, "sync_all", {"force": True})
        again = await client.post("/jobs/sync_all", json={"force": True})
        assert again.status_code == 200
        assert again.json()["id"] == first["id"]
        assert again.headers["location"] == f"/jobs/{first['id']}"
        other = await post(client, "sync_all", {"force": False})
        assert other["id"] != first["id"]
        gates.open(first["id"])
        gates.open(other["id"])

    async def test_after_its_end_a_unique_job_may_run_again(
        self, client: Client, gates: Gates, queue: JobQueue
    ) -> None:
        first = await post(client, "sync_all")
        gates.open(first["id"])
        await queue.wait(first["id"], 10)
        second = await post(client, "sync_all")
        assert second["id"] != first["id"]

    @pytest.mark.parametrize("content_type", [None, "application/json", "text/plain"])
    async def test_an_empty_body_is_an_empty_object(self, client: Client, content_type: str | None) -> None:
        headers = {"content-type": content_type} if content_type else {}
        answer = await client.post("/jobs/echo", content=b"", headers=headers)
        assert answer.status_code == 202
        assert answer.json()["args"] == {}

    @pytest.mark.parametrize(
        "content_type", ["application/json", "application/json; charset=utf-8", "Application/JSON;charset=UTF-8"]
    )
    async def test_json_under_all_its_names(self, client: Client, content_type: str) -> None:
        answer = await client.post("/jobs/echo", content=b'{"text":"a"}', headers={"content-type": content_type})
        assert answer.json()["args"] == {"text": "a"}

    async def test_a_bom_and_text_in_utf8_are_taken(self, client: Client, queue: JobQueue) -> None:
        body = '{"text":"Żółw 🐢 \u202e"}'.encode("utf-8-sig")
        answer = await client.post("/jobs/echo", content=body, headers={"content-type": "application/json"})
        assert answer.status_code == 202
        assert await queue.result(answer.json()["id"], 10) == "Żółw 🐢 \u202e"

    async def test_the_largest_values_are_taken(self, client: Client) -> None:
        value = [2**63 - 1, -(2**63), 1.5e308, [], {}, "", None, True]
        assert (await post(client, "anything", {"value": value}))["args"]["value"] == value

    async def test_options_are_stored(self, client: Client) -> None:
        later = await post(client, "echo", delay=3600, priority=-7, timeout=60)
        assert (later["priority"], later["timeout"]) == (-7, 60)
        due = datetime.fromisoformat(later["run_at"]) - datetime.fromisoformat(later["created_at"])
        assert due == timedelta(hours=1)

    async def test_run_at_takes_any_time_zone(self, client: Client) -> None:
        at = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=5)
        job = await post(client, "echo", run_at=at.astimezone().isoformat())
        assert datetime.fromisoformat(job["run_at"]) == at

    async def test_a_time_in_the_past_is_now(self, client: Client, queue: JobQueue) -> None:
        job = await post(client, "echo", run_at="1999-01-01T00:00:00Z")
        assert (await queue.wait(job["id"], 10)).status == "completed"

    async def test_arguments_that_are_text_are_not_run_as_anything(self, client: Client, queue: JobQueue) -> None:
        text = "__import__('os').system('x'); {{7*7}} ${7*7} <script>"
        job = await post(client, "echo", {"text": text})
        assert await queue.result(job["id"], 10) == text


async def test_a_client_that_leaves_during_its_upload_is_no_error_of_ours(
    server: Served, queue: JobQueue, caplog: pytest.LogCaptureFixture
) -> None:
    head = f"POST /jobs/echo HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: application/json\r\n"
    _, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"{head}Content-Length: 100\r\n\r\n{{".encode())
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    whole = f"{head}Content-Length: 2\r\nConnection: close\r\n\r\n{{}}"
    assert b" 202 " in await raw_request(server.port, whole.encode())
    assert len((await queue.list_jobs()).items) == 1
    assert not [record for record in caplog.records if record.exc_info]


class TestRead:
    async def test_a_job_that_is_unchanged_is_304(self, client: Client, queue: JobQueue) -> None:
        job = await post(client, "echo")
        await queue.wait(job["id"], 10)
        first = await client.get(f"/jobs/{job['id']}")
        tag = first.headers["etag"]
        assert tag.startswith('W/"')
        for sent in (tag, f'"other", {tag}', tag.removeprefix("W/"), "*"):
            again = await client.get(f"/jobs/{job['id']}", headers={"if-none-match": sent})
            assert (again.status_code, again.content) == (304, b""), sent
            assert again.headers["etag"] == tag

    async def test_a_job_that_changed_is_sent_with_another_tag(
        self, client: Client, queue: JobQueue, gates: Gates
    ) -> None:
        job = await post(client, "gate")
        await until_running(queue, job["id"])
        tag = (await client.get(f"/jobs/{job['id']}")).headers["etag"]
        gates.open(job["id"])
        await queue.wait(job["id"], 10)
        changed = await client.get(f"/jobs/{job['id']}", headers={"if-none-match": tag})
        assert changed.status_code == 200
        assert changed.headers["etag"] != tag

    async def test_a_foreign_tag_does_not_match(self, client: Client) -> None:
        job, other = await post(client, "echo"), await post(client, "echo")
        tag = (await client.get(f"/jobs/{other['id']}")).headers["etag"]
        assert (await client.get(f"/jobs/{job['id']}", headers={"if-none-match": tag})).status_code == 200

    async def test_an_unknown_job_is_404(self, client: Client) -> None:
        answer = await client.get("/jobs/nobody")
        assert answer.status_code == 404
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json() == {
            "type": "urn:dayjob:problem:job_not_found",
            "title": "Not Found",
            "status": 404,
            "detail": "There is no job 'nobody'.",
            "code": "job_not_found",
        }

    async def test_attempts(self, client: Client, queue: JobQueue) -> None:
        job_id = await queue.enqueue("fail")
        await queue.wait(job_id, 10)
        (attempt,) = (await client.get(f"/jobs/{job_id}/attempts")).json()
        assert (attempt["attempt"], attempt["outcome"]) == (1, "fail")
        assert "RuntimeError: it broke" in attempt["traceback"]
        assert (await client.get("/jobs/unknown/attempts")).status_code == 404


class TestList:
    async def test_an_empty_list(self, client: Client) -> None:
        assert (await client.get("/jobs")).json() == {"items": [], "next": None}

    async def test_summaries_newest_first(self, client: Client) -> None:
        ids = [(await post(client, "echo", {"text": "secret"}, delay=60))["id"] for _ in range(3)]
        page = (await client.get("/jobs")).json()
        assert [job["id"] for job in page["items"]] == ids[::-1]
        assert "secret" not in json.dumps(page)
        assert not {"args", "result"} & page["items"][0].keys()
        assert {"id", "type", "status", "progress", "rev"} <= page["items"][0].keys()

    async def test_a_list_that_is_unchanged_is_304(self, client: Client) -> None:
        job = await post(client, "echo", delay=60)
        await post(client, "add", {"a": 1, "b": 2}, delay=60)
        first = await client.get("/jobs?type=echo")
        unchanged = {"if-none-match": first.headers["etag"]}
        again = await client.get("/jobs?type=echo", headers=unchanged)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        assert (await client.get("/jobs", headers=unchanged)).status_code == 200
        await client.delete(f"/jobs/{job['id']}")
        changed = await client.get("/jobs?type=echo", headers=unchanged)
        assert (changed.status_code, changed.json()["items"][0]["status"]) == (200, "cancelled")
        await post(client, "echo", delay=60)
        more = await client.get("/jobs?type=echo", headers={"if-none-match": changed.headers["etag"]})
        assert [item["status"] for item in more.json()["items"]] == ["pending", "cancelled"]

    async def test_pages_show_every_job_once(self, client: Client) -> None:
        ids = [(await post(client, "echo", delay=60))["id"] for _ in range(7)]
        seen, cursor, sizes = [], {}, []
        while True:
            page = (await client.get("/jobs", params={"limit": 3} | cursor)).json()
            seen += [job["id"] for job in page["items"]]
            sizes.append(len(page["items"]))
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert (seen, sizes) == (ids[::-1], [3, 3, 1])

    async def test_a_page_that_is_just_full_is_the_last(self, client: Client) -> None:
        for _ in range(2):
            await post(client, "echo", delay=60)
        assert (await client.get("/jobs?limit=2")).json()["next"] is None

    async def test_new_jobs_do_not_shift_pages(self, client: Client) -> None:
        ids = [(await post(client, "echo", delay=60))["id"] for _ in range(4)]
        page = (await client.get("/jobs?limit=2")).json()
        await post(client, "echo", delay=60)
        rest = (await client.get("/jobs", params={"limit": 2, "cursor": page["next"]})).json()
        assert [job["id"] for job in rest["items"]] == [ids[1], ids[0]]

    async def test_limits_from_one_to_two_hundred(self, client: Client) -> None:
        for limit in (1, 200):
            assert (await client.get(f"/jobs?limit={limit}")).status_code == 200

    @pytest.mark.parametrize(
        ("query", "expected"),
        [
            ("status=completed", ["add", "echo"]),
            ("status=pending", ["later", "late"]),
            ("status=pending&status=completed", ["later", "late", "add", "echo"]),
            ("status=running", []),
            ("type=echo", ["later", "late", "echo"]),
            ("type=echo&type=add", ["later", "late", "add", "echo"]),
            ("type=nobody", []),
            ("type=echo&status=completed", ["echo"]),
            ("type=echo&type=echo&status=completed&status=completed", ["echo"]),
            ("type=%00", []),
            ("type=' OR 1=1 --", []),
            ("type=", []),
        ],
    )
    async def test_filters(self, client: Client, queue: JobQueue, query: str, expected: list[str]) -> None:
        names = {}
        for name, args in (("echo", {}), ("add", {"a": 1, "b": 1})):
            names[(job := await post(client, name, args))["id"]] = name
            await queue.wait(job["id"], 10)
        for name in ("late", "later"):
            names[(await post(client, "echo", delay=60))["id"]] = name
        page = (await client.get(f"/jobs?{query}")).json()
        assert [names[job["id"]] for job in page["items"]] == expected

    async def test_pages_of_a_filtered_list(self, client: Client) -> None:
        ids = []
        for _ in range(4):
            ids.append((await post(client, "echo", delay=60))["id"])
            await post(client, "anything", delay=60)
        first = (await client.get("/jobs?type=echo&limit=3")).json()
        rest = (await client.get("/jobs", params={"type": "echo", "limit": 3, "cursor": first["next"]})).json()
        assert [job["id"] for job in first["items"] + rest["items"]] == ids[::-1]
        assert rest["next"] is None

    async def test_a_family(self, client: Client, queue: JobQueue) -> None:
        @queue.registry.job("parent")
        async def parent(ctx: JobContext) -> None:
            await ctx.join([await ctx.enqueue_child("echo", {"text": text}, delay=60) for text in "abc"])

        job_id = (await post(client, "parent"))["id"]

        async def waiting() -> dict[str, Any] | None:
            document: dict[str, Any] = (await client.get(f"/jobs/{job_id}")).json()
            return document if document["waits_for"] else None

        document = await eventually(waiting)
        assert (document["status"], document["waits_for"], document["parent_id"]) == ("pending", 3, None)
        first = (await client.get("/jobs", params={"parent": job_id, "limit": 2})).json()
        rest = (await client.get("/jobs", params={"parent": job_id, "limit": 2, "cursor": first["next"]})).json()
        assert [job["parent_id"] for job in first["items"] + rest["items"]] == [job_id] * 3
        for query in (f"parent={job_id}&status=completed", f"parent={job_id}&type=add", "parent=nobody"):
            assert (await client.get(f"/jobs?{query}")).json()["items"] == []
        child = (await client.get(f"/jobs/{first['items'][0]['id']}")).json()
        assert (child["parent_id"], child["waits_for"]) == (job_id, None)
        before = (await client.get(f"/jobs/{job_id}")).headers["etag"]
        await client.delete(f"/jobs/{child['id']}")
        again = await client.get(f"/jobs/{job_id}", headers={"If-None-Match": before})
        assert again.json()["waits_for"] == 2
        assert (await client.delete(f"/jobs/{job_id}")).status_code == 200
        assert {job["status"] for job in (await client.get(f"/jobs?parent={job_id}")).json()["items"]} == {"cancelled"}


CANCELS = [("DELETE", "/jobs/{}"), ("POST", "/jobs/{}/cancel")]


@pytest.mark.parametrize(("method", "path"), CANCELS)
class TestCancel:
    async def test_running_is_202_until_it_stops(self, client: Client, queue: JobQueue, method: str, path: str) -> None:
        job = await post(client, "gate")
        await until_running(queue, job["id"])
        answer = await client.request(method, path.format(job["id"]))
        assert answer.status_code in (200, 202)  # 200 if it stopped before we looked
        if answer.status_code == 202:
            assert answer.json()["cancel_requested_at"] is not None
        assert (await queue.wait(job["id"], 10)).status == "cancelled"
        assert (await client.request(method, path.format(job["id"]))).status_code == 200

    async def test_a_job_that_does_not_stop_is_202(
        self, client: Client, registry: JobRegistry, queue: JobQueue, method: str, path: str
    ) -> None:
        go, swallowed = asyncio.Event(), asyncio.Event()
        _add_stubborn(registry, go, swallowed)
        job = await post(client, "stubborn")
        await until_running(queue, job["id"])
        for _ in range(2):
            answer = await client.request(method, path.format(job["id"]))
            assert answer.status_code == 202
            assert answer.json()["status"] == "running"
            assert answer.json()["cancel_requested_at"] is not None
        await swallowed.wait()
        go.set()
        await queue.wait(job["id"], 10)

    async def test_pending_is_cancelled_at_once(self, client: Client, method: str, path: str) -> None:
        job = await post(client, "echo", delay=60)
        for _ in range(2):
            answer = await client.request(method, path.format(job["id"]))
            assert (answer.status_code, answer.json()["status"]) == (200, "cancelled")

    async def test_finished_is_409(self, client: Client, queue: JobQueue, method: str, path: str) -> None:
        job = await post(client, "echo")
        await queue.wait(job["id"], 10)
        answer = await client.request(method, path.format(job["id"]))
        assert (answer.status_code, answer.json()["code"]) == (409, "job_finished")
        assert answer.headers["content-type"] == "application/problem+json"

    async def test_unknown_is_404(self, client: Client, method: str, path: str) -> None:
        answer = await client.request(method, path.format("nobody"))
        assert (answer.status_code, answer.json()["code"]) == (404, "job_not_found")


def _add_stubborn(registry: JobRegistry, go: asyncio.Event, swallowed: asyncio.Event) -> None:
    @registry.job("stubborn")
    async def stubborn() -> None:
        try:
            await go.wait()
        except asyncio.CancelledError:
            swallowed.set()
            await go.wait()


class TestRetry:
    async def test_a_job_that_ended_is_run_again(self, client: Client, queue: JobQueue) -> None:
        job_id = await queue.enqueue("add", job_args={"a": 1, "b": 2}, priority=4)
        await queue.wait(job_id, 10)
        answer = await client.post(f"/jobs/{job_id}/retry")
        again = answer.json()
        assert (answer.status_code, answer.headers["location"]) == (202, f"/jobs/{again['id']}")
        assert (again["type"], again["args"], again["priority"]) == ("add", {"a": 1, "b": 2}, 4)
        assert again["id"] != job_id
        assert (await queue.wait(again["id"], 10)).result == 3

    async def test_not_while_it_is_active(self, client: Client, queue: JobQueue) -> None:
        job_id = await queue.enqueue("echo", delay=60)
        answer = await client.post(f"/jobs/{job_id}/retry")
        assert (answer.status_code, answer.json()["code"]) == (409, "job_active")
        assert len((await queue.list_jobs()).items) == 1

    async def test_what_may_be_active_once_is_not_active_twice(self, client: Client, queue: JobQueue) -> None:
        first = await queue.enqueue("echo", unique_key="mine")
        await queue.wait(first, 10)
        active = await queue.enqueue("echo", unique_key="mine", delay=60)
        answer = await client.post(f"/jobs/{first}/retry")
        assert (answer.status_code, answer.json()["id"]) == (200, active)
        assert answer.headers["location"] == f"/jobs/{active}"
        await client.delete(f"/jobs/{active}")
        again = await client.post(f"/jobs/{first}/retry")
        assert (again.status_code, again.json()["id"] not in (first, active)) == (202, True)

    async def test_arguments_are_refused(self, client: Client, queue: JobQueue) -> None:
        job_id = await queue.enqueue("echo")
        await queue.wait(job_id, 10)
        assert (await client.post(f"/jobs/{job_id}/retry", json={"text": "other"})).status_code == 422
        assert (await client.post(f"/jobs/{job_id}/retry", data={"text": "other"})).status_code == 415
        assert (await client.post(f"/jobs/{job_id}/retry", json={})).status_code == 202
        assert (await client.post("/jobs/unknown/retry")).status_code == 404

    async def test_secrets_take_their_stored_value(
        self, client: Client, queue: JobQueue, registry: JobRegistry
    ) -> None:
        used: list[str] = []

        @registry.job("log_in")
        async def log_in(user: str, password: str) -> None:
            used.append(password)

        first = (await client.post("/jobs/log_in", json={"user": "me", "password": "hush-hush"})).json()
        assert first["args"] == {"user": "me", "password": MASK}
        await queue.wait(first["id"], 10)
        again = (await client.post(f"/jobs/{first['id']}/retry")).json()
        await queue.wait(again["id"], 10)
        assert used == ["hush-hush", "hush-hush"]
        shown = await client.post("/jobs/log_in", json=again["args"])
        assert (shown.status_code, shown.json()["errors"][0]["pointer"]) == (422, "/password")
