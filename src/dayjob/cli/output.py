"""How the commands print: lines for people, JSON for programs, notices beside both."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ..models import JobStatus
from ..terminal import printable

# What a server has in its lists: a list is one thing, wherever it comes from.
LISTED = (
    *("id", "type", "status", "progress", "total_items", "processed_items", "message", "error", "created_at"),
    *("started_at", "completed_at", "attempt", "rev", "priority", "run_at", "cancel_requested_at", "stage"),
    *("stalled_since", "parent_id", "waits_for", "owner"),
)


def print_either(document: Any, lines: Iterable[str], options: argparse.Namespace) -> None:
    """JSON with ``--json``, else lines."""
    if options.json:
        print_json(document)
    else:
        print_lines(lines)


def print_lines(lines: Iterable[str]) -> None:
    """Lines for people. One that has several is a log line: its others are indented, and none can pass for another."""
    for line in lines:
        print("\n".join(map(printable, line.split("\n"))))


def print_json(document: Any, indent: int | None = 2) -> None:
    """JSON in which what would move a cursor is escaped (what json leaves as it is: C1, bidi).

    Without ``indent`` it is one line of many, and whoever reads along has it at once.
    """
    text = json.dumps(document, ensure_ascii=False, indent=indent, default=_plain)
    print("".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text), flush=indent is None)


def summary(job: JobStatus) -> dict[str, Any]:
    """A job as lists have it."""
    return {name: getattr(job, name) for name in LISTED}


def members_of(value: Any) -> dict[str, Any]:
    """The members of a dataclass."""
    return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}


def notice(text: str) -> None:
    """Tell people something beside the output."""
    print(f"dayjob: {printable(text)}", file=sys.stderr, flush=True)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else members_of(value)
