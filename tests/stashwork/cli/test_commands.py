"""The commands that have a running application do something, against one that has synced a demo."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest
from tests.processes import free_port
from tests.stashwork.served import Served, serving

from stashwork.cli import main


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    small = ("--demo-scenes", "120", "--demo-latency", "0")
    with serving(tmp_path_factory.mktemp("commands"), "--sync", *small) as served:
        served.wait_for_output("stashwork is at")
        yield served


@pytest.fixture
def run(served: Served, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Run a command as its user does, in this process; returns what it says."""
    monkeypatch.setenv("STASHWORK_PORT", str(served.port))
    monkeypatch.setenv("STASHWORK_DATA", str(served.data))

    def run(*arguments: str, code: int = 0) -> str:
        assert main(arguments) == code
        return "".join(capsys.readouterr())

    return run


def test_a_sync_is_followed_to_its_end(served: Served, run: Callable[..., str]) -> None:
    done = served.run("sync")
    assert (done.returncode, "120 unchanged" in done.stdout) == (0, True), done
    assert "1 unchanged, 1 failed" in run("sync", "--scene", "3", "--scene", "4711")


def test_a_command_without_an_application_says_how_to_start_one(
    run: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STASHWORK_PORT", str(free_port()))
    assert "Start it first: stashwork serve" in run("sync", code=1)


def with_nobody_reading(*arguments: str) -> tuple[int, bytes]:
    """Exit code and complaints of a command whose reader went away, as in `stashwork plan show 1 | head`."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as output:
        done = subprocess.run(
            [sys.executable, "-m", "stashwork", *arguments],
            stdout=output,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    return done.returncode, done.stderr


def test_a_plan_is_made_reviewed_applied_and_undone(run: Callable[..., str]) -> None:
    assert "no plans yet" in run("plan", "list")
    assert re.search(r"Plan 1: (\d+) changes in .* scenes: \1 date\n", run("analyze", "--only", "date"))
    assert "draft" in run("plan", "list")
    shown = run("plan", "show", "1", "--limit", "5", "--field", "date")
    assert shown.count("pending   date") == 5
    assert with_nobody_reading("plan", "show", "1") == (0, b"")
    number = int(re.findall(r"(\d+) changes of plan 1 approved", run("plan", "approve", "1", "--confidence", "0"))[0])
    assert f"Plan 1 is applied: {number} changed" in run("apply", "1")
    assert f"Plan 1 is undone: {number} changed" in run("undo", "1")
    assert "Plan 1 is undone; apply needs" in run("apply", "1", code=1)
    assert "There is no plan 7" in run("plan", "approve", "7", code=1)
