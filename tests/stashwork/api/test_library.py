"""The routes of stashwork over HTTP: library, settings, and the jobs of the sync, against a demo Stash."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from tests.stashwork.served import Served, demo_stash, ended, serving, wait_until

from stashwork.demo.seed import seeded_library

SCENES = 120


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One application with a synced library; the tests leave its Stash settings as they are."""
    with (
        demo_stash("--scenes", str(SCENES), "--api-key", "sesame", "--stash-version", "v0.30.0") as stash,
        serving(tmp_path_factory.mktemp("api"), "--sync", STASH_URL=stash, STASH_API_KEY="sesame") as served,
    ):
        served.wait_for_output("stashwork is at")
        yield served


# The library


def test_the_library_is_counted_with_a_summary_of_the_last_sync(http: httpx2.Client) -> None:
    for path in ("/api/library", "/library"):
        counts = http.get(path).json()
        assert counts["scenes"] == SCENES
        assert counts["last_sync"]["status"] == "completed"
        assert counts["last_sync"]["summary"].startswith("120 scenes: 120 ")


def test_scenes_come_page_by_page(http: httpx2.Client) -> None:
    ids, cursor = [], 0
    while cursor is not None:
        page = http.get("/api/library/scenes", params={"cursor": cursor, "limit": 50}).json()
        ids += [scene["id"] for scene in page["items"]]
        cursor = page["next_cursor"]
    assert ids == list(range(1, SCENES + 1))


def test_scenes_are_found_by_title_and_by_path(http: httpx2.Client) -> None:
    library = seeded_library(SCENES)
    for word in ("lighthouse", "LIGHTHOUSE", "media/", "100%", "_", "' OR 1=1"):
        expected = [
            number
            for number, scene in library.scenes.items()
            if any(word.casefold() in text.casefold() for text in (scene.title, *(file.path for file in scene.files)))
        ]
        found = http.get("/api/library/scenes", params={"query": word, "limit": 200}).json()
        assert [scene["id"] for scene in found["items"]] == expected, word
    assert http.get("/api/library/scenes", params={"query": "lighthouse"}).json()["items"]


def test_a_scene_is_shown_whole(http: httpx2.Client) -> None:
    library = seeded_library(SCENES)
    scene = next(scene for scene in library.scenes.values() if scene.performers and scene.tags and scene.studio)
    assert scene.studio is not None
    shown = http.get(f"/api/library/scenes/{scene.id}").json()
    assert (shown["title"], shown["details"], shown["updated_at"]) == (scene.title, scene.details, scene.updated_at)
    assert shown["studio"] == {"id": int(scene.studio.id), "name": scene.studio.name}
    assert {tag["name"] for tag in shown["tags"]} == {tag.name for tag in scene.tags}
    assert {found["name"] for found in shown["performers"]} == {found.name for found in scene.performers}
    assert [file["path"] for file in shown["files"]] == [file.path for file in scene.files]


@pytest.mark.parametrize("number", [0, -1, 4711, 2**63, 10**30])
def test_a_scene_that_is_not_here_is_a_problem_document(http: httpx2.Client, number: int) -> None:
    answer = http.get(f"/api/library/scenes/{number}")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("params", [{"cursor": "x"}, {"cursor": 2**63}, {"limit": 0}, {"query": "x" * 201}])
def test_wrong_parameters_are_named(http: httpx2.Client, params: dict[str, Any]) -> None:
    answer = http.get("/api/library/scenes", params=params)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_parameters")
    assert answer.json()["errors"][0]["parameter"] == next(iter(params))


# Jobs


def test_some_scenes_are_synced_by_a_job(http: httpx2.Client) -> None:
    job = ended(http, http.post("/jobs/sync_scenes", json={"scene_ids": [3, 5, 4711]}).json()["id"])
    assert (job["status"], job["progress"]) == ("completed", 100)
    assert (job["result"]["scenes"]["unchanged"], job["result"]["scenes"]["failed"]) == (2, 1)
    refused = ended(http, http.post("/jobs/sync_scenes", json={"scene_ids": [0]}).json()["id"])
    assert (refused["status"], refused["error"]) == (
        "failed",
        "0 is no id of a scene: ids are whole numbers from 1 on.",
    )


def test_a_forced_sync_reads_all(http: httpx2.Client) -> None:
    job = ended(http, http.post("/jobs/sync_all", json={"force": True, "allow_removals": True}).json()["id"])
    assert (job["status"], job["result"]["scenes"]["unchanged"]) == ("completed", SCENES)


# Settings


