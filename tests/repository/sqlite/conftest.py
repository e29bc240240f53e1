"""What is SQLite's alone is tested on a file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from tests.repository.conftest import SqliteFile, Storage


@pytest.fixture
async def storage(path: Path) -> AsyncIterator[Storage]:
    async with AsyncExitStack() as opened:
        yield SqliteFile(path, opened)
