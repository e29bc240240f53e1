"""One app for all tests of a file: to build one takes FastAPI longer than most tests take. Its queue starts anew."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import Gates, Served, make_app, make_registry, serve

from dayjob import JobQueue, JobRegistry
from dayjob.events import EventBus


@pytest.fixture(scope="module")
def gates_of_file() -> Gates:
    return Gates()


@pytest.fixture(scope="module")
def queue_of_file(gates_of_file: Gates) -> JobQueue:
    return JobQueue("sqlite:///not-yet.db", registry=make_registry(gates_of_file), grace=2, durability="process")


@pytest.fixture(scope="module")
def app_of_file(queue_of_file: JobQueue) -> FastAPI:
    return make_app(queue_of_file)


@pytest.fixture
def gates(gates_of_file: Gates) -> Gates:
    gates_of_file.close_all()
    return gates_of_file


@pytest.fixture
def registry(queue_of_file: JobQueue) -> Iterator[JobRegistry]:
    """What a test adds to it is taken back."""
    types = dict(queue_of_file.registry.job_types)
    yield queue_of_file.registry
    queue_of_file.registry.job_types.clear()
    queue_of_file.registry.job_types.update(types)


@pytest.fixture
def queue(tmp_path: Path, queue_of_file: JobQueue, registry: JobRegistry, gates: Gates) -> JobQueue:
    """Not started: the app does that. Its database is new, it has no schedules, and nobody listens."""
    queue_of_file.path = tmp_path / "jobs.db"
    queue_of_file.bus = EventBus()
    queue_of_file._schedules.clear()
    return queue_of_file


@pytest.fixture
def app(queue: JobQueue, app_of_file: FastAPI) -> FastAPI:
    app_of_file.openapi_schema = None
    return app_of_file


@pytest.fixture
async def server(app: FastAPI) -> AsyncIterator[Served]:
    async with serve(app) as served:
        yield served


@pytest.fixture
async def client(server: Served) -> AsyncIterator[httpx2.AsyncClient]:
    async with server.client() as client:
        yield client
