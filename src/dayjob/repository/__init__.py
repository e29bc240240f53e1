"""Where jobs are stored. `JobRepository` is all that others see; below it are the rules, and below these the seam
(`transaction`, `database`), behind which each database has a package. ``sql/`` has the statements by name."""

from __future__ import annotations

from pathlib import Path

from ..clock import now_micros
from ..options import one_of
from ..supervision import Supervisor
from .creation import Accepted
from .job_repository import PERIOD, EndedJobs, JobRepository, Listener, Page
from .logs import MAX_LINES, MAX_LOG
from .operations import Claim, HeartbeatReply
from .rows import Health, JobRow, WorkerRow, to_datetime, to_micros
from .schedules import ScheduleRow
from .sqlite.database import SqliteDatabase
from .sqlite.health import (
    NETWORK,
    Finding,
    examine,
    filesystem_type,
    is_foreign,
    read_schedules,
    read_workers,
    types_finding,
)
from .transaction import Changes
from .url import database_path, database_url

__all__ = [
    "DURABILITIES",
    "MAX_LINES",
    "MAX_LOG",
    "NETWORK",
    "PERIOD",
    "Accepted",
    "Changes",
    "Claim",
    "EndedJobs",
    "Finding",
    "Health",
    "HeartbeatReply",
    "JobRepository",
    "JobRow",
    "Listener",
    "Page",
    "ScheduleRow",
    "WorkerRow",
    "database_path",
    "database_url",
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

DURABILITIES = ("power", "process")


def open_repository(
    url: str | Path, *, durability: str = "power", supervisor: Supervisor | None = None
) -> JobRepository:
    """The repository that a database URL names: ``sqlite:///jobs.db``, ``sqlite:////absolute/path/jobs.db``.

    ``durability`` is what an accepted job survives: ``"power"`` (a power failure, the default) or ``"process"``
    (a crash of the process). ``supervisor`` looks after its threads. Raises `InvalidOption` for anything else; nothing
    is opened yet.
    """
    one_of("durability", durability, *DURABILITIES)
    database = SqliteDatabase(database_path(url), power_safe=durability == "power")
    return JobRepository(database, supervisor)
