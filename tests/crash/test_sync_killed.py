"""kill -9 in the middle of a sync: after the restart the job completes, and the tables equal the server's library."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.stashwork.served import Served, demo_library, demo_stash, local_library, wait_until

from stashwork.demo.seed import seeded_library

_ITEMS = 2490
_LATENCY = 1.0  # seconds that the server takes for a request
_PAGE = 500  # items that are read with one request, and so within one latency of the server
_AT_ONCE = 2  # requests that are under way together


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_killed_sync_is_finished_by_the_next_start(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    """Moments: so many items are stored, and then a part of the time that the next request takes has passed."""
    chance = random.Random(campaign.seed)
    for number in range(campaign.pick(1, 3, 20)):
        # One latency after the last of these moments there is still a page to come.
        kill_and_restart(tmp_path / f"{number}", chance.randrange(_ITEMS - (_AT_ONCE + 1) * _PAGE), chance.random())
        figures["kills"] = number + 1


def kill_and_restart(folder: Path, items: int, part: float) -> None:
    folder.mkdir()
    with demo_stash("--latency", str(_LATENCY)) as stash:
        killed = Served(folder, "--sync", STASH_URL=stash)
        wait_until(lambda: any(job[2] >= items for job in killed.jobs()), 120)
        time.sleep(part * _LATENCY)  # not to wait for anything: this is the random moment
        assert killed.end(signal.SIGKILL) == -signal.SIGKILL
        assert [job[:2] for job in killed.jobs()] == [("running", 1)], "the kill has to hit a running attempt"
        restarted = Served(folder, "--once", STASH_URL=stash)
        assert restarted.exit_code(120) == 0, restarted.output()
    assert [job[:2] for job in restarted.jobs()] == [("completed", 2)]
    assert local_library(restarted.data) == demo_library(seeded_library())
