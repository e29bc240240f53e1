"""What a job logs while it runs: ``logging`` calls of its code become its lines.

A contextvar says whose code is running, so coroutines, their tasks, and the job's thread are told apart. One handler at
the root logger looks at it. The app's output stays as its levels say; but where only the root logger has a level, as
in an app that configured none, a job's log gets what is logged at INFO all the same (`_quietly`). `JobLogger`
(``ctx.log``) needs neither.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections import deque
from collections.abc import Callable, MutableMapping
from typing import Any

from .clock import now_micros
from .current import current_attempt
from .models import NewLines
from .redaction import Redact, as_it_is, shortened

MAX_LINE = 2000  # characters
_MOST_LINES = 1000  # that wait to be stored
_MOST_CHARACTERS = 256 * 1024  # in them
_WRITTEN = "_dayjob_written"  # marks a record whose line is in the job's log already

_formatter = logging.Formatter()


class JobLog:
    """The lines of one running attempt that are not stored yet. May be used from any thread.

    When there are too many the oldest are dropped, and counted. ``on_first`` is called, in the thread that logs,
    when a line comes into the empty log. ``redact`` hides the secrets in lines that are too long to be kept whole.
    """

    def __init__(self, on_first: Callable[[], None] = lambda: None, redact: Redact = as_it_is) -> None:
        self._on_first = on_first
        self._redact = redact
        self._lines: deque[tuple[int, str, str]] = deque()
        self._size = 0
        self._dropped = 0
        self._closed = False
        self._lock = threading.RLock()  # a destructor may log while we hold it

    def add(self, at: int, level: str, text: str) -> None:
        """Take in a line; ``at`` is in microseconds since 1970. After `close` nothing is taken in."""
        line = (at, _storable(level[:20]), _storable(shortened(text, MAX_LINE, self._redact)))
        with self._lock:
            if self._closed:
                return
            first = not self._lines
            self._lines.append(line)
            self._size += len(line[2])
            while len(self._lines) > _MOST_LINES or self._size > _MOST_CHARACTERS:
                self._size -= len(self._lines.popleft()[2])
                self._dropped += 1
        if first:
            self._on_first()

    def missed(self, dropped: int) -> None:
        """Count lines that were lost on their way."""
        with self._lock:
            self._dropped += dropped

    def take(self) -> NewLines:
        """The lines that came since the last call."""
        with self._lock:
            taken = NewLines(tuple(self._lines), self._dropped)
            self._lines.clear()
            self._size = self._dropped = 0
        return taken

    def close(self) -> NewLines:
        """The last lines. What a written-off handler logs later belongs to no attempt."""
        with self._lock:
            self._closed = True
            self._on_first, self._redact = _nothing, as_it_is  # which would keep the whole attempt, in a circle
        return self.take()


def _nothing() -> None:
    """Nobody is told any more."""


def _current_log() -> JobLog | None:
    attempt = current_attempt()
    return None if attempt is None else attempt.log


class JobLogger(logging.LoggerAdapter[Any]):
    """``ctx.log``: a logger whose every line reaches the job, whatever the app's levels let through elsewhere.

    ``lines`` is the job's log; without it, that of the code which logs.
    """

    def __init__(self, logger: logging.Logger, extra: dict[str, Any], lines: JobLog | None = None) -> None:
        super().__init__(logger, {**extra, _WRITTEN: True})
        self._lines = lines

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log with a numeric ``level``."""
        if (log := self._lines or _current_log()) is not None:
            error = kwargs.get("exc_info")
            record = self.logger.makeRecord(self.logger.name, level, "", 0, msg, args, _exc_info(error))
            _write(log, record)
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1  # the caller is the handler, not this file
        super().log(level, msg, *args, **kwargs)

    def process(self, msg: Any, kwargs: MutableMapping[str, Any]) -> tuple[Any, MutableMapping[str, Any]]:
        """Add the job's id and attempt to what the caller passes as ``extra``."""
        kwargs["extra"] = {**(kwargs.get("extra") or {}), **(self.extra or {})}
        return msg, kwargs


