"""Where jobs are stored. ``base`` has the port, ``sqlite`` the one on SQLite, ``sql/`` every statement by name."""

from __future__ import annotations

from pathlib import Path

from ..clock import now_micros
from ..supervision import Supervisor
from .base import PERIOD, Claim, EndedJobs, JobRepository, Page, Pulse
from .creation import Stored
from .health import (
    NETWORK,
    Finding,
    examine,
    filesystem_type,
    is_foreign,
    read_schedules,
    read_workers,
    types_finding,
)
from .logs import MAX_LINES, MAX_LOG
from .rows import Health, JobRow, WorkerRow, to_datetime, to_micros
from .schedules import ScheduleRow
from .sqlite import SqliteRepository

__all__ = [
    "MAX_LINES",
    "MAX_LOG",
    "NETWORK",
    "PERIOD",
    "Claim",
    "EndedJobs",
    "Finding",
    "Health",
    "JobRepository",
    "JobRow",
    "Page",
    "Pulse",
    "ScheduleRow",
    "SqliteRepository",
    "Stored",
    "WorkerRow",
    "examine",
    "filesystem_type",
    "is_foreign",
    "now_micros",
    "open_repository",
    "read_schedules",
    "read_workers",
    "to_datetime",
    "to_micros",
    "types_finding",
]

_SCHEME = "sqlite:///"


def open_repository(url: str, *, durability: str = "power", supervisor: Supervisor | None = None) -> SqliteRepository:
    """The repository that a database URL names: ``sqlite:///jobs.db``, ``sqlite:////absolute/path/jobs.db``.

    ``durability`` is what an accepted job survives: ``"power"`` (a power failure, the default) or ``"process"``
    (a crash of the process). ``supervisor`` looks after its threads. Raises `ValueError` for anything else; nothing is
    opened yet.
    """
    if durability not in ("power", "process"):
        raise ValueError(f"durability is '{durability}'; use 'power' or 'process'.")
    path = url.removeprefix(_SCHEME)
    if not url.startswith(_SCHEME) or path in ("", ":memory:"):
        raise ValueError(f"'{url}' is not a database of dayjob: use a file, as in sqlite:///jobs.db.")
    return SqliteRepository(Path(path), power_safe=durability == "power", supervisor=supervisor)