def test_settings_of_the_environment_are_fixed_and_the_key_is_not_shown(http: httpx2.Client) -> None:
    settings = http.get("/api/settings").json()
    assert (settings["stash_url"]["fixed"], settings["stash_url"]["value"].startswith("http://127")) == (True, True)
    assert (settings["stash_api_key"]["value"], settings["stash_api_key"]["is_set"]) == (None, True)
    assert "sesame" not in json.dumps(settings)
    refused = http.patch("/api/settings", json={"stash_url": "http://other:1"})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/stash_url")
    assert "STASH_URL" in refused.json()["errors"][0]["detail"]


def test_settings_are_stored_for_their_owner_only(app: Served, http: httpx2.Client) -> None:
    changed = http.patch("/api/settings", json={"ai_url": "http://127.0.0.1:11434/v1", "ai_api_key": "hidden"}).json()
    assert (changed["ai_url"]["value"], changed["ai_api_key"]["value"]) == ("http://127.0.0.1:11434/v1", None)
    file = app.data / "settings.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["ai_api_key"] == "hidden"
    http.patch("/api/settings", json={"ai_url": None, "ai_api_key": None})


@pytest.mark.parametrize("body", ["[]", '"x"', "{", '{"sync_schedule": {}}', '{"sync_schedule": "now and then"}'])
def test_wrong_settings_are_problem_documents(http: httpx2.Client, body: str) -> None:
    answer = http.patch("/api/settings", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_a_schedule_comes_changes_and_goes(http: httpx2.Client) -> None:
    def schedules() -> dict[str, str]:
        return {found["name"]: found["expression"] for found in http.get("/jobs/schedules").json()}

    assert "sync" not in schedules()
    http.patch("/api/settings", json={"sync_schedule": "0 3 * * *", "time_zone": "Europe/Berlin"})
    assert schedules()["sync"] == "0 3 * * *"
    http.patch("/api/settings", json={"sync_schedule": "every 6 hours"})
    assert schedules()["sync"] == "every 6 hours"
    http.patch("/api/settings", json={"sync_schedule": None, "time_zone": None})
    assert "sync" not in schedules()


def test_a_scheduled_sync_runs(http: httpx2.Client) -> None:
    before = {job["id"] for job in http.get("/jobs", params={"type": "sync_all"}).json()["items"]}
    http.patch("/api/settings", json={"sync_schedule": "every 1 second"})
    try:
        wait_until(lambda: any(_new_jobs(http, before)))
        assert ended(http, _new_jobs(http, before)[0]["id"])["status"] == "completed"
    finally:
        http.patch("/api/settings", json={"sync_schedule": None})


def _new_jobs(http: httpx2.Client, before: set[str]) -> list[dict[str, Any]]:
    jobs = http.get("/jobs", params={"type": "sync_all"}).json()["items"]
    return [job for job in jobs if job["id"] not in before]


def test_the_connection_is_tested_with_the_settings_and_with_others(http: httpx2.Client) -> None:
    own = http.post("/api/settings/test").json()
    assert (own["ok"], own["message"]) == (True, "Reachable: Stash v0.30.0 with 120 scenes.")
    url = http.get("/api/settings").json()["stash_url"]["value"]
    wrong = http.post("/api/settings/test", json={"stash_api_key": "wrong"}).json()
    assert (wrong["ok"], wrong["code"]) == (False, "stash_unauthorized")
    assert http.post("/api/settings/test", json={"stash_url": f"{url}/graphql/"}).json()["ok"]
    assert http.post("/api/settings/test", json={"stash_url": "nas"}).json()["code"] == "invalid_address"


def test_the_stored_key_is_not_sent_to_another_address(http: httpx2.Client) -> None:
    with demo_stash("--scenes", "1", "--api-key", "sesame") as other:
        report = http.post("/api/settings/test", json={"stash_url": other}).json()
    assert (report["ok"], report["code"]) == (False, "stash_unauthorized")
    assert "wants an API key" in report["message"]


def test_an_application_without_environment_takes_its_stash_from_the_file(tmp_path: Path) -> None:
    with demo_stash("--scenes", "20") as stash:
        (tmp_path / "data").mkdir()
        (tmp_path / "data" / "settings.json").write_text(json.dumps({"stash_url": stash}))
        served = Served(tmp_path, "--once")
        assert served.exit_code() == 0, served.output()
    assert "demo Stash" not in served.output()
    assert "20 created" in served.output()


def test_a_broken_settings_file_is_named_and_nothing_starts(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "settings.json").write_text("{")
    served = Served(tmp_path, "--once")
    assert served.exit_code() == 2
    assert "settings.json" in served.output()
    assert "Traceback" not in served.output()