class _Capture(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        if current_attempt() is not None and not hasattr(record, _WRITTEN) and not _is_ours(record.name):
            _write(_current_log(), record)
        _as_without_us(record)


_capture = _Capture()
_users = 0
_changing = threading.Lock()
_replaced = False
_Logger: Any = logging.Logger
_is_enabled_for, _log = _Logger.isEnabledFor, _Logger._log


def start_capture() -> None:
    """Have `logging` pass records on to the jobs that make them. Starts are counted."""
    global _users
    with _changing:
        _users += 1
        if _users == 1:
            logging.getLogger().addHandler(_capture)
            _replace()


def stop_capture() -> None:
    """Undo one start."""
    global _users
    with _changing:
        _users -= 1
        if _users == 0:
            logging.getLogger().removeHandler(_capture)
            _put_back()


def _replace() -> None:
    global _replaced, _is_enabled_for, _log
    if not _replaced:
        _replaced = True
        _is_enabled_for, _log = _Logger.isEnabledFor, _Logger._log
        _Logger.isEnabledFor, _Logger._log = _is_enabled, _log_or_note


def _put_back() -> None:
    global _replaced
    # Who replaced them after us calls ours: then they stay, and do nothing where no job runs.
    if _Logger.isEnabledFor is _is_enabled and _Logger._log is _log_or_note:
        _Logger.isEnabledFor, _Logger._log = _is_enabled_for, _log
        _replaced = False


def _is_enabled(logger: logging.Logger, level: int) -> bool:
    """In place of `Logger.isEnabledFor`."""
    return _is_enabled_for(logger, level) or (level >= logging.INFO and _quietly(logger, level))


def _quietly(logger: logging.Logger, level: int) -> bool:
    """Whether a record that the app does not want goes into the log of the job which makes it.

    Not by a lower level of the root logger: that would let through what others log, to all handlers of the app.
    """
    if current_attempt() is None or logger.disabled or logger.manager.disable >= level or _is_ours(logger.name):
        return False
    named: logging.Logger | None = logger
    while named is not None and not named.level and named.propagate:
        named = named.parent
    return named is logger.root


def _log_or_note(logger: logging.Logger, level: int, msg: object, args: Any, *more: Any, **options: Any) -> None:
    """In place of `Logger._log`, which all log calls end in."""
    if _is_enabled_for(logger, level):
        options["stacklevel"] = options.get("stacklevel", 1) + 1  # the caller is not this file
        _log(logger, level, msg, args, *more, **options)
    elif (log := _current_log()) is not None and _WRITTEN not in (options.get("extra") or ()):
        error = more[0] if more else options.get("exc_info")
        record = logger.makeRecord(logger.name, level, "", 0, msg, args, _exc_info(error))
        if kept := logger.filter(record):
            _write(log, kept if isinstance(kept, logging.LogRecord) else record)  # type: ignore[redundant-expr]


def _as_without_us(record: logging.LogRecord) -> None:
    """Print warnings where nothing is configured: Python does so only if there is no handler, and we are one."""
    last = logging.lastResort
    if last is None or record.levelno < last.level:
        return
    logger: logging.Logger | None = logging.getLogger(record.name)
    while logger is not None:
        if any(handler is not _capture for handler in logger.handlers):
            return
        logger = logger.parent
    last.handle(record)


def _is_ours(name: str) -> bool:
    # Our own callbacks may run in a job's context; what they say is about the process, not from the job.
    return name != "dayjob.job" and (name == "dayjob" or name.startswith("dayjob."))


def _exc_info(error: Any) -> Any:
    if isinstance(error, BaseException):
        return type(error), error, error.__traceback__
    return error if isinstance(error, tuple) else sys.exc_info() if error else None


def _write(log: JobLog | None, record: logging.LogRecord) -> None:
    if log is not None:
        log.add(now_micros(), record.levelname, _text(record))


def _text(record: logging.LogRecord) -> str:
    # Not Formatter.format: it would leave its traceback in the record for the app's own formatters.
    try:
        text = record.getMessage()
        if record.exc_info and record.exc_info[0] is not None:
            text += "\n" + _formatter.formatException(record.exc_info)
    except Exception as error:  # noqa: BLE001 (arguments of a log call may do anything; the job goes on)
        said = record.msg if isinstance(record.msg, str) else type(record.msg).__name__
        text = f"{said} (it cannot be shown: {type(error).__name__})"
    return text


def _storable(text: str) -> str:
    return text.replace("\0", "\\0").encode(errors="backslashreplace").decode()
