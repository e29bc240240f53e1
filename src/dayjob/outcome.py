"""The one place that decides how an attempt ends. Pure: values in, a `Transition` out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

from . import payload
from .errors import ChildFailed, Fail, InvalidPayload, Waiting
from .logger import logger
from .models import JobDefinition, JobType, StopReason, Transition
from .options import LONGEST, as_number
from .redaction import Redact, as_it_is, shortened
from .retry import Backoff, Retry, exponential
from .states import Event, Status, next_status

log = logger("dayjob.outcome")

MAX_ORPHANS = 3  # how many processes may die under a job before it is taken for the one that kills them
START_AGAIN = 2_000_000  # microseconds until a handler is tried that could not be called
_MAX_ERROR, _MAX_NAME = 4000, 100  # characters
_MOST_NAMED = 10  # of the exceptions in a group
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
    """The handler was never called: the job was given back before its turn, or ``why`` says what could not be had."""

    why: str | None = None


Ending = Returned | Raised | Abandoned | Orphaned | NotStarted


@dataclass(frozen=True, slots=True)
class Policy:
    """What a job's type says about failures and crashes."""

    backoff: Backoff = _DEFAULT_BACKOFF
    on_orphan: str = "retry"


_USUAL = Policy()


def decide(
    job: JobDefinition,
    ending: Ending,
    stop: StopReason | None,
    now: int,
    policy: Policy | JobType = _USUAL,
    redact: Redact = as_it_is,
) -> Transition:
    """How ``job`` goes on after an attempt that ended like ``ending``, having been asked to ``stop`` or not.

    ``now`` is in microseconds since 1970 (UTC); ``redact`` hides the job's secrets in texts that are too long.
    """
    return _Decision(job, stop, now, policy, redact).about(ending)


class _Decision:
    def __init__(
        self, job: JobDefinition, stop: StopReason | None, now: int, policy: Policy | JobType, redact: Redact
    ) -> None:
        self._job = job
        self._stop = stop
        self._now = now
        self._policy = policy
        self._redact = redact

    def about(self, ending: Ending) -> Transition:
        if isinstance(ending, Returned):
            return self._returned(ending.result)
        if self._stop is StopReason.CANCELLED or self._job.cancel_requested:
            return self._cancelled(ending)
        if isinstance(ending, Raised) and (waiting := waiting_in(ending.error)) is not None:
            return self._move(Event.WAIT, children=waiting.children)
        if isinstance(ending, NotStarted) and ending.why is not None:
            return self._move(Event.RELEASE, run_at=self._now + START_AGAIN)
        if isinstance(ending, NotStarted) or self._stop is StopReason.SHUTDOWN:
            return self._move(Event.RELEASE)
        if isinstance(ending, Orphaned):
            return self._orphaned()
        return self._failed(ending)

    def _returned(self, result: Any) -> Transition:
        try:
            text = payload.encode_result(result, self._redact)
        except InvalidPayload as error:
            return self._move(Event.FAIL, error=str(error), failures=self._job.failures + 1)
        except BaseException as error:  # noqa: BLE001 (a handler's own list or dict may do anything when it is read)
            text = f"The result cannot be read: {describe(error, self._redact)}"
            return self._move(Event.FAIL, error=text, failures=self._job.failures + 1)
        too_late = "The cancel came too late: the work was done." if self._job.cancel_requested else None
        return self._move(Event.COMPLETE, result=text, message=too_late)

    def _cancelled(self, ending: Ending) -> Transition:
        if isinstance(ending, Abandoned):
            return self._move(Event.CANCEL, error=_abandoned(ending))
        if isinstance(ending, Raised) and not is_stop(ending.error):
            return self._move(Event.CANCEL, error=describe(ending.error, self._redact))
        return self._move(Event.CANCEL)

    def _orphaned(self) -> Transition:
        orphans = self._job.orphans + 1
        if self._policy.on_orphan == "fail":
            return self._move(Event.FAIL, error="The process that ran the job died.", orphans=orphans)
        if orphans >= MAX_ORPHANS:
            error = f"{orphans} processes died while they ran this job, so it is not run again."
            return self._move(Event.FAIL, error=error, orphans=orphans)
        return self._move(Event.RELEASE, orphans=orphans)

    def _failed(self, ending: Ending) -> Transition:
        error = ending.error if isinstance(ending, Raised) else None
        failures = self._job.failures + 1
        text = self._failure_text(ending)
        if failures >= self._job.max_attempts or (error is not None and is_final(error)):
            return self._move(Event.FAIL, error=text, failures=failures)
        run_at = self._now + int(self._pause(error, failures) * 1_000_000)
        return self._move(Event.RETRY, error=text, failures=failures, run_at=run_at)

    def _pause(self, error: BaseException | None, failures: int) -> float:
        """Seconds until the next attempt, whatever a back-off function or a handler's `Retry` says."""
        asked = None if error is None else pause_asked(error)
        try:
            pause = as_number(self._policy.backoff(failures)) if asked is None else asked
        except BaseException as broken:  # noqa: BLE001 (the job has to go on although its back-off function has a bug)
            log.warning("the back-off of '%s' raised %s; the default one is used", self._job.type, describe(broken))
            return _DEFAULT_BACKOFF(failures)
        if pause is None or not math.isfinite(pause):
            log.warning("the back-off of '%s' gave no number of seconds; the default one is used", self._job.type)
            return _DEFAULT_BACKOFF(failures)
        return min(max(pause, 0.0), LONGEST)

    def _failure_text(self, ending: Ending) -> str:
        abandoned = _abandoned(ending) if isinstance(ending, Abandoned) else ""
        if self._stop is StopReason.TIMEOUT:
            return f"The job ran longer than its timeout. {abandoned}".rstrip()
        return describe(ending.error, self._redact) if isinstance(ending, Raised) else abandoned

    def _move(
        self,
        event: Event,
        *,
        result: str | None = None,
        error: str | None = None,
        message: str | None = None,
        run_at: int | None = None,
        failures: int | None = None,
        orphans: int | None = None,
        children: tuple[str, ...] = (),
    ) -> Transition:
        failures = self._job.failures if failures is None else failures
        orphans = self._job.orphans if orphans is None else orphans
        status = next_status(Status.RUNNING, event)
        return Transition(event, status, self._now, result, error, message, run_at, failures, orphans, children)


