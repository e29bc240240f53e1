"""The one place that decides how an attempt ends. Pure: values in, a `Transition` out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

from . import payload
from .errors import ChildFailed, Fail, InvalidPayload, Retry, Waiting
from .models import JobDefinition, JobType, StopReason, Transition
from .retry import Backoff, exponential
from .states import Event, Status, next_status

MAX_ORPHANS = 3  # how many processes may die under a job before it is taken for the one that kills them
_MAX_ERROR, _MAX_NAME = 4000, 100  # characters
_LONGEST_PAUSE = 10 * 365 * 86_400.0  # seconds
_DEFAULT_BACKOFF = exponential()


@dataclass(frozen=True, slots=True)
class Returned:
    """The handler returned: the work is done, whatever was asked meanwhile."""

    result: Any


@dataclass(frozen=True, slots=True)
class Raised:
    """The handler raised."""

    error: BaseException
    traceback: str | None = None  # what a child process said; else the error has it


@dataclass(frozen=True, slots=True)
class Abandoned:
    """The handler did not stop within its grace period (seconds); its slot was written off."""

    grace: float


@dataclass(frozen=True, slots=True)
class Orphaned:
    """The process that ran the job died."""


@dataclass(frozen=True, slots=True)
class NotStarted:
    """The handler was never called: the job was given back before its turn."""


Ending = Returned | Raised | Abandoned | Orphaned | NotStarted


@dataclass(frozen=True, slots=True)
class Policy:
    """What a job's type says about failures and crashes."""

    backoff: Backoff = _DEFAULT_BACKOFF
    on_orphan: str = "retry"


_USUAL = Policy()


def decide(
    job: JobDefinition, ending: Ending, stop: StopReason | None, now: int, policy: Policy | JobType = _USUAL
) -> Transition:
    """How ``job`` goes on after an attempt that ended like ``ending``, having been asked to ``stop`` or not.

    ``now`` is in microseconds since 1970 (UTC).
    """
    return _Decision(job, stop, now, policy).about(ending)


class _Decision:
    def __init__(self, job: JobDefinition, stop: StopReason | None, now: int, policy: Policy | JobType) -> None:
        self._job = job
        self._stop = stop
        self._now = now
        self._policy = policy

    def about(self, ending: Ending) -> Transition:
        if isinstance(ending, Returned):
            return self._returned(ending.result)
        if self._stop is StopReason.CANCELLED or self._job.cancel_requested:
            return self._cancelled(ending)
        if isinstance(ending, Raised) and (waiting := waiting_in(ending.error)) is not None:
            return self._move(Event.WAIT, run_at=self._now, children=waiting.children)
        if isinstance(ending, NotStarted) or self._stop is StopReason.SHUTDOWN:
            return self._move(Event.RELEASE, run_at=self._now)
        if isinstance(ending, Orphaned):
            return self._orphaned()
        return self._failed(ending)

    def _returned(self, result: Any) -> Transition:
        try:
            text = payload.encode(result, what="result", limit=payload.MAX_RESULT)
        except InvalidPayload as error:
            return self._move(Event.FAIL, error=str(error), failures=self._job.failures + 1)
        except BaseException as error:  # noqa: BLE001 (a handler's own list or dict may do anything when it is read)
            text = f"The result cannot be read: {describe(error)}"
            return self._move(Event.FAIL, error=text, failures=self._job.failures + 1)
        too_late = "The cancel came too late: the work was done." if self._job.cancel_requested else None
        return self._move(Event.COMPLETE, result=text, message=too_late)

    def _cancelled(self, ending: Ending) -> Transition:
        if isinstance(ending, Abandoned):
            return self._move(Event.CANCEL, error=_abandoned(ending))
        if isinstance(ending, Raised) and not is_stop(ending.error):
            return self._move(Event.CANCEL, error=describe(ending.error))
        return self._move(Event.CANCEL)

    def _orphaned(self) -> Transition:
        orphans = self._job.orphans + 1
        if self._policy.on_orphan == "fail":
            return self._move(Event.FAIL, error="The process that ran the job died.", orphans=orphans)
        if orphans >= MAX_ORPHANS:
            error = f"{orphans} processes died while they ran this job, so it is not run again."
            return self._move(Event.FAIL, error=error, orphans=orphans)
        return self._move(Event.RELEASE, run_at=self._now, orphans=orphans)

    def _failed(self, ending: Ending) -> Transition:
        error = ending.error if isinstance(ending, Raised) else None
        failures = self._job.failures + 1
        text = self._failure_text(ending)
        if failures >= self._job.max_attempts or _is_a(error, Fail):
            return self._move(Event.FAIL, error=text, failures=failures)
        run_at = self._now + int(self._pause(error, failures) * 1_000_000)
        return self._move(Event.RETRY, error=text, failures=failures, run_at=run_at)

    def _pause(self, error: BaseException | None, failures: int) -> float:
        """Seconds until the next attempt, whatever a back-off function or a handler's `Retry` says."""
        try:
            pause = float(error.after if _is_a(error, Retry) else self._policy.backoff(failures))  # type: ignore[union-attr]
        except BaseException:  # noqa: BLE001 (the job has to go on although its back-off function has a bug)
            pause = math.nan
        return min(max(pause, 0.0), _LONGEST_PAUSE) if math.isfinite(pause) else _DEFAULT_BACKOFF(failures)

    def _failure_text(self, ending: Ending) -> str:
        abandoned = _abandoned(ending) if isinstance(ending, Abandoned) else ""
        if self._stop is StopReason.TIMEOUT:
            return f"The job ran longer than its timeout. {abandoned}".rstrip()
        return describe(ending.error) if isinstance(ending, Raised) else abandoned

    def _move(self, event: Event, **values: Any) -> Transition:
        values.setdefault("failures", self._job.failures)
        values.setdefault("orphans", self._job.orphans)
        return Transition(event=event, status=next_status(Status.RUNNING, event), now=self._now, **values)


