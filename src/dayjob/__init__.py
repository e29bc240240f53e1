"""dayjob: durable background jobs inside your asyncio or FastAPI app.

Where is ...?

====================================  =======================================
what happens to a job, as a table     ``states.py``; decided in ``outcome.py``
enqueue, cancel, wait, start, stop    ``job_queue.py``
what options may be                   ``options.py``
what is asked for, and handles        ``request.py``, ``submit.py``, ``handle.py``, ``following.py``
a job in your own transaction         ``repository/session.py``, by the rules of ``repository/creation.py``
job types and ``@job``                ``registry.py``; arguments in ``arguments.py``,
                                      defined twice: ``definition.py``
between start and stop                ``engine/``, wired together in ``engine/engine.py``
running a handler                     ``engine/runners.py``, in the slots of ``engine/pool.py`` and ``engine/worker.py``
a handler in a child process          ``engine/child_process.py``, ``engine/_supervisor.py``, ``engine/_child.py``;
                                      found by ``origin.py``
what this process holds               ``engine/attempts.py``
old jobs, numbers, health             ``retention.py``, ``stats.py``, ``processes.py``, ``repository/health.py``
secrets, and where they are hidden    ``redaction.py``; ``secret_names.py``, ``spelling.py``
crashes and heartbeats                ``engine/heartbeat.py``, ``engine/rescuer.py``, ``process_lock.py``,
                                      ``engine/loop_monitor.py``
which job is next, under its limits   ``repository/line.py``
log lines, tracebacks                 ``job_log.py``, ``tracebacks.py``; what the process logs of jobs:
                                      ``engine/lifecycle.py``
SQL                                   ``repository/sql/*.sql``, transactions in ``repository/writer.py``
progress                              ``progress.py``, ``engine/stall.py``; news inside the process in ``events.py``
where the next attempt goes on        ``engine/checkpoints.py``, ``context.py``
jobs that jobs add and wait for       ``engine/children.py``, ``context.py``; ``repository/children.py``
REST and WebSocket                    ``web/``
schedules                             ``cron.py``, ``schedule.py``, ``schedules.py``; run by ``engine/scheduler.py``
command line                          ``cli.py``, drawn by ``terminal.py``
====================================  =======================================
"""

from .context import Child, JobContext
from .cron import Cron
from .engine.worker import JobWorker
from .errors import (
    ChildFailed,
    CronMissing,
    DayjobError,
    DuplicateJobType,
    Fail,
    FieldError,
    IdempotencyConflict,
    IllegalTransition,
    InvalidArguments,
    InvalidName,
    InvalidOption,
    InvalidPayload,
    InvalidSchedule,
    JobActive,
    JobExists,
    JobFailed,
    JobFinished,
    JobNotFound,
    MalformedJSON,
    NotInJob,
    OutOfResources,
    PartFailed,
    PayloadTooLarge,
    QueueFull,
    QueueNotRunning,
    ScheduleNotFound,
    SchemaTooNew,
    Stopped,
    StorageError,
    StorageFull,
    UnknownJobType,
    Waiting,
    WrongDatabase,
)
from .events import EventBus, LogWritten, ProgressMade, StatusChanged
from .handle import JobHandle
from .job_queue import Accepted, ConfiguredQueue, JobQueue
from .models import AttemptRecord, JobDefinition, JobStatus, JobType, LogLine, Progress, StopReason
from .options import JobOptions, RunOptions
from .processes import Process
from .progress import ProgressReporter
from .redaction import Secret
from .registry import JobRegistry, job, registry
from .repository import JobRepository, Page, WorkerRow
from .request import JobRequest
from .retention import Keep, Retention
from .retry import Retry, constant, exponential
from .schedule import ScheduleStatus
from .states import Event, Status
from .stats import Stats
from .version import __version__

__all__ = [
    "Accepted",
    "AttemptRecord",
    "Child",
    "ChildFailed",
    "ConfiguredQueue",
    "Cron",
    "CronMissing",
    "DayjobError",
    "DuplicateJobType",
    "Event",
    "EventBus",
    "Fail",
    "FieldError",
    "IdempotencyConflict",
    "IllegalTransition",
    "InvalidArguments",
    "InvalidName",
    "InvalidOption",
    "InvalidPayload",
    "InvalidSchedule",
    "JobActive",
    "JobContext",
    "JobDefinition",
    "JobExists",
    "JobFailed",
    "JobFinished",
    "JobHandle",
    "JobNotFound",
    "JobOptions",
    "JobQueue",
    "JobRegistry",
    "JobRepository",
    "JobRequest",
    "JobStatus",
    "JobType",
    "JobWorker",
    "Keep",
    "LogLine",
    "LogWritten",
    "MalformedJSON",
    "NotInJob",
    "OutOfResources",
    "Page",
    "PartFailed",
    "PayloadTooLarge",
    "Process",
    "Progress",
    "ProgressMade",
    "ProgressReporter",
    "QueueFull",
    "QueueNotRunning",
    "Retention",
    "Retry",
    "RunOptions",
    "ScheduleNotFound",
    "ScheduleStatus",
    "SchemaTooNew",
    "Secret",
    "Stats",
    "Status",
    "StatusChanged",
    "StopReason",
    "Stopped",
    "StorageError",
    "StorageFull",
    "UnknownJobType",
    "Waiting",
    "WorkerRow",
    "WrongDatabase",
    "__version__",
    "constant",
    "exponential",
    "job",
    "registry",
]
