"""Whether a database and the machine under it are as dayjob needs them. Looks only; changes nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ...clock import now_micros
from ...errors import StorageError
from ..migrations import check_schema
from ..rows import WorkerRow, to_datetime, unknown_types
from ..schedules import ScheduleRow
from .migrate import REMEDY, applied_migrations, is_current, migrations
from .statements import STATEMENTS

Level = Literal["ok", "warning", "error"]

# https://sqlite.org/wal.html#walresetbug: rarely, a checkpoint beside a writer corrupted a database in WAL mode.
_WAL_RESET_FIXED = ((3, 51, 3), (3, 50, 7), (3, 44, 6))
_WAL_RESET_SINCE = (3, 7, 0)
NETWORK = frozenset(
    ["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.glusterfs", "fuse.sshfs", "lustre"]
)
_LITTLE_SPACE = 100 * 1024 * 1024  # bytes
_BEHIND = 60  # seconds that the clock may be behind the newest job


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its name, whether it is well, and what was found."""

    name: str
    level: Level
    detail: str


def examine(path: Path, *, thorough: bool = False) -> list[Finding]:
    """Look at the database file; ``thorough`` reads all of it (``PRAGMA quick_check``). Never raises for a sick one."""
    findings = [_sqlite(sqlite3.sqlite_version_info), _filesystem(path), _space(path)]
    try:
        with closing(_connect(path)) as connection:
            findings.extend(_look_inside(connection, thorough=thorough))  # keeps what was found before an error
    except sqlite3.Error as error:
        findings.append(Finding("database", "error", f"{path} cannot be read: {error}."))
    return findings


def _look_inside(connection: sqlite3.Connection, *, thorough: bool) -> Iterator[Finding]:
    yield _journal(connection)
    yield _synchronous()
    schema = _schema(connection)
    yield schema
    if schema.level == "ok":
        yield _clock(connection)
        yield types_finding(_unknown_types(connection))
    if thorough:
        yield _quick_check(connection)


def is_foreign(path: Path) -> bool:
    """Whether it is a database, but none of dayjob. What cannot be read is left to whoever opens it."""
    try:
        with closing(_connect(path)) as connection:
            return not _has_schema(connection)
    except sqlite3.Error:
        return False


def read_workers(path: Path) -> list[WorkerRow]:
    """The processes that are registered; unlike a repository this leaves an older schema as it is."""
    with closing(_connect(path)) as connection:
        there = {row[1] for row in connection.execute("PRAGMA table_info(dayjob_worker)")}
        names = [name for name in WorkerRow._fields if name in there]
        rows = connection.execute(f"SELECT {', '.join(names)} FROM dayjob_worker ORDER BY started_at, id")  # noqa: S608
        return [WorkerRow(**dict(zip(names, row, strict=True))) for row in rows]


def types_finding(unknown: Iterable[str]) -> Finding:
    """Whether jobs wait of ``unknown`` types, which no process knows that runs jobs."""
    if not (listed := ", ".join(sorted(unknown))):
        return Finding("types", "ok", "no job waits for a type that no worker knows")
    detail = f"jobs wait whose type no worker knows (was it renamed?): {listed}; start one that does, or cancel them"
    return Finding("types", "warning", detail)


def _unknown_types(connection: sqlite3.Connection) -> dict[str, int]:
    waiting = connection.execute(STATEMENTS["list_waiting_types"]).fetchall()
    known = connection.execute("SELECT types FROM dayjob_worker WHERE slots > 0").fetchall()
    return unknown_types(waiting, [types for (types,) in known])


def read_schedules(path: Path) -> list[ScheduleRow]:
    """All schedules; none of an older schema, which is left as it is."""
    with closing(_connect(path)) as connection:
        if not is_current(connection):
            return []
        return [ScheduleRow(*row) for row in connection.execute(STATEMENTS["list_schedules"], {"worker": ""})]


def _connect(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=10.0)


