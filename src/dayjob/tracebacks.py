"""Tracebacks as people need them: the job's own frames, bounded, whatever the exception does when it is looked at."""

from __future__ import annotations

import os
import traceback

from .redaction import Redact, as_it_is

MAX_TRACEBACK = 16 * 1024  # bytes
_HEAD = 4 * 1024  # bytes of a longer one that are kept from its beginning; the rest is its end
_MOST_FRAMES = 100  # of one exception: the last ones
_MOST_CAUSES = 20
_HERE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def traceback_text(error: BaseException, redact: Redact = as_it_is) -> str | None:
    """The traceback of ``error`` without the frames of dayjob, at most 16 KiB; None if it cannot be had.

    ``redact`` hides its secrets, before it is cut.
    """
    try:
        found = traceback.TracebackException.from_exception(error, limit=-_MOST_FRAMES)
        _clean(found, _MOST_CAUSES)
        return bounded(redact("".join(found.format())))
    except BaseException:  # noqa: BLE001 (a handler's exception may do anything; the job still ends, without a traceback)
        return None


def bounded(text: str) -> str:
    """``text`` in at most 16 KiB of UTF-8 without NUL; what is too much is taken from the middle."""
    data = text.replace("\0", "\\0").encode(errors="backslashreplace")
    if len(data) <= MAX_TRACEBACK:
        return data.decode()
    mark = "\n[...]\n"
    tail = data[len(data) - (MAX_TRACEBACK - _HEAD - len(mark)) :]
    return data[:_HEAD].decode(errors="ignore") + mark + tail.decode(errors="ignore")


def _clean(found: traceback.TracebackException, causes: int) -> None:
    found.stack[:] = [frame for frame in found.stack if not frame.filename.startswith(_HERE)]
    for other in (found.__cause__, found.__context__, *(getattr(found, "exceptions", None) or ())):
        if other is not None and causes:
            _clean(other, causes - 1)
    if not causes:
        found.__cause__ = found.__context__ = None
