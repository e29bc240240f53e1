"""Exit codes for scripts, and the errors that only the command line has."""

from __future__ import annotations

from ..errors import DayjobError, QueueFull, QueueNotRunning, StorageError
from ..states import Status

OK = 0
FAILED = 1  # it was tried and did not work: the job failed, or had ended already; the doctor found trouble
USAGE = 2  # options, names or arguments that cannot be
NOT_FOUND = 3  # no such job, type of jobs or schedule
UNAVAILABLE = 4  # the database or the server: not there, not well, full, or closed to us
INTERRUPTED = 130  # Ctrl-C, or the job that was followed was cancelled

OF_STATUS = {Status.COMPLETED: OK, Status.FAILED: FAILED, Status.CANCELLED: INTERRUPTED}


class WrongUse(DayjobError, ValueError):
    """What was asked for cannot be done like this; the message says how it can."""

    code = "wrong_use"


class Unreachable(DayjobError):
    """Nobody answers at the URL, or somebody who is not dayjob."""

    code = "unreachable"


class Refused(DayjobError):
    """The server does not let us do this."""

    code = "refused"


def exit_code(error: Exception) -> int:
    """The exit code for an error.

    >>> exit_code(WrongUse("no"))
    2
    """
    if isinstance(error, (StorageError, QueueNotRunning, QueueFull, Unreachable, Refused)):
        return UNAVAILABLE
    if isinstance(error, LookupError):
        return NOT_FOUND
    return USAGE if isinstance(error, ValueError) else FAILED
