"""What is PostgreSQL's alone is tested in a schema."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from tests.repository.conftest import PostgresSchema


@pytest.fixture
async def storage(postgres_dsn: str, schema: str) -> AsyncIterator[PostgresSchema]:
    async with AsyncExitStack() as opened:
        yield PostgresSchema(postgres_dsn, schema, opened)
