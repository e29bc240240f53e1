"""kill -9 in the middle of analysing, applying and undoing: the next run finishes it, and nothing is written twice."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.stashwork.plans_support import add_scene, library, state
from tests.stashwork.served import demo_library, local_library, rows, wait_until

from stashwork.database import open_database
from stashwork.demo import DemoStash, Faults, Library, serve_demo
from stashwork.library import SyncService
from stashwork.plans import AnalysisOptions, AnalysisService, Decision, ReviewService
from stashwork.stash import StashClient

_CHILD = Path(__file__).with_name("plan_child.py")
_SCENES = 400
_LATENCY = 0.02  # seconds per request: room for a kill between two of them
_OPTIONS = {"create_missing": True, "technical_tags": True}
_CHANGES = "SELECT scene_id, field, key, confidence, decision FROM plan_change WHERE plan_id = {} ORDER BY 1, 2, 3"


@pytest.mark.timeout(3600)
def test_what_was_killed_is_finished_by_the_next_run(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    """Moments: the share of the work that is done when the kill comes."""
    chance = random.Random(campaign.seed)
    for number in range(campaign.pick(1, 3, 20)):
        kill_three_times(tmp_path / f"{number}", [chance.random() for _ in range(3)])
        figures["kills"] = 3 * (number + 1)


def kill_three_times(folder: Path, moments: list[float]) -> None:
    folder.mkdir()
    made = _library()
    with _served(made) as (url, sent):
        asyncio.run(_prepare(folder, url))
        database, before = folder / "library.db", state(made)

        _killed_and_finished(
            (folder, url, "analyze_scenes", "analysis", {"options": _OPTIONS}),
            lambda: (rows(database, "SELECT after_scene_id FROM plan WHERE job_id = 'analysis'") or [(0,)])[0][0],
            int(moments[0] * (_SCENES - 300)),
        )
        reference, plan = _plan_id(database, "reference"), _plan_id(database, "analysis")
        assert rows(database, _CHANGES.format(plan)) == rows(database, _CHANGES.format(reference))
        assert sent == []

        expected = asyncio.run(_approve(folder, plan))
        _killed_and_finished(
            (folder, url, "apply_plan", "apply", {"plan_id": plan}), lambda: len(sent), _moment(moments[1], expected)
        )
        _assert_each_scene_was_written_once(sent, expected)
        assert local_library(folder) == demo_library(made)
        assert len({studio.name for studio in made.studios.values()}) == len(made.studios)
        assert rows(database, "SELECT count(*) FROM plan_journal WHERE finished_at IS NULL") == [(0,)]
        assert rows(database, f"SELECT DISTINCT outcome FROM plan_change WHERE plan_id = {plan}") == [("done",)]
        assert state(made) != before

        sent.clear()
        _killed_and_finished(
            (folder, url, "undo_plan", "undo", {"plan_id": plan}), lambda: len(sent), _moment(moments[2], expected)
        )
        _assert_each_scene_was_written_once(sent, expected)
        assert state(made) == before
        assert local_library(folder) == demo_library(made)


def _moment(share: float, scenes: set[int]) -> int:
    """After so many scenes were written; before the last page, so that there is something left to do."""
    return int(share * (len(scenes) - 60))


def _assert_each_scene_was_written_once(sent: list[int], expected: set[int]) -> None:
    assert set(sent) == expected
    assert [scene for scene, times in Counter(sent).items() if times > 1] == []


def _killed_and_finished(job: tuple[Path, str, str, str, Any], count: Callable[[], int], moment: int) -> None:
    killed = _run(*job)
    wait_until(lambda: count() >= max(moment, 1) or killed.poll() is not None, 120)
    time.sleep(random.random() * _LATENCY)  # not to wait for anything: this is the random moment
    killed.kill()
    output, _ = killed.communicate()
    assert killed.returncode == -9, f"it ended before the kill: {output}"
    finished = _run(*job)
    output, _ = finished.communicate(timeout=120)
    assert finished.returncode == 0, output


def _run(folder: Path, url: str, job_type: str, job_id: str, arguments: dict[str, Any]) -> subprocess.Popen[str]:
    command = [sys.executable, str(_CHILD), str(folder), url, job_type, job_id, json.dumps(arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


async def _prepare(folder: Path, url: str) -> None:
    """A synced copy, and the plan that an undisturbed analysis makes."""
    async with open_database(folder) as engine, StashClient(url) as stash:
        await SyncService(engine, stash).sync_all("sync")
        await AnalysisService(engine).analyze_scenes("reference", options=AnalysisOptions.of(_OPTIONS))


async def _approve(folder: Path, plan: int) -> set[int]:
    """Approve everything; returns the scenes that have changes."""
    async with open_database(folder) as engine:
        await ReviewService(engine).decide_where(plan, Decision.APPROVED)
    return {row[0] for row in rows(folder / "library.db", f"SELECT scene_id FROM plan_change WHERE plan_id = {plan}")}


def _plan_id(database: Path, job_id: str) -> int:
    return int(rows(database, f"SELECT id FROM plan WHERE job_id = '{job_id}'")[0][0])


def _library() -> Library:
    made = library()
    for number in range(_SCENES):
        words = ("[Copper Lantern] Marla Quenby", "[Zephyr Row] Tess Orvane", "Tess Orvane & Marla Quenby")
        add_scene(made, f"/m/{words[number % 3]} - Night {chr(97 + number % 26)}{number // 26} [2023-05-01].mp4")
    return made


@contextlib.contextmanager
def _served(made: Library) -> Iterator[tuple[str, list[int]]]:
    """The demo in a thread of this process; yields its URL, and the scenes that mutations name, as they come."""
    sent: list[int] = []
    update = made.bulk_update_scenes

    def noted(entry: Any) -> Any:
        sent.extend(map(int, entry["ids"]))
        return update(entry)

    made.bulk_update_scenes = noted  # type: ignore[method-assign]
    ready, stop, address = threading.Event(), asyncio.Event(), []

    async def serve() -> None:
        async with serve_demo(DemoStash(made, faults=Faults(latency=_LATENCY))) as url:
            address.append((url, asyncio.get_running_loop()))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=lambda: asyncio.run(serve()))
    thread.start()
    ready.wait(30)
    url, loop = address[0]
    try:
        yield url, sent
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
