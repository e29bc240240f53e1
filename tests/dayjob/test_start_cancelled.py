"""A start that is cut short, as by Ctrl-C in the first milliseconds of a process."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path
from typing import Any

import pytest

from dayjob import JobQueue, JobRegistry


@pytest.mark.parametrize("turns", range(4))
async def test_it_leaves_nothing_behind_and_can_be_repeated(tmp_path: Path, turns: int) -> None:
    troubles: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: troubles.append(context))
    queue = JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=JobRegistry(), durability="process")
    before = set(threading.enumerate())
    starting = asyncio.create_task(queue.start())
    for _ in range(turns):
        await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    writers = [t for t in threading.enumerate() if t not in before and t.name == "dayjob-writer"]
    for thread in writers:
        await asyncio.to_thread(thread.join, 10)
        assert not thread.is_alive()
    await asyncio.sleep(0)
    async with queue:
        assert (await queue.list_jobs()).items == []
    assert troubles == []
