"""`make run` and `make demo` from the outside: the real command, its exit codes, its words, its API."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import httpx2
import pytest
from tests.stashwork.served import Served, demo_library, local_library, serving, wait_until

from stashwork.demo.seed import seeded_library

SMALL = ("--demo-scenes", "120", "--demo-latency", "0")


def test_demo_ends_with_0_and_the_numbers_of_the_demo_twice(tmp_path: Path) -> None:
    assert Served(tmp_path, "--once", *SMALL).exit_code() == 0
    again = Served(tmp_path, "--once", *SMALL)
    assert again.exit_code() == 0
    first, second = again.output().split("The sync completed")[1:]
    for kind in ("300 created", "150 created", "40 created", "120 created"):
        assert kind in first
    for kind in ("300 unchanged", "150 unchanged", "40 unchanged", "120 unchanged"):
        assert kind in second
    assert "created" not in second
    assert local_library(again.data) == demo_library(seeded_library(120))


def test_the_progress_is_told_in_plain_lines_where_there_is_no_terminal(tmp_path: Path) -> None:
    served = Served(tmp_path, "--once", *SMALL)
    assert served.exit_code() == 0
    assert "sync_all  100 %  610/610  Scenes 120 of 120" in served.output()
    assert "\r" not in served.output()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_server_with_0(tmp_path: Path, number: int) -> None:
    with serving(tmp_path, "--sync", *SMALL) as served:
        served.wait_for_output("stashwork is at")
        assert httpx2.get(f"{served.url}/library").json()["scenes"] == 120
        assert served.end(number) == 0


def test_ctrl_c_during_a_sync_ends_with_0_and_the_next_start_finishes_it(tmp_path: Path) -> None:
    slow = ("--demo-scenes", "120", "--demo-latency", "0.3")
    with serving(tmp_path, "--sync", *slow) as served:
        wait_until(lambda: any(job[2] > 0 for job in served.jobs()))
        assert served.end() == 0
        assert [job[:2] for job in served.jobs()] == [("pending", 1)]
    again = Served(tmp_path, "--once", *SMALL)
    assert again.exit_code() == 0
    assert [job[:2] for job in again.jobs()] == [("completed", 2)]


def test_an_unreachable_stash_fails_the_job_with_one_sentence_and_the_app_goes_on(tmp_path: Path) -> None:
    with serving(tmp_path, "--sync", STASH_URL="http://127.0.0.1:9") as served:
        served.wait_for_output("stashwork is at")
        job = httpx2.get(f"{served.url}/jobs").json()["items"][0]
        assert job["status"] == "failed"
        assert "Cannot reach Stash at http://127.0.0.1:9" in job["error"]
        assert "STASH_URL" in job["error"]
        assert "Traceback" not in served.output()
        assert httpx2.get(f"{served.url}/library").json()["scenes"] == 0


def test_once_ends_with_1_when_the_sync_fails(tmp_path: Path) -> None:
    assert Served(tmp_path, "--once", STASH_URL="http://127.0.0.1:9").exit_code() == 1


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"STASH_URL": "ftp://stash"}, "STASH_URL"),
        ({"STASHWORK_PORT": "many"}, "STASHWORK_PORT"),
        ({"STASHWORK_HOST": "0.0.0.0"}, "this machine only"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, environment: dict[str, str], words: str) -> None:
    served = Served(tmp_path, *SMALL, **environment)
    assert served.exit_code() == 2
    assert words in served.output()
    assert "Traceback" not in served.output()


def test_a_port_in_use_is_said(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        served = Served(tmp_path, *SMALL, STASHWORK_PORT=str(taken.getsockname()[1]))
        assert served.exit_code() == 2
    assert "STASHWORK_PORT" in served.output()


def test_the_doors_are_closed_to_other_names_and_pages(tmp_path: Path) -> None:
    with serving(tmp_path, *SMALL) as served:
        served.wait_for_output("stashwork is at")
        for path in ("/", "/library", "/jobs"):
            assert httpx2.get(served.url + path).status_code == 200
            assert httpx2.get(served.url + path, headers={"Host": "evil.example"}).status_code == 421
            assert httpx2.get(served.url + path, headers={"Origin": "http://evil.example"}).status_code == 403


def test_a_second_sync_while_one_is_active_is_the_same_job(tmp_path: Path) -> None:
    with serving(tmp_path, "--demo-scenes", "120", "--demo-latency", "0.2") as served:
        served.wait_for_output("stashwork is at")
        first = httpx2.post(f"{served.url}/jobs/sync_all")
        second = httpx2.post(f"{served.url}/jobs/sync_all", json={"force": True})
        assert (first.status_code, second.status_code) == (202, 200)
        assert first.json()["id"] == second.json()["id"]
