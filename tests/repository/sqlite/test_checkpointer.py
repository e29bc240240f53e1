"""One process of many copies the log into the database, another takes over when it dies, and the log stays short."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support import eventually, new_job, query

from dayjob.repository import open_repository
from dayjob.repository.sqlite import checkpointer

ROOT = Path(__file__).parents[3]
MIB = 1024 * 1024


class Process:
    """``checkpointing.py`` on a database; `told` is what it said last."""

    def __init__(self, path: Path) -> None:
        command = [sys.executable, "-m", "tests.repository.sqlite.checkpointing", str(path)]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        self.told = ""
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.told = line.strip()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._listener.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextlib.contextmanager
def processes(path: Path) -> Iterator[list[Process]]:
    started = [Process(path), Process(path)]
    try:
        yield started
    finally:
        for process in started:
            process.kill()


def size_of_log(path: Path) -> int:
    return os.stat(f"{path}-wal").st_size


async def test_one_of_two_processes_does_it_and_the_other_takes_over_when_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    with processes(path) as started:
        await eventually(lambda: sorted(process.told for process in started) == ["mine", "not mine"])
        first, second = sorted(started, key=lambda process: process.told)
        first.kill()
        await eventually(lambda: second.told == "mine", timeout=5)
        copied = path.stat().st_size
        await eventually(lambda: path.stat().st_size > copied)  # and does it
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


async def test_the_log_stays_short_whatever_readers_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readers that overlap keep SQLite from ever beginning its log anew."""
    monkeypatch.setattr(checkpointer, "_LONGEST_LOG", 6 * MIB)
    monkeypatch.setattr(checkpointer, "_TRY_EVERY", 0.02)
    path, done, longest = tmp_path / "jobs.db", threading.Event(), 0
    repository = open_repository(path, durability="process")
    await repository.open()

    def read(delay: float) -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as reader:
            while not done.is_set():
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM dayjob_job").fetchone()
                done.wait(delay)  # a reader that takes its time
                reader.execute("ROLLBACK")

    readers = [threading.Thread(target=read, args=(delay,)) for delay in (0.011, 0.017)]
    for reader in readers:
        reader.start()
    try:
        for number in range(350):
            await repository.create_jobs([new_job(f"{number}-{n}", args=f'"{2000 * "x"}"') for n in range(20)])
            longest = max(longest, size_of_log(path))
    finally:
        done.set()
        for reader in readers:
            reader.join()
    assert longest < 12 * MIB, longest  # without it about 18 MiB, and growing
    await repository.close()
    assert query(path, "SELECT count(*) FROM dayjob_job") == [(7000,)]


async def test_two_queues_of_one_process_do_not_take_the_lock_from_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpointer, "_TRY_EVERY", 0.02)
    path = tmp_path / "jobs.db"
    one, other = open_repository(path), open_repository(path)
    await one.open()
    await eventually(lambda: one._writer.connection.checkpointer.mine)
    await other.open()
    await asyncio.gather(*(other.create_job(new_job(f"{n}")) for n in range(10)))
    assert not other._writer.connection.checkpointer.mine
    code = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | fcntl.LOCK_NB)"
    command = [sys.executable, "-c", code, f"{path}.checkpoint"]
    assert (await asyncio.to_thread(subprocess.run, command, capture_output=True)).returncode == 1
    await one.close()
    await eventually(lambda: other._writer.connection.checkpointer.mine)
    await other.close()
