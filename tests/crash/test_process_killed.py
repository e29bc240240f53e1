"""kill -9 in the middle of `process_library`, again and again: the same job ends as one that nobody disturbed."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.crash.written_stash import LATENCY, run_job, served_library, unnamed_library
from tests.stashwork.plans.support import state
from tests.stashwork.served import demo_library, local_library, rows, wait_until

_SCENES = 400
_ARGUMENTS = {"auto_approve": 0.0, "options": {"create_missing": True, "technical_tags": True}}
_CHANGES = "SELECT scene_id, field, key, confidence, decision, outcome FROM plan_change ORDER BY 1, 2, 3"
_AT_WORK = "SELECT type FROM dayjob_job WHERE status = 'running' AND type != 'process_library'"


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_the_whole_way_ends_as_if_it_had_not_been_killed(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    """Moments: the share of the scenes that are copied, looked at and written when the kill comes.

    One in each part of the way: a job in which three processes die is not run again, and that is right.
    """
    chance = random.Random(campaign.seed)
    kills = campaign.pick(2, 3, 3)
    undisturbed = _Way(tmp_path / "undisturbed")
    undisturbed.go([])
    figures.update({"kills": 0, "mutations": 0, "mutations expected": 0})
    for number in range(campaign.pick(1, 2, 10)):
        killed = _Way(tmp_path / f"{number}")
        killed.go([(part + chance.random()) / kills for part in range(kills)])
        assert killed.outcome == undisturbed.outcome
        assert [scene for scene, times in Counter(killed.sent).items() if times > 1] == []
        assert sorted(killed.sent) == sorted(undisturbed.sent)
        for phase, fallen in killed.fell.items():
            figures[f"in {phase}"] = figures.get(f"in {phase}", 0) + fallen
        figures["kills"] += killed.fell.total()
        figures["mutations"] += len(killed.sent)
        figures["mutations expected"] += len(undisturbed.sent)


class _Way:
    """One `process_library`, from an empty folder to its end."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.sent: list[int] = []
        self.fell: Counter[str] = Counter()
        self.outcome: dict[str, Any] = {}

    def go(self, moments: list[float]) -> None:
        made = unnamed_library(_SCENES)
        with served_library(made) as (url, self.sent):
            for moment in moments:
                self._killed(url, moment)
            finished = run_job(self.folder, url, "process_library", "whole", _ARGUMENTS)
            output, _ = finished.communicate(timeout=120)
            assert finished.returncode == 0, output
            assert local_library(self.folder) == demo_library(made)
        changes = rows(self.folder / "library.db", _CHANGES)
        assert {change[-1] for change in changes} == {"done"}
        assert rows(self.folder / "library.db", "SELECT count(*) FROM plan") == [(1,)]
        assert rows(self.folder / "library.db", "SELECT count(*) FROM plan_journal WHERE finished_at IS NULL") == [(0,)]
        self.outcome = {
            "scenes": state(made),
            "studios": sorted(s.name for s in made.studios.values()),
            "plan": changes,
        }

    def _killed(self, url: str, moment: float) -> None:
        process = run_job(self.folder, url, "process_library", "whole", _ARGUMENTS)
        wait_until(lambda: self._done() >= max(1, int(moment * 3 * _SCENES * 0.95)) or process.poll() is not None, 120)
        time.sleep(random.random() * LATENCY)  # not to wait for anything: this is the random moment
        process.kill()
        output, _ = process.communicate()
        assert process.returncode == -9, f"it ended before the kill: {output}"
        at_work = rows(self.folder / "jobs.db", _AT_WORK)
        self.fell[at_work[0][0] if at_work else "between two steps"] += 1

    def _done(self) -> int:
        """Scenes that are copied, looked at, and written."""
        database = self.folder / "library.db"
        copied = (rows(database, "SELECT count(*) FROM scene") or [(0,)])[0][0]
        looked_at = (rows(database, "SELECT after_scene_id FROM plan") or [(0,)])[0][0]
        return int(copied) + int(looked_at) + len(self.sent)
