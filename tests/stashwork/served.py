"""The real `stashwork serve` in a process of its own, and what its databases hold."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
from tests.processes import free_port

from stashwork.cli.client import Client
from stashwork.demo.library import Library


class Served:
    """One run of the application in `folder`. Its port is free when it starts; its output goes into a file."""

    def __init__(self, folder: Path, *arguments: str, **environment: str) -> None:
        self.port = free_port()
        self.data = folder / "data"
        self._log = folder / "log.txt"
        self._log_file = self._log.open("ab")
        self._folder = folder
        own = {"STASHWORK_PORT": str(self.port), "STASHWORK_DATA": str(self.data)}
        self._environment = os.environ | own | environment
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stashwork", "serve", *arguments],
            cwd=folder,
            env=self._environment,
            stdout=self._log_file,
            stderr=subprocess.STDOUT,
        )

    @property
    def databases(self) -> Path:
        """Where the databases are: those of the demo have a folder of their own."""
        return self.data if "STASH_URL" in self._environment else self.data / "demo"

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Another `stashwork` command with the same settings."""
        command = [sys.executable, "-m", "stashwork", *arguments]
        options: Any = {"cwd": self._folder, "env": self._environment, "capture_output": True, "text": True}
        return subprocess.run(command, timeout=60, check=False, **options)

    @property
    def token(self) -> str:
        """What proves the owner; made by the application when it starts."""
        return (self.data / "token").read_text().strip()

    def client(self, **options: Any) -> httpx2.Client:
        """A client that shows the token."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=30, **options)

    def get(self, path: str, **options: Any) -> httpx2.Response:
        """One GET that shows the token."""
        with self.client() as http:
            return http.get(path, **options)

    def output(self) -> str:
        return self._log.read_text()

    def wait_for_output(self, text: str, seconds: float = 60) -> None:
        wait_until(lambda: text in self.output() or self.process.poll() is not None, seconds)
        assert text in self.output(), self.output()

    def end(self, number: int = signal.SIGINT, seconds: float = 30) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(number)
        return self.exit_code(seconds)

    def exit_code(self, seconds: float = 60) -> int:
        code = self.process.wait(seconds)
        self._log_file.close()
        return code

    def jobs(self) -> list[tuple[Any, ...]]:
        """(status, attempt, processed_items, error) of each job, in order."""
        return rows(
            self.databases / "jobs.db", "SELECT status, attempt, processed_items, error FROM dayjob_job ORDER BY seq"
        )


@contextlib.contextmanager
def serving(folder: Path, *arguments: str, **environment: str) -> Iterator[Served]:
    """The application, ended with Ctrl-C if the test has not ended it."""
    served = Served(folder, *arguments, **environment)
    try:
        yield served
    finally:
        if served.process.poll() is None:
            served.end()


@contextlib.contextmanager
def demo_stash(*arguments: str) -> Iterator[str]:
    """The demo in a process that outlives the application; yields its URL."""
    command = [sys.executable, "-m", "stashwork.demo", "--with-parent", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.stdin.close()


def wait_until(condition: Any, seconds: float = 60) -> None:
    """Look again and again, since another process does not tell; fails after `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def ended(http: httpx2.Client, job_id: str) -> dict[str, Any]:
    """The job, when it has ended: the application tells it."""
    token = http.headers["Authorization"].removeprefix("Bearer ")
    return asyncio.run(Client(str(http.base_url).rstrip("/"), token).follow(job_id, io.StringIO()))


def rows(database: Path, query: str) -> list[tuple[Any, ...]]:
    """Rows of a database that another process may be writing; none while it is not there."""
    if not database.exists():
        return []
    try:
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "unable to open" in str(error):
            return []
        raise


def local_library(data: Path) -> dict[str, Any]:
    """What stashwork has stored, in the shape of `demo_library`."""
    database = data / "library.db"
    links = {
        name: sorted(rows(database, f"SELECT scene_id, {other}_id FROM {name}"))
        for name, other in (("scene_performer", "performer"), ("scene_tag", "tag"))
    }
    scenes = "SELECT id, title, details, date, rating100, organized, studio_id, updated_at FROM scene ORDER BY id"
    return {
        "scenes": rows(database, scenes),
        "files": rows(database, "SELECT scene_id, path, size FROM scene_file ORDER BY scene_id, position"),
        "performers": rows(database, "SELECT id, name, disambiguation FROM performer ORDER BY id"),
        "tags": rows(database, "SELECT id, name FROM tag ORDER BY id"),
        "studios": rows(database, "SELECT id, name, parent_id FROM studio ORDER BY id"),
        **links,
    }


def demo_library(library: Library) -> dict[str, Any]:
    """What a demo library holds, read from its own objects and not over GraphQL."""
    scenes = [library.scenes[number] for number in sorted(library.scenes)]
    return {
        "scenes": [
            (int(s.id), s.title, s.details, s.date, s.rating100, int(s.organized), _id(s.studio), s.updated_at)
            for s in scenes
        ],
        "files": [(int(s.id), f.path, f.size) for s in scenes for f in s.files],
        "performers": [(n, p.name, p.disambiguation) for n, p in sorted(library.performers.items())],
        "tags": [(n, t.name) for n, t in sorted(library.tags.items())],
        "studios": [(n, s.name, _id(s.parent_studio)) for n, s in sorted(library.studios.items())],
        "scene_performer": sorted((int(s.id), int(p.id)) for s in scenes for p in s.performers),
        "scene_tag": sorted((int(s.id), int(t.id)) for s in scenes for t in s.tags),
    }


def _id(item: Any) -> int | None:
    return None if item is None else int(item.id)
