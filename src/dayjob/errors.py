"""Everything that dayjob raises on purpose.

Each class has a stable ``code``: programs compare codes, people read messages. The one map from codes to HTTP
statuses is ``dayjob.web.problems``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

__all__ = [
    "ChildFailed",
    "CronMissing",
    "DayjobError",
    "DuplicateJobType",
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
    "JobExists",
    "JobFailed",
    "JobFinished",
    "JobNotFound",
    "MalformedJSON",
    "NotInJob",
    "OutOfResources",
    "PartFailed",
    "PayloadTooLarge",
    "QueueFull",
    "QueueNotRunning",
    "ScheduleNotFound",
    "SchemaTooNew",
    "Stopped",
    "StorageError",
    "StorageFull",
    "UnknownJobType",
    "Waiting",
    "WrongDatabase",
]


class DayjobError(Exception):
    """Base of all errors of this library; ``code`` names the kind and never changes."""

    code: ClassVar[str] = "error"

    @staticmethod
    def of_code(code: str, message: str) -> DayjobError:
        """The error that another process told by its ``code``.

        >>> DayjobError.of_code("queue_full", "3 jobs wait already.")
        QueueFull('3 jobs wait already.')
        """
        kinds = {kind.code: kind for kind in _kinds(DayjobError)}
        return kinds.get(code, DayjobError)(message)


def _kinds(base: type[DayjobError]) -> list[type[DayjobError]]:
    return [base, *(kind for sub in base.__subclasses__() for kind in _kinds(sub))]


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing that is wrong with a JSON document: where (RFC 6901 pointer, ``""`` is all of it) and what."""

    pointer: str
    detail: str


class InvalidArguments(DayjobError, ValueError):
    """Arguments that the job's handler cannot take; ``errors`` lists each with a JSON pointer."""

    code = "invalid_arguments"

    def __init__(self, message: str, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(message)
        self.errors = tuple(errors)


class InvalidPayload(InvalidArguments):
    """A value that JSON, or our limits on it, cannot hold (NaN, NUL, a set, 65 levels, too many bytes)."""

    code = "invalid_payload"


class PayloadTooLarge(InvalidPayload):
    """A value that is larger in JSON than its limit (bytes)."""

    code = "payload_too_large"


class InvalidOption(InvalidArguments):
    """An option (``timeout``, ``delay``, the URL of a queue, ...) with a value that it cannot have.

    The message names the option, the value and what to use.
    """

    code = "invalid_option"


class MalformedJSON(DayjobError, ValueError):
    """Bytes that are not a JSON document."""

    code = "malformed_json"


class InvalidName(DayjobError, ValueError):
    """A job id or type name with characters that would break URLs, or a word that our routes use."""

    code = "invalid_name"


class UnknownJobType(DayjobError, LookupError):
    """No handler is registered under this name; the message lists the names that are."""

    code = "unknown_job_type"


class DuplicateJobType(DayjobError, ValueError):
    """Another handler is registered under this name already."""

    code = "duplicate_job_type"


class JobNotFound(DayjobError, LookupError):
    """No job has this id (any more: history is pruned)."""

    code = "job_not_found"


class JobActive(DayjobError):
    """The job has not ended, so it cannot be run again."""

    code = "job_active"


class JobExists(DayjobError):
    """The job id that was asked for belongs to a job of another type or with other arguments."""

    code = "job_exists"


class IdempotencyConflict(DayjobError):
    """The idempotency key was used for another request: other type, arguments or options."""

    code = "idempotency_conflict"


class WrongDatabase(DayjobError, ValueError):
    """``db=`` is a session of another database than the queue's, so one transaction cannot hold both."""

    code = "wrong_database"


class JobFinished(DayjobError):
    """The job ended already, so what was asked of it cannot happen."""

    code = "job_finished"


class QueueFull(DayjobError):
    """So many jobs wait already as the type's, or the queue's, ``max_pending`` allows; try again later."""

    code = "queue_full"


class JobFailed(DayjobError):
    """Raised by whoever waits for the result of a job that failed or was cancelled."""

    code = "job_failed"


class IllegalTransition(DayjobError):
    """A change of status that the table in ``states.py`` does not know, or that lost its right to the job."""

    code = "illegal_transition"


class InvalidSchedule(DayjobError, ValueError):
    """An expression, time zone or policy that is none, or an expression that has no next time."""

    code = "invalid_schedule"


class CronMissing(DayjobError, ImportError):
    """A cron expression was used without cronsim; the message says what to install."""

    code = "cron_missing"


class ScheduleNotFound(DayjobError, LookupError):
    """No schedule has this name."""

    code = "schedule_not_found"


class QueueNotRunning(DayjobError, RuntimeError):
    """The queue was not started; the message says how to."""

    code = "queue_not_running"


class PartFailed(DayjobError, RuntimeError):
    """A thread or task that carries the queue has ended, or fails again and again; it is begun anew."""

    code = "part_failed"


class NotInJob(DayjobError, RuntimeError):
    """Progress was reported outside a running job; ``dayjob.testing.record_progress`` helps in tests."""

    code = "not_in_job"


class OutOfResources(DayjobError):
    """A job's thread, process or descriptor cannot be had: the job has not begun, and is tried again."""

    code = "out_of_resources"


class StorageError(DayjobError):
    """The database could not do it (disk full, I/O error, locked); nothing of the call took effect."""

    code = "storage_error"


class StorageFull(StorageError):
    """The disk is full, or so nearly that what runs could not be finished; nothing of the call took effect."""

    code = "storage_full"


class SchemaTooNew(StorageError):
    """The database was made by a newer dayjob than this one."""

    code = "schema_too_new"


class Fail(DayjobError):
    """Raise it in a handler to fail the job for good, with your sentence as its error and no retry.

    >>> raise Fail("The API key was refused: set STASH_API_KEY.")  # doctest: +SKIP
    """

    code = "failed"


class ChildFailed(DayjobError):
    """What a handler in a child process raised, or what ended that process; its text is the job's error."""

    code = "child_failed"


class Waiting(BaseException):
    """Ends an attempt in ``ctx.join`` whose children have not ended; the handler is called again when they have.

    Let it pass: like `Stopped` it is no ``Exception``. A handler that returns after it fails. ``children`` are ids.
    """

    def __init__(self, children: Sequence[str]) -> None:
        super().__init__(f"waits for {len(children)} children")
        self.children = tuple(children)


class Stopped(BaseException):
    """Raised inside a handler by ``ctx.check()`` when the job has to stop.

    Like ``asyncio.CancelledError`` it is no ``Exception``, so that ``except Exception`` in a handler lets it pass.
    """
