"""The life of a job as data: five statuses, the events that move a job, and the table of legal moves.

The same table stands as a trigger in the database (``repository/sqlite/migrations``); a test compares the two.
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from .errors import IllegalTransition


class Status(StrEnum):
    """Where a job is. The last three are terminal: nothing about such a job changes any more."""

    PENDING = "pending"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Event(StrEnum):
    """What happens to a job."""

    ENQUEUE = "enqueue"
    CLAIM = "claim"
    COMPLETE = "complete"
    FAIL = "fail"
    CANCEL = "cancel"
    RETRY = "retry"  # the attempt failed and another one is due
    WAIT = "wait"  # the attempt ended because children have to end first
    RELEASE = "release"  # nobody's fault: the process stopped or died before the job's end


TERMINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})

TRANSITIONS = MappingProxyType(
    {
        (None, Event.ENQUEUE): Status.PENDING,
        (Status.PENDING, Event.CLAIM): Status.RUNNING,
        (Status.PENDING, Event.CANCEL): Status.CANCELLED,
        (Status.RUNNING, Event.COMPLETE): Status.COMPLETED,
        (Status.RUNNING, Event.FAIL): Status.FAILED,
        (Status.RUNNING, Event.CANCEL): Status.CANCELLED,
        (Status.RUNNING, Event.RETRY): Status.PENDING,
        (Status.RUNNING, Event.WAIT): Status.PENDING,
        (Status.RUNNING, Event.RELEASE): Status.PENDING,
    }
)


def next_status(status: Status | None, event: Event) -> Status:
    """The status after ``event``; raises `IllegalTransition` if a job in ``status`` cannot take it.

    >>> next_status(Status.RUNNING, Event.RETRY)
    <Status.PENDING: 'pending'>
    """
    try:
        return TRANSITIONS[status, event]
    except KeyError:
        raise IllegalTransition(f"A job that is {status or 'not there'} cannot {event}.") from None
