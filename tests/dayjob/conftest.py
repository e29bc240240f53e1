from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from dayjob import JobQueue, JobRegistry
from dayjob.repository import JobRepository, open_repository


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database file of a test's queues."""
    return tmp_path / "jobs.db"


@pytest.fixture
def registry() -> JobRegistry:
    return JobRegistry()


@pytest.fixture
async def queue(path: Path, registry: JobRegistry) -> AsyncIterator[JobQueue]:
    """A running queue with three workers; handlers get half a second to stop."""
    made = JobQueue(f"sqlite:///{path}", registry=registry, max_workers=3, grace=0.5, durability="process")
    async with made:
        yield made


@pytest.fixture
async def repository(path: Path) -> AsyncIterator[JobRepository]:
    """The database as queues see it, beside them or without any."""
    made = open_repository(f"sqlite:///{path}", durability="process")
    await made.open()
    yield made
    await made.close()
