"""What dayjob itself logs. A log handler of the app, or a closed ``sys.stderr``, may raise: never into a queue."""

from __future__ import annotations

import contextlib
import logging
from typing import Any


class OwnLog(logging.LoggerAdapter[logging.Logger]):
    """A logger whose calls never raise: a line is lost then, but no job, no slot and no event loop."""

    def log(self, level: int, msg: object, *args: object, **kwargs: Any) -> None:
        """Log with a numeric ``level``."""
        kwargs["stacklevel"] = kwargs.get("stacklevel", 1) + 1  # the caller is who logs, not this file
        with contextlib.suppress(Exception):  # there is nowhere to tell it
            super().log(level, msg, *args, **kwargs)


def own_log(name: str) -> OwnLog:
    """The logger ``name`` for dayjob's own use.

    >>> own_log("dayjob.example").warning("%d jobs", 3)
    """
    return OwnLog(logging.getLogger(name), {})
