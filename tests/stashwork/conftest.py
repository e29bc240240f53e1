"""A database on disk, a retry policy that does not wait, and progress that is noted."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from tests.stashwork.helpers import Waits

from stashwork.database import FILE_NAME, make_engine, open_database


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database that was just made: copied for each test, for the migrations take longer than most tests."""
    folder = tmp_path_factory.mktemp("migrated")

    async def make() -> None:
        async with open_database(folder):
            pass

    asyncio.run(make())
    return folder / FILE_NAME


@pytest.fixture
async def engine(migrated_file: Path, tmp_path: Path) -> AsyncIterator[AsyncEngine]:
    (tmp_path / "data").mkdir()
    shutil.copy(migrated_file, tmp_path / "data" / FILE_NAME)
    engine = make_engine(tmp_path / "data")
    try:
        yield engine
    finally:
        await engine.dispose()


@pytest.fixture
def waits() -> Waits:
    return Waits()
