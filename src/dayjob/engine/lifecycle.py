"""What becomes of jobs, in the log of the process that runs them: the logger ``dayjob.jobs``.

Records carry ``job_id``, ``job_type`` and ``attempt``. Ends are logged when they are on disk, by who wrote them.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any

from .. import payload
from ..models import Failure, JobDefinition, JobType, Settlement
from ..repository import to_datetime
from ..states import Event
from ..terminal import duration, printable
from ..tracebacks import MAX_TRACEBACK, traceback_text

log = logging.getLogger("dayjob.jobs")

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
_traceback_of: Callable[[BaseException], TracebackType | None] = BaseException.__dict__["__traceback__"].__get__


class RemoteTraceback(Exception):
    """The traceback of an exception in a child process, as the cause of what is logged here; its text is its own."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def log_started(job: JobDefinition, job_type: JobType) -> None:
    """An attempt begins."""
    if log.isEnabledFor(job_type.log_level):
        _log(job_type.log_level, job, "job %s (%s) started, attempt %d", job.id, job.type, job.attempt)


def log_end(end: Settlement) -> None:
    """An attempt ended, and that is on disk."""
    level = _level(end)
    if log.isEnabledFor(level):
        text, *args = _SENTENCES[end.transition.event](end)
        _log(level, end.job, f"job %s (%s) {text}", end.job.id, end.job.type, *args, failure=end.failure)


def failure_of(error: BaseException, remote: str | None, text: str, redacted: Callable[[str], str]) -> Failure:
    """What an attempt failed with, without its secrets.

    ``remote`` is the traceback if ``error`` comes from a child process, ``text`` what is said about the error. The
    exception is the handler's own unless it would show a secret, or cannot be looked at: then another with its name.
    """
    raw = traceback_text(error)
    traceback = traceback_text(error, redacted) if remote is None else redacted(remote)
    # A long traceback was cut, and a secret may have been in what is left out.
    if raw is None or raw != redacted(raw) or len(raw.encode(errors="replace")) > MAX_TRACEBACK - 4:
        error = _named_alike(error, text)
    if remote is not None:
        error.__cause__ = RemoteTraceback(traceback)
    return Failure(error, traceback)


def _named_alike(error: BaseException, text: str) -> BaseException:
    name = payload.name_of(type(error))
    made: BaseException = type(name, (Exception,), {"__module__": "dayjob.redacted"})(text)
    return made.with_traceback(_traceback_of(error))


def _level(end: Settlement) -> int:
    event = end.transition.event
    if event is Event.RELEASE and end.report.started_at is None:
        return logging.DEBUG  # nothing was lost, or its process died, which is a line of its own
    return _LEVELS.get(event, end.log_level)


_LEVELS = {Event.FAIL: logging.ERROR, Event.RETRY: logging.WARNING, Event.CANCEL: logging.INFO}


def _say_completed(end: Settlement) -> tuple[Any, ...]:
    return "completed after %s", _took(end)


def _say_failed(end: Settlement) -> tuple[Any, ...]:
    return "failed in attempt %d: %s", end.job.attempt, printable(end.transition.error or "no reason was given")


def _say_retried(end: Settlement) -> tuple[Any, ...]:
    transition = end.transition
    again = transition.run_at or transition.now
    seconds, at = (again - transition.now) / 1_000_000, to_datetime(again)
    error = printable(transition.error or "no reason was given")
    text = "failed in attempt %d and runs again in %s, at %s: %s"
    return text, end.job.attempt, duration(seconds), f"{at:%Y-%m-%d %H:%M:%S} UTC", error


def _say_cancelled(end: Settlement) -> tuple[Any, ...]:
    error = end.transition.error
    return ("was cancelled: %s", printable(error)) if error else ("was cancelled",)


def _say_waits(end: Settlement) -> tuple[Any, ...]:
    return "waits for children (%d), which ends attempt %d", len(end.transition.children), end.job.attempt


def _say_released(end: Settlement) -> tuple[Any, ...]:
    return "was interrupted in attempt %d and runs again", end.job.attempt


_SENTENCES: dict[Event, Callable[[Settlement], tuple[Any, ...]]] = {
    Event.COMPLETE: _say_completed,
    Event.FAIL: _say_failed,
    Event.RETRY: _say_retried,
    Event.CANCEL: _say_cancelled,
    Event.WAIT: _say_waits,
    Event.RELEASE: _say_released,
}


def _took(end: Settlement) -> str:
    started = end.report.started_at
    seconds = 0.0 if started is None else max(0, end.transition.now - started) / 1_000_000
    return f"{seconds:.3f} s" if seconds < 10 else duration(seconds)


def _log(level: int, job: JobDefinition, text: str, *args: object, failure: Failure | None = None) -> None:
    extra = {"job_id": job.id, "job_type": job.type, "attempt": job.attempt}
    with contextlib.suppress(Exception):  # as in `logger`: a log handler of the app may raise
        record = log.makeRecord(log.name, level, __file__, 0, text, args, _exc_info(failure), extra=extra)
        if failure is not None:
            # Beforehand: a formatter makes it from the exception else, with the frames of dayjob.
            record.exc_text = _printable_lines(failure.traceback) if failure.traceback else str(args[-1])
        log.handle(record)


def _exc_info(failure: Failure | None) -> _ExcInfo | None:
    if failure is None:
        return None
    error = failure.error
    return type(error), error, _traceback_of(error)


def _printable_lines(text: str) -> str:
    return "\n".join(map(printable, text.rstrip("\n").split("\n")))
