"""A Stash that misbehaves in the middle of a sync: what the job says, and that nothing is lost."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Reply, Request, Stub, Waits
from tests.stashwork.library.support import in_tables, on_server, small
from tests.stashwork.trouble import KEY, PASSES, SILENT, STAYS, always

from dayjob import Fail
from dayjob.testing import ProgressRecorder, run_handler
from stashwork import connection
from stashwork.demo import DemoStash, Library
from stashwork.jobs.services import Services, provide
from stashwork.jobs.sync_job import sync_all_job
from stashwork.library import library_counts, scenes
from stashwork.settings import Settings
from stashwork.settings_store import SettingsStore
from stashwork.stash import RetryPolicy

MIDDLE = 8  # the request at which the trouble begins: scenes are being read


class Troubled(Stub):
    """A Stash that answers as the demo does, but for the requests from `first` on, `times` of them."""

    def __init__(self, library: Library, trouble: Callable[[bytes], Reply], times: int = 1_000) -> None:
        super().__init__(self._or_trouble)
        self.library = library
        self.bad = range(MIDDLE, MIDDLE + times)
        self._trouble = trouble
        self._graphql = DemoStash(library)._graphql

    def _or_trouble(self, request: Request) -> Reply:
        response = self._graphql.answer(request.body, None)
        body = bytes(response.body)
        return self._trouble(body) if len(self.requests) in self.bad else Reply(response.status_code, body)


@asynccontextmanager
async def job_against(
    stub: Stub, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, timeout: float = 30
) -> AsyncIterator[Callable[[], Any]]:
    """`sync_all` as a job, with a server; waits between attempts take no time."""
    waits = Waits()
    monkeypatch.setattr(connection, "PATIENCE", RetryPolicy(attempts=4, sleep=waits.policy.sleep))
    monkeypatch.setattr(connection, "TIMEOUT", timeout)
    monkeypatch.setattr(scenes, "SLICE", 50)
    async with stub.serve():
        values = {"stash_url": stub.url, "stash_api_key": KEY, "stashwork_data": tmp_path}
        with provide(Services(SettingsStore(Settings.model_validate(values)), engine)):
            yield lambda: run_handler(sync_all_job, recorder=ProgressRecorder("test"))


@pytest.mark.parametrize("name", PASSES)
async def test_trouble_that_passes_is_survived(
    name: str, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub = Troubled(small(), PASSES[name][0], times=2)
    async with job_against(stub, engine, tmp_path, monkeypatch, 1 if name == SILENT else 30) as sync:
        result = await sync()
    assert (result["scenes"]["created"], result["scenes"]["failed"]) == (230, 0)
    assert await in_tables(engine) == on_server(stub.library)


@pytest.mark.parametrize(("name", "retried"), [(name, True) for name in PASSES] + [(name, False) for name in STAYS])
async def test_trouble_that_stays_ends_the_job_with_one_sentence_and_loses_nothing(
    name: str, retried: bool, engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trouble, words = (PASSES | STAYS)[name]
    stub = Troubled(small(), trouble)
    async with job_against(stub, engine, tmp_path, monkeypatch, 1 if name == SILENT else 30) as sync:
        with pytest.raises(Fail) as caught:
            await sync()
        assert words in str(caught.value)
        assert KEY not in str(caught.value)
        assert len(str(caught.value)) < 500
        assert "\n" not in str(caught.value)
        sent = Counter(request.body for request in stub.requests[MIDDLE - 1 :])
        assert len(sent) <= 2, "more was asked of a server that is in trouble"
        assert sent.most_common(1)[0][1] == (4 if retried else 1)
        last = (await library_counts(engine)).last_sync
        assert last is not None
        assert (last.status, last.error) == ("failed", str(caught.value))
        stub.bad = range(0)
        await sync()
    assert await in_tables(engine) == on_server(stub.library)


async def test_scenes_that_the_server_cannot_send_are_told_and_the_others_come(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two scenes break the server's own resolver, so every answer that would hold one is refused whole."""
    library = small()
    stub = Troubled(library, always(Reply()), times=0)
    answer = stub._answer

    def poisoned(request: Request) -> Reply:
        wanted = json.loads(request.body).get("variables", {}).get("ids") or []
        if {7, 120} & set(map(int, wanted)):
            return Reply(200, b'{"errors": [{"message": "internal system error"}], "data": null}')
        return answer(request)

    stub._answer = poisoned
    async with job_against(stub, engine, tmp_path, monkeypatch) as sync:
        result = await sync()
        assert (result["scenes"]["created"], result["scenes"]["failed"]) == (228, 2)
        assert [failure["id"] for failure in result["failures"]] == [7, 120]
        assert "internal system error" in result["failures"][0]["reason"]
        stub._answer = answer
        assert (await sync())["scenes"]["created"] == 2
    assert await in_tables(engine) == on_server(library)


async def test_scenes_without_files_and_files_without_names(
    engine: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = small(20)
    library.scenes[1].files = []
    library.scenes[2].files[0].path = library.scenes[2].files[0].basename = ""
    library.scenes[3].title = library.scenes[3].details = "שלום <b>\0" * 15_000  # 135,000 characters, right to left
    stub = Troubled(library, always(Reply()), times=0)
    async with job_against(stub, engine, tmp_path, monkeypatch) as sync:
        assert (await sync())["scenes"]["failed"] == 0
    found = await in_tables(engine)
    assert (found["scene"][1][4], found["scene"][2][4][0][1:3]) == ([], ("", ""))
    assert found["scene"][3][0][0] == library.scenes[3].title.replace("\0", "\ufffd")
