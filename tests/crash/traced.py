"""A short life of a queue (``scripted.py``) under strace."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_name("scripted.py")


async def run(folder: Path, *options: str, arguments: Sequence[str] = ()) -> tuple[int, str]:
    """The script under strace: its exit code (-9: killed) and what it said."""
    command = ["strace", "-f", "-qq", *options, "-e", "signal=none", sys.executable, str(SCRIPT)]
    process = await asyncio.create_subprocess_exec(
        *command,
        str(folder / "jobs.db"),
        str(folder / "ledger"),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
    )
    said, _ = await asyncio.wait_for(process.communicate(), 120)
    return process.returncode or 0, said.decode(errors="replace")
