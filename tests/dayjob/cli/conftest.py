"""The command, called in this process; a real server for it, its app in a thread of its own, its database on disk."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import serve_in_thread

from dayjob import JobContext, JobQueue, JobRegistry
from dayjob.cli import main
from dayjob.web import LocalOnly, Token, jobs_router

TOKEN = "a-token-that-nobody-guesses"
CANARY = "S3CR3T-canary-xyz"
Dayjob = Callable[..., tuple[int, str, str]]
APP = """
from dayjob import JobQueue, JobRegistry
registry = JobRegistry()

@registry.job("add")
async def add(a: int, b: int = 1) -> int:
    return a + b

queue = JobQueue("sqlite:///app.db", registry=registry)
jobs = queue
nothing = 5
"""


@dataclass
class Site:
    """An app that is served: the address of its jobs, its database, and what lets the job ``wait`` end."""

    url: str
    database: str
    gate: threading.Event = field(default_factory=threading.Event)


def make_app(database: str, gate: threading.Event) -> FastAPI:
    registry = JobRegistry()

    @registry.job("add")
    async def add(ctx: JobContext, a: int, b: int = 1) -> int:
        ctx.log.info("adding")
        await ctx.progress.update(1, "added", total=1)
        return a + b

    @registry.job("fail", max_attempts=2, backoff=lambda _: 0)
    async def fail(text: str = "it broke") -> None:
        raise RuntimeError(text)

    @registry.job("leak")
    async def leak(ctx: JobContext, api_key: str) -> dict[str, str]:
        ctx.log.warning("the key is %s", api_key)
        return {"used": api_key}

    @registry.job("wait")
    async def wait(ctx: JobContext) -> str:
        ctx.log.info("begun")
        await ctx.progress.update(1, "half-way", total=2)
        while not gate.is_set():  # no thread may wait for it: it would hold up the end of the app
            await asyncio.sleep(0.01)
        ctx.log.info("ended")
        return "done"

    queue = JobQueue(database, registry=registry, durability="process", grace=2)
    queue.schedule("add", "0 3 * * *", args={"a": 1}, name="nightly")
    queue.schedule("leak", "every 6 hours", args={"api_key": CANARY}, name="secretive")
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")
    app.include_router(jobs_router(queue, auth=Token(TOKEN)), prefix="/locked")
    return app


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = f"sqlite:///{tmp_path_factory.mktemp('site')}/jobs.db"
    gate = threading.Event()
    with serve_in_thread(lambda: make_app(database, gate)) as served:
        yield Site(f"{served.url}/jobs", database, gate)
        gate.set()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The working directory; what was imported from it is forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    before = list(sys.path)
    yield tmp_path
    sys.path[:] = before
    for name, module in list(sys.modules.items()):
        if (getattr(module, "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]


@pytest.fixture
def cli_app(folder: Path) -> None:
    """An app in ``cli_app.py``, with its database ``app.db``."""
    (folder / "cli_app.py").write_text(APP)


@pytest.fixture
def dayjob(capsys: pytest.CaptureFixture[str], folder: Path) -> Dayjob:
    """Calls the command: exit code, what was printed, what was complained."""

    def call(*arguments: Any) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as stopped:  # argparse
            code = int(str(stopped.code))
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        return code, printed.out, printed.err

    return call
