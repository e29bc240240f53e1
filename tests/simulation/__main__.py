"""``python -m tests.simulation``: many seeds, or one again.

python -m tests.simulation --seeds 20000        # on all cores; stops at the first seed that fails, and shrinks it
python -m tests.simulation --seed 4711          # this one, with its trace
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .audit import TRANSITIONS
from .scenario import Scenario
from .store import COMMIT_FAULTS
from .world import World

FAULTS = (
    *COMMIT_FAULTS, "busy", "failed read", "lost wake-up", "needless wake-up", "pause", "crash", "stop", "clock jump",
)  # fmt: skip
_ENOUGH = 1500  # seeds: from so many on, every cell of the table has to be reached
_AT_ONCE = 10
_SHOWN = 80  # lines of a trace


def main() -> int:
    """Run, print, and return the exit status: 1 for a violation, or for a fault that met no such transition."""
    arguments = _arguments()
    if arguments.seed is not None:
        return _replay(arguments.seed)
    began = time.monotonic()
    ran, calls, hours, failed = 0, 0, 0.0, []
    cells: Counter[tuple[str, str]] = Counter()
    with multiprocessing.Pool(arguments.jobs, maxtasksperchild=100) as pool:
        for part in _results(pool, _parts(arguments.first, arguments.seeds), 2 * arguments.jobs):
            ran, calls, hours = ran + part["seeds"], calls + part["calls"], hours + part["hours"]
            cells.update(part["cells"])
            failed += part["failed"]
            if failed:
                break
    seconds = time.monotonic() - began
    empty = [f"{t} x {f}" for t in TRANSITIONS for f in FAULTS if not cells[t, f]] if ran >= _ENOUGH else []
    print(_table(cells))
    rate = f"{seconds:.0f} s ({ran / seconds:.1f} seeds a second)"
    print(f"{ran} seeds, {calls:,} steps, {hours:,.0f} virtual hours in {rate}")
    if arguments.json:
        report = {"first": arguments.first, "seeds": ran, "seconds": seconds, "virtual_hours": hours, "failed": failed}
        report["cells"] = {f"{t} x {f}": cells[t, f] for t in TRANSITIONS for f in FAULTS}
        arguments.json.write_text(json.dumps(report, indent=1))
    for seed in failed[:1]:
        _replay(seed)
        _shrink(seed)
    if empty:
        print("Never reached: " + ", ".join(empty))
    return 1 if failed or empty else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, help="run this one, and print its trace")
    parser.add_argument("--seeds", type=int, default=400, help="how many")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes")
    parser.add_argument("--json", type=Path, help="write a report")
    return parser.parse_args()


def _parts(first: int, seeds: int) -> Iterator[range]:
    ends = first + seeds
    return (range(seed, min(ends, seed + _AT_ONCE)) for seed in range(first, ends, _AT_ONCE))


def _results(pool: Any, parts: Iterator[range], most: int) -> Iterator[dict]:
    """In order, with ``most`` parts handed out at a time: `Pool.imap` would take all that there are at once."""
    under_way = deque(pool.apply_async(_run, (part,)) for part in itertools.islice(parts, most))
    while under_way:
        yield under_way.popleft().get()
        under_way.extend(pool.apply_async(_run, (part,)) for part in itertools.islice(parts, 1))


def _run(seeds: range) -> dict:
    calls, hours, failed = 0, 0.0, []
    cells: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        world = Scenario.of(seed).run()
        calls, hours = calls + world.scheduler.calls, hours + world.scheduler.now / 3600
        cells.update(world.cells)
        if world.violation is not None:
            failed.append(seed)
    return {"seeds": len(seeds), "calls": calls, "hours": hours, "failed": failed, "cells": cells}


def _replay(seed: int) -> int:
    world = Scenario.of(seed).run()
    _print_trace(world)
    print(f"seed {seed}: {world.violation or 'all is well'}")
    return 0 if world.violation is None else 1


def _shrink(seed: int) -> None:
    smaller = Scenario.of(seed).shrunk()
    print(f"\nOf its {len(Scenario.of(seed).steps)} steps these are enough:\n  {smaller}")
    world = smaller.run()
    _print_trace(world)
    print(f"{world.violation}\nAgain: python -m tests.simulation --seed {seed}")


def _print_trace(world: World) -> None:
    for when, process, words in world.lines[-_SHOWN:]:
        print(f"{when:10.3f} {process:4}", *[str(word)[:200] for word in words])


def _table(cells: Counter[tuple[str, str]]) -> str:
    wide = max(map(len, FAULTS))
    lines = [" " * wide + "".join(f"{t.replace(' ', '-')[:9]:>10}" for t in TRANSITIONS)]
    lines += [f"{f:{wide}}" + "".join(f"{cells[t, f]:>10}" for t in TRANSITIONS) for f in ("any", *FAULTS)]
    return "\n".join(lines)


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets of texts have an order, and it must be the same each time
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    sys.exit(main())
