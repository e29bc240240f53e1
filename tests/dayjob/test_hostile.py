"""Whatever a handler does: its job ends, says why, and the next one runs. The behaviours are in ``hostile/``."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.dayjob.hostile.behaviours import CASES
from tests.dayjob.hostile.table import ALL, GRACE, Case

ROOT = Path(__file__).parents[2]
TRIED = [(runner, case) for runner in ALL for case in CASES.values() if runner in case.runners]


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What three apps say, one for each kind of runner, all at the same time."""
    folder = tmp_path_factory.mktemp("hostile")
    command = [sys.executable, "-m", "tests.dayjob.hostile"]
    started = {}
    for runner in ALL:
        with (folder / runner).open("w") as said, (folder / f"{runner}.err").open("w") as errors:
            started[runner] = subprocess.Popen([*command, runner, folder], cwd=ROOT, stdout=said, stderr=errors)
    try:
        codes = {runner: process.wait(110) for runner, process in started.items()}
    finally:
        for process in started.values():
            process.kill()
    return {runner: _read(folder / runner, code) for runner, code in codes.items()}


def _read(said: Path, code: int) -> dict[str, Any]:
    lines = [json.loads(line) for line in said.read_text().splitlines()]
    seen = {line["name"]: line for line in lines if "name" in line}
    return {"code": code, "seen": seen, "end": lines[-1] if lines else {}}


def test_there_are_many_behaviours() -> None:
    assert len(CASES) >= 60
    assert {runner for runner, _ in TRIED} == set(ALL)


@pytest.mark.parametrize(("runner", "case"), TRIED, ids=[f"{runner}-{case.name}" for runner, case in TRIED])
def test_a_hostile_handler_ends_its_own_job_only(apps: dict[str, dict[str, Any]], runner: str, case: Case) -> None:
    assert case.name in apps[runner]["seen"], "the app did not live to try it"
    seen = apps[runner]["seen"][case.name]
    error = case.said(runner)
    assert seen["status"] == case.ends(runner), seen["error"]
    assert (seen["error"] is None) if error is None else (error in seen["error"])
    assert len(seen["error"] or "") <= 4200
    assert seen["good"] == 2  # the job after it


@pytest.mark.parametrize("runner", ALL)
def test_the_app_lives_and_stops_in_time(apps: dict[str, dict[str, Any]], runner: str) -> None:
    assert apps[runner]["end"].get("stopped_in", 99) < GRACE + 1
    assert apps[runner]["code"] == 0


@pytest.mark.parametrize("runner", ["task", "thread"])
def test_what_a_handler_left_behind_is_told_that_its_job_has_ended(
    apps: dict[str, dict[str, Any]], runner: str
) -> None:
    assert apps[runner]["end"]["late"] == 1


def test_results_come_through_whole(apps: dict[str, dict[str, Any]]) -> None:
    for runner in ALL:
        seen = apps[runner]["seen"]
        assert seen["returns_named_tuple"]["result"] == [1, 2]
        assert seen["returns_endless_list"]["result"] == [1]
        assert seen["returns_endless_dict"]["result"] == {"a": 1}
    assert apps["process"]["seen"]["forks_and_both_return"]["result"] == "parent"
