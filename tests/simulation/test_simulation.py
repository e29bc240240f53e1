"""Many seeds, and that a seed is always the same."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest
from tests.simulation.handlers import KINDS
from tests.simulation.scenario import Scenario
from tests.simulation.scheduler import Scheduler, VirtualLoop
from tests.simulation.store import Rates
from tests.simulation.world import World

import dayjob.engine.pool

ROOT = Path(__file__).parents[2]
SEEDS = 120


@pytest.mark.timeout(400)
def test_nothing_is_violated_in_the_first_seeds() -> None:
    """`make ci` runs thousands."""
    command = [sys.executable, "-m", "tests.simulation", f"--seeds={SEEDS}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert f"{SEEDS} seeds" in done.stdout


@pytest.mark.parametrize("seed", [3, 8, 21])
def test_a_seed_is_always_the_same(seed: int) -> None:
    first, second = Scenario.of(seed).run(), Scenario.of(seed).run()
    assert first.lines == second.lines
    assert first.scheduler.calls == second.scheduler.calls > 500
    assert Scenario.of(seed + 1).run().lines != first.lines


def test_a_violation_is_found_and_made_small() -> None:
    """With an audit that finds one thing wrong that is not: every rescue."""
    scenario = Scenario(
        5, Rates(), 1, False, (("time", 0.5, 0.5), ("crash", 0, 0), ("time", 0, 0), ("enqueue", 0.95, 0.5)) * 4
    )
    assert scenario.run().violation is None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.simulation.audit.Audit._orphaned", lambda self, job: self.world.violated("a rescue"))
        poison = tuple(("enqueue", (KINDS.index("poison") + 0.5) / len(KINDS), 0.5) for _ in range(3))
        failing = Scenario(5, Rates(), 1, False, (*scenario.steps, *poison, *scenario.steps))
        smaller = failing.shrunk()
        assert len(smaller.steps) < 4
        assert "a rescue" in str(smaller.run().violation)


def test_the_standard_library_is_put_back() -> None:
    before = dict(vars(dayjob.engine.pool))
    world = World(1)
    assert dayjob.engine.pool.time is not before["time"]
    world.close()
    assert dict(vars(dayjob.engine.pool)) == before


def test_tasks_of_handlers_are_shuffled_and_each_keeps_its_order() -> None:
    orders = set()
    for seed in range(30):
        seen: list[str] = []
        scheduler = Scheduler(seed)
        host = type("Host", (), {"dead": False, "paused": False, "blocked": False, "held": [], "loop": None})()
        host.loop = VirtualLoop(scheduler, host)

        async def steps(name: str, seen: list[str] = seen) -> None:
            for number in range(3):
                seen.append(f"{name}{number}")
                await asyncio.sleep(0)

        for name in "ab":
            host.loop.create_task(steps(name), name=f"client-{name}")
        scheduler.run(1.0)
        assert [each for each in seen if each[0] == "a"] == ["a0", "a1", "a2"]
        orders.add(tuple(seen))
    assert len(orders) > 5
