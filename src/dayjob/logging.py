"""For the log of an app: a formatter whose lines can be trusted, whoever wrote what is in them."""

from __future__ import annotations

import logging

from .logger import escaped

__all__ = ["LineFormatter"]


class LineFormatter(logging.Formatter):
    """Lines of a log without what could move a cursor; further lines, as of a traceback, are indented.

    So none of them can pass for another line of the log, whoever wrote what is logged.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The record as text."""
        return "\n    ".join(map(escaped, super().format(record).split("\n")))
