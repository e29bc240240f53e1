"""What a caller asks for: a job with its options, checked here before anything is stored."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Unpack, cast

from . import payload
from .clock import now_micros
from .ids import check_name, uuid7
from .models import Idempotency, JobStatus, JobType, NewJob
from .options import JOB_OPTIONS, LONGEST, LONGEST_KEY, JobOptions, check_options, invalid, mapping, text
from .repository import to_micros

_KEEP_KEYS = 24 * 3600 * 1_000_000  # microseconds
# Options that are stored with the job as they were given, so that a job that is run again has them, too.
_KEPT = tuple(name for name in JOB_OPTIONS if name in NewJob._fields and name not in ("run_at", "unique_key"))


@dataclass(frozen=True, slots=True, init=False)
class JobRequest:
    """One of many jobs for `JobQueue.enqueue_many`; the options are those of `JobQueue.enqueue`.

    ``options`` has those that were given, and say something. Raises `InvalidOption`, and `InvalidName` for a ``job_id``
    that cannot be one.

    >>> JobRequest("resize", {"width": 640}, priority=5).options.get("priority", 0)
    5
    """

    job_type: str
    job_args: Mapping[str, Any]
    job_id: str | None
    options: JobOptions

    def __init__(
        self,
        job_type: str,
        job_args: Mapping[str, Any] | None = None,
        job_id: str | None = None,
        **options: Unpack[JobOptions],
    ) -> None:
        if job_id is not None:
            check_name(job_id, "job id")
        put = object.__setattr__  # it is frozen
        put(self, "job_type", job_type)
        put(self, "job_args", job_args if type(job_args) is dict else mapping("job_args", job_args))
        put(self, "job_id", job_id)
        put(self, "options", check_options(options, JOB_OPTIONS))


def new_job(job_type: JobType, request: JobRequest, scope: str = "", max_pending: int | None = None) -> NewJob:
    """The job that ``request`` asks for, checked.

    ``scope`` is who uses its idempotency key (together with its owner, if there is one), ``max_pending`` how many jobs
    of all types may wait.

    Raises `InvalidArguments` and `InvalidName`.
    """
    args = job_type.arguments.check(request.job_args)
    stored = payload.encode(args.stored, what="arguments", limit=payload.MAX_ARGS)
    unique = request.options.get("unique_key")
    return _build(
        request,
        stored,
        scope,
        max_attempts=job_type.max_attempts,
        unique_key=job_type.unique_key(args) if unique is None else job_type.own_key(unique),
        concurrency_key=job_type.concurrency_group(args),
        max_pending=job_type.max_pending,
        max_pending_in_all=max_pending,
        defaults=job_type.arguments.defaults,
    )


def again(job: JobStatus, unique_key: str | None) -> JobRequest:
    """The request for a job like this one, of the same owner; ``unique_key`` is the one that is stored with it.

    So what was to be active only once is not active twice because it was tried again.
    """
    key = None if unique_key is None else unique_key.removeprefix(f"{job.type} ")
    if key and len(key) > LONGEST_KEY:  # no caller gave it: its type makes it from the arguments, and will again
        key = None
    kept: dict[str, Any] = {name: getattr(job, name) for name in _KEPT}
    return JobRequest(job.type, job.args, unique_key=key or None, **kept)


def new_job_elsewhere(request: JobRequest) -> NewJob:
    """The job that ``request`` asks for, of a type that only other processes know: they check its arguments.

    They also know how often and how long it may be tried. Raises `InvalidArguments` and `InvalidName`.
    """
    check_name(request.job_type, "job type")
    stored = payload.encode(request.job_args, what="arguments", limit=payload.MAX_ARGS)
    unique = request.options.get("unique_key")
    unique_key = unique and f"{request.job_type} {unique}"
    return _build(request, stored, unique_key=unique_key, max_attempts=0)


def _build(request: JobRequest, stored: str, scope: str = "", **of_type: Any) -> NewJob:
    now, options = now_micros(), request.options
    kept: dict[str, Any] = {name: value for name, value in options.items() if name in _KEPT}
    new = NewJob(
        id=uuid7() if request.job_id is None else request.job_id,
        type=request.job_type,
        args=stored,
        created_at=now,
        run_at=_due(now, options),
        **kept,
        **of_type,
    )
    if (key := options.get("idempotency_key")) is None:
        return new
    return new._replace(idempotency=_idempotency(new, request, key, scope))


def _idempotency(new: NewJob, request: JobRequest, key: str, scope: str) -> Idempotency:
    if new.owner is not None:  # a scope has no spaces: nobody else's keys can be meant
        scope = f"{scope} {new.owner}"
    return Idempotency(scope, key, _fingerprint(new, request), new.created_at + _KEEP_KEYS)


def _fingerprint(new: NewJob, request: JobRequest) -> str:
    """What was asked for, as a hash. A delay counts as it was given: when it ends differs with every call.

    Options that were not given are not in it: so keys are kept over an update that brings new options.
    """
    options = {
        name: to_micros(value) if isinstance(value, datetime) else value
        for name, value in request.options.items()
        if name not in ("idempotency_key", "owner")
    }
    asked = [new.type, new.essential(new.args), request.job_id, options]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def _due(now: int, options: JobOptions) -> int:
    if (run_at := options.get("run_at")) is not None:
        due = max(now, to_micros(run_at))
        if due > now + LONGEST * 1_000_000:  # the last day of year 9999 would be a row that nobody can read
            raise invalid("run_at", run_at, "a time in the next ten years")
        return due
    delay = cast("float", options.get("delay", 0.0))  # as it was checked
    return now + int(delay * 1_000_000)


def check_owner(owner: object) -> str | None:
    """Return an ``owner``, or None for nobody; else raise `InvalidOption`."""
    return None if owner is None else text("owner", owner)
