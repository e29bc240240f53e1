"""Every system call that changes a file is once the last one of its process, and once the one that fails."""

from __future__ import annotations

import asyncio
import random
import re
import shutil
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.crash.conftest import Campaign, Figures
from tests.crash.scripted import NO_START, live
from tests.crash.traced import run

from dayjob.crashtest.ledger import Ledger, jobs_noted
from dayjob.crashtest.oracle import Oracle

CALLS = ["pwrite64", "fdatasync", "fsync", "ftruncate", "unlink"]
ERRORS = [("pwrite64", "ENOSPC"), ("pwrite64", "EIO"), ("fdatasync", "EIO"), ("ftruncate", "EIO")]
AT_ONCE = 2  # runs
_MORE = 5  # points beyond those of the first run: how much shares a transaction differs a little

pytestmark = pytest.mark.skipif(shutil.which("strace") is None, reason="NOT TESTED: needs strace")


@dataclass(frozen=True)
class Point:
    """The ``number``-th time that a thread does ``call``, ``what`` happens."""

    call: str
    number: int
    what: str

    def __str__(self) -> str:
        return f"{self.what} at {self.call} {self.number}"


@pytest.mark.timeout(7200)
async def test_a_kill_at_any_write_loses_nothing(tmp_path: Path, campaign: Campaign, figures: Figures) -> None:
    points = [
        Point(call, n, "signal=KILL")
        for call, most in (await calls(tmp_path / "dry")).items()
        for n in range(1, most + _MORE)
    ]
    ended = Counter(await try_all(points, campaign.pick(8, len(points), len(points)), campaign, tmp_path, figures))
    assert ended[-9] >= ended.total() * 0.6, f"most points were not reached: {ended}"


@pytest.mark.campaign
@pytest.mark.timeout(7200)
async def test_an_error_of_the_disk_at_any_write_is_survived(
    tmp_path: Path, campaign: Campaign, figures: Figures
) -> None:
    counted = await calls(tmp_path / "dry")
    points = [Point(call, n, f"error={error}") for call, error in ERRORS for n in range(1, counted[call] + _MORE)]
    ended = Counter(await try_all(points, campaign.pick(10, 100, len(points)), campaign, tmp_path, figures))
    # In each new thread strace counts anew, so an error at the first calls hits every try of a start.
    assert set(ended) <= {0, NO_START}
    assert ended[0] >= ended.total() * 0.6, f"an error of the disk ended the process: {ended}"


async def calls(folder: Path) -> dict[str, int]:
    """How often the thread that does most of each call does it, where nothing goes wrong."""
    folder.mkdir()
    code, _ = await run(folder, "-e", f"trace={','.join(CALLS)}", "-o", str(folder / "trace"))
    assert code == 0
    done = re.findall(rf"^(\d+) +({'|'.join(CALLS)})\(", (folder / "trace").read_text(), re.MULTILINE)
    counted = {call: max((n for (_, c), n in Counter(done).items() if c == call), default=0) for call in CALLS}
    assert counted["pwrite64"] > 100
    return counted


async def try_all(points: list[Point], most: int, campaign: Campaign, folder: Path, figures: Figures) -> list[int]:
    """The exit codes of the runs."""
    chosen = random.Random(campaign.seed).sample(points, min(most, len(points)))
    places = asyncio.Semaphore(AT_ONCE)
    wrong: list[str] = []

    async def one(number: int, point: Point) -> int:
        async with places:
            code, found = await try_point(folder / f"{number}", point)
            wrong.extend(f"{point}: {text}" for text in found)
            return code

    codes = await asyncio.gather(*(one(number, point) for number, point in enumerate(chosen)))
    figures |= {"points": len(points), "tried": len(chosen), "killed": codes.count(-9), "violations": len(wrong)}
    assert wrong == []
    return codes


async def try_point(folder: Path, point: Point) -> tuple[int, list[str]]:
    """One life up to this point, a look, a second life on what is left, and a last look."""
    folder.mkdir()
    database, ledger = folder / "jobs.db", Ledger(folder / "ledger")
    code, said = await run(folder, "-e", f"inject={point.call}:{point.what}:when={point.number}", "-o", "/dev/null")
    for pid in {line.pid for line in ledger.read()}:
        ledger.note("kill", pid=pid)
    oracle = Oracle(database, folder / "ledger")
    wrong = oracle.look()
    if code not in (0, -9, NO_START):
        wrong.append(f"exit code {code}: {said[-2000:]}")
    await asyncio.wait_for(live(database, ledger), 60)
    wrong += oracle.look(over=True)
    if len(jobs_noted(ledger.read(), "completed")) != 6:
        wrong.append("not all jobs came to their end")
    ledger.close()
    if not wrong:
        shutil.rmtree(folder)
    return code, wrong
