"""Child processes that work on a queue (``crash/child.py``), and what they wrote into their ledger."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import NamedTuple

CHILD = Path(__file__).parent / "crash" / "child.py"


class Line(NamedTuple):
    what: str
    job_id: str
    attempt: int
    pid: int


class Child:
    """A running child process; ``ready`` when its queue is started."""

    def __init__(self, database: Path, ledger: Path, beat: float = 2.0) -> None:
        command = [sys.executable, str(CHILD), str(database), str(ledger), str(beat)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)

    @property
    def pid(self) -> int:
        return self.process.pid

    async def ready(self) -> Child:
        assert self.process.stdout is not None
        line = await asyncio.wait_for(asyncio.to_thread(self.process.stdout.readline), 30)
        assert line == "ready\n", "the child could not start its queue"
        return self

    def signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        """SIGKILL, and wait until the process is gone."""
        self.process.kill()
        self.process.wait(10)
        assert self.process.stdout is not None
        self.process.stdout.close()


def read_ledger(path: Path) -> list[Line]:
    if not path.exists():
        return []
    lines = [line.split() for line in path.read_text().splitlines()]
    return [Line(what, job_id, int(attempt), int(pid)) for what, job_id, attempt, pid in lines]


def begun_twice(lines: list[Line]) -> list[tuple[str, int]]:
    """Attempts whose handler was called more than once: never, whatever happened."""
    counts = Counter((line.job_id, line.attempt) for line in lines if line.what == "begin")
    return [attempt for attempt, count in counts.items() if count > 1]


def overlapping(lines: list[Line], killed: dict[int, int]) -> list[str]:
    """Jobs that began again while an earlier attempt was neither ended nor its process killed.

    ``killed`` maps a process to the length of the ledger when it was surely dead.
    """
    alive: dict[str, int] = {}
    found = []
    for position, line in enumerate(lines):
        if line.what == "begin":
            before = alive.get(line.job_id)
            if before is not None and killed.get(before, sys.maxsize) > position:
                found.append(line.job_id)
            alive[line.job_id] = line.pid
        else:
            alive.pop(line.job_id, None)
    return found
