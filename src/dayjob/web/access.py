"""What a principal may do: the app's own rules, asked for every route, list row, socket and frame."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from fastapi import HTTPException

from ..job_queue import JobQueue
from ..models import JobStatus
from ..repository import Page
from ..request import JobRequest, check_owner

log = logging.getLogger("dayjob.web")

_MOST_PAGES = 10  # that are read to fill one page with jobs that the principal may see

Action = Literal["read", "traceback", "create", "cancel", "retry", "admin"]
Resource = JobStatus | JobRequest | str | None
Authorizer = Callable[[Any, Action, Resource], bool]
"""``authorize(principal, action, resource) -> bool``.

``principal`` is what ``auth`` returned. ``read``, ``traceback`` (of its attempts), ``cancel`` and ``retry`` are asked
with the job (`JobStatus`); ``create`` with the whole request (`JobRequest`: type, arguments as JSON has them and with
the defaults of those that were left out, options, owner), and, for the list of types, with one that has no arguments;
``admin`` (pause, resume and run a schedule) with the schedule's name. ``read`` is asked with None for what belongs to
no job: numbers, processes, schedules. It is called very often, on the event loop: it may not block, and is no
coroutine. If it raises, the answer is no, and the error is logged.
"""
Owner = Callable[[Any], str | None]
"""``owner(principal) -> str | None``: whose the jobs are that this principal adds; None: nobody's. No coroutine."""


def read_only(_principal: Any, action: Action, _resource: Resource) -> bool:
    """A ready-made ``authorize=``: look at everything but tracebacks, change nothing."""
    return action == "read"


class OwnJobs:
    """A ready-made ``authorize=``: to each their own jobs; needs ``owner=`` beside it.

    ``jobs_router(queue, auth=signed_in, owner=lambda who: who.name, authorize=OwnJobs())``: a principal reads, cancels
    and runs again the jobs of its owner, and reads how many these are; of any other job it is told that there is none.
    Lists are restricted by the database, so their pages are full. Processes, schedules and tracebacks are for those of
    whom ``admin(principal)`` is true: they may do everything. ``create(principal, request)`` says who may start what,
    also again (default: everybody everything). Who has no owner and is no admin is refused.
    """

    def __init__(
        self,
        *,
        admin: Callable[[Any], bool] | None = None,
        create: Callable[[Any, JobRequest], bool] | None = None,
    ) -> None:
        if admin is not None:
            _check_function(admin, "admin= of OwnJobs", "(principal) -> bool, such as lambda who: who.is_staff")
        if create is not None:
            _check_function(create, "create= of OwnJobs", "(principal, request) -> bool")
        self._admin = admin
        self._create = create

    def of(self, owner: str) -> Authorizer:
        """The rule for principals of this owner that are no admins."""

        def authorize(principal: Any, action: Action, resource: Resource) -> bool:
            if isinstance(resource, JobRequest):
                return action == "create" and (self._create is None or self._create(principal, resource) is True)
            if not isinstance(resource, JobStatus) or resource.owner != owner:
                return False
            return action in ("read", "cancel", "retry")

        return authorize

    def is_admin(self, principal: Any) -> bool:
        """Whether this principal may do everything."""
        return self._admin is not None and self._admin(principal) is True


@dataclass(frozen=True, slots=True)
class Authorization:
    """What `jobs_router` was told: ``authorize`` (None: everybody may do everything) and ``owner``."""

    authorize: Authorizer | OwnJobs | None = None
    owner: Owner | None = None

    def check(self) -> None:
        """Raise `TypeError` for rules that cannot be asked."""
        if self.owner is not None:
            _check_function(self.owner, "owner=", "(principal) -> str | None, such as lambda who: who.name")
        if isinstance(self.authorize, OwnJobs):
            if self.owner is None:
                raise TypeError("authorize=OwnJobs() needs owner= beside it, such as owner=lambda who: who.name.")
        elif self.authorize is not None:
            _check_function(
                self.authorize, "authorize=", "(principal, action, resource) -> bool, such as dayjob.web.read_only"
            )

    def access(self, principal: Any) -> Access:
        """What this principal may do. Raises `HTTPException` (403) if it has no place in these rules."""
        try:
            owner = None if self.owner is None else check_owner(self.owner(principal))
            if not isinstance(self.authorize, OwnJobs):
                return Access(self.authorize, principal, owner)
            if self.authorize.is_admin(principal):
                return Access(None, principal, owner)
        except Exception as error:  # the app's own function: its bug must not open the door
            log.exception("owner= or admin= failed; nobody is let in by it")
            raise HTTPException(403, "It cannot be told what you may do here.") from error
        if owner is None:
            raise HTTPException(403, "You own no jobs here.")
        return Access(self.authorize.of(owner), principal, owner, only=owner)


class Access:
    """A principal, whose the jobs are that it adds (``owner``), and what it may do.

    ``only``: it can see the jobs of this owner and no others, so that nobody else's need to be read. None: ask of each.
    """

    def __init__(
        self, authorize: Authorizer | None, principal: Any, owner: str | None = None, only: str | None = None
    ) -> None:
        self.owner = owner
        self.only = only
        self._authorize = authorize
        self._principal = principal

    @property
    def unlimited(self) -> bool:
        """Whether nobody has to be asked."""
        return self._authorize is None

    def allows(self, action: Action, resource: Resource = None) -> bool:
        """Whether the principal may do this."""
        if self._authorize is None:
            return True
        try:
            return self._authorize(self._principal, action, resource) is True
        except Exception:  # the app's own function: its bug must not open the door, nor be a 500
            log.exception("authorize= failed at %s; the answer is no", action)
            return False

    def demand(self, action: Action, resource: Resource = None) -> None:
        """Raise `HTTPException` (403) unless the principal may do this."""
        if not self.allows(action, resource):
            raise HTTPException(403, f"You may not {_WORDS[action]}.")


async def readable_page(
    queue: JobQueue, access: Access, limit: int, before: int | None = None, *, owner: str | None = None, **wanted: Any
) -> Page:
    """`JobQueue.list_jobs` of what may be seen. Where each job has to be asked about, several are read to fill one."""
    if access.only is not None and owner not in (None, access.only):
        return Page([], None)
    found: list[JobStatus] = []
    for _ in range(1 if access.unlimited or access.only is not None else _MOST_PAGES):
        page = await queue.list_jobs(limit=limit - len(found), before=before, owner=access.only or owner, **wanted)
        found += [job for job in page.items if access.allows("read", job)]
        before = page.next
        if before is None or len(found) >= limit:
            break
    return Page(found, before)


_WORDS: dict[Action, str] = {
    "read": "see this",
    "traceback": "see tracebacks",
    "create": "start this job",
    "cancel": "cancel this job",
    "retry": "run this job again",
    "admin": "change schedules",
}


def _check_function(rule: Any, name: str, signature: str) -> None:
    """Raise `TypeError` unless ``rule`` can be called and answers at once."""
    if not callable(rule):
        raise TypeError(f"{name} is a function {signature}; this is {rule!r:.80}.")
    called = getattr(rule, "__call__", None)  # noqa: B004 (not whether it can be called, but what is)
    if inspect.iscoroutinefunction(rule) or inspect.iscoroutinefunction(called):
        raise TypeError(
            f"{name} is asked very often (authorize= for every frame of every socket), so it cannot be a coroutine "
            "function. Look up what it needs in auth=, and put it into the principal that auth= returns."
        )
