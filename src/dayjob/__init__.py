"""dayjob: durable background jobs inside your asyncio or FastAPI app.

Where is ...?

====================================  =======================================
what else you import                  ``types.py``, ``errors.py``, ``events.py``, ``schedules.py``, ``masking.py``,
                                      ``web/``, ``testing/``, ``terminal.py``, ``logging.py``, ``sqlalchemy.py``
what happens to a job, as a table     ``states.py``; decided in ``outcome.py``; the nouns in ``models.py``
enqueue, cancel, wait, start, stop    ``job_queue.py``
what options may be                   ``options.py``, ``retry.py``
what is asked for, and handles        ``request.py``, ``submit.py``, ``handle.py``, ``subscription.py``
a job in your own transaction         ``repository/sqlite/session.py``, by ``repository/creation.py``
job types and ``@job``                ``registry.py``; arguments in ``arguments.py``,
                                      results in ``return_type.py``, defined twice: ``definition.py``
values as JSON                        ``payload.py``, ``jsonable.py``, ``difference.py``
between start and stop                ``engine/``, wired together in ``engine/engine.py``
calling a handler                     ``invocation.py``, ``engine/runners.py``, in the slots of ``engine/pool.py``
                                      and ``engine/worker.py``
what a handler gets, and returns      ``context.py``, ``awaitable.py``; whose code runs: ``current.py``
a handler in a child process          ``engine/child_process.py``, ``engine/_supervisor.py``, ``engine/_child.py``;
                                      found by ``origin.py``, ``main_module.py``
what this process holds               ``engine/executions.py``
an attempt, and what it stores        ``engine/execution.py``, ``engine/recorder.py``
old jobs, numbers, health             ``retention.py``, ``stats.py``, ``processes.py``,
                                      ``repository/sqlite/health.py``
secrets, and where they are hidden    ``redaction.py``; ``secret_names.py``, ``spelling.py``
crashes and heartbeats                ``engine/heartbeat.py``, ``engine/rescuer.py``,
                                      ``engine/loop_monitor.py``
threads, tasks, time                  ``supervision.py``, ``loop.py``, ``clock.py``
which job is next, under its limits   ``repository/claiming.py``
log lines, tracebacks                 ``job_log.py``, ``tracebacks.py``; what the process logs of jobs:
                                      ``engine/lifecycle.py``, by ``logger.py``
storing                               ``repository/``: all of it in ``repository/job_repository.py``,
                                      the rules in ``repository/operations.py``, over the seam
                                      ``repository/transaction.py``; behind it ``repository/sqlite/``, and
                                      ``repository/postgres/``, not offered yet
progress                              ``progress.py``, ``engine/stall.py``
news inside the process               ``events.py``, ``mailbox.py``
where the next attempt goes on        ``engine/checkpoints.py``, ``context.py``
jobs that jobs add and wait for       ``engine/children.py``, ``context.py``; ``repository/children.py``
REST and WebSocket                    ``web/``
schedules                             ``cron.py``, ``schedule.py``, ``schedule_control.py``;
                                      run by ``engine/scheduler.py``
command line                          ``cli/``, drawn by ``terminal.py``
does it hold, on your disk            ``crashtest/``
names and numbers                     ``ids.py``, ``host.py``, ``version.py``
====================================  =======================================
"""

from .context import JobContext
from .errors import DayjobError, Fail, InvalidArguments, JobFailed, QueueFull, Stopped
from .handle import JobHandle
from .job_queue import JobQueue
from .models import JobStatus, StopReason
from .options import JobOptions
from .progress import ProgressReporter
from .redaction import Secret
from .registry import JobRegistry, job, registry
from .request import JobRequest
from .retention import Keep, Retention
from .retry import Retry, constant, exponential
from .states import Status
from .version import __version__

__all__ = [
    "DayjobError",
    "Fail",
    "InvalidArguments",
    "JobContext",
    "JobFailed",
    "JobHandle",
    "JobOptions",
    "JobQueue",
    "JobRegistry",
    "JobRequest",
    "JobStatus",
    "Keep",
    "ProgressReporter",
    "QueueFull",
    "Retention",
    "Retry",
    "Secret",
    "Status",
    "StopReason",
    "Stopped",
    "__version__",
    "constant",
    "exponential",
    "job",
    "registry",
]
