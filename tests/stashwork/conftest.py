"""A database on disk, a retry policy that does not wait, and progress that is noted."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Waits

from stashwork.database import open_database


@pytest.fixture
async def engine(tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    async with open_database(tmp_path / "data") as engine:
        yield engine


@pytest.fixture
def waits() -> Waits:
    return Waits()
