"""Nothing that is printed moves a cursor, and JSON stays what it was."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import pytest
from tests.dayjob.cli.support import HOSTILE

from dayjob.cli.output import LISTED, print_either, print_json, print_lines
from dayjob.web.schemas import JobSummary


@dataclass
class Thing:
    """As the commands print it."""

    name: str
    at: datetime


def test_a_list_leaves_out_the_same_everywhere() -> None:
    assert tuple(field.name for field in fields(JobSummary)) == LISTED


def test_lines_are_lines_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    print_lines([HOSTILE, "first\n    second"])
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable()
    assert printed.splitlines()[-2:] == ["first", "    second"]


@pytest.mark.parametrize("indent", [None, 2])
def test_json_is_read_as_what_it_was(capsys: pytest.CaptureFixture[str], indent: int | None) -> None:
    print_json({"text": HOSTILE, "thing": Thing("Żółw", datetime(2026, 3, 12, tzinfo=UTC))}, indent)
    printed = capsys.readouterr().out
    assert printed.replace("\n", "").isprintable()
    assert json.loads(printed) == {"text": HOSTILE, "thing": {"name": "Żółw", "at": "2026-03-12T00:00:00+00:00"}}
    assert (printed.count("\n") == 1) == (indent is None)
    assert "Żółw" in printed


@pytest.mark.parametrize(("as_json", "printed"), [(True, "[]\n"), (False, "None yet.\n")])
def test_either(capsys: pytest.CaptureFixture[str], as_json: bool, printed: str) -> None:
    print_either([], ["None yet."], argparse.Namespace(json=as_json))
    assert capsys.readouterr().out == printed
