"""Two people and one queue: each route, list, socket and frame shows and does only what the rules let through."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI, HTTPException
from starlette.requests import HTTPConnection
from tests.dayjob.web.support import Gates, Served, close_code_of, frame, frames_until, is_status, serve, until_running

from dayjob import JobQueue, JobRegistry, JobRequest, JobStatus
from dayjob import registry as registry_of_the_module
from dayjob.web import OwnJobs, Principal, jobs_router, read_only
from dayjob.web.access import Access, Resource

USERS = ("ann", "bob")


async def signed_in(connection: HTTPConnection) -> Principal:
    """Whoever names themselves."""
    if (user := connection.headers.get("x-user")) is None:
        raise HTTPException(401, "Say who you are.")
    return Principal(user)


def own(principal: Principal, action: str, resource: Resource) -> bool:
    """Everybody has what carries their label; ``root`` has everything; nobody else sees numbers and schedules."""
    if principal.name == "root":
        return True
    if isinstance(resource, JobStatus):
        return resource.args.get("label") == principal.name
    return isinstance(resource, JobRequest) and resource.job_type == "gate"


@pytest.fixture(scope="module")
def app_of_file(queue_of_file: JobQueue) -> FastAPI:
    app = FastAPI()
    app.include_router(jobs_router(queue_of_file, auth=signed_in, authorize=own), prefix="/jobs")
    return app


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
                assert answer.status_code == (right if allowed else 404), (asking, owner, method, url)
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
    may_create = jobs_router(queue, auth=signed_in, authorize=lambda _who, action, _what: action == "create")
    app.include_router(may_create, prefix="/jobs")
    async with serve(app) as other, other.client() as asking:
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
                assert await close_code_of(server, path, headers) == 4404
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
    app.include_router(jobs_router(queue, auth=signed_in, authorize=read_only), prefix="/jobs")
    async with serve(app) as served, served.client() as client:
        job_id = await queue.enqueue("echo", delay=60)
        for path in ("", "/stats", "/workers", "/schedules", f"/{job_id}", f"/{job_id}/logs", f"/{job_id}/attempts"):
            assert (await client.get(f"/jobs{path}", **as_("ann"))).status_code == 200, path
        for path in ("/echo", f"/{job_id}/cancel", f"/{job_id}/retry", "/schedules/x/run"):
            assert (await client.post(f"/jobs{path}", **as_("ann"))).status_code == 403, path
        assert (await client.delete(f"/jobs/{job_id}", **as_("ann"))).status_code == 403
        assert (await client.get("/jobs/types", **as_("ann"))).json() == []


def test_a_may_that_fails_means_no(caplog: pytest.LogCaptureFixture) -> None:
    def broken(principal: Any, action: str, resource: Any) -> bool:
        raise KeyError("a bug")

    assert not Access(broken, "me").allows("read")
    assert "a bug" in caplog.text
    assert not Access(lambda *_: "yes", "me").allows("read")  # type: ignore[arg-type, return-value]


def test_a_may_that_cannot_be_asked_is_refused(queue: JobQueue) -> None:
    async def later(principal: Any, action: str, resource: Any) -> bool:
        return True

    for wrong in (later, "all", 5):
        with pytest.raises(TypeError, match="authorize="):
            jobs_router(queue, auth=signed_in, authorize=wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="owner="):
            jobs_router(queue, auth=signed_in, owner=wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="admin= of OwnJobs"):
            OwnJobs(admin=wrong)  # type: ignore[arg-type]
        with pytest.raises(TypeError, match="create= of OwnJobs"):
            OwnJobs(create=wrong)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="needs owner="):
        jobs_router(queue, auth=signed_in, authorize=OwnJobs())


# --- what create is asked with, and tracebacks ---


@contextlib.asynccontextmanager
async def serve_with(queue: JobQueue, **rules: Any) -> AsyncIterator[Served]:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=signed_in, **rules), prefix="/jobs")
    async with serve(app) as served:
        yield served


@contextlib.asynccontextmanager
async def client_with(queue: JobQueue, **rules: Any) -> AsyncIterator[httpx2.AsyncClient]:
    async with (
        serve_with(queue, **rules) as served,
        served.client() as client,
    ):
        yield client


async def test_create_is_asked_with_the_whole_request_as_it_will_be_stored(queue: JobQueue) -> None:
    asked: list[Resource] = []

    def authorize(principal: Principal, action: str, resource: Resource) -> bool:
        asked.append(resource)
        return isinstance(resource, JobRequest) and resource.job_args.get("a") != 13

    async with client_with(queue, owner=lambda who: who.name, authorize=authorize) as client:
        options = {"priority": 3, "delay": 60, "timeout": 5}
        headers = {"x-user": "ann", "idempotency-key": "k"}
        made = await client.post("/jobs/add", json={"a": "7", "b": 1}, params=options, headers=headers)
        assert made.status_code == 202
        wanted = JobRequest("add", {"a": 7, "b": 1}, priority=3, delay=60, timeout=5, idempotency_key="k", owner="ann")
        assert asked == [wanted]
        assert (await client.post("/jobs/echo", **as_("ann"))).status_code == 202
        assert asked[-1] == JobRequest("echo", {"text": "hello"}, owner="ann")  # what was left out counts
        # Who may not is told no more than that: neither what is wrong with the arguments, nor which types there are.
        for path, body, status in [
            ("add", {"a": "13", "b": 1}, 403),
            ("add", {"a": 13, "c": 1}, 403),
            ("nosuch", {"a": 13}, 403),
            ("add", {"a": 1, "c": 1}, 422),
            ("nosuch", {}, 404),
        ]:
            assert (await client.post(f"/jobs/{path}", json=body, **as_("ann"))).status_code == status, (path, body)
        assert "add" in [kind["name"] for kind in (await client.get("/jobs/types", **as_("ann"))).json()]


async def test_tracebacks_are_an_action_of_their_own(queue: JobQueue) -> None:
    def all_but_tracebacks(principal: Principal, action: str, resource: Resource) -> bool:
        return action != "traceback" or (principal.name == "root" and isinstance(resource, JobStatus))

    for authorize, whole in ((read_only, False), (all_but_tracebacks, True), (None, True)):
        async with client_with(queue, authorize=authorize) as client:
            failed = await queue.enqueue("fail")
            await queue.wait(failed, 10)
            for user, seen in (("ann", authorize is None), ("root", whole)):
                (shown,) = (await client.get(f"/jobs/{failed}/attempts", **as_(user))).json()
                assert (shown["error"], shown["traceback"] is not None) == ("RuntimeError: it broke", seen)


# --- owners ---


def name_of(who: Principal) -> str | None:
    return None if who.name == "nobody" else who.name


@pytest.fixture
async def owned(queue: JobQueue) -> AsyncIterator[Served]:
    """Everybody has their own jobs, and ``root`` all."""
    async with serve_with(queue, owner=name_of, authorize=OwnJobs(admin=lambda who: who.name == "root")) as served:
        yield served


@pytest.fixture
async def people(owned: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with owned.client() as client:
        yield client


async def ids_for(client: httpx2.AsyncClient, user: str, query: str = "") -> list[str]:
    answer = await client.get(f"/jobs{query}", **as_(user))
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["items"]]


async def test_the_owner_comes_from_who_asks_and_from_nothing_in_the_request(
    people: httpx2.AsyncClient, registry: JobRegistry
) -> None:
    @registry.job("note")
    async def note(owner: str, user: str) -> None: ...

    made = await people.post("/jobs/note", json={"owner": "bob", "user": "bob"}, **as_("ann"))
    assert (made.status_code, made.json()["owner"]) == (202, "ann")
    for path, body in [("/jobs/gate", {"owner": "bob"}), ("/jobs/gate?owner=bob", {}), ("/jobs/gate?user=bob", {})]:
        assert (await people.post(path, json=body, **as_("ann"))).status_code == 422, path
    assert await ids_for(people, "bob") == []
    assert await ids_for(people, "ann") == [made.json()["id"]]


async def test_jobs_of_others_are_as_unknown_as_ids_that_never_were(
    people: httpx2.AsyncClient, owned: Served, queue: JobQueue
) -> None:
    theirs = [await queue.enqueue("gate", delay=60, owner=owner, job_id=f"id-{owner}") for owner in ("bob", None)]
    calls = [
        ("GET", ""),
        ("GET", "/logs"),
        ("GET", "/attempts"),
        ("POST", "/retry"),
        ("POST", "/cancel"),
        ("DELETE", ""),
    ]
    for method, path in calls:
        never = await people.request(method, f"/jobs/id-never{path}", **as_("ann"))
        for job_id in theirs:
            answer = await people.request(method, f"/jobs/{job_id}{path}", **as_("ann"))
            assert answer.status_code == never.status_code == 404
            assert answer.text.replace(job_id, "id-never") == never.text
    for job_id in (*theirs, "id-never"):
        assert await close_code_of(owned, f"/jobs/{job_id}/ws", {"x-user": "ann"}) == 4404
    assert {job.status for job in (await queue.list_jobs()).items} == {"pending"}


async def test_lists_of_an_owner_are_full_whatever_others_have(people: httpx2.AsyncClient, queue: JobQueue) -> None:
    mine = [await queue.enqueue("gate", job_args={"label": "a"}, delay=60, owner="ann") for _ in range(3)]
    others = [JobRequest("gate", {"label": "b"}, delay=60, owner=owner) for owner in ("bob", None) for _ in range(300)]
    bobs = await queue.enqueue_many(others)
    mine += [await queue.enqueue("echo", delay=60, owner="ann") for _ in range(4)]
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = (await people.get(f"/jobs?limit=3{cursor and f'&cursor={cursor}'}", **as_("ann"))).json()
        assert len(page["items"]) == 3 or page["next"] is None
        assert {job["owner"] for job in page["items"]} == {"ann"}
        seen, cursor = seen + [job["id"] for job in page["items"]], page["next"]
    assert seen == mine[::-1]
    assert await ids_for(people, "ann", "?type=gate&status=pending") == mine[2::-1]
    assert await ids_for(people, "ann", "?type=gate&type=echo&status=running") == []
    assert await ids_for(people, "ann", "?owner=bob") == await ids_for(people, "ann", f"?parent={bobs[0]}") == []
    assert await ids_for(people, "root", "?owner=ann") == mine[::-1]
    assert len(await ids_for(people, "root", "?limit=200")) == 200


async def test_numbers_are_of_ones_own_jobs_and_the_rest_is_for_admins(
    people: httpx2.AsyncClient, queue: JobQueue
) -> None:
    queue.schedule("echo", "every 5 hours", name="often")
    for owner in ("ann", "bob", "bob", None):
        await queue.wait(await queue.enqueue("echo", owner=owner), 10)
        await queue.enqueue("gate", owner=owner, delay=60)
    found = {user: (await people.get("/jobs/stats", **as_(user))).json() for user in ("ann", "bob", "root")}
    assert [found[user]["jobs"]["completed"] for user in found] == [1, 2, 4]
    assert [found[user]["jobs"]["pending"] for user in found] == [1, 2, 4]
    assert [found[user]["last_hour"] for user in found] == [{"echo": {"completed": n}} for n in (1, 2, 4)]
    assert [sum(found[user]["per_minute"]["completed"]) for user in found] == [1, 2, 4]
    asked = [("GET", "/jobs/workers"), ("GET", "/jobs/schedules")]
    asked += [("POST", f"/jobs/schedules/often/{act}") for act in ("pause", "resume", "run")]
    for method, path in asked:
        assert (await people.request(method, path, **as_("ann"))).status_code == 403, path
        answer = await people.request(method, path, **as_("root"))
        assert answer.status_code in (200, 202), path
    assert answer.json()["owner"] is None  # it is the schedule's job, whoever asked for it now


async def test_keys_of_two_owners_do_not_meet(people: httpx2.AsyncClient) -> None:
    async def post(job_type: str, user: str, body: dict[str, str], **headers: str) -> Any:
        return await people.post(f"/jobs/{job_type}", json=body, headers={"x-user": user, **headers})

    users = ["ann", "bob", "ann", "bob"]
    unique = [await post("sync_all", user, {}) for user in users]
    assert [(answer.status_code, answer.json()["owner"]) for answer in unique] == [
        *((202, "ann"), (202, "bob"), (200, "ann"), (200, "bob"))
    ]
    keyed = [await post("gate", user, {"label": user}, **{"idempotency-key": "k"}) for user in users]
    assert [answer.json()["args"]["label"] for answer in keyed] == users
    assert [answer.headers.get("idempotency-replayed") for answer in keyed] == [None, None, "true", "true"]
    assert len({answer.json()["id"] for answer in unique + keyed}) == 4


async def test_a_job_that_is_run_again_keeps_its_owner(people: httpx2.AsyncClient, queue: JobQueue) -> None:
    done = await queue.enqueue("echo", owner="ann", unique_key="one")
    await queue.wait(done, 10)
    for user in ("ann", "root"):
        answer = await people.post(f"/jobs/{done}/retry", **as_(user))
        assert (answer.status_code, answer.json()["owner"]) == (202, "ann")
        await queue.wait(answer.json()["id"], 10)
    assert (await queue.retry_job(done)).owner == "ann"


async def test_who_may_not_start_a_type_may_not_run_it_again_either(queue: JobQueue) -> None:
    rule = OwnJobs(create=lambda _who, request: request.job_type == "echo" and request.job_args.get("text") != "bad")
    async with client_with(queue, owner=name_of, authorize=rule) as client:
        for job_type, body, status in [("echo", {}, 202), ("add", {"a": 1, "b": 2}, 403)]:
            job_id = await queue.enqueue(job_type, job_args=body, owner="ann")
            await queue.wait(job_id, 10)
            assert (await client.post(f"/jobs/{job_id}/retry", **as_("ann"))).status_code == status
            assert (await client.post(f"/jobs/{job_type}", json=body, **as_("ann"))).status_code == status
        bad = await queue.enqueue("echo", job_args={"text": "bad"}, owner="ann")
        await queue.wait(bad, 10)
        assert (await client.post(f"/jobs/{bad}/retry", **as_("ann"))).status_code == 403
        assert [kind["name"] for kind in (await client.get("/jobs/types", **as_("ann"))).json()] == ["echo"]


@pytest.mark.parametrize(
    "authorize", [OwnJobs(), lambda who, _action, resource: resource.owner == who.name], ids=["ready", "own"]
)
async def test_the_socket_of_all_jobs_begins_with_ones_own_and_tells_no_others(
    queue: JobQueue, gates: Gates, monkeypatch: pytest.MonkeyPatch, authorize: Any
) -> None:
    monkeypatch.setattr("dayjob.web.websocket._FIRST_JOBS", 1)
    async with serve_with(queue, owner=name_of, authorize=authorize) as served:
        mine = await queue.enqueue("count_to_ten", owner="ann")
        await until_running(queue, mine)
        theirs = await queue.enqueue("count_to_ten", owner="bob")
        await until_running(queue, theirs)
        await _told_of_ones_own(served, queue, gates, mine, theirs)


async def _told_of_ones_own(served: Served, queue: JobQueue, gates: Gates, mine: str, theirs: str) -> None:
    async with served.ws("/jobs/ws", additional_headers={"x-user": "ann"}) as line:
        first = await frame(line)
        assert first["job"]["id"] == mine
        gates.open(theirs)
        await queue.wait(theirs, 10)
        gates.open(mine)
        frames = await frames_until(line, is_status("completed"))
    assert theirs not in json.dumps(frames)
    assert {each["job"]["owner"] for each in [first, *frames] if each["type"] == "status"} == {"ann"}


async def test_who_has_no_owner_and_is_no_admin_is_refused(people: httpx2.AsyncClient, owned: Served) -> None:
    for method, path in [("GET", ""), ("POST", "/echo"), ("GET", "/stats"), ("GET", "/types"), ("GET", "/x")]:
        answer = await people.request(method, f"/jobs{path}", **as_("nobody"))
        assert (answer.status_code, answer.json()["detail"]) == (403, "You own no jobs here.")
    for path in ("/jobs/ws", "/jobs/x/ws"):
        assert await close_code_of(owned, path, {"x-user": "nobody"}) == 4403


@pytest.mark.parametrize("wrong", [5, "", "x" * 256, "a\0", "\ud800", KeyError("a bug")], ids=ascii)
async def test_an_owner_that_is_none_lets_nobody_in(
    queue: JobQueue, wrong: Any, caplog: pytest.LogCaptureFixture
) -> None:
    def owner(_who: Principal) -> Any:
        if isinstance(wrong, Exception):
            raise wrong
        return wrong

    async with serve_with(queue, owner=owner) as served:
        async with served.client() as client:
            assert (await client.post("/jobs/echo", **as_("ann"))).status_code == 403
        assert await close_code_of(served, "/jobs/ws", {"x-user": "ann"}) == 4403
        assert (await queue.list_jobs()).items == []
    assert "owner=" in caplog.text


def example() -> str:
    """The python block of docs/security.md that has owners."""
    text = (Path(__file__).parents[3] / "docs/security.md").read_text()
    (found,) = [code for code in re.findall(r"^```python\n(.*?)^```", text, re.M | re.S) if "OwnJobs(" in code]
    return str(found)


async def test_the_example_of_the_documentation_keeps_two_users_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(registry_of_the_module, "job_types", {})
    names: dict[str, Any] = {"__name__": "example"}
    assert "insecure" not in example()
    exec(compile(example(), "security.md", "exec"), names)
    queue = names["queue"]
    ann, ben, root = ({"cookie": f"session={names['session_of'](user)}"} for user in ("ann", "ben", "root"))
    async with (
        serve(names["app"]) as served,
        served.client() as client,
    ):
        for forged in ("", "session=ben", "session=ben:0", "session=:", ann["cookie"].replace("ann", "ben")):
            assert (await client.get("/jobs", headers={"cookie": forged})).status_code == 401
            assert await close_code_of(served, "/jobs/ws", {"cookie": forged}) == 4401
        job_id = (await client.post("/jobs/report", json={"year": 2026}, headers=ben)).json()["id"]
        await queue.wait(job_id, 10)
        assert (await client.post("/jobs/report", json={"year": 2026, "owner": "ben"}, headers=ann)).status_code == 422
        for refused in ("/jobs/report?priority=1", "/jobs/close_year"):
            assert (await client.post(refused, json={"year": 1}, headers=ann)).status_code == 403
        assert (await client.post("/jobs/close_year", json={"year": 1}, headers=root)).status_code == 202
        for path in (f"/jobs/{job_id}", f"/jobs/{job_id}/logs", f"/jobs/{job_id}/attempts"):
            assert (await client.get(path, headers=ann)).status_code == 404
            assert (await client.get(path, headers=ben)).status_code == 200
        assert (await client.post(f"/jobs/{job_id}/retry", headers=ann)).status_code == 404
        assert (await client.get("/jobs", headers=ann)).json()["items"] == []
        assert [job["id"] for job in (await client.get("/jobs", headers=ben)).json()["items"]] == [job_id]
        assert await close_code_of(served, f"/jobs/{job_id}/ws", ann) == 4404
        async with served.ws(f"/jobs/{job_id}/ws", additional_headers=ben) as line:
            assert (await frame(line))["job"]["result"] == "the report of 2026"