def describe(error: BaseException) -> str:
    """One bounded text for any exception, hostile ones included (``__str__`` that raises, surrogates, megabytes)."""
    name = payload.name_of(type(error))[:_MAX_NAME]
    if is_stop(error):
        return f"{name}: the handler stopped itself although nobody had asked it to."
    try:
        text = str.__str__(str(error))  # a subclass of str might lie
    except BaseException as broken:  # noqa: BLE001 (a handler's exception may do anything; the job still needs a text)
        text = f"(its text cannot be had: {payload.name_of(type(broken))})"
    text = text[:_MAX_ERROR].replace("\0", "\\0").encode(errors="backslashreplace").decode()
    if _is_a(error, Fail, Retry, ChildFailed) and text:
        return text
    return f"{name}: {text}" if text else name


def is_stop(error: BaseException) -> bool:
    """Whether it is the exception of a handler that stops, rather than fails."""
    # By name, since asyncio and concurrent.futures each have a CancelledError.
    return payload.name_of(type(error)) in ("CancelledError", "Stopped") or waiting_in(error) is not None


def _is_a(error: BaseException | None, *kinds: type[BaseException]) -> bool:
    # Not isinstance, which asks the exception for its __class__: that may be a property, and do anything.
    return issubclass(type(error), kinds)


def waiting_in(error: BaseException) -> Waiting | None:
    """The wish to wait that a handler raised, alone or (out of a task group) in a group of nothing else."""
    while _is_group(error) and error.split(Waiting)[1] is None:
        error = error.exceptions[0]
    return error if _is_wish(error) else None


def _is_group(error: BaseException) -> TypeGuard[BaseExceptionGroup[BaseException]]:
    return type(error) in (BaseExceptionGroup, ExceptionGroup)  # a subclass may have a split() of its own


def _is_wish(error: BaseException) -> TypeGuard[Waiting]:
    return _is_a(error, Waiting)


def _abandoned(ending: Abandoned) -> str:
    return f"The handler did not stop within {ending.grace:g} s, so its slot was written off; it may still be running."
