from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import Gates, Served, make_app, make_registry, serve

from dayjob import JobQueue, JobRegistry


@pytest.fixture
def gates() -> Gates:
    return Gates()


@pytest.fixture
def registry(gates: Gates) -> JobRegistry:
    return make_registry(gates)


@pytest.fixture
def queue(tmp_path: Path, registry: JobRegistry) -> JobQueue:
    """Not started: the app does that."""
    return JobQueue(f"sqlite:///{tmp_path}/jobs.db", registry=registry, grace=2, durability="process")


@pytest.fixture
def app(queue: JobQueue) -> FastAPI:
    return make_app(queue)


@pytest.fixture
async def server(app: FastAPI) -> AsyncIterator[Served]:
    async with serve(app) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with httpx2.AsyncClient(base_url=server.url, trust_env=False, verify=False) as client:
        yield client
