"""What dayjob itself logs. A log handler of the app, or a closed ``sys.stderr``, may raise: never into a queue.

What comes from others (names, texts of exceptions) cannot move a terminal's cursor, or pass for another line.
"""

from __future__ import annotations

import contextlib
import logging
from typing import Any


class Logger(logging.LoggerAdapter[logging.Logger]):
    """A logger whose calls never raise: a line is lost then, but no job, no slot and no event loop."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log with a numeric ``level``."""
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1  # the caller is who logs, not this file
        if not self.isEnabledFor(level):
            return
        with contextlib.suppress(Exception):  # there is nowhere to tell it
            super().log(level, msg, *(_plain(each) for each in args), **kwargs)


def escaped(text: str) -> str:
    r"""``text`` with escapes in place of what cannot be printed: line ends, terminal codes, marks for the direction.

    >>> escaped("a\x1b[2J\nb")
    'a\\x1b[2J\\nb'
    """
    return text if text.isprintable() else "".join(c if c.isprintable() else _escape(c) for c in text)


def _escape(char: str) -> str:
    return char.encode("unicode_escape").decode()


def _plain(value: object) -> object:
    return value if isinstance(value, int | float) else escaped(str(value))


def logger(name: str) -> Logger:
    """The logger ``name`` for dayjob's own use.

    >>> logger("dayjob.example").warning("%d jobs", 3)
    """
    return Logger(logging.getLogger(name), {})
