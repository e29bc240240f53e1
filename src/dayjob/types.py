"""What the queue, its contexts and its jobs take and give, for annotations."""

from .context import Child, ChildRequest, Results
from .job_queue import ConfiguredQueue
from .models import AttemptRecord, JobDefinition, JobType, LogLine, Progress
from .options import RunOptions, Seconds
from .processes import Process, RunningJob
from .progress import Stage, Tracked
from .registry import TypeOptions
from .repository import Accepted, Page, WorkerRow
from .states import Event
from .stats import Stats

__all__ = [
    "Accepted",
    "AttemptRecord",
    "Child",
    "ChildRequest",
    "ConfiguredQueue",
    "Event",
    "JobDefinition",
    "JobType",
    "LogLine",
    "Page",
    "Process",
    "Progress",
    "Results",
    "RunOptions",
    "RunningJob",
    "Seconds",
    "Stage",
    "Stats",
    "Tracked",
    "TypeOptions",
    "WorkerRow",
]
