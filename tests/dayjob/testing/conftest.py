"""A queue that is not started, and one whose only type doubles a number."""

from __future__ import annotations

from pathlib import Path

import pytest

from dayjob import (
    JobQueue,
    JobRegistry,
)


@pytest.fixture
def registry() -> JobRegistry:
    return JobRegistry()


@pytest.fixture
def queue(tmp_path: Path, registry: JobRegistry) -> JobQueue:
    return JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry, durability="process")


@pytest.fixture
def doubling(registry: JobRegistry, path: Path) -> JobQueue:
    """A queue on a file that no test may touch."""

    @registry.job("double")
    async def double(n: int) -> int:
        return 2 * n

    return JobQueue(f"sqlite:///{path}", registry=registry)
