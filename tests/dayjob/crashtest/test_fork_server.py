"""What a fork server forks ends with it."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.processes import is_running
from tests.support import eventually

from dayjob.crashtest.fork_server import ForkServer
from dayjob.crashtest.ledger import Ledger
from dayjob.crashtest.roles import Orders


async def test_a_process_that_was_asked_for_in_vain_ends_with_its_nursery(tmp_path: Path) -> None:
    """As at an interrupt: it is on its way when nobody waits for its pid any more."""
    ledger = Ledger(tmp_path / "ledger")
    async with asyncio.timeout(20):
        async with ForkServer() as fork_server:
            starting = asyncio.create_task(
                fork_server.start(Orders("worker", tmp_path / "jobs.db", tmp_path / "ledger", "a"))
            )
            await asyncio.sleep(0)
            starting.cancel()
            await eventually(lambda: [line for line in ledger.read() if line.what == "ready"])
        pids = [line.pid for line in ledger.read()]
        await eventually(lambda: not any(map(is_running, pids)))
    ledger.close()
