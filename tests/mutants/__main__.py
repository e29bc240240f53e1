"""``python -m tests.mutants``: plants each bug of the catalogue in a copy and demands that its tests notice.

A mutant is killed when an assertion of one of its tests fails. An error while a test is imported or set up, an
exception of another kind and a time-out prove nothing, and so do tests that fail without it.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from .catalogue import MUTANTS, Mutant

ROOT = Path(__file__).parents[2]
_LONGEST = 120  # seconds for the tests of one mutant
_PLUGINS = ("-p", "anyio.pytest_plugin", "-p", "pytest_timeout", "-p", "no:cacheprovider")  # others cost seconds each
_PROOF = ("AssertionError", "assert ", "Failed: DID NOT RAISE", "tests.simulation.scheduler.Violation")


class Verdict(NamedTuple):
    """What became of a mutant; ``why`` is the assertion that failed, or what there was instead."""

    name: str
    killed: bool
    why: str
    seconds: float


def main() -> int:
    """Print a line for each mutant and ``n of n killed``; 1 if one survived, or the tests fail without any."""
    arguments = _arguments()
    chosen = [mutant for mutant in MUTANTS if arguments.only in mutant.name]
    began = time.monotonic()
    with ThreadPoolExecutor(arguments.jobs) as pool:
        sound = pool.submit(_sound, chosen)  # the longest of all, so it comes first
        verdicts = []
        for verdict in pool.map(_try, chosen):
            verdicts.append(verdict)
            word = "killed  " if verdict.killed else "SURVIVED"
            print(f"{word} {verdict.name} ({verdict.seconds:.1f} s): {verdict.why[:110]}", flush=True)
    killed = sum(verdict.killed for verdict in verdicts)
    seconds = time.monotonic() - began
    print(f"{killed} of {len(verdicts)} killed in {seconds:.0f} s; without a bug: {sound.result() or 'all pass'}")
    if arguments.json:
        arguments.json.write_text(json.dumps([verdict._asdict() for verdict in verdicts], indent=1))
    return 0 if killed == len(verdicts) and not sound.result() else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", default="", help="mutants with this in their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="how many at the same time")
    parser.add_argument("--json", type=Path, help="write a report")
    return parser.parse_args()


def _sound(mutants: list[Mutant]) -> str:
    """Why the tests prove nothing: which of them fail without any bug. Empty if none does."""
    tests = sorted({test for mutant in mutants for test in mutant.tests})
    with tempfile.TemporaryDirectory(prefix="dayjob-sound-") as folder:
        failed, _ = _run(_copy(Path(folder)), tests, Path(folder), stop_early=False)
    return "; ".join(failed)


def _try(mutant: Mutant) -> Verdict:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dayjob-mutant-") as folder:
        source = _copy(Path(folder))
        _plant(mutant, source / "dayjob" / mutant.file)
        failed, proof = _run(source, mutant.tests, Path(folder), stop_early=True)
    why = proof or "; ".join(failed) or "all its tests pass"
    return Verdict(mutant.name, bool(proof), why, time.monotonic() - began)


def _copy(folder: Path) -> Path:
    source = folder / "src"
    shutil.copytree(ROOT / "src", source, ignore=shutil.ignore_patterns("__pycache__"))
    return source


def _plant(mutant: Mutant, file: Path) -> None:
    text = file.read_text("utf-8")
    found = text.count(mutant.old)
    if found != 1:
        raise SystemExit(
            f"'{mutant.name}': its text is {found} times in {mutant.file}, not once. Bring the catalogue up to date."
        )
    file.write_text(text.replace(mutant.old, mutant.new), "utf-8")


def _run(source: Path, tests: tuple[str, ...] | list[str], folder: Path, *, stop_early: bool) -> tuple[list[str], str]:
    """What went wrong, of any kind, and the first assertion that failed."""
    report = folder / "report.xml"
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *_PLUGINS, *tests]
    command += ["--timeout=60", "-x"] if stop_early else []
    environment = {**os.environ, "PYTHONPATH": str(source), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    try:
        ended = subprocess.run(
            command,
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=_LONGEST * (1 if stop_early else 5),
        )
    except subprocess.TimeoutExpired:
        return ["time is over"], ""
    if not report.exists():
        return [f"pytest said: {ended.stdout[-300:]}{ended.stderr[-300:]}"], ""
    failed, proof = [], ""
    for case in ElementTree.parse(report).iter("testcase"):
        for kind in ("failure", "error"):
            for what in case.iter(kind):
                message = " ".join((what.get("message") or "").split())
                failed.append(f"{case.get('name')}: {kind}: {message[:200]}")
                if kind == "failure" and message.startswith(_PROOF):
                    proof = proof or f"{case.get('name')}: {message}"
    if not failed and ended.returncode != 0:
        failed.append(f"pytest ended with {ended.returncode}: {ended.stdout[-300:]}")
    return failed, proof


if __name__ == "__main__":
    sys.exit(main())
