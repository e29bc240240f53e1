"""The scale and the seed of the crash campaign, and its report: what each scenario did, in a table and as JSON."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

Figures = dict[str, int | float]
SCALES = ("short", "medium", "long")
_FIGURES = "figures"


@dataclasses.dataclass(frozen=True)
class Campaign:
    """How far a scenario goes, and from which seed it takes its random moments."""

    scale: str
    seed: str

    def pick(self, short: int, medium: int, long: int) -> int:
        """The number for the scale of this run."""
        return (short, medium, long)[SCALES.index(self.scale)]


@pytest.fixture
def campaign(request: pytest.FixtureRequest, pytestconfig: pytest.Config) -> Campaign:
    return Campaign(pytestconfig.getoption("--scale"), f"{pytestconfig.getoption('--seed')}-{request.node.name}")


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """What a scenario did, for the report: it fills this."""
    found: Figures = {}
    record_property(_FIGURES, found)
    return found


def pytest_terminal_summary(terminalreporter: Any, exitstatus: int, config: pytest.Config) -> None:
    report = config.getoption("--report")
    if report is None:
        return
    scenarios = [_scenario(each) for each in _ended(terminalreporter.stats)]
    terminalreporter.section("crash campaign")
    for scenario in scenarios:
        figures = ", ".join(f"{value:,} {name}" for name, value in scenario["figures"].items())
        terminalreporter.line(f"{scenario['outcome']:8}{scenario['seconds']:7.1f} s  {scenario['name']}: {figures}")
    document = {
        "scale": config.getoption("--scale"),
        "seed": config.getoption("--seed"),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "violations": sum(scenario["outcome"] == "failed" for scenario in scenarios),
        "exit_code": int(exitstatus),
        "scenarios": scenarios,
    }
    Path(report).write_text(json.dumps(document, indent=2) + "\n")
    terminalreporter.line(f"written to {report}")


def _ended(stats: dict[str, Sequence[Any]]) -> list[Any]:
    reports = [each for outcome in ("passed", "failed", "skipped", "error") for each in stats.get(outcome, ())]
    return sorted(
        (each for each in reports if getattr(each, "when", None) == "call" or each.outcome != "passed"),
        key=lambda r: r.nodeid,
    )


def _scenario(report: Any) -> dict[str, Any]:
    return {
        "name": report.nodeid.removeprefix("tests/"),
        "outcome": report.outcome,
        "seconds": round(getattr(report, "duration", 0.0), 1),  # a file that could not be read took none
        "figures": dict(getattr(report, "user_properties", ())).get(_FIGURES, {}),
        "why": str(report.longrepr) if report.outcome != "passed" else None,
    }
