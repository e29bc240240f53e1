"""Errors as RFC 9457 problem documents, on our routes only. Here is the one map from error codes to HTTP statuses."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from http.client import responses
from typing import Any

from fastapi import Request, Response
from fastapi.dependencies.models import Dependant  # no public module
from fastapi.exceptions import RequestValidationError, WebSocketRequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException  # the base class of FastAPI's: both are raised
from starlette.requests import HTTPConnection
from starlette.types import Message, Receive, Scope, Send

from ..errors import DayjobError, InvalidArguments


class UnsupportedMediaType(DayjobError):
    """The body is not declared as JSON."""

    code = "unsupported_media_type"


class BodyTooLarge(DayjobError):
    """The body is larger than this API takes."""

    code = "body_too_large"


STATUSES: Mapping[str, int] = {
    "malformed_json": 400,
    "unknown_job_type": 404,
    "job_not_found": 404,
    "schedule_not_found": 404,
    "job_exists": 409,
    "job_finished": 409,
    "job_active": 409,
    "idempotency_conflict": 422,
    "payload_too_large": 413,
    "body_too_large": 413,
    "unsupported_media_type": 415,
    "invalid_arguments": 422,
    "invalid_option": 422,
    "invalid_payload": 422,
    "invalid_name": 422,
    "queue_full": 429,
    "invalid_schedule": 422,
    "cron_missing": 503,
    "queue_not_running": 503,
    "out_of_resources": 503,
    "part_failed": 503,
    "storage_error": 503,
    "storage_full": 507,
}
_RETRY_AFTER = "5"  # seconds, with every 429, 503 and 507


class ProblemRoute(APIRoute):
    """A route whose errors are problem documents, whatever raised them: the handler, a dependency, the validation.

    No cache keeps its answers, and no browser takes them for anything but what they say, unless they say otherwise.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def handle_with_problems(request: Request) -> Response:
            try:
                return await handle(request)
            except DayjobError as error:
                if error.code not in STATUSES:
                    raise
                return _dayjob_problem(error)
            except RequestValidationError as error:
                return problem(422, "invalid_parameters", "The request does not fit.", errors=_faults(error))
            except HTTPException as error:
                return problem(error.status_code, "refused", str(error.detail), headers=error.headers)

        return handle_with_problems

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As a route does, but a method that is not allowed here is a problem document, too."""
        send = _add_headers(send)
        if self.methods and scope["method"] not in self.methods:
            detail = f"This path does not take {scope['method'][:20]}."
            answer = problem(405, "method_not_allowed", detail, headers={"Allow": ", ".join(sorted(self.methods))})
            await answer(scope, receive, send)
        else:
            await super().handle(scope, receive, send)


def _add_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Cache-Control", "no-store")
            headers.setdefault("X-Content-Type-Options", "nosniff")
        await send(message)

    return sending


def _query_names(dependant: Dependant) -> Iterator[str]:
    yield from (field.alias for field in dependant.query_params)
    for below in dependant.dependencies:
        yield from _query_names(below)


async def only_known_parameters(connection: HTTPConnection) -> None:
    """A dependency: refuses query parameters that the route does not have. A typo must not mean "all"."""
    known = frozenset(_query_names(connection.scope["route"].dependant))
    taken = ", ".join(sorted(known)) or "none"
    faults = [
        {"loc": ("query", name), "msg": f"is not a parameter of this route (it takes: {taken})", "type": "unknown"}
        for name in sorted(connection.query_params.keys() - known)[:10]
    ]
    if faults and connection.scope["type"] == "websocket":
        raise WebSocketRequestValidationError(faults)
    if faults:
        raise RequestValidationError(faults)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """A problem document as a response."""
    document: dict[str, Any] = {
        "type": f"urn:dayjob:problem:{code}",
        "title": responses.get(status, "Refused"),  # an app's own auth may use statuses that nobody knows
        "status": status,
        "detail": detail,
        "code": code,
    }
    if errors:
        document["errors"] = list(errors)
    return JSONResponse(document, status, dict(headers or {}), media_type="application/problem+json")


def _dayjob_problem(error: DayjobError) -> JSONResponse:
    status = STATUSES[error.code]
    headers = {"Retry-After": _RETRY_AFTER} if status in (429, 503, 507) else {}
    faults = error.errors if isinstance(error, InvalidArguments) else ()
    return problem(
        status,
        error.code,
        str(error),
        errors=[{"pointer": fault.pointer, "detail": fault.detail} for fault in faults],
        headers=headers,
    )


def _faults(error: RequestValidationError) -> list[dict[str, str]]:
    """FastAPI's faults without the values that were sent: they may be secret, or not fit into JSON."""
    return [_fault(fault["loc"], str(fault["msg"])) for fault in error.errors()]


def _fault(loc: Sequence[str | int], detail: str) -> dict[str, str]:
    """``loc`` begins with where it was (query, path, header, body), then the name, then places in its value."""
    if loc and loc[0] == "body":
        pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in loc[1:])
        return {"pointer": pointer[:200], "detail": detail}
    return {"parameter": str(loc[1] if len(loc) > 1 else loc[0])[:100], "detail": detail}
