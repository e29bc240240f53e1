"""`jobs_router`: REST and WebSocket of one queue as a FastAPI router, which also starts and stops the queue."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Query, Request, Response, WebSocket
from fastapi.exceptions import WebSocketRequestValidationError
from pydantic import AwareDatetime
from starlette.exceptions import HTTPException  # the base class of FastAPI's: both are raised
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.types import Scope
from starlette.websockets import WebSocketState

from .. import payload
from ..errors import JobFinished, JobNotFound, MalformedJSON, QueueNotRunning, StorageError
from ..job_queue import JobQueue
from ..models import JobStatus
from ..request import LONGEST_KEY, JobRequest
from ..states import Status
from .prefer import until_ended, wanted_wait
from .problems import BodyTooLarge, ProblemRoute, UnsupportedMediaType
from .schedules import ScheduleRoutes
from .schemas import JobPage, LogPage, Problem, job_json, summarize
from .security import check_auth
from .websocket import BAD_MESSAGE, JobFilter, WebSocketManager

_MAX_BODY = 1024 * 1024  # bytes
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "content": {"application/problem+json": {}}}
    for code in (400, 404, 409, 413, 415, 422, 503)
}
_TRY_AGAIN_LATER = 1013
_CLOSE_CODES = {401: 4401, 403: 4403, 404: 4404, 429: 4429}


def jobs_router(queue: JobQueue, *, auth: Callable[..., Any], tags: list[str] | None = None) -> APIRouter:
    """Everything of ``queue`` for an app: ``app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")``.

    The queue starts and stops with the app. ``auth`` decides who comes in: a FastAPI dependency over
    ``HTTPConnection`` that returns a principal or raises ``HTTPException(401)`` or ``(403)``; it guards the routes and
    the sockets. There is no default: a job API runs code. Raises `TypeError` for an ``auth`` that sockets cannot use.
    """
    check_auth(auth)
    here = _Here(queue, WebSocketManager(queue))
    router = APIRouter(
        route_class=ProblemRoute,
        lifespan=here.lifespan,
        dependencies=[Depends(_close_codes), Depends(here.bind), Depends(_with_principal(auth))],
        tags=list(tags or ["jobs"]),
    )
    router.get("", response_model=JobPage, responses=_PROBLEMS, summary="List jobs, newest first")(list_jobs)
    router.websocket("/ws")(watch_all)
    ScheduleRoutes(queue).add_to(router, _PROBLEMS)
    router.post("/{job_type}", status_code=202, response_model=JobStatus, responses=_PROBLEMS)(create_job)
    router.get("/{job_id}", response_model=JobStatus, responses=_PROBLEMS)(get_job)
    router.delete("/{job_id}", response_model=JobStatus, responses=_PROBLEMS)(cancel_job)
    router.post("/{job_id}/cancel", response_model=JobStatus, responses=_PROBLEMS)(cancel_job)
    router.get("/{job_id}/logs", response_model=LogPage, responses=_PROBLEMS)(get_logs)
    router.websocket("/{job_id}/ws")(watch_job)
    return router


class _Here:
    """A queue and its sockets: what the routes of one router share."""

    def __init__(self, queue: JobQueue, manager: WebSocketManager) -> None:
        self.queue = queue
        self.manager = manager
        self._users = 0

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: FastAPI) -> AsyncIterator[dict[str, Any]]:
        """Runs the queue while the app runs. A router that is included twice is counted, not started twice."""
        async with self.queue:
            self.manager.start()
            self._users += 1
            try:
                yield {"dayjob": self}
            finally:
                self._users -= 1
                if not self._users:
                    self.manager.stop()

    async def bind(self, connection: HTTPConnection) -> None:
        """Lets `get_job_queue` find the queue of the router that the request came through."""
        connection.scope["dayjob"] = self


def get_job_queue(connection: HTTPConnection) -> JobQueue:
    """FastAPI dependency: the queue. In routes of your own it is that of the (last) router that your app includes."""
    return _here(connection).queue


def get_websocket_manager(connection: HTTPConnection) -> WebSocketManager:
    """FastAPI dependency: the sockets of the queue."""
    return _here(connection).manager


def _here(connection: HTTPConnection) -> _Here:
    here = connection.scope.get("dayjob") or connection.scope.get("state", {}).get("dayjob")
    if not isinstance(here, _Here):
        raise QueueNotRunning(
            "No job queue runs here: the lifespan of jobs_router was not started (a mounted sub-app?). "
            "Use `async with queue:` in the lifespan of the outer app, and pass the queue to your routes."
        )
    return here


def _with_principal(auth: Callable[..., Any]) -> Callable[..., Any]:
    """``auth`` as a dependency that remembers what it returned, for the routes that come after it."""

    async def principal(connection: HTTPConnection, who: Any = Depends(auth)) -> Any:  # noqa: B008 (auth is known here only)
        connection.scope["dayjob_principal"] = who
        return who

    return principal


def _scope(request: Request) -> str:
    """Whose idempotency keys are meant: principals with different names do not meet, those without a name do."""
    who = request.scope.get("dayjob_principal")
    name = getattr(who, "name", who)
    text = str(name) if isinstance(name, (str, int)) else ""
    return "http:" + hashlib.sha256(text.encode(errors="replace")).hexdigest()  # hashed: a name can be any text


async def _close_codes(connection: HTTPConnection) -> AsyncIterator[None]:
    """On sockets, turns errors of the dependencies after this one into close codes that browsers can see.

    They show a refusal before accept only as 1006, like a line that is down, and would try again for ever.
    """
    try:
        yield
    except (HTTPException, WebSocketRequestValidationError, QueueNotRunning, StorageError) as error:
        if not isinstance(connection, WebSocket):
            raise
        if connection.application_state is WebSocketState.CONNECTING:
            await connection.accept()
        await connection.close(*_farewell(error))


def _farewell(error: Exception) -> tuple[int, str]:
    """Close code and reason (at most 123 bytes, as the protocol has it)."""
    if isinstance(error, HTTPException):
        return _CLOSE_CODES.get(error.status_code, 4403), _short(str(error.detail))
    if isinstance(error, WebSocketRequestValidationError):
        return BAD_MESSAGE, "The query parameters do not fit."
    return _TRY_AGAIN_LATER, _short(str(error))


def _short(text: str) -> str:
    return text.encode(errors="replace")[:120].decode(errors="ignore")


Queue = Annotated[JobQueue, Depends(get_job_queue)]
Manager = Annotated[WebSocketManager, Depends(get_websocket_manager)]
JobId = Annotated[str, Path(max_length=200)]


async def create_job(
    request: Request,
    queue: Queue,
    job_type: Annotated[str, Path(max_length=200)],
    priority: Annotated[int, Query(ge=-1000, le=1000)] = 0,
    delay: Annotated[float | None, Query(ge=0, le=315_360_000, allow_inf_nan=False)] = None,
    run_at: AwareDatetime | None = None,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=LONGEST_KEY)] = None,
    prefer: Annotated[str | None, Header(description="`wait=20`: answer when the job ended, at most 20 s")] = None,
) -> Response:
    """Queue a job of this type; the body is its arguments as a JSON object. 200 if it is unique and active already.

    An ``Idempotency-Key`` makes it safe to send the request again. ``Prefer: wait=20`` holds the answer until the job
    ended (then 200), for that many seconds at most, and never for more than 20.
    """
    queue.registry.get(job_type)  # an unknown type is told before the body is read
    args = await _arguments(request)
    wanted = JobRequest(job_type, args, priority=priority, delay=delay, run_at=run_at, idempotency_key=idempotency_key)
    accepted = await queue.accept(wanted, scope=_scope(request))
    job, headers = accepted.job, {"Location": _location(request.scope, accepted.job_id)}
    if accepted.replayed:
        headers["Idempotency-Replayed"] = "true"
    if seconds := wanted_wait(prefer):
        job = await until_ended(queue, job, request, seconds)
        headers["Preference-Applied"] = f"wait={seconds}"
    answered = (job.finished and seconds > 0) or not (accepted.created or accepted.replayed)
    return _json(job_json(job), 200 if answered else 202, headers)


async def get_job(request: Request, queue: Queue, job_id: JobId) -> Response:
    """A job as the database has it."""
    job = await _job(queue, job_id)
    etag = f'W/"{job.id}-{job.rev}"'
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers={"ETag": etag})
    return _json(job_json(job), 200, {"ETag": etag})


async def get_logs(
    queue: Queue,
    job_id: JobId,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> LogPage:
    """What the job logged, oldest first: the lines with a number above ``after``."""
    await _job(queue, job_id)
    lines = await queue.get_logs(job_id, after, limit)
    return LogPage(items=lines, next=lines[-1].seq if lines else after)


async def list_jobs(
    queue: Queue,
    status: Annotated[list[Status] | None, Query()] = None,
    type: Annotated[list[str] | None, Query(max_length=50)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    cursor: Annotated[str | None, Query(pattern=r"^\d{1,18}$")] = None,
    parent: Annotated[str | None, Query(max_length=200)] = None,
) -> JobPage:
    """Summaries, newest first. ``status`` and ``type`` may repeat; ``cursor`` is the ``next`` of a page.

    ``parent``: only the jobs that the job with this id added.
    """
    page = await queue.list_jobs(status or (), type or (), limit, None if cursor is None else int(cursor), parent)
    return JobPage(items=[summarize(job) for job in page.items], next=None if page.next is None else str(page.next))


async def cancel_job(queue: Queue, job_id: JobId) -> Response:
    """Cancel: 202 while it stops, 200 when it is cancelled, 409 when it ended otherwise."""
    await queue.cancel_job(job_id)
    job = await _job(queue, job_id)
    if job.status is Status.CANCELLED:
        return _json(job_json(job), 200)
    if job.finished:
        raise JobFinished(f"Job '{job_id}' is {job.status} already; it cannot be cancelled any more.")
    return _json(job_json(job), 202)


async def watch_job(websocket: WebSocket, manager: Manager, job_id: JobId, logs: bool = False) -> None:
    """Everything about one job, from its state now to its end; with ``logs=1`` its log lines, too."""
    await manager.serve(websocket, job_id, logs=logs)


async def watch_all(
    websocket: WebSocket,
    manager: Manager,
    status: Annotated[list[Status] | None, Query()] = None,
    type: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> None:
    """Everything about all jobs, beginning with those that run."""
    await manager.serve(websocket, None, JobFilter(frozenset(status or ()), frozenset(type or ())))


def _location(scope: Scope, job_id: str) -> str:
    """The path of a job as the client sees it, with what a proxy took away."""
    root, path = scope.get("root_path", ""), scope["path"].rpartition("/")[0]
    whole = path if path.startswith(root) else root + path
    return quote(f"{whole}/{job_id}", safe="/:")


def _matches(if_none_match: str, etag: str) -> bool:
    """Weak comparison, as RFC 9110 (13.1.2) asks for."""
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag.removeprefix("W/") in tags


async def _job(queue: JobQueue, job_id: str) -> JobStatus:
    job = await queue.get_job_status(job_id)
    if job is None:
        raise JobNotFound(f"There is no job '{job_id[:128]}'.")
    return job


async def _arguments(request: Request) -> dict[str, Any]:
    body = await _body(request)
    if not body:
        return {}
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise UnsupportedMediaType("Send the arguments as JSON, with Content-Type: application/json.")
    args = payload.parse(body)
    if not isinstance(args, dict):
        raise MalformedJSON("The arguments are a JSON object, as in {}.")
    payload.check(args, what="arguments", limit=payload.MAX_ARGS)
    return args


async def _body(request: Request) -> bytes:
    """The body, read no further than its limit."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_BODY:
                raise BodyTooLarge(f"The body is larger than {_MAX_BODY:,} bytes.")
    except ClientDisconnect:  # nobody will read this answer, but nobody made a mistake either
        raise HTTPException(400, "The body ended too early.") from None
    return bytes(body)


def _json(content: bytes, status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(content, status, headers, media_type="application/json")
