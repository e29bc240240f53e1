"""Which attempt of a job the running code belongs to: told by one context variable, and in threads by the job's id."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any, Protocol

_current: ContextVar[CurrentAttempt | None] = ContextVar("dayjob_attempt", default=None)
_by_job: dict[str, CurrentAttempt] = {}  # for threads that a handler started without its context


class CurrentAttempt(Protocol):
    """What the code of an attempt finds without being given anything. Most code asks for nothing of it."""

    @property
    def job_id(self) -> str:
        """The id of its job."""

    @property
    def progress(self) -> Any:
        """Its `JobProgress`, or None."""

    @property
    def log(self) -> Any:
        """Its `JobLog`, or None."""


def current_attempt() -> CurrentAttempt | None:
    """The attempt that the calling code belongs to; None outside jobs."""
    return _current.get()


def attempt_of(job_id: str) -> CurrentAttempt | None:
    """The attempt of this job that runs in this process, if any."""
    return _by_job.get(job_id)


class InAttempt:
    """While inside, code (and each task begun inside) belongs to ``attempt``; threads find it until `leave`."""

    __slots__ = ("_attempt", "_token")

    def __init__(self, attempt: CurrentAttempt) -> None:
        self._attempt = attempt

    def __enter__(self) -> None:
        self._token = _current.set(self._attempt)
        _by_job[self._attempt.job_id] = self._attempt

    def __exit__(self, *_: object) -> None:
        _current.reset(self._token)


def leave(attempt: CurrentAttempt) -> None:
    """The attempt ended: threads that only know the job's id find it no more."""
    if _by_job.get(attempt.job_id) is attempt:
        del _by_job[attempt.job_id]