def _sqlite(version: tuple[int, ...]) -> Finding:
    text = ".".join(map(str, version[:3]))
    if has_wal_reset_bug(version):
        detail = (
            f"{text} can, very rarely, corrupt a database that several connections write and checkpoint at once; "
            "fixed in 3.51.3 (and 3.50.7, 3.44.6)."
        )
        return Finding("sqlite", "warning", detail)
    return Finding("sqlite", "ok", text)


def has_wal_reset_bug(version: tuple[int, ...]) -> bool:
    """Whether this SQLite has the WAL-reset bug."""
    if version >= _WAL_RESET_FIXED[0] or version < _WAL_RESET_SINCE:
        return False
    return not any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_RESET_FIXED)


def _filesystem(path: Path) -> Finding:
    kind = filesystem_type(path, Path("/proc/self/mountinfo"))
    if kind is None:
        return Finding("file system", "ok", "unknown (this system does not tell)")
    if kind in NETWORK:
        detail = f"{kind} is a network file system, on which WAL does not work. Use a local disk."
        return Finding("file system", "warning", detail)
    return Finding("file system", "ok", kind)


def filesystem_type(path: Path, mounts: Path) -> str | None:
    """The type of the file system that ``path`` is on, by Linux's list of ``mounts``; None where there is none."""
    try:
        lines = mounts.read_text(errors="replace").splitlines()
    except OSError:
        return None
    found, longest = None, -1
    for point, kind in _mount_points(lines):
        if path.resolve().is_relative_to(point) and len(point) >= longest:  # the later of two mounts hides the other
            found, longest = kind, len(point)
    return found


def _mount_points(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in lines:
        left, separator, right = line.partition(" - ")
        if separator and len(left.split()) > 4:
            point = left.split()[4].replace("\\040", " ")
            yield point, right.split()[0]


def _space(path: Path) -> Finding:
    try:
        free = shutil.disk_usage(path.resolve().parent).free
    except OSError as error:
        return Finding("free space", "error", str(error))
    detail = f"{free // 1024**2:,} MiB"
    if not os.access(path, os.W_OK):
        return Finding("free space", "error", f"{detail}, but {path} cannot be written by this user")
    return Finding("free space", "warning" if free < _LITTLE_SPACE else "ok", detail)


def _journal(connection: sqlite3.Connection) -> Finding:
    mode = connection.execute("PRAGMA journal_mode").fetchone()[0]
    return Finding("journal mode", "ok" if mode == "wal" else "error", mode if mode == "wal" else f"{mode}, not wal")


def _synchronous() -> Finding:
    # The setting belongs to each connection, not to the file: this is what dayjob's writers use.
    return Finding("synchronous", "ok", "FULL for new jobs and ends (durability='power', the default), else NORMAL")


def _schema(connection: sqlite3.Connection) -> Finding:
    if not _has_schema(connection):
        return Finding("schema", "error", "this is not a database of dayjob")
    present, known = applied_migrations(connection), migrations()
    try:
        check_schema(present, known, REMEDY)
    except StorageError as error:
        return Finding("schema", "error", str(error))
    missing = [migration.version for migration in known if migration.version not in present]
    newest = known[-1].version
    detail = f"{max(present)}; the next start brings it to {newest}" if missing else f"{newest}"
    return Finding("schema", "ok", detail)


def _has_schema(connection: sqlite3.Connection) -> bool:
    return "dayjob_schema" in {row[1] for row in connection.execute("PRAGMA table_list")}


def _clock(connection: sqlite3.Connection) -> Finding:
    now = now_micros()
    newest = connection.execute(STATEMENTS["newest_created_at"]).fetchone()
    if newest is not None and newest[0] > now + _BEHIND * 1_000_000:
        detail = f"it says {to_datetime(now)}, but a job was made at {to_datetime(newest[0])}"
        return Finding("clock", "warning", detail)
    return Finding("clock", "ok", f"{to_datetime(now):%Y-%m-%d %H:%M:%S} UTC")


def _quick_check(connection: sqlite3.Connection) -> Finding:
    told = [row[0] for row in connection.execute("PRAGMA quick_check(10)")]
    return Finding("integrity", "ok" if told == ["ok"] else "error", "; ".join(told))
