"""The demo as a web application: authentication, HTTP status codes and, on request, faults."""

import json
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import anyio
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from .library import Library
from .schema import NEW_VERSION, OLD_VERSION, Root, demo_schema

_MAX_KNOWN_DOCUMENTS = 64
_MAX_REQUEST_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class Faults:
    """What goes wrong, and how often; may be changed while the server runs.

    `latency` is in seconds for each request. Every `fail_every`-th request is answered 503, and at every
    `drop_every`-th one the connection breaks in the middle of the answer; 0 is never. `malformed_scene` is
    the id of a scene whose title is sent as a list.
    """

    latency: float = 0.0
    fail_every: int = 0
    drop_every: int = 0
    malformed_scene: int | None = None


class DemoStash:
    """A small Stash server over a made-up library; `app` is the ASGI application.

    With an `api_key`, requests without it are answered 401, and a wrong key 500 (v0.22.1) or 401 (newer).
    """

    def __init__(
        self,
        library: Library,
        *,
        api_key: str | None = None,
        version: str = OLD_VERSION,
        faults: Faults | None = None,
    ) -> None:
        self.library = library
        self.faults = faults or Faults()
        self.requests = 0
        self.app = Starlette(routes=[Route("/graphql", self._answer, methods=["POST"])])
        self._api_key = api_key
        self._wrong_key_status = 401 if version == NEW_VERSION else 500
        self._graphql = _GraphQL(demo_schema(version), Root(library, version))

    async def _answer(self, request: Request) -> Response:
        self.requests += 1
        turn = self.requests
        await anyio.sleep(self.faults.latency)
        if _is_turn(turn, self.faults.fail_every):
            return PlainTextResponse("Service Unavailable", 503)
        refusal = self._refusal(request.headers.get("ApiKey"))
        answer = refusal or self._graphql.answer(await _read_body(request), self.faults.malformed_scene)
        return _Truncated(answer) if _is_turn(turn, self.faults.drop_every) else answer

    def _refusal(self, sent_key: str | None) -> Response | None:
        if self._api_key is None or sent_key == self._api_key:
            return None
        if not sent_key:
            return Response(status_code=401)
        return PlainTextResponse("unauthorized", self._wrong_key_status)


class _GraphQL:
    """Executes requests; documents that were seen lately are parsed and validated only once."""

    def __init__(self, schema: GraphQLSchema, root: Root) -> None:
        self._schema = schema
        self._root = root
        self._known: OrderedDict[str, DocumentNode | list[GraphQLError]] = OrderedDict()

    def answer(self, body: bytes | None, malformed_scene: int | None) -> Response:
        request = None if body is None else _request(body)
        if request is None:
            return _Json(_failure("json request body could not be decoded"), 400)
        query, variables = request
        checked = self._parse_once(query)
        errors = checked if isinstance(checked, list) else self._variable_errors(checked, variables)
        if errors or isinstance(checked, list):
            return _Json({"errors": [_format_error(error) for error in errors], "data": None}, 422)
        result = execute_sync(self._schema, checked, self._root, variable_values=variables)
        return _Json(_format(result, malformed_scene))

    def _parse_once(self, query: str) -> DocumentNode | list[GraphQLError]:
        if query not in self._known:
            self._known[query] = self._parse(query)
        self._known.move_to_end(query)
        while len(self._known) > _MAX_KNOWN_DOCUMENTS:
            self._known.popitem(last=False)
        return self._known[query]

    def _parse(self, query: str) -> DocumentNode | list[GraphQLError]:
        try:
            document = parse(query, max_tokens=20_000)
        except GraphQLError as error:
            return [error]
        return validate(self._schema, document) or document

    def _variable_errors(self, document: DocumentNode, variables: dict[str, Any]) -> list[GraphQLError]:
        operation = get_operation_ast(document)
        if operation is None:
            return [GraphQLError("no operation provided")]
        found = get_variable_values(self._schema, operation.variable_definitions or (), variables)
        return found if isinstance(found, list) else []


class _Json(JSONResponse):
    """JSON in ASCII: escapes can carry any text, also one that is not valid Unicode."""

    def render(self, content: object) -> bytes:
        return json.dumps(content, separators=(",", ":")).encode("ascii")


class _Truncated(Response):
    """Promises the whole answer and sends half of it, so that the server closes the connection."""

    def __init__(self, whole: Response) -> None:
        super().__init__(bytes(whole.body), whole.status_code, media_type=whole.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        head = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
        await send(head)
        half = self.body[: len(self.body) // 2]
        await send({"type": "http.response.body", "body": half, "more_body": True})


def _is_turn(turn: int, every: int) -> bool:
    return every > 0 and turn % every == 0


async def _read_body(request: Request) -> bytes | None:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _MAX_REQUEST_BYTES:
                return None
    except ClientDisconnect:  # a client that is stopped leaves in the middle; nobody reads this answer
        return None
    return bytes(body)


def _request(body: bytes) -> tuple[str, dict[str, Any]] | None:
    """Query and variables; None for anything else, also for a list of requests, which Stash does not take."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(request, dict) or not isinstance(request.get("query"), str):
        return None
    variables = request.get("variables") or {}
    return (request["query"], variables) if isinstance(variables, dict) else None


def _failure(message: str) -> dict[str, object]:
    return {"errors": [{"message": message}], "data": None}


def _format_error(error: GraphQLError) -> dict[str, object]:
    kind = "PARSE" if isinstance(error, GraphQLSyntaxError) else "VALIDATION"
    message = error.message.replace("'", '"')  # as a real server quotes names
    return {**error.formatted, "message": message, "extensions": {"code": f"GRAPHQL_{kind}_FAILED"}}


def _format(result: ExecutionResult, malformed_scene: int | None) -> dict[str, object]:
    if malformed_scene is not None:
        _spoil((result.data or {}).get("findScenes"), str(malformed_scene))
    errors = [{"message": error.message, "path": error.path} for error in result.errors or ()]
    return {"errors": errors, "data": result.data} if errors else {"data": result.data}


def _spoil(found: Any, scene_id: str) -> None:
    for scene in (found or {}).get("scenes", ()):
        if scene.get("id") == scene_id and "title" in scene:
            scene["title"] = ["not", "a", "text"]
