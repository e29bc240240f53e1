"""dayjob: durable background jobs inside your asyncio or FastAPI app.

Where is ...?

====================================  =======================================
what happens to a job, as a table     ``states.py``; decided in ``outcome.py``
enqueue, cancel, wait, start, stop    ``job_queue.py``
job types and ``@job``                ``registry.py``; arguments in ``arguments.py``
running a handler                     ``runners.py``, in the slots of ``pool.py`` and ``worker.py``
what this process holds               ``attempts.py``
old jobs, numbers, health             ``retention.py``, ``stats.py``, ``repository/health.py``
crashes and heartbeats                ``maintenance.py``, ``presence.py``
log lines, tracebacks                 ``job_log.py``, ``tracebacks.py``
SQL                                   ``repository/sql/*.sql``, transactions in ``repository/writer.py``
progress                              ``progress.py``; news inside the process in ``events.py``
REST and WebSocket                    ``web/``
command line                          ``cli.py``, drawn by ``terminal.py``
====================================  =======================================
"""

from .context import JobContext
from .errors import (
    ChildFailed,
    DayjobError,
    DuplicateJobType,
    Fail,
    FieldError,
    IllegalTransition,
    InvalidArguments,
    InvalidName,
    InvalidPayload,
    JobExists,
    JobFailed,
    JobFinished,
    JobNotFound,
    MalformedJSON,
    NotInJob,
    PayloadTooLarge,
    QueueNotRunning,
    Retry,
    SchemaTooNew,
    Stopped,
    StorageError,
    UnknownJobType,
)
from .events import EventBus, LogWritten, ProgressMade, StatusChanged
from .job_queue import JobQueue
from .models import AttemptRecord, JobDefinition, JobStatus, JobType, LogLine, Progress, StopReason
from .progress import ProgressReporter
from .registry import JobRegistry, job, registry
from .repository import JobRepository
from .retention import Keep, Retention
from .retry import constant, exponential
from .states import Event, Status
from .stats import Stats
from .version import __version__
from .worker import JobWorker

__all__ = [
    "AttemptRecord",
    "ChildFailed",
    "DayjobError",
    "DuplicateJobType",
    "Event",
    "EventBus",
    "Fail",
    "FieldError",
    "IllegalTransition",
    "InvalidArguments",
    "InvalidName",
    "InvalidPayload",
    "JobContext",
    "JobDefinition",
    "JobExists",
    "JobFailed",
    "JobFinished",
    "JobNotFound",
    "JobQueue",
    "JobRegistry",
    "JobRepository",
    "JobStatus",
    "JobType",
    "JobWorker",
    "Keep",
    "LogLine",
    "LogWritten",
    "MalformedJSON",
    "NotInJob",
    "PayloadTooLarge",
    "Progress",
    "ProgressMade",
    "ProgressReporter",
    "QueueNotRunning",
    "Retention",
    "Retry",
    "SchemaTooNew",
    "Stats",
    "Status",
    "StatusChanged",
    "StopReason",
    "Stopped",
    "StorageError",
    "UnknownJobType",
    "__version__",
    "constant",
    "exponential",
    "job",
    "registry",
]
