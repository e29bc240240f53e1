"""Whether a folder's file system does what SQLite and dayjob build on: locks, shared memory, syncs."""

from __future__ import annotations

import asyncio
import contextlib
import mmap
import os
import shutil
import sqlite3
import statistics
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from ..repository import NETWORK, Finding, filesystem_type

_PATIENCE = 30.0  # seconds
_LEAST_FREE = 100 * 1024 * 1024  # bytes
_MEMORY = frozenset(["tmpfs", "ramfs"])
_SYNCS = 50
_NO_DISK, _SLOW_DISK = 20e-6, 0.05  # seconds for one fsync: below no disk can be meant, above each job is felt
_ROUNDS = 200


async def examine_disk(folder: Path) -> AsyncIterator[Finding]:
    """Look at the file system of ``folder``, with another process where two are needed."""
    yield _kind(folder)
    yield _space(folder)
    yield _syncs(folder)
    for name in ("lockf", "flock"):
        yield await _lock(folder, name)
    yield await _shared_memory(folder)
    yield await _wal(folder)


def _kind(folder: Path) -> Finding:
    kind = filesystem_type(folder, Path("/proc/self/mountinfo"))
    if kind in NETWORK:
        return Finding(
            "file system", "warning", f"{kind} is a network file system; what it does today it may not tomorrow"
        )
    if kind in _MEMORY:
        return Finding("file system", "warning", f"{kind} is memory: all is lost when the machine restarts")
    return Finding("file system", "ok", kind or "unknown (this system does not tell)")


def _space(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    detail = f"{free >> 20:,} MiB"
    if free < _LEAST_FREE:
        return Finding(
            "free space", "error", f"{detail}; dayjob keeps 64 MiB for jobs that run and takes no new ones below"
        )
    return Finding("free space", "ok", detail)


def _syncs(folder: Path) -> Finding:
    """What an fsync costs. One that costs nothing was not done, or is done by a battery."""
    took = []
    descriptor = os.open(folder / "synced", os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        for _ in range(_SYNCS):
            os.write(descriptor, b"x" * 4096)
            begins = time.perf_counter()
            os.fsync(descriptor)
            took.append(time.perf_counter() - begins)
    finally:
        os.close(descriptor)
    middle, longest = statistics.median(took), max(took)
    detail = f"{middle * 1000:.2f} ms, {longest * 1000:.1f} ms at most"
    if middle < _NO_DISK:
        return Finding(
            "fsync", "warning", f"{detail}: no disk is so fast; it is likely that a power failure loses jobs"
        )
    if middle > _SLOW_DISK:
        return Finding("fsync", "warning", f"{detail}: each single enqueue waits that long (many at once share it)")
    return Finding("fsync", "ok", detail)


async def _lock(folder: Path, name: str) -> Finding:
    """A lock keeps the other process out, and is free as soon as its holder is dead."""
    path = folder / name
    async with _other("hold_" + name, path) as other:
        await _answer(other)
        if _try_lock(name, path):
            return Finding(
                name, "error", "two processes got the same lock; the queue and SQLite would corrupt their files"
            )
        other.kill()
        await other.wait()
        begins = time.monotonic()
        while not _try_lock(name, path):
            if time.monotonic() > begins + _PATIENCE:
                return Finding(name, "error", f"still held {_PATIENCE:.0f} s after its holder was killed")
            await asyncio.sleep(0.001)
    return Finding(name, "ok", f"keeps others out; free {(time.monotonic() - begins) * 1000:.0f} ms after a kill")


async def _shared_memory(folder: Path) -> Finding:
    """What one process writes into a mapped file, the other sees."""
    path = folder / "mapped"
    path.write_bytes(bytes(mmap.PAGESIZE))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), mmap.PAGESIZE) as memory:
        async with _other("count_in_memory", path) as other:
            for number in range(1, _ROUNDS, 2):
                memory[0] = number
                if await _ask(other) != number or memory[0] != number + 1:
                    return Finding("shared memory", "error", "two processes see different bytes of one mapped file")
    return Finding("shared memory", "ok", f"{_ROUNDS} turns of two processes")


async def _wal(folder: Path) -> Finding:
    """Two processes add to one number in turns; each has to see what the other committed."""
    path = folder / "wal.db"
    try:
        with contextlib.closing(_connect(path)) as connection:
            mode = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
            if mode != "wal":
                return Finding(
                    "WAL", "error", f"SQLite cannot use its write-ahead log here; the journal mode is {mode}"
                )
            connection.execute("CREATE TABLE number (value INTEGER)")
            connection.execute("INSERT INTO number VALUES (0)")
            async with _other("count_in_database", path) as other:
                for number in range(1, _ROUNDS, 2):
                    if _add_one(connection) != number or await _ask(other) != number + 1:
                        return Finding("WAL", "error", f"a commit of one process was not seen by the other ({number})")
            told = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.Error as error:
        return Finding("WAL", "error", f"{error}")
    return Finding(
        "WAL", "ok" if told == "ok" else "error", f"{_ROUNDS} transactions of two processes in turns: {told}"
    )


def _try_lock(name: str, path: Path) -> bool:
    import fcntl  # noqa: PLC0415 (there is none on Windows, where this module can at least be imported)

    descriptor = os.open(path, os.O_RDWR)
    try:
        getattr(fcntl, name)(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, timeout=10)
    connection.execute("PRAGMA synchronous = OFF")  # what a sync costs is looked at elsewhere
    return connection


def _add_one(connection: sqlite3.Connection) -> int:
    connection.execute("BEGIN IMMEDIATE")
    value = int(connection.execute("UPDATE number SET value = value + 1 RETURNING value").fetchone()[0])
    connection.execute("COMMIT")
    return value


@contextlib.asynccontextmanager
async def _other(role: str, path: Path) -> AsyncIterator[Process]:
    """Another process in one of the ``_ROLES``; it is gone afterwards."""
    program = f"from {__name__} import play; play({role!r}, {str(path)!r})"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=PIPE, stdout=PIPE)
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()


async def _ask(other: Process) -> int:
    """Have the other process take its turn; its answer."""
    if other.stdin is not None:
        other.stdin.write(b"\n")
    return await _answer(other)


async def _answer(other: Process) -> int:
    async with asyncio.timeout(_PATIENCE):
        line = await other.stdout.readline() if other.stdout else b""
    return int(line or -1)


# From here on: the other process.


def _hold_lock(name: str) -> Callable[[Path], None]:
    def hold(path: Path) -> None:
        import fcntl  # noqa: PLC0415

        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        getattr(fcntl, name)(descriptor, fcntl.LOCK_EX)
        print(1, flush=True)
        sys.stdin.read()

    return hold


def _count_in_memory(path: Path) -> None:
    with path.open("r+b") as file, mmap.mmap(file.fileno(), mmap.PAGESIZE) as memory:
        for _ in sys.stdin:
            seen = memory[0]
            memory[0] = seen + 1
            print(seen, flush=True)


def _count_in_database(path: Path) -> None:
    with contextlib.closing(_connect(path)) as connection:
        for _ in sys.stdin:
            print(_add_one(connection), flush=True)


_ROLES: dict[str, Callable[[Path], None]] = {
    "hold_lockf": _hold_lock("lockf"),
    "hold_flock": _hold_lock("flock"),
    "count_in_memory": _count_in_memory,
    "count_in_database": _count_in_database,
}


def play(role: str, path: str) -> None:
    """Be the other process."""
    _ROLES[role](Path(path))