def describe(error: BaseException, redact: Redact = as_it_is) -> str:
    """One bounded text for any exception, hostile ones included (``__str__`` that raises, surrogates, megabytes).

    Of a group: the texts of the exceptions in it; stops only if there is nothing else. ``redact`` hides the secrets in
    what is too long, before it is cut; those of a short text are still in it.
    """
    leaves = _leaves(error)
    named = [leaf for leaf in leaves if not _is_stop(leaf)] or leaves[:1]
    text = ", ".join(dict.fromkeys(_describe(leaf, redact) for leaf in named[:_MOST_NAMED]))
    text = shortened(text, _MAX_ERROR + _MAX_NAME + 2, redact)
    return f"{text}, and {more} more" if (more := len(named) - _MOST_NAMED) > 0 else text


def _describe(error: BaseException, redact: Redact) -> str:
    name = payload.name_of(type(error))[:_MAX_NAME]
    if _is_stop(error):
        return f"{name}: the handler stopped itself although nobody had asked it to."
    try:
        text = str.__str__(str(error))  # a subclass of str might lie
    except BaseException as broken:  # noqa: BLE001 (a handler's exception may do anything; the job still needs a text)
        text = f"(its text cannot be had: {payload.name_of(type(broken))})"
    text = shortened(text, _MAX_ERROR, redact).replace("\0", "\\0").encode(errors="backslashreplace").decode()
    if _is_a(error, Fail, Retry, ChildFailed) and text:
        return text
    return f"{name}: {text}" if text else name


def is_stop(error: BaseException) -> bool:
    """Whether it is the exception of a handler that stops, rather than fails; of a group: whether all in it are."""
    return all(map(_is_stop, _leaves(error)))


def is_final(error: BaseException) -> bool:
    """Whether a handler raised `Fail`, alone or in a group."""
    return any(_is_a(leaf, Fail) for leaf in _leaves(error))


def pause_asked(error: BaseException) -> float | None:
    """The seconds that a handler's `Retry` asks for, of several the most; NaN: that is no number, None: no `Retry`."""
    asked = [_seconds(leaf) for leaf in _leaves(error) if _is_retry(leaf)]
    pauses = [pause for pause in asked if pause is not None]
    return max(pauses, key=lambda pause: (math.isfinite(pause), pause), default=None)


def waiting_in(error: BaseException) -> Waiting | None:
    """The wish to wait that a handler raised, alone or (out of a task group) in a group of nothing else."""
    leaves = _leaves(error)
    wishes = [leaf for leaf in leaves if _is_wish(leaf)]
    return wishes[0] if len(wishes) == len(leaves) else None


def _leaves(error: BaseException) -> list[BaseException]:
    """The exceptions in a group and in the groups in it, each once, in their order; of any other one itself."""
    found: list[BaseException] = []
    seen: set[int] = set()
    left = [error]
    while left:
        each = left.pop()
        if id(each) in seen:  # else few groups could hold billions
            continue
        seen.add(id(each))
        if _is_a(each, BaseExceptionGroup):
            left += reversed(_inside(each))
        else:
            found.append(each)
    return found


def _inside(group: BaseException) -> tuple[BaseException, ...]:
    # As the base class has it: a subclass may have another `exceptions`, or a `split()` that does anything.
    inside: tuple[BaseException, ...] = BaseExceptionGroup.__dict__["exceptions"].__get__(group)
    return inside


def _seconds(retry: Retry) -> float | None:
    try:
        return None if retry.after is None else float(retry.after)
    except BaseException:  # noqa: BLE001 (a handler's own number may do anything)
        return math.nan


def _is_stop(error: BaseException) -> bool:
    # By name, since asyncio and concurrent.futures each have a CancelledError.
    return payload.name_of(type(error)) in ("CancelledError", "Stopped") or _is_wish(error)


def _is_a(error: BaseException, *kinds: type[BaseException]) -> bool:
    # Not isinstance, which asks the exception for its __class__: that may be a property, and do anything.
    return issubclass(type(error), kinds)


def _is_retry(error: BaseException) -> TypeGuard[Retry]:
    return _is_a(error, Retry)


def _is_wish(error: BaseException) -> TypeGuard[Waiting]:
    return _is_a(error, Waiting)


def _abandoned(ending: Abandoned) -> str:
    return f"The handler did not stop within {ending.grace:g} s, so its slot was written off; it may still be running."
