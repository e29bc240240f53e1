"""`make run` and `make demo` from the outside: the real command, its exit codes, its words, its API."""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
import socket
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI
from tests.stashwork.served import Served, demo_library, demo_stash, local_library, serving, wait_until

from stashwork.cli import main
from stashwork.cli.client import Client
from stashwork.cli.demo_check import check_demo
from stashwork.cli.serve import _print_address
from stashwork.demo.seed import seeded_library
from stashwork.owner_token import make_auth
from stashwork.settings import Settings

SMALL = ("--demo-scenes", "120", "--demo-latency", "0")


def test_demo_goes_the_whole_way_and_ends_with_0_twice(tmp_path: Path) -> None:
    assert Served(tmp_path, "--once", *SMALL).exit_code() == 0
    again = Served(tmp_path, "--once", *SMALL)
    assert again.exit_code() == 0
    first, second = again.output().split("The sync completed")[1:]
    for kind in ("300 created", "150 created", "40 created", "120 created"):
        assert kind in first
    for kind in ("300 unchanged", "150 unchanged", "40 unchanged"):  # scenes have other dates since the undo
        assert kind in second
    assert "created" not in second
    assert "sync_all  100 %  610/610  Scenes 120 of 120" in again.output(), (
        "there is no terminal, so it is told in plain lines"
    )
    assert "\r" not in again.output()
    for way in (first, second):
        assert re.search(r"Checked: (\d+) of \1 studios, performers and dates", way)
        assert "Checked: the server has exactly these changes, and no others" in way
        assert "Checked: the server is as it was before" in way
    assert undated(local_library(again.databases)) == undated(demo_library(seeded_library(120)))


def undated(library: dict[str, Any]) -> dict[str, Any]:
    """A library without the scenes' dates of change."""
    return library | {"scenes": [scene[:-1] for scene in library["scenes"]]}


def test_demo_ends_with_1_when_the_server_is_not_as_the_plan_says(tmp_path: Path) -> None:
    """The proposals are compared with a demo of another size: nearly none of them can be right."""
    settings = Settings(stashwork_data=tmp_path)
    with demo_stash("--scenes", "120", "--seed", "2") as stash, serving(tmp_path, STASH_URL=stash) as served:
        served.wait_for_output("stashwork is at")
        client, own = Client(served.url, served.token), settings.model_copy(update={"stash_url": stash})
        assert asyncio.run(check_demo(client, own, 120)) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_with_0(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, "--sync", *SMALL) as served:
        served.wait_for_output("stashwork is at")
        assert served.get("/library").json()["scenes"] == 120
        assert served.end(number) == 0


def test_ctrl_c_during_a_sync_ends_with_0_and_the_next_start_finishes_it(tmp_path: Path) -> None:
    slow = ("--demo-scenes", "120", "--demo-latency", "0.3")
    with serving(tmp_path, "--sync", *slow) as served:
        wait_until(lambda: any(job[2] > 0 for job in served.jobs()))
        assert served.end() == 0
        assert [job[:2] for job in served.jobs()] == [("pending", 1)]
    again = Served(tmp_path, "--once", *SMALL)
    assert again.exit_code() == 0
    assert again.jobs()[0][:2] == ("completed", 2)


def test_a_server_of_ones_own_after_the_demo_finds_nothing_of_the_demo(tmp_path: Path) -> None:
    with serving(tmp_path, "--sync", *SMALL) as demo:
        demo.wait_for_output("stashwork is at")
    with demo_stash("--scenes", "30", "--performers", "0", "--seed", "2") as stash:
        own = Served(tmp_path, "--sync", "--once", STASH_URL=stash)
        assert own.exit_code() == 0, own.output()
        assert own.databases != demo.databases
        assert len(local_library(own.databases)["scenes"]) == 30
    assert len(local_library(demo.databases)["scenes"]) == 120


def test_an_unreachable_stash_fails_the_job_with_one_sentence_and_the_app_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, "--sync", STASH_URL="http://127.0.0.1:9") as served:
        served.wait_for_output("stashwork is at")
        job = served.get("/jobs").json()["items"][0]
        assert job["status"] == "failed"
        assert "Cannot reach Stash at http://127.0.0.1:9" in job["error"]
        assert "STASH_URL" in job["error"]
        assert "Traceback" not in served.output()
        library = served.get("/library").json()
        assert (library["scenes"], library["last_sync"]["status"]) == (0, "failed")
        assert library["last_sync"]["error"] == job["error"]


