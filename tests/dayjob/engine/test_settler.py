"""Ends of attempts on their way to a database that does not take them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from tests.support import eventually

from dayjob.engine import settler
from dayjob.errors import StorageError


class Refusing:
    """A repository that stores nothing."""

    def __init__(self) -> None:
        self.asked = 0

    def settle_all(self, ends: list[Any]) -> asyncio.Future[Any]:
        self.asked += 1
        refused: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        refused.set_exception(StorageError("the disk is full"))
        return refused


async def test_an_end_is_written_again_until_the_queue_has_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settler, "_again", lambda _tries: 0.0)
    repository: Any = Refusing()
    made = settler.Settler(repository, lambda _end: None, lambda: None)
    end: Any = SimpleNamespace(job=SimpleNamespace(id="a", attempt=1))
    made.settle(end, more_to_come=False)
    await eventually(lambda: repository.asked > 2)
    made.close()
    asked = repository.asked
    for _ in range(20):
        await asyncio.sleep(0)
    assert repository.asked == asked
    assert made.unsettled, "it is found at the next start"
