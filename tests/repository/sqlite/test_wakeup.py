"""Processes on one database wake each other: here nobody looks by himself, so nothing else can tell them."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from pathlib import Path

import pytest
from tests.repository.sqlite.waking import registry
from tests.support import PATIENCE, eventually

from dayjob import JobQueue, Status, processes
from dayjob.repository.sqlite import connection as writing
from dayjob.repository.sqlite import wakeup
from dayjob.repository.sqlite.wakeup import Wakeup

ROOT = Path(__file__).parents[3]


@pytest.fixture
def no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_IDLE_POLL", "_WOKEN_POLL"):
        monkeypatch.setattr(writing, name, 3600.0)
    monkeypatch.setattr(processes, "BEAT_EVERY", 3600.0)  # a beat is a transaction, which sees what others wrote


def sockets(path: Path) -> list[Path]:
    return list(path.with_name(path.name + ".workers").glob("*.wake"))


@contextmanager
def process(path: Path) -> Iterator[subprocess.Popen[str]]:
    """``waking.py`` on the database, when it is ready."""
    command = [sys.executable, "-m", "tests.repository.sqlite.waking", str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "ready\n"
            yield child
        finally:
            child.kill()


@asynccontextmanager
async def front(path: Path) -> AsyncIterator[JobQueue]:
    async with JobQueue(f"sqlite:///{path}", max_workers=0, registry=registry, durability="process") as queue:
        yield queue


@pytest.mark.usefixtures("no_looks")
class TestAcrossProcesses:
    async def test_a_job_is_begun_there_and_its_end_heard_here(self, path: Path) -> None:
        with process(path):
            async with front(path) as queue:
                for text in ("one", "two", "three"):
                    job_id = await queue.enqueue("echo", job_args={"text": text})
                    assert (await queue.wait(job_id, timeout=PATIENCE)).result == text

    async def test_a_cancel_is_heard(self, path: Path) -> None:
        with process(path):
            async with front(path) as queue:
                job_id = await queue.enqueue("sleeper")
                await eventually(lambda: _has_status(queue, job_id, Status.RUNNING))
                await queue.cancel_job(job_id)
                assert (await queue.wait(job_id, timeout=PATIENCE)).status is Status.CANCELLED

    async def test_paths_may_be_longer_than_an_address(self, tmp_path: Path) -> None:
        path = tmp_path / ("d" * 120) / "jobs.db"
        path.parent.mkdir()
        with process(path):
            async with front(path) as queue:
                job_id = await queue.enqueue("echo", job_args={"text": "far"})
                assert (await queue.wait(job_id, timeout=PATIENCE)).result == "far"

    async def test_the_socket_of_a_killed_process_is_removed_by_who_tells_next(self, path: Path) -> None:
        async with front(path) as queue:
            with process(path) as child:
                (own, _) = sorted(sockets(path))
                child.kill()
                child.wait()
                await queue.enqueue("echo", job_args={"text": "nobody there"})
                await eventually(lambda: sockets(path) == [own])


async def test_a_stop_removes_the_socket(path: Path) -> None:
    async with front(path):
        assert len(sockets(path)) == 1
    assert sockets(path) == []


async def test_who_may_write_the_database_may_wake_its_processes(path: Path) -> None:
    sqlite3.connect(path).close()
    path.chmod(0o660)
    async with front(path):
        (made,) = sockets(path)
        assert made.stat().st_mode & 0o777 == 0o660


async def test_without_unix_sockets_looking_is_enough(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    async with front(path) as one, JobQueue(f"sqlite:///{path}", registry=registry) as other:
        assert sockets(path) == []
        assert one.running
        job_id = await one.enqueue("echo", job_args={"text": "seen"})
        assert (await one.wait(job_id, timeout=PATIENCE)).result == "seen"
        assert other.running


async def test_the_commit_of_a_callers_transaction_is_looked_for(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "BEAT_EVERY", 3600.0)
    monkeypatch.setattr(writing, "_WOKEN_POLL", 3600.0)  # so the worker hears of it only from who looks
    async with front(path) as queue, JobQueue(f"sqlite:///{path}", registry=registry) as worker:
        await eventually(
            lambda: all(q._get_engine().repository._writer.connection.wakeup.complete for q in (queue, worker))
        )
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute("BEGIN")
            job_id = await queue.enqueue("echo", job_args={"text": "mine"}, db=connection)
            connection.execute("COMMIT")
        assert (await worker.wait(job_id, timeout=PATIENCE)).result == "mine"


async def _has_status(queue: JobQueue, job_id: str, status: Status) -> bool:
    job = await queue.get_job_status(job_id)
    return job is not None and job.status is status


class TestOneSocket:
    @pytest.fixture
    def two(self, path: Path) -> Iterator[tuple[Wakeup, Wakeup]]:
        sqlite3.connect(path).close()
        made = Wakeup(path), Wakeup(path)
        for each in made:
            each.open()
        yield made
        for each in made:
            each.close()

    def test_many_commits_are_one_datagram(self, two: tuple[Wakeup, Wakeup], monkeypatch: pytest.MonkeyPatch) -> None:
        sender, receiver = two
        now = time.monotonic()
        monkeypatch.setattr(wakeup.time, "monotonic", lambda: now)
        for _ in range(5):
            sender.owed = True
            sender.tell()
        assert received(receiver) == 1
        assert sender.owed
        now += wakeup._APART
        sender.tell()
        assert received(receiver) == 1
        assert not sender.owed

    def test_a_process_that_reads_nothing_stops_nobody(
        self, two: tuple[Wakeup, Wakeup], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(wakeup, "_APART", 0.0)
        sender, receiver = two
        for _ in range(3000):
            sender.owed = True
            sender.tell()
        assert received(receiver) > 0
        receiver.clear()

    def test_what_is_owed_is_told_at_the_end(self, two: tuple[Wakeup, Wakeup]) -> None:
        sender, receiver = two
        sender.owed = True
        sender.close()
        assert received(receiver) == 1

    def test_a_process_without_a_socket_is_known(self, two: tuple[Wakeup, Wakeup], path: Path) -> None:
        folder = path.with_name(path.name + ".workers")
        for name in ("a", "b"):
            (folder / name).touch()
        two[0].look()
        assert two[0].complete
        (folder / "c").touch()
        two[0].look()
        assert not two[0].complete


def received(receiver: Wakeup) -> int:
    """How many datagrams wait."""
    assert receiver.socket is not None
    number = 0
    while True:
        try:
            receiver.socket.recv(1)
        except BlockingIOError:
            return number
        number += 1
