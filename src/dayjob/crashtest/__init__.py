"""``dayjob crashtest --dir PATH``: does this disk keep what dayjob promises? About a minute of kill -9 tells.

It looks at what the promises are built on (locks, shared memory, syncs), then runs real queues in a folder of its own
below PATH and kills, stops and continues their processes at random moments. An observer that uses nothing of the
library compares what the processes noted with what the database says. What it cannot do is pull the plug: whether a
disk lies about fsync shows in a power failure only, and in an fsync that is too fast to be true.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from ..repository import Finding
from .disk import examine_disk
from .loops import Tally, kill_loop, stop_loop

__all__ = ["add_options", "examine_folder", "main", "run"]

_SECONDS = 40.0
_SECONDS_PER_STOP = 12
_SHOWN = 5  # violations
_MARKS = {"ok": "ok", "warning": "WARNING", "error": "ERROR"}


def main(argv: Sequence[str] | None = None) -> int:
    """``python -m dayjob.crashtest``; returns its exit code: 0, or 1 if the folder cannot be trusted."""
    parser = argparse.ArgumentParser(prog="python -m dayjob.crashtest", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="print JSON")
    add_options(parser)
    try:
        return asyncio.run(run(parser.parse_args(argv)))
    except KeyboardInterrupt:
        return 130


def add_options(parser: argparse.ArgumentParser) -> None:
    """What can be asked for."""
    parser.add_argument("--dir", type=Path, default=Path(), help="folder on the disk in question (default: this one)")
    parser.add_argument("--seconds", type=_seconds, default=_SECONDS, help="of kills (default 40)")
    parser.add_argument("--seed", default=None, help="of the random moments, as an earlier run printed it")


async def run(options: argparse.Namespace) -> int:
    """Do what the options of the command line say, print what was found, and return the exit code."""
    seed = options.seed or secrets.token_hex(4)
    if not options.json:
        print(f"Crash test of {options.dir.resolve()}, seed {seed}; this takes about {options.seconds + 10:.0f} s.")
    findings = []
    async for finding in examine_folder(options.dir, seed, options.seconds):
        findings.append(finding)
        if not options.json:
            print(f"{_MARKS[finding.level]:8} {finding.name}: {finding.detail}", flush=True)
    broken = any(finding.level == "error" for finding in findings)
    if options.json:
        document = {"dir": str(options.dir.resolve()), "seed": seed, "kept": not broken}
        print(json.dumps(document | {"findings": [dataclasses.asdict(finding) for finding in findings]}, indent=2))
    else:
        print(_verdict(findings))
    return int(broken)


async def examine_folder(folder: Path, seed: str, seconds: float) -> AsyncIterator[Finding]:
    """Look at the disk below ``folder``, then kill and stop processes there for ``seconds``.

    All of it happens in a new folder, which is removed again, unless something was wrong: then a finding names it.
    """
    if not hasattr(os, "fork"):
        yield Finding("system", "error", "this system has no kill -9; the crash test needs Linux, macOS or a BSD")
        return
    try:
        place = Path(tempfile.mkdtemp(prefix="dayjob-crashtest-", dir=folder))
    except OSError as error:
        yield Finding("folder", "error", f"cannot be written: {error}")
        return
    keep = False
    try:
        async for finding in _examine(place, seed, seconds):
            keep = keep or (finding.level == "error" and finding.name in _LOOPS)
            yield finding
        if keep:
            yield Finding("evidence", "warning", f"databases and ledgers are kept in {place}")
    finally:
        if not keep:
            shutil.rmtree(place, ignore_errors=True)


_LOOPS = ("kill -9, one process", "kill -9, four processes", "stopped and woken up")


async def _examine(place: Path, seed: str, seconds: float) -> AsyncIterator[Finding]:
    broken = False
    async for finding in examine_disk(place):
        broken = broken or finding.level == "error"
        yield finding
    if broken:
        yield Finding("kills", "warning", "left out: on such a disk they would tell nothing new")
        return
    forever = 1_000_000
    yield _found(_LOOPS[0], await kill_loop(place / "app", seed, ["app"], kills=forever, seconds=seconds / 3))
    crew = ["api", "worker", "worker", "worker"]
    yield _found(_LOOPS[1], await kill_loop(place / "crew", seed, crew, kills=forever, seconds=seconds / 3))
    yield _found(_LOOPS[2], await stop_loop(place, seed, stops=max(1, round(seconds / 3 / _SECONDS_PER_STOP))))


def _found(name: str, tally: Tally) -> Finding:
    if tally.wrong:
        more = f" (and {len(tally.wrong) - _SHOWN} more)" if len(tally.wrong) > _SHOWN else ""
        return Finding(name, "error", "; ".join(tally.wrong[:_SHOWN]) + more)
    times = f"{tally.stops} stops" if tally.stops else f"{tally.kills} kills"
    return Finding(
        name,
        "ok",
        f"{times}: {tally.accepted:,} jobs accepted, 0 lost; {tally.repeated:,} interrupted and run again, "
        "none twice at once, no late write landed",
    )


def _verdict(findings: Sequence[Finding]) -> str:
    if any(finding.level == "error" for finding in findings):
        return "Do not put the queue here: what is marked ERROR breaks its promises."
    if any(finding.level == "warning" for finding in findings):
        return "The queue works here; what is marked WARNING you should know."
    return "This disk keeps its word: the queue can live here."


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("use 1 to 86400")
    return seconds
