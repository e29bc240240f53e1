"""What a caller asks for: a job with its options, checked here before anything is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from . import payload
from .clock import now_micros
from .ids import check_name, uuid7
from .models import Idempotency, JobStatus, JobType, NewJob
from .options import LONGEST, LONGEST_KEY, RunOptions, invalid, mapping, text
from .repository import to_micros

_KEEP_KEYS = 24 * 3600 * 1_000_000  # microseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions(RunOptions):
    """How a job is to be run and told apart, beside its arguments; `JobQueue.enqueue` explains each."""

    job_id: str | None = None
    unique_key: str | None = None
    idempotency_key: str | None = None
    owner: str | None = None

    def __post_init__(self) -> None:
        RunOptions.__post_init__(self)  # by name: a class with slots is made twice, and `super()` means the first one
        if self.job_id is not None:
            check_name(self.job_id, "job id")
        if self.unique_key is not None:
            text("unique_key", self.unique_key)
        if self.idempotency_key is not None:
            text("idempotency_key", self.idempotency_key)
        checked_owner(self.owner)


@dataclass(frozen=True, slots=True)
class JobRequest(JobOptions):
    """One of many jobs for `JobQueue.enqueue_many`; the options are those of `JobQueue.enqueue`.

    Raises `InvalidOption`, and `InvalidName` for a ``job_id`` that cannot be one.

    >>> JobRequest("resize", {"width": 640}, priority=5).job_args
    {'width': 640}
    """

    job_type: str
    job_args: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        JobOptions.__post_init__(self)
        if type(self.job_args) is not dict:
            object.__setattr__(self, "job_args", mapping("job_args", self.job_args))


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
        unique_key=kind.unique_key(args) if unique is None else kind.keyed(unique),
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
        id=uuid7() if request.job_id is None else request.job_id,
        type=request.job_type,
        args=stored,
        created_at=now,
        run_at=_due(now, request),
        priority=request.priority,
        timeout=cast("float | None", request.timeout),  # as it was checked
        owner=request.owner,
        **of_type,
    )
    if request.idempotency_key is None:
        return new
    return new._replace(idempotency=_idempotency(new, request, request.idempotency_key, scope))


def _idempotency(new: NewJob, request: JobRequest, key: str, scope: str) -> Idempotency:
    if new.owner is not None:  # a scope has no spaces: nobody else's keys can be meant
        scope = f"{scope} {new.owner}"
    return Idempotency(scope, key, _fingerprint(new, request), new.created_at + _KEEP_KEYS)


def _fingerprint(new: NewJob, request: JobRequest) -> str:
    """What was asked for, as a hash. A delay counts as it was given: when it ends differs with every call."""
    run_at = None if request.run_at is None else to_micros(request.run_at)
    options = [request.job_id, request.priority, run_at, request.delay, request.unique_key]
    if request.timeout is not None:  # else as it was before there were timeouts: keys are kept over an update
        options.append(request.timeout)
    asked = [new.type, new.essential(new.args), options]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _due(now: int, request: JobRequest) -> int:
    if request.run_at is not None:
        due = max(now, to_micros(request.run_at))
        if due > now + LONGEST * 1_000_000:  # the last day of year 9999 would be a row that nobody can read
            raise invalid("run_at", request.run_at, "a time in the next ten years")
        return due
    return now if request.delay is None else now + int(cast("float", request.delay) * 1_000_000)


def checked_owner(owner: object) -> str | None:
    """Return an ``owner``, or None for nobody; else raise `InvalidOption`."""
    return None if owner is None else text("owner", owner)
