"""What a principal may do: the app's own ``may=``, asked for every route, list row, socket and frame."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import Any, Literal

from fastapi import HTTPException

from ..models import JobStatus

log = logging.getLogger("dayjob.web")

Action = Literal["read", "create", "cancel", "retry", "admin"]
May = Callable[[Any, Action, JobStatus | str | None], bool]
"""``may(principal, action, what) -> bool``.

``principal`` is what ``auth`` returned. ``read``, ``cancel`` and ``retry`` are asked with the job (`JobStatus`),
``create`` with the name of the type, ``admin`` (pause, resume and run a schedule) with the schedule's name. ``read`` is
asked with None for what belongs to no job: numbers, processes, schedules. It is called very often, on the event loop:
it may not block, and is no coroutine. If it raises, the answer is no, and the error is logged.
"""


def read_only(_principal: Any, action: Action, _what: JobStatus | str | None) -> bool:
    """A ready-made ``may=``: look at everything, change nothing."""
    return action == "read"


def check_may(may: Any) -> None:
    """Raise `TypeError` for a ``may`` that cannot be asked."""
    if may is None:
        return
    if not callable(may):
        raise TypeError("may= is a function (principal, action, job_or_type) -> bool, such as dayjob.web.read_only.")
    called = getattr(may, "__call__", None)  # noqa: B004 (not whether it can be called, but what is)
    if inspect.iscoroutinefunction(may) or inspect.iscoroutinefunction(called):
        raise TypeError(
            "may= is asked for every frame of every socket, so it cannot be a coroutine function. "
            "Look up what it needs in auth=, and put it into the principal that auth= returns."
        )


class Access:
    """A principal, and what it may do."""

    def __init__(self, may: May | None, principal: Any) -> None:
        self._may = may
        self._principal = principal

    @property
    def unlimited(self) -> bool:
        """Whether nobody has to be asked."""
        return self._may is None

    def allows(self, action: Action, what: JobStatus | str | None = None) -> bool:
        """Whether the principal may do this."""
        if self._may is None:
            return True
        try:
            return self._may(self._principal, action, what) is True
        except Exception:  # the app's own function: its bug must not open the door, nor be a 500
            log.exception("may= failed at %s; the answer is no", action)
            return False

    def demand(self, action: Action, what: JobStatus | str | None = None) -> None:
        """Raise `HTTPException` (403) unless the principal may do this."""
        if not self.allows(action, what):
            raise HTTPException(403, f"You may not {_WORDS[action]}.")


_WORDS: dict[Action, str] = {
    "read": "see this",
    "create": "start jobs of this type",
    "cancel": "cancel this job",
    "retry": "run this job again",
    "admin": "change schedules",
}
