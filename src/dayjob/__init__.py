"""dayjob: durable background jobs inside your asyncio or FastAPI app.

Where is ...?

====================================  =======================================
what happens to a job, as a table     ``states.py``; decided in ``outcome.py``
enqueue, cancel, wait, start, stop    ``job_queue.py``
job types and ``@job``                ``registry.py``; arguments in ``arguments.py``
running a handler                     ``runners.py``, in the slots of ``pool.py`` and ``worker.py``
what this process holds               ``attempts.py``
crashes and heartbeats                ``maintenance.py``, ``presence.py``
SQL                                   ``repository/sql/*.sql``, transactions in ``repository/writer.py``
progress                              ``progress.py``, ``stall.py``; news inside the process in ``events.py``
where the next attempt goes on        ``checkpoints.py``, ``context.py``
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
from .events import EventBus, ProgressMade, StatusChanged
from .job_queue import JobQueue
from .models import JobDefinition, JobStatus, JobType, Progress, StopReason
from .progress import ProgressReporter
from .registry import JobRegistry, job, registry
from .repository import JobRepository
from .retry import constant, exponential
from .states import Event, Status
from .version import __version__
from .worker import JobWorker

__all__ = [
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
    "MalformedJSON",
    "NotInJob",
    "PayloadTooLarge",
    "Progress",
    "ProgressMade",
    "ProgressReporter",
    "QueueNotRunning",
    "Retry",
    "SchemaTooNew",
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
