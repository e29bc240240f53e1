"""Processes: children that work on a queue (``crash/child.py``), servers, and whether one is there."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from dayjob.crashtest.ledger import begun_twice, read_ledger

__all__ = ["Child", "begun_twice", "free_port", "is_running", "read_ledger", "uvicorn"]

ROOT = Path(__file__).parents[1]
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


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def uvicorn(app: str, folder: Path) -> Iterator[str]:
    """The app (``module:name``) under the real uvicorn, as its users start it; yields its address, which is free.

    The socket is ours, so whoever connects waits until the app has started.
    """
    with socket.create_server(("127.0.0.1", 0)) as listener:
        command = [sys.executable, "-m", "uvicorn", app, "--fd", str(listener.fileno()), "--log-level", "error"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        server = subprocess.Popen(command, cwd=folder, env=environment, pass_fds=[listener.fileno()])
        try:
            yield f"127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.terminate()
            server.wait(30)
