"""The commands about single jobs: list, show, run, retry, cancel."""

from __future__ import annotations

import argparse
from typing import Any

from .. import payload
from ..errors import DayjobError, InvalidArguments
from ..models import JobStatus
from ..options import RUN_OPTIONS
from ..request import JobRequest
from ..states import Status
from ..terminal import printable
from .exits import FAILED, OK, Refused
from .follow import follow
from .output import members_of, notice, print_either, print_json, summary
from .reports import attempt_lines, job_lines, job_row
from .source import Source, find
from .target import source_of


async def list_jobs(options: argparse.Namespace) -> int:
    """``dayjob list``."""
    async with source_of(options) as source:
        parent = (await find(source, options.parent)).id if options.parent else None
        statuses = [Status(status) for status in options.status]
        jobs = await source.list_jobs(statuses, options.type, options.limit, parent, options.owner)
    filtered = options.status or options.type or options.parent or options.owner
    nothing = "No jobs match." if filtered else "No jobs."
    print_either([summary(job) for job in jobs], [job_row(job) for job in jobs] or [nothing], options)
    return OK


async def show(options: argparse.Namespace) -> int:
    """``dayjob show``."""
    async with source_of(options) as source:
        job = await find(source, options.id)
        attempts = await source.get_attempts(job.id)
        if job.status is Status.PENDING and await _is_unknown(source, job.type):
            notice(f"no worker knows the type '{job.type}'; the job waits until one does")
    print_either(members_of(job) | {"attempts": attempts}, [*job_lines(job), *attempt_lines(attempts)], options)
    return OK


async def _is_unknown(source: Source, job_type: str) -> bool:
    try:
        return job_type in (await source.stats()).unknown_types
    except Refused:  # who may see this job need not be allowed to see the numbers of all
        return False


async def run(options: argparse.Namespace) -> int:
    """``dayjob run``."""
    request = JobRequest(
        options.type,
        _arguments(options),
        options.id,
        idempotency_key=options.idempotency_key,
        **{name: value for name, value in vars(options).items() if name in RUN_OPTIONS},
    )
    # Where nobody knows a type there is nothing to be made, but an empty database in the wrong folder.
    create = options.app is not None or options.any_type
    async with source_of(options, create=create) as source:
        return await _tell_added(source, await source.create(request), options)


async def retry(options: argparse.Namespace) -> int:
    """``dayjob retry``."""
    async with source_of(options) as source:
        job = await find(source, options.id)
        return await _tell_added(source, await source.retry(job.id), options)


async def cancel(options: argparse.Namespace) -> int:
    """``dayjob cancel``."""
    async with source_of(options) as source:
        job = await source.cancel((await find(source, options.id)).id)
    print_either(job, [f"{job.id}: {'stopping' if job.status is Status.RUNNING else job.status}"], options)
    return OK if job.status in (Status.RUNNING, Status.CANCELLED) else FAILED


async def _tell_added(source: Source, job: JobStatus, options: argparse.Namespace) -> int:
    if options.watch:
        return await follow(source, job.id, options)
    if options.json:
        print_json(job)
    else:
        print(printable(job.id))
    return OK


def _arguments(options: argparse.Namespace) -> dict[str, Any]:
    args = payload.parse(options.args.encode(), "--args")
    if not isinstance(args, dict):
        raise InvalidArguments("--args is a JSON object, as in --args '{\"force\": true}'.")
    for pair in options.arg:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidArguments(f"--arg {pair} lacks a value; use --arg NAME=VALUE.")
        try:
            args[name] = payload.parse(value.encode())
        except DayjobError:
            args[name] = value
    return args
