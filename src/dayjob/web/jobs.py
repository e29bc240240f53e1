"""The routes of jobs: start them, list them, look at them, cancel them, run them again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Depends, Header, Path, Query, Request, Response
from starlette.exceptions import HTTPException  # the base class of FastAPI's: both are raised
from starlette.requests import ClientDisconnect
from starlette.types import Scope

from .. import payload
from ..errors import DayjobError, InvalidArguments, JobFinished, JobNotFound, MalformedJSON
from ..job_queue import JobQueue
from ..masking import mask_attempts, mask_lines
from ..models import AttemptRecord, JobStatus
from ..options import LONGEST_KEY, RunOptions
from ..repository import Page
from ..request import JobRequest
from ..states import Status
from .access import Access, readable_page
from .prefer import parse_wait, wait_until_ended
from .problems import BodyTooLarge, UnsupportedMediaType
from .router_context import Authorized, JobId, Queue, get_router_context
from .run_options import read_run_options
from .schemas import LogPage, job_json, page_json


async def create_job(
    request: Request,
    queue: Queue,
    access: Authorized,
    job_type: Annotated[str, Path(max_length=200)],
    options: Annotated[RunOptions, Depends(read_run_options)],
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=LONGEST_KEY)] = None,
    prefer: Annotated[str | None, Header(description="`wait=20`: answer when the job ended, at most 20 s")] = None,
) -> Response:
    """Queue a job of this type; the body is its arguments as a JSON object. 200 if it is unique and active already.

    An ``Idempotency-Key`` makes it safe to send the request again. ``Prefer: wait=20`` holds the answer until the job
    ended (then 200), for that many seconds at most, and never for more than 20.
    """
    wanted = JobRequest(
        job_type,
        await _read_arguments(request),
        idempotency_key=idempotency_key,
        owner=access.owner,
        **options,
    )
    _demand_create(queue, access, wanted)
    accepted = await queue.accept(wanted, scope=_idempotency_scope(request, access))
    if not accepted.created:
        access.demand("read", accepted.status())  # the active job of a unique type may be somebody else's
    job, headers = accepted.status(), {"Location": _location(request.scope, accepted.job_id)}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    if (seconds := parse_wait(prefer)) and access.allows("read", job):
        job = await wait_until_ended(queue, job, request, seconds)
        headers["Preference-Applied"] = f"wait={seconds}"
    answered = (job.finished and seconds > 0) or not (accepted.created or accepted.replayed)
    return _json(job_json(queue, job), 200 if answered else 202, headers)


def _demand_create(queue: JobQueue, access: Access, wanted: JobRequest) -> None:
    """Ask with the arguments as the handler will get them; who may not is not told what is wrong with them, either."""
    if access.unlimited:
        return
    try:
        arguments = queue.registry.get(wanted.job_type).arguments
        sent = arguments.validate(wanted.job_args)
    except DayjobError:
        access.demand("create", wanted)
        raise
    left_out = {name: json.loads(default) for name, default in arguments.defaults.items()}
    access.demand("create", JobRequest(wanted.job_type, left_out | sent, **wanted.options))


async def get_job(request: Request, queue: Queue, access: Authorized, job_id: JobId) -> Response:
    """A job as the database has it, without its secrets."""
    job = await _find_readable(queue, access, job_id)
    etag = f'W/"{job.id}-{job.rev}"'
    return _not_modified(request, etag) or _json(job_json(queue, job), 200, {"ETag": etag})


async def get_logs(
    queue: Queue,
    access: Authorized,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> LogPage:
    """What the job logged, oldest first: the lines with a number above ``after``."""
    job = await _find_readable(queue, access, job_id)
    lines = await queue.get_logs(job_id, after, limit)
    return LogPage(
        items=mask_lines(job, lines, queue.registry.secret_arguments(job.type)), next=lines[-1].seq if lines else after
    )


async def get_attempts(queue: Queue, access: Authorized, job_id: JobId) -> list[AttemptRecord]:
    """The attempts of the job that ended, oldest first; with their tracebacks for who may see these."""
    job = await _find_readable(queue, access, job_id)
    attempts = mask_attempts(job, await queue.get_attempts(job_id), queue.registry.secret_arguments(job.type))
    if access.allows("traceback", job):
        return attempts
    return [replace(attempt, traceback=None) for attempt in attempts]


async def list_jobs(
    request: Request,
    queue: Queue,
    access: Authorized,
    status: Annotated[list[Status] | None, Query()] = None,
    type: Annotated[list[str] | None, Query(max_length=50)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
    parent: Annotated[str | None, Query(max_length=200)] = None,
    owner: Annotated[str | None, Query(min_length=1, max_length=LONGEST_KEY)] = None,
) -> Response:
    """Summaries, newest first. ``status`` and ``type`` may repeat; ``cursor`` is the ``next`` of a page.

    ``parent``: only the jobs that the job with this id added. ``owner``: only the jobs of this owner.
    """
    before = None if cursor is None else int(cursor)
    wanted = {"statuses": status or (), "types": type or (), "parent": parent}
    page = await readable_page(queue, access, limit, before, owner=owner, **wanted)
    etag = _page_etag(page)
    return _not_modified(request, etag) or _json(page_json(queue, page.items, page.next), 200, {"ETag": etag})


async def cancel_job(request: Request, queue: Queue, access: Authorized, job_id: JobId) -> Response:
    """Cancel: 202 while it stops, 200 when it is cancelled, 409 when it ended otherwise."""
    access.demand("cancel", await _find_readable(queue, access, job_id))
    await _refuse_arguments(request)
    await queue.cancel_job(job_id)
    job = await _find_readable(queue, access, job_id)
    if job.status is Status.CANCELLED:
        return _json(job_json(queue, job), 200)
    if job.finished:
        raise JobFinished(f"Job '{job_id}' is {job.status} already; it cannot be cancelled any more.")
    return _json(job_json(queue, job), 202)


async def retry_job(request: Request, queue: Queue, access: Authorized, job_id: JobId) -> Response:
    """Run a job that ended again: a new job with the same arguments, secret ones included. 409 while it is active.

    Where only one may be active at a time and one is, it is that one (200). To run it with other arguments, send them
    to the route of its type.
    """
    access.demand("retry", await _find_readable(queue, access, job_id))
    await _refuse_arguments(request)
    wanted = await queue.request_again(job_id)
    if access.only is not None:  # a child, or what the app added for this owner, can be of a type that is not for all
        _demand_create(queue, access, wanted)
    accepted = await queue.accept(wanted)
    if not accepted.created:
        access.demand("read", accepted.status())  # the active job may be somebody else's
    headers = {"Location": _location(request.scope, accepted.job_id, above=2)}
    return _json(job_json(queue, accepted.status()), 202 if accepted.created else 200, headers)


def _idempotency_scope(request: Request, access: Access) -> str:
    """Whose idempotency keys are meant: the owner's, which the request names. Where there is none, principals with
    different names do not meet, and those without a name do."""
    if access.owner is not None:
        return "http:"
    who = request.scope.get("dayjob_principal")
    name = getattr(who, "name", who)
    text = str(name) if isinstance(name, (str, int)) else ""
    return "http:" + hashlib.sha256(text.encode(errors="replace")).hexdigest()  # hashed: a name can be any text


def _location(scope: Scope, job_id: str, above: int = 1) -> str:
    """The path of a job as the client sees it, with what a proxy took away; we are so many levels below the jobs."""
    root, path = scope.get("root_path", ""), scope["path"].rsplit("/", above)[0]
    whole = path if path.startswith(root) else root + path
    return quote(f"{whole}/{job_id}", safe="/:")


def _page_etag(page: Page) -> str:
    versions = " ".join([*(f"{job.id}-{job.rev}" for job in page.items), str(page.next)])
    return f'W/"{hashlib.sha256(versions.encode()).hexdigest()[:32]}"'


def _not_modified(request: Request, etag: str) -> Response | None:
    """The answer to who has this version already."""
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return None


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison, as RFC 9110 (13.1.2) asks for."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


def _not_found(job_id: str) -> JobNotFound:
    return JobNotFound(f"There is no job '{job_id[:128]}'.")


async def _find_readable(queue: JobQueue, access: Access, job_id: str) -> JobStatus:
    """A job that the principal may not see is as unknown to it as one that never was: ids can be guessed."""
    job = await queue.get_job_status(job_id)
    if job is None or not access.allows("read", job):
        raise _not_found(job_id)
    return job


async def _refuse_arguments(request: Request) -> None:
    """Other pages can send forms, and nothing else, without asking: what comes with a type is JSON, and empty."""
    if request.headers.get("content-type") and _media_type(request) != "application/json":
        raise UnsupportedMediaType("Send no body, or {} with Content-Type: application/json.")
    if await _read_arguments(request):
        raise InvalidArguments("This takes no arguments; to run a job with other ones, send them to its type.")


async def _read_arguments(request: Request) -> dict[str, Any]:
    body = await _read_body(request)
    if not body:
        return {}
    if _media_type(request) != "application/json":
        raise UnsupportedMediaType("Send the arguments as JSON, with Content-Type: application/json.")
    args = payload.parse(body)
    if not isinstance(args, dict):
        raise MalformedJSON("The arguments are a JSON object, as in {}.")
    payload.check(args, what="arguments", limit=payload.MAX_ARGS)
    return args


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _read_body(request: Request) -> bytes:
    """The body, read no further than its limit."""
    body, longest = bytearray(), get_router_context(request).max_body
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > longest:
                raise BodyTooLarge(f"The body is larger than {longest:,} bytes.")
    except ClientDisconnect:  # nobody will read this answer, but nobody made a mistake either
        raise HTTPException(400, "The body ended too early.") from None
    return bytes(body)


def _json(content: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type="application/json")
