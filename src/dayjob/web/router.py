"""`jobs_router`: REST and WebSocket of one queue as a FastAPI router, which also starts and stops the queue."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, WebSocket
from fastapi.exceptions import WebSocketRequestValidationError
from starlette.exceptions import HTTPException  # the base class of FastAPI's: both are raised
from starlette.requests import HTTPConnection
from starlette.websockets import WebSocketState

from ..errors import QueueNotRunning, StorageError
from ..job_queue import JobQueue
from ..models import AttemptRecord, JobStatus
from ..processes import Process
from ..states import Status
from ..stats import Stats
from .access import Authorization, Authorizer, Owner, OwnJobs
from .job_filter import JobFilter
from .jobs import cancel_job, create_job, get_attempts, get_job, get_logs, list_jobs, retry_job
from .overview import get_stats, list_types, list_workers
from .pages import Pages
from .problems import ProblemRoute, only_known_parameters
from .router_context import Authorized, JobId, Manager, RouterContext
from .schedules import list_schedules, pause_schedule, resume_schedule, run_schedule
from .schemas import JobPage, LogPage, Problem, ScheduleDocument, TypeDocument
from .security import check_auth
from .token import LOGIN_PATH, Token
from .websocket import BAD_MESSAGE, SocketLimits, WebSocketManager

MAX_BODY = 1024 * 1024  # bytes
_PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {"model": Problem, "content": {"application/problem+json": {}}}
    for code in (400, 401, 403, 404, 409, 413, 415, 421, 422, 429, 503, 507)
}
_ENDED: dict[int | str, dict[str, Any]] = {
    200: {"model": JobStatus, "description": "It was active already (unique type), or has ended (Prefer: wait)"}
}
_ACTIVE: dict[int | str, dict[str, Any]] = {
    200: {"model": JobStatus, "description": "One with the same unique key is active already"}
}
_STOPPING: dict[int | str, dict[str, Any]] = {202: {"model": JobStatus, "description": "It is being stopped"}}
_TRY_AGAIN_LATER = 1013
_CLOSE_CODES = {401: 4401, 403: 4403, 404: 4404, 429: 4429}


def jobs_router(
    queue: JobQueue,
    *,
    auth: Callable[..., Any],
    owner: Owner | None = None,
    authorize: Authorizer | OwnJobs | None = None,
    tags: list[str] | None = None,
    max_body: int = MAX_BODY,
    sockets: SocketLimits | None = None,
) -> APIRouter:
    """Everything of ``queue`` for an app: ``app.include_router(jobs_router(queue, auth=LocalOnly()), prefix="/jobs")``.

    The queue starts and stops with the app. ``auth`` decides who comes in: a FastAPI dependency over
    ``HTTPConnection`` that returns a principal or raises ``HTTPException(401)`` or ``(403)``; it guards the routes and
    the sockets. There is no default: a job API runs code. ``owner(principal)`` says whose the jobs are that a principal
    adds (a text, or None: nobody's). ``authorize`` decides what each principal may do: `OwnJobs`, or a function
    ``authorize(principal, action, what) -> bool`` (see `Authorizer`); without it whoever comes in may do everything.
    ``max_body`` is in bytes; ``sockets`` bounds how many are open (default: `SocketLimits()`).
    Raises `TypeError` for an ``auth`` that sockets cannot use, or an ``owner`` or ``authorize`` that cannot be asked.
    """
    check_auth(auth)
    authorization = Authorization(authorize, owner)
    authorization.check()
    queue.starts_with_app = True
    manager = WebSocketManager(queue, sockets, limited=authorize is not None)
    context = RouterContext(queue, manager, authorization, max_body)
    router = APIRouter(
        route_class=ProblemRoute,
        lifespan=context.lifespan,
        dependencies=[
            Depends(_send_close_codes),
            Depends(context.bind),
            Depends(_remember_principal(auth)),
            Depends(only_known_parameters),  # only who may come in is told what there is
        ],
        tags=list(tags or ["jobs"]),
        responses=_PROBLEMS,
    )
    pages = Pages()
    if isinstance(auth, Token):
        router.add_route(LOGIN_PATH, auth.login, methods=["GET", "POST"], include_in_schema=False)  # not behind auth
    pages.add_open(router)
    _add_routes(router, context, pages)
    return router


def _add_routes(router: APIRouter, context: RouterContext, pages: Pages) -> None:
    router.get("", response_model=JobPage, summary="List jobs, newest first")(list_jobs)
    router.websocket("/ws")(watch_all)
    # Words come before ids: `ids.RESERVED` has them all.
    router.get("/types", response_model=list[TypeDocument])(list_types)
    router.get("/stats", response_model=Stats)(get_stats)
    router.get("/workers", response_model=list[Process])(list_workers)
    router.get("/schedules", response_model=list[ScheduleDocument])(list_schedules)
    router.post("/schedules/{name}/run", status_code=202, response_model=JobStatus)(run_schedule)
    router.post("/schedules/{name}/pause", response_model=ScheduleDocument)(pause_schedule)
    router.post("/schedules/{name}/resume", response_model=ScheduleDocument)(resume_schedule)
    pages.add_to(router)
    create = router.post(
        "/{job_type}", status_code=202, response_model=JobStatus, responses=_ENDED, openapi_extra=context.mark
    )
    create(create_job)
    router.get("/{job_id}", response_model=JobStatus)(get_job)
    router.delete("/{job_id}", response_model=JobStatus, responses=_STOPPING)(cancel_job)
    router.post("/{job_id}/cancel", response_model=JobStatus, responses=_STOPPING)(cancel_job)
    router.post("/{job_id}/retry", status_code=202, response_model=JobStatus, responses=_ACTIVE)(retry_job)
    router.get("/{job_id}/logs", response_model=LogPage)(get_logs)
    router.get("/{job_id}/attempts", response_model=list[AttemptRecord])(get_attempts)
    router.websocket("/{job_id}/ws")(watch_job)


def _remember_principal(auth: Callable[..., Any]) -> Callable[..., Any]:
    """``auth`` as a dependency that remembers what it returned, for the routes that come after it."""

    async def principal(connection: HTTPConnection, who: Any = Depends(auth)) -> Any:  # noqa: B008 (auth is known here only)
        connection.scope["dayjob_principal"] = who
        return who

    return principal


async def _send_close_codes(connection: HTTPConnection) -> AsyncIterator[None]:
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
        await connection.close(*_close_reason(error))


def _close_reason(error: Exception) -> tuple[int, str]:
    """Close code and reason (at most 123 bytes, as the protocol has it)."""
    if isinstance(error, HTTPException):
        return _CLOSE_CODES.get(error.status_code, 4403), _shorten(str(error.detail))
    if isinstance(error, WebSocketRequestValidationError):
        return BAD_MESSAGE, "The query parameters do not fit."
    return _TRY_AGAIN_LATER, _shorten(str(error))


def _shorten(text: str) -> str:
    return text.encode(errors="replace")[:120].decode(errors="ignore")


async def watch_job(
    websocket: WebSocket, manager: Manager, access: Authorized, job_id: JobId, logs: bool = False
) -> None:
    """Everything about one job, from its state now to its end; with ``logs=1`` its log lines, too."""
    await manager.serve(websocket, job_id, logs=logs, access=access)


async def watch_all(
    websocket: WebSocket,
    manager: Manager,
    access: Authorized,
    status: Annotated[list[Status] | None, Query()] = None,
    type: Annotated[list[str] | None, Query(max_length=50)] = None,
) -> None:
    """Everything about all jobs, beginning with those that run."""
    await manager.serve(websocket, None, JobFilter(frozenset(status or ()), frozenset(type or ())), access=access)
