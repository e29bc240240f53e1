from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.support import worker_row

from dayjob.repository import SqliteRepository, open_repository


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "jobs.db"


@pytest.fixture(params=["sqlite"])
async def repository(request: pytest.FixtureRequest, path: Path) -> AsyncIterator[SqliteRepository]:
    """An open, empty database of each kind, on which the processes ``w`` and ``v`` are registered."""
    made = open_repository(f"{request.param}:///{path}", durability="process")
    await made.open()
    for worker in ("w", "v"):
        await made.register_worker(worker_row(worker))
    yield made
    await made.close()
