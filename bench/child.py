"""Measurements in a process of their own: nothing of an earlier one is in its memory, and its CPU time is its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import Any


def answer(module: str, *arguments: object, before: Sequence[str] = ()) -> Any:
    """What ``python -m bench.MODULE ARGUMENTS`` printed, which is JSON; ``before`` is a command to run it under."""
    command = [*before, sys.executable, "-m", f"bench.{module}", *map(str, arguments)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def rss() -> float:
    """Bytes of this process's memory that are in RAM."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096
