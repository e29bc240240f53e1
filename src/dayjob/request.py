"""What a caller asks for: a job with its options, checked here before anything is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from . import payload
from .clock import now_micros
from .errors import InvalidArguments
from .ids import check_name, uuid7
from .models import Idempotency, JobStatus, JobType, NewJob
from .repository import to_micros

LONGEST_KEY = 255  # characters of a unique key or an idempotency key
LONGEST_DELAY = 10 * 365 * 86_400  # seconds; also of a timeout
_KEEP_KEYS = 24 * 3600 * 1_000_000  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """How a job is to be run and told apart, beside its arguments; `JobQueue.enqueue` explains each."""

    job_id: str | None = None
    priority: int = 0
    run_at: datetime | None = None
    delay: float | None = None
    timeout: float | None = None
    unique_key: str | None = None
    idempotency_key: str | None = None
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class JobRequest(JobOptions):
    """One of many jobs for `JobQueue.enqueue_many`; the options are those of `JobQueue.enqueue`.

    >>> JobRequest("resize", {"width": 640}, priority=5).job_args
    {'width': 640}
    """

    job_type: str
    job_args: Mapping[str, Any] = field(default_factory=dict)


def new_job(kind: JobType, request: JobRequest, scope: str = "", max_pending: int | None = None) -> NewJob:
    """The job that ``request`` asks for, checked.

    ``scope`` is who uses its idempotency key (together with its owner, if there is one), ``max_pending`` how many jobs
    of all types may wait.

    Raises `InvalidArguments` and `InvalidName`.
    """
    args = kind.arguments.check(request.job_args)
    stored = payload.encode(args.stored, what="arguments", limit=payload.MAX_ARGS)
    unique = request.unique_key
    return _asked_for(
        request,
        stored,
        scope,
        max_attempts=kind.max_attempts,
        unique_key=kind.unique_key(args) if unique is None else kind.keyed(checked_key(unique, "unique_key")),
        concurrency_key=kind.concurrency_group(args),
        max_pending=kind.max_pending,
        max_pending_in_all=max_pending,
        defaults=kind.arguments.defaults,
    )


def again(job: JobStatus, unique_key: str | None) -> JobRequest:
    """The request for a job like this one, of the same owner; ``unique_key`` is the one that is stored with it.

    So what was to be active only once is not active twice because it was tried again.
    """
    key = None if unique_key is None else unique_key.removeprefix(f"{job.type} ")
    if key and len(key) > LONGEST_KEY:  # no caller gave it: its type makes it from the arguments, and will again
        key = None
    return JobRequest(
        job.type, job.args, priority=job.priority, timeout=job.timeout, unique_key=key or None, owner=job.owner
    )


def new_job_elsewhere(request: JobRequest) -> NewJob:
    """The job that ``request`` asks for, of a type that only other processes know: they check its arguments.

    They also know how often and how long it may be tried. Raises `InvalidArguments` and `InvalidName`.
    """
    check_name(request.job_type, "job type")
    stored = payload.encode(request.job_args, what="arguments", limit=payload.MAX_ARGS)
    unique_key = request.unique_key and f"{request.job_type} {request.unique_key}"
    return _asked_for(request, stored, unique_key=unique_key, max_attempts=0)


def _asked_for(request: JobRequest, stored: str, scope: str = "", **of_type: Any) -> NewJob:
    now = now_micros()
    new = NewJob(
        id=uuid7() if request.job_id is None else check_name(request.job_id, "job id"),
        type=request.job_type,
        args=stored,
        created_at=now,
        run_at=_due(now, request.run_at, request.delay),
        priority=_checked_priority(request.priority),
        timeout=_checked_timeout(request.timeout),
        owner=checked_owner(request.owner),
        **of_type,
    )
    if request.idempotency_key is None:
        return new
    return new._replace(idempotency=_idempotency(new, request, request.idempotency_key, scope))


def _idempotency(new: NewJob, request: JobRequest, key: str, scope: str) -> Idempotency:
    checked = checked_key(key, "idempotency_key")
    if new.owner is not None:  # a scope has no spaces: nobody else's keys can be meant
        scope = f"{scope} {new.owner}"
    return Idempotency(scope, checked, _fingerprint(new, request), new.created_at + _KEEP_KEYS)


def _fingerprint(new: NewJob, request: JobRequest) -> str:
    """What was asked for, as a hash. A delay counts as it was given: when it ends differs with every call."""
    run_at = None if request.run_at is None else to_micros(request.run_at)
    options = [request.job_id, request.priority, run_at, request.delay, request.unique_key]
    if request.timeout is not None:  # else as it was before there were timeouts: keys are kept over an update
        options.append(request.timeout)
    asked = [new.type, new.essential(new.args), options]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _due(now: int, run_at: Any, delay: Any) -> int:
    """Any: who calls without a type checker gets an answer, too."""
    if run_at is not None and delay is not None:
        raise InvalidArguments("Give run_at or delay, not both.")
    if run_at is not None:
        if not isinstance(run_at, datetime) or run_at.utcoffset() is None:
            raise InvalidArguments(f"run_at is {run_at!r}; use a datetime with a time zone, as datetime.now(UTC) is.")
        due = max(now, to_micros(run_at))
        if due > now + LONGEST_DELAY * 1_000_000:  # the last day of year 9999 would be a row that nobody can read
            raise InvalidArguments(f"run_at is {run_at.isoformat()}; use a time in the next ten years.")
        return due
    if delay is None:
        return now
    if not isinstance(delay, int | float) or not 0 <= delay <= LONGEST_DELAY:
        raise InvalidArguments(f"delay is {delay!r}; use 0 to ten years, in seconds.")
    return now + int(delay * 1_000_000)


def _checked_priority(priority: int) -> int:
    if type(priority) is not int or not -1000 <= priority <= 1000:
        raise InvalidArguments(f"priority is {priority!r}; use a whole number from -1000 (last) to 1000 (first).")
    return priority


def _checked_timeout(timeout: Any) -> float | None:
    if timeout is None:
        return None
    if type(timeout) not in (int, float) or not 0 < timeout <= LONGEST_DELAY:
        raise InvalidArguments(f"timeout is {timeout!r}; use more than 0 and at most ten years, in seconds.")
    return float(timeout)


def checked_owner(owner: object) -> str | None:
    """Return an ``owner``, or None for nobody; else raise `InvalidArguments`."""
    return None if owner is None else checked_key(owner, "owner")


def checked_key(key: object, what: str) -> str:
    """Return a ``key`` of 1 to 255 characters, else raise `InvalidArguments`."""
    if not isinstance(key, str) or not 1 <= len(key) <= LONGEST_KEY:
        raise InvalidArguments(f"{what} is not a text of 1 to {LONGEST_KEY} characters.")
    payload.check(key, what=what, limit=4 * LONGEST_KEY)
    return key
