"""kill -9 in the middle of analysing, applying and undoing: the next run finishes it, and nothing is written twice."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.crash.written_stash import LATENCY, run_job, served_library, unnamed_library
from tests.stashwork.plans.support import state
from tests.stashwork.served import demo_library, local_library, rows, wait_until

from stashwork.database import open_database
from stashwork.library import SyncService
from stashwork.plans import AnalysisOptions, AnalysisService, Decision, ReviewService
from stashwork.stash import StashClient

_SCENES = 400
_OPTIONS = {"create_missing": True, "technical_tags": True}
_CHANGES = "SELECT scene_id, field, key, confidence, decision FROM plan_change WHERE plan_id = {} ORDER BY 1, 2, 3"


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_what_was_killed_is_finished_by_the_next_run(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    """Moments: the share of the work that is done when the kill comes."""
    chance = random.Random(campaign.seed)
    figures.update({"kills": 0, "mutations": 0, "mutations expected": 0})
    for number in range(campaign.pick(1, 3, 20)):
        sent, expected = kill_three_times(tmp_path / f"{number}", [chance.random() for _ in range(3)])
        figures["kills"] += 3
        figures["mutations"] += sent
        figures["mutations expected"] += expected


def kill_three_times(folder: Path, moments: list[float]) -> tuple[int, int]:
    """Returns how many mutations of single scenes came, and how many should have come."""
    folder.mkdir()
    made = unnamed_library(_SCENES)
    with served_library(made) as (url, sent):
        reference = asyncio.run(_prepare(folder, url))
        database, before = folder / "library.db", state(made)

        _killed_and_finished(
            (folder, url, "analyze_scenes", "analysis", {"options": _OPTIONS}),
            lambda: (rows(database, "SELECT after_scene_id FROM plan WHERE job_id = 'analysis'") or [(0,)])[0][0],
            int(moments[0] * (_SCENES - 300)),
        )
        plan = _plan_id(database, "analysis")
        assert rows(database, _CHANGES.format(plan)) == reference
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

        applied = len(sent)
        sent.clear()
        _killed_and_finished(
            (folder, url, "undo_plan", "undo", {"plan_id": plan}), lambda: len(sent), _moment(moments[2], expected)
        )
        _assert_each_scene_was_written_once(sent, expected)
        assert state(made) == before
        assert local_library(folder) == demo_library(made)
        return applied + len(sent), 2 * len(expected)


def _moment(share: float, scenes: set[int]) -> int:
    """After so many scenes were written; before the last page, so that there is something left to do."""
    return int(share * (len(scenes) - 60))


def _assert_each_scene_was_written_once(sent: list[int], expected: set[int]) -> None:
    assert set(sent) == expected
    assert [scene for scene, times in Counter(sent).items() if times > 1] == []


def _killed_and_finished(job: tuple[Path, str, str, str, Any], count: Callable[[], int], moment: int) -> None:
    killed = run_job(*job)
    wait_until(lambda: count() >= max(moment, 1) or killed.poll() is not None, 120)
    time.sleep(random.random() * LATENCY)  # not to wait for anything: this is the random moment
    killed.kill()
    output, _ = killed.communicate()
    assert killed.returncode == -9, f"it ended before the kill: {output}"
    finished = run_job(*job)
    output, _ = finished.communicate(timeout=120)
    assert finished.returncode == 0, output


async def _prepare(folder: Path, url: str) -> list[tuple[Any, ...]]:
    """A synced copy; returns the changes of the plan that an undisturbed analysis makes, which is deleted then."""
    async with open_database(folder) as engine, StashClient(url) as stash:
        await SyncService(engine, stash).sync_all("sync")
        made = await AnalysisService(engine).analyze_scenes("reference", options=AnalysisOptions.of(_OPTIONS))
        changes = rows(folder / "library.db", _CHANGES.format(made.plan_id))
        await ReviewService(engine).delete(made.plan_id)
        return changes


async def _approve(folder: Path, plan: int) -> set[int]:
    """Approve everything; returns the scenes that have changes."""
    async with open_database(folder) as engine:
        await ReviewService(engine).decide_where(plan, Decision.APPROVED)
    return {row[0] for row in rows(folder / "library.db", f"SELECT scene_id FROM plan_change WHERE plan_id = {plan}")}


def _plan_id(database: Path, job_id: str) -> int:
    return int(rows(database, f"SELECT id FROM plan WHERE job_id = '{job_id}'")[0][0])
