"""Processes: children that work on a queue (``crash/child.py``), and whether one is there."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

from dayjob.crashtest.ledger import begun_twice, read_ledger

__all__ = ["Child", "begun_twice", "is_running", "read_ledger"]

CHILD = Path(__file__).parent / "crash" / "child.py"


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


def is_running(pid: int) -> bool:
    """Whether there is such a process; one that ended and that nobody has asked about counts as gone."""
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
