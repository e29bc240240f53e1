"""kill -9 in the middle of a sync: after the restart the job completes, and the tables equal the server's library."""

from __future__ import annotations

import random
import signal
import time
from pathlib import Path

import pytest
from tests.stashwork.served import Served, demo_library, demo_stash, local_library, wait_until

from stashwork.demo.seed import seeded_library

_ITEMS = 2490
_PAGE = 500  # items that are read with one request, and so within one latency of the server


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Moments: so many items are stored, and then a part of the time that the next request takes has passed."""
    rng = random.Random(metafunc.config.getoption("--seed"))
    moments = [(rng.randrange(_ITEMS - 2 * _PAGE), rng.random()) for _ in range(metafunc.config.getoption("--kills"))]
    metafunc.parametrize(("items", "part"), moments, ids=[f"at-{items}-and-{part:.2f}" for items, part in moments])


@pytest.mark.timeout(180)
def test_a_killed_sync_is_finished_by_the_next_start(
    items: int, part: float, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    latency = pytestconfig.getoption("--latency")
    with demo_stash("--latency", str(latency)) as stash:
        killed = Served(tmp_path, "--sync", STASH_URL=stash)
        wait_until(lambda: any(job[2] >= items for job in killed.jobs()), 120)
        time.sleep(part * latency)  # not to wait for anything: this is the random moment
        assert killed.end(signal.SIGKILL) == -signal.SIGKILL
        assert [job[:2] for job in killed.jobs()] == [("running", 1)], "the kill has to hit a running attempt"
        restarted = Served(tmp_path, "--once", STASH_URL=stash)
        assert restarted.exit_code(120) == 0, restarted.output()
    assert [job[:2] for job in restarted.jobs()] == [("completed", 2)]
    assert local_library(restarted.data) == demo_library(seeded_library())
