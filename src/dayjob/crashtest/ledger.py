"""What processes really did, in a file that no queue can embellish and no kill can undo.

Each line is one ``write`` with O_APPEND: ``what job attempt pid``. The order of the lines is the order of events. The
one who kills and stops processes writes into the same file, before the signal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple


class Line(NamedTuple):
    """One event: ``begin`` and ``end`` of a handler, ``asked`` and ``accepted`` of a job, ``kill`` of a process, ..."""

    what: str
    job_id: str
    attempt: int
    pid: int


class Ledger:
    """The ledger at ``path``, open for notes of this process."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600)

    def note(self, what: str, job_id: str = "-", attempt: int = 0, pid: int | None = None) -> None:
        """Append a line; ``pid`` is this process's unless the line is about another one."""
        os.write(self._descriptor, f"{what} {job_id} {attempt} {os.getpid() if pid is None else pid}\n".encode())

    def read(self) -> list[Line]:
        """All lines up to now."""
        return read_ledger(self._path)

    def close(self) -> None:
        """Let the file go; it stays."""
        os.close(self._descriptor)


def read_ledger(path: Path, offset: int = 0) -> list[Line]:
    """The lines of a ledger from byte ``offset`` on; none if there is no file yet."""
    if not path.exists():
        return []
    with path.open() as file:
        file.seek(offset)
        lines = [line.split() for line in file.read().split("\n")[:-1]]
    return [Line(what, job_id, int(attempt), int(pid)) for what, job_id, attempt, pid in lines]


def jobs_noted(lines: Iterable[Line], what: str) -> set[str]:
    """The ids of the jobs about which ``what`` was noted."""
    return {line.job_id for line in lines if line.what == what}


def begun_twice(lines: Iterable[Line]) -> list[tuple[str, int]]:
    """Attempts whose handler was called more than once: never, except when the ``power`` failed between.

    A claim need not be on the disk before the handler starts. With the power everything that ran went, too.
    """
    begun: set[tuple[str, int]] = set()
    found = []
    for line in lines:
        if line.what == "power":
            begun.clear()
        elif line.what == "begin":
            if (line.job_id, line.attempt) in begun:
                found.append((line.job_id, line.attempt))
            begun.add((line.job_id, line.attempt))
    return found


def overlapping(lines: Iterable[Line]) -> list[str]:
    """Jobs that began again while an earlier attempt was under way, in a process that was neither killed nor stopped.

    One that was stopped and woke up may still begin and go on with attempts that it has lost; that nothing of them
    lands is seen in the database.
    """
    running: dict[str, Line] = {}
    away: set[int] = set()
    found = []
    for line in lines:
        other = running.get(line.job_id)
        if line.what in ("kill", "stop"):
            away.add(line.pid)
        elif line.what == "begin":
            if other is not None and line.attempt < other.attempt and line.pid in away:
                continue
            if other is not None and other.pid not in away:
                found.append(line.job_id)
            running[line.job_id] = line
        elif line.what in ("end", "left") and other is not None and other.pid == line.pid:
            del running[line.job_id]
    return found