def test_once_ends_with_1_when_the_sync_fails(tmp_path: Path) -> None:
    assert Served(tmp_path, "--once", STASH_URL="http://127.0.0.1:9").exit_code() == 1


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"STASH_URL": "ftp://stash"}, "STASH_URL"),
        ({"STASHWORK_PORT": "many"}, "STASHWORK_PORT"),
        ({"STASHWORK_HOST": "0.0.0.0"}, "this machine only"),
        ({"STASHWORK_HOST": "0.0.0.0", "STASHWORK_TOKEN": "short"}, "STASHWORK_TOKEN"),
    ],
)
def test_wrong_settings_are_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    environment: dict[str, str],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert main(["serve", *SMALL]) == 2
    said = capsys.readouterr()
    assert words in said.err
    assert said.out == "", "it was told before anything was begun"


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        served = Served(tmp_path, *SMALL, STASHWORK_PORT=str(taken.getsockname()[1]))
        assert served.exit_code() == 2
    assert "STASHWORK_PORT" in served.output()
    assert "Traceback" not in served.output()


PATHS = ("/", "/library", "/api/library", "/api/library/scenes", "/api/settings", "/jobs", "/jobs/schedules")


def test_all_routes_are_closed_to_whoever_has_no_token_and_to_other_names_and_pages(tmp_path: Path) -> None:
    with serving(tmp_path, *SMALL) as served:
        served.wait_for_output("stashwork is at")
        for path in PATHS:
            assert httpx2.get(served.url + path).status_code == 401, path
            assert served.get(path).status_code == 200, path
            assert httpx2.get(served.url + path, headers={"Authorization": "Bearer wrong"}).status_code == 401
            assert served.get(path, headers={"Host": "evil.example"}).status_code == 421
        wrong = {"Origin": "http://evil.example"}
        with signed_in(served) as http:
            for path in PATHS:
                assert (http.get(path).status_code, http.get(path, headers=wrong).status_code) == (200, 403)
        assert stat.S_IMODE((served.data / "token").stat().st_mode) == 0o600
        assert served.token not in served.output()


@contextlib.contextmanager
def signed_in(served: Served) -> Iterator[httpx2.Client]:
    """A browser that has followed the link that was printed."""
    link = re.search(r"http\S+code=\S+", served.output())
    assert link is not None
    with httpx2.Client(base_url=served.url) as http:
        cookie = http.get(link[0]).headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "samesite=strict" in cookie.casefold()
        yield http


def test_the_link_is_good_once_and_the_token_lasts(tmp_path: Path) -> None:
    with serving(tmp_path, *SMALL) as served:
        served.wait_for_output("stashwork is at")
        token = served.token
        with signed_in(served) as http:
            assert http.get("/api/library").status_code == 200
        link = re.search(r"http\S+code=\S+", served.output())
        assert link is not None
        assert httpx2.get(link[0]).status_code == 401
    again = Served(tmp_path, "--once", *SMALL)
    assert (again.exit_code(), again.token) == (0, token)


def test_another_address_wants_a_token_of_its_own(tmp_path: Path) -> None:
    own = {"STASHWORK_HOST": "0.0.0.0", "STASHWORK_TOKEN": "a-long-and-random-text"}
    with serving(tmp_path, *SMALL, **own) as served:
        served.wait_for_output("stashwork is at")
        assert httpx2.get(f"{served.url}/api/library").status_code == 401
        headers = {"Authorization": "Bearer a-long-and-random-text"}
        assert httpx2.get(f"{served.url}/api/library", headers=headers).status_code == 200
        assert not (served.data / "token").exists()


@pytest.mark.parametrize("token", [None, "a-long-and-random-text"])
def test_a_file_with_the_token_is_spoken_of_where_there_is_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], token: str | None
) -> None:
    settings = Settings.model_validate({"stashwork_data": tmp_path, "stashwork_token": token})
    app = FastAPI()
    app.state.auth = make_auth(settings)
    _print_address(settings, app, "http://127.0.0.1:9998")
    said = capsys.readouterr().out
    assert ("token is in" in said, str(tmp_path / "token") in said) == (token is None, token is None)
    assert ("STASHWORK_TOKEN" in said) == (token is not None)


def test_a_second_sync_while_one_is_active_is_the_same_job(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo-scenes", "120", "--demo-latency", "0.2") as served:
        served.wait_for_output("stashwork is at")
        with served.client() as http:
            first = http.post("/jobs/sync_all")
            second = http.post("/jobs/sync_all", json={"force": True})
        assert (first.status_code, second.status_code) == (202, 200)
        assert first.json()["id"] == second.json()["id"]
