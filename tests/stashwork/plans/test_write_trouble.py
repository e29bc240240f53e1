"""A Stash that fails in the middle of an apply or an undo, under the whole application: what it says, and what is lost.

The trouble begins with the first mutation, and stays. Where the server itself would not have looked at the request,
it is not executed; else it is, and the answer does not arrive: the worst moment there is.
"""

import asyncio
import io
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.stashwork.helpers import Reply, Request, Stub, Waits
from tests.stashwork.plans.support import library, state
from tests.stashwork.trouble import KEY, PASSES, STAYS

from stashwork import connection
from stashwork.cli.client import Client
from stashwork.demo import DemoStash, Library
from stashwork.main import create_app
from stashwork.owner_token import owner_token
from stashwork.plans import apply
from stashwork.server import bind, make_server, url_of
from stashwork.settings import Settings
from stashwork.stash import RetryPolicy

PATHS = [f"/m/[Copper Lantern] Marla Quenby - Walk {number} [2023-05-01].mp4" for number in range(1, 71)]
NOT_EXECUTED = ("a new key", "422")
TROUBLES = ("a new key", "422", "500", "503", "HTML", "half of the JSON", "half of the answer", "the connection breaks")


class Troubled(Stub):
    """A Stash that does what it is asked, and answers badly from the first mutation on while there is a `trouble`."""

    def __init__(self, made: Library) -> None:
        super().__init__(self._or_trouble)
        self.trouble: Callable[[bytes], Reply] | None = None
        self.executes = True
        self.written: Counter[str] = Counter()
        self._began = False
        self._graphql = DemoStash(made)._graphql
        update = made.bulk_update_scenes

        def noted(entry: Any) -> Any:
            self.written.update(entry["ids"])
            return update(entry)

        made.bulk_update_scenes = noted  # type: ignore[method-assign]

    def begin(self, name: str) -> str:
        """Returns the words that the job's error has to have."""
        self.trouble, words = (PASSES | STAYS)[name]
        self.executes, self._began = name not in NOT_EXECUTED, False
        self.written.clear()
        return words

    def _or_trouble(self, request: Request) -> Reply:
        self._began = self.trouble is not None and (self._began or b"mutation Apply" in request.body)
        if self._began and not self.executes:
            return self.trouble(b"") if self.trouble else Reply()
        response = self._graphql.answer(request.body, None)
        body = bytes(response.body)
        return self.trouble(body) if self._began and self.trouble else Reply(response.status_code, body)


@dataclass
class Application:
    """The application as its pages and scripts see it."""

    http: httpx2.AsyncClient
    token: str

    async def job(self, path: str, body: Any = None) -> dict[str, Any]:
        """Start a job, and wait for its end."""
        started = (await self.http.post(path, json=body)).json()
        job_id = started.get("job_id", started.get("id"))
        return await Client(str(self.http.base_url).rstrip("/"), self.token).follow(job_id, io.StringIO())

    async def plan(self, number: int) -> dict[str, Any]:
        found: dict[str, Any] = (await self.http.get(f"/api/plans/{number}")).json()
        return found


@asynccontextmanager
async def served(stash: str, folder: Path) -> AsyncIterator[Application]:
    values = {"stash_url": stash, "stash_api_key": KEY, "stashwork_data": folder, "stashwork_port": 0}
    settings = Settings.model_validate(values)
    with bind(settings) as listener:
        server = make_server(create_app(settings))
        serving = asyncio.create_task(server.serve([listener]))
        token = owner_token(settings)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx2.AsyncClient(base_url=url_of(listener), headers=headers, timeout=30) as http:
            yield Application(http, token)
        server.should_exit = True
        await serving


@pytest.mark.parametrize("name", TROUBLES)
async def test_trouble_in_an_apply_or_an_undo_is_told_and_nothing_is_lost_or_written_twice(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = RetryPolicy(attempts=3, sleep=Waits().policy.sleep)
    monkeypatch.setattr(connection, "PATIENCE", quick)
    monkeypatch.setattr(apply, "RetryPolicy", lambda: quick)
    made = library(*PATHS)
    stub, before = Troubled(made), state(made)
    async with stub.serve(), served(stub.url, tmp_path) as app:
        await app.job("/jobs/sync_all", {})
        plan = (await app.job("/api/plans", {}))["result"]["plan_id"]
        await app.http.post(f"/api/plans/{plan}/decisions", json={"decision": "approved", "where": {}})
        await in_trouble(app, stub, name, plan, "apply", "applied")
        assert {scene[3] for scene in state(made).values()} == {1}
        await in_trouble(app, stub, name, plan, "undo", "undone")
        assert state(made) == before


async def in_trouble(app: Application, stub: Troubled, name: str, plan: int, action: str, end: str) -> None:
    words = stub.begin(name)
    job = await app.job(f"/api/plans/{plan}/{action}")
    assert (job["status"], words in job["error"]) == ("failed", True), job["error"]
    assert "\n" not in job["error"]
    assert KEY not in job["error"]
    assert (await app.plan(plan))["status"] == f"partly_{end}"
    stub.trouble = None
    job = await app.job(f"/api/plans/{plan}/{action}")
    assert (job["status"], job["result"]["status"], job["result"]["done"]) == ("completed", end, 4 * len(PATHS))
    assert (await app.plan(plan))["status"] == end
    assert stub.written == Counter({str(number): 1 for number in range(1, len(PATHS) + 1)})
