"""A process that has imported everything and forks the others: so a kill and a new start take milliseconds.

It reads orders from its standard input, a JSON object a line, and answers each with a pid. All that it forked ends
when the process that gave the orders ends, however that came about: its end of a pipe closes then.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
import sys
import threading
from asyncio.subprocess import PIPE, Process
from dataclasses import asdict
from pathlib import Path

from .ledger import Line, read_ledger
from .roles import Orders, play

_PATIENCE = 30.0  # seconds within which a process has to start, or to be gone
_LOOK_EVERY = 0.005  # seconds


class ForkServer:
    """Starts processes, and sees them end; ``async with`` ends what is left of them.

    >>> async def main(orders: Orders) -> None:
    ...     async with ForkServer() as fork_server:
    ...         pid = await fork_server.start(orders)
    ...         await fork_server.kill(pid)
    """

    async def __aenter__(self) -> ForkServer:
        self._lifeline, self._ours = os.pipe()
        self._alive: set[int] = set()
        program = f"from {__name__} import main; main({self._lifeline})"
        self._process: Process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, stdin=PIPE, stdout=PIPE, pass_fds=[self._lifeline], start_new_session=True
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        for pid in list(self._alive):
            _signal(pid, signal.SIGKILL)
        self._process.kill()
        os.close(self._ours)  # ends also whom we have not heard of: they hold the output that is read to its end here
        await self._process.communicate()
        os.close(self._lifeline)

    async def start(self, orders: Orders, *, ready: bool = True) -> int:
        """The pid of a new process; ``ready``: its queue is started."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("Use `async with ForkServer()`.")
        begins = orders.ledger.stat().st_size if orders.ledger.exists() else 0
        order = asdict(orders) | {"database": f"{orders.database}", "ledger": f"{orders.ledger}"}
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        async with asyncio.timeout(_PATIENCE):
            pid = int(await self._process.stdout.readline())
        self._alive.add(pid)
        if ready:
            await self.noted(orders.ledger, "ready", pid, begins)
        return pid

    async def noted(self, ledger: Path, what: str, pid: int, offset: int = 0) -> Line:
        """Wait until process ``pid`` has noted ``what``, behind ``offset`` in the ledger.

        Raises `RuntimeError` if it ends before.
        """
        async with asyncio.timeout(_PATIENCE):
            while True:
                gone = not is_alive(pid)  # before the look: what it noted before its end is found
                for line in read_ledger(ledger, offset):
                    if line.what == what and line.pid == pid:
                        return line
                if gone:
                    raise RuntimeError(f"Process {pid} ended before it was {what}; what it said is above.")
                await asyncio.sleep(_LOOK_EVERY)

    async def kill(self, pid: int) -> None:
        """SIGKILL, and wait until the process is gone."""
        _signal(pid, signal.SIGKILL)
        await self.gone(pid)

    async def gone(self, pid: int) -> None:
        """Wait until the process has ended."""
        async with asyncio.timeout(_PATIENCE):
            while is_alive(pid):  # noqa: ASYNC110 (it is not our child, so there is no event to wait for)
                await asyncio.sleep(_LOOK_EVERY)
        self._alive.discard(pid)


def is_alive(pid: int) -> bool:
    """Whether the process exists."""
    return _signal(pid, 0)


def _signal(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def main(lifeline: int) -> None:
    """The fork server's own process."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the kernel removes what ended
    for line in sys.stdin:
        order = json.loads(line)
        if pid := os.fork():
            print(pid, flush=True)
            continue
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        threading.Thread(target=_end_with, args=(lifeline,), daemon=True).start()
        logging.basicConfig(level=logging.CRITICAL)
        play(Orders(**order | {"database": Path(order["database"]), "ledger": Path(order["ledger"])}))
        os._exit(0)


def _end_with(lifeline: int) -> None:
    """End this process when nobody holds the other end of the pipe any more."""
    os.read(lifeline, 1)
    os._exit(1)
