"""A figure and the table of figures."""

from __future__ import annotations

import json
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """A median of several runs, beside the goal that we set ourselves."""

    name: str
    unit: str
    median: float
    lowest: float
    highest: float
    goal: str


def figure(name: str, unit: str, values: Sequence[float], goal: str) -> Figure:
    """A figure from the values of its runs."""
    return Figure(name, unit, statistics.median(values), min(values), max(values), goal)


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which ``percent`` of the values lie."""
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def table(figures: Sequence[Figure]) -> str:
    """The figures as text for people."""
    lines = [f"{'figure':72} {'median':>12} {'min':>10} {'max':>10}  unit   goal"]
    lines += [
        f"{f.name:72} {f.median:>12,.2f} {f.lowest:>10,.2f} {f.highest:>10,.2f}  {f.unit:6} {f.goal}" for f in figures
    ]
    return "\n".join(lines)


def save(figures: Sequence[Figure], path: Path) -> None:
    """The figures as JSON for programs; figures of other names that are there already stay."""
    kept = {f["name"]: f for f in json.loads(path.read_text())} if path.exists() else {}
    kept.update((f.name, asdict(f)) for f in figures)
    path.write_text(json.dumps(list(kept.values()), indent=2) + "\n")
