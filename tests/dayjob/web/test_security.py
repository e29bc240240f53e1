"""Who comes in: the decision as a table, and its main rows again with real requests and real sockets."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import Annotated, Any

import httpx2
import pytest
from fastapi import Depends, FastAPI, Header, HTTPException, Request, WebSocket
from fastapi.security import APIKeyHeader, HTTPBasic, HTTPBearer, OAuth2PasswordBearer
from starlette.requests import HTTPConnection
from tests.dayjob.web.support import Served, frame, handshake, raw_request, serve
from websockets.exceptions import ConnectionClosed, InvalidStatus

from dayjob import JobQueue
from dayjob.web import LocalOnly, Principal, insecure_open_to_everyone, jobs_router
from dayjob.web.security import AccessRule, RequestTarget, decide

PORT = 8000
HOSTS = frozenset({"127.0.0.1", "localhost", "[::1]", "jobs.example"})
HERE = f"127.0.0.1:{PORT}"


@dataclass(frozen=True)
class Row:
    """A request to http://127.0.0.1:8000 but for what is said here, and the status it is refused with (None: in)."""

    expected: int | None
    host: str | None = HERE
    origin: str | None = None
    site: str | None = None
    method: str = "POST"
    scheme: str = "http"
    peer: str | None = "127.0.0.1"
    port: int | None = PORT
    extra: tuple[str, str] | None = None

    def headers(self) -> dict[str, str]:
        named = {"host": self.host, "origin": self.origin, "sec-fetch-site": self.site}
        return {k: v for k, v in named.items() if v is not None} | dict([self.extra] if self.extra else [])


def names(expected: int | None, *hosts: str | None) -> list[Row]:
    return [Row(expected, host=host) for host in hosts]


HOST_ROWS = [
    *names(None, HERE, "localhost:8000", "[::1]:8000", "jobs.example:8000"),
    *names(421, "127.0.0.1", "localhost", "[::1]", "jobs.example"),
    *names(421, "127.0.0.1:8001", "localhost:80", "[::1]:80", "localhost:", "localhost:08000", "localhost:8000x"),
    *names(421, "evil.example", "evil.example:8000", "localhost.evil.com:8000", "127.0.0.1.evil.com:8000"),
    *names(421, "localhost.:8000", "127.0.0.1.:8000", "LOCALHOST:8000", "Localhost:8000", "sub.localhost:8000"),
    *names(421, "", None, " ", "user@localhost:8000", "localhost:8000@evil.com", "http://localhost:8000"),
    *names(421, "127.1:8000", "2130706433:8000", "0x7f000001:8000", "0.0.0.0:8000", "[::ffff:127.0.0.1]:8000"),
    *names(421, "::1:8000", "[::1", "localhost:8000, localhost:8000", "localhost:8000,evil.com", "localhost:8000\n"),
    *names(421, "localhost:None", "*", "*:8000", "evil-jobs.example:8000", "jobs.example.evil.com:8000"),
    Row(None, host="localhost", port=80),
    Row(None, host="localhost:80", port=80),
    Row(421, host="localhost:443", port=80),
    Row(None, host="localhost", port=443, scheme="https"),
    Row(421, host="localhost", port=80, scheme="https"),
    Row(None, host="localhost", port=80, scheme="ws", method="GET"),
]


def origins(expected: int | None, *all_origins: str, **more: Any) -> list[Row]:
    return [Row(expected, origin=origin, **more) for origin in all_origins]


ORIGIN_ROWS = [
    *origins(None, "http://127.0.0.1:8000", "http://localhost:8000", "http://[::1]:8000", "http://jobs.example:8000"),
    *origins(403, "null", "", "http://evil.example", "http://evil.example:8000", "http://localhost.evil.com:8000"),
    *origins(403, "http://localhost", "http://localhost:8001", "http://localhost:80", "https://localhost:8000"),
    *origins(
        403, "http://localhost:8000/", "http://localhost:8000.evil.com", "http://LOCALHOST:8000", "localhost:8000"
    ),
    *origins(403, "http://user@localhost:8000", "file://", "chrome-extension://abc", "ws://localhost:8000"),
    *origins(403, "http://evil.example", "null", "http://localhost:8001", method="GET"),
    *origins(403, "http://localhost:8000, http://evil.example", "http://localhost:8000 "),
    *origins(None, "http://localhost:8000", "http://127.0.0.1:8000", method="GET", scheme="ws"),
    *origins(403, "http://evil.example", "null", "", "ws://localhost:8000", method="GET", scheme="ws"),
    *origins(None, "https://localhost:8000", scheme="https"),
    *origins(403, "http://localhost:8000", scheme="https"),
    *origins(None, "https://localhost:8000", method="GET", scheme="wss"),
    *origins(None, "http://localhost", "http://localhost:80", host="localhost", port=80),
]

SITE_ROWS = [
    *(Row(None, site=site, method=method) for site in ("same-origin", "none") for method in ("GET", "POST", "DELETE")),
    *(
        Row(403, site=site, method=method)
        for site in ("cross-site", "same-site")
        for method in ("POST", "DELETE", "PUT")
    ),
    *(Row(None, site=site, method=method) for site in ("cross-site", "same-site") for method in ("GET", "HEAD")),
    *(Row(403, site=site) for site in ("Cross-Site", "cross-site, same-origin", "nonsense", "")),
    Row(403, site="cross-site", origin="http://localhost:8000"),
    Row(403, site="same-origin", origin="http://evil.example"),
]

PROXY_HEADERS = ("forwarded", "via", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto")
PROXY_ROWS = [
    *(Row(403, extra=(name, "127.0.0.1")) for name in (*PROXY_HEADERS, "x-forwarded-anything")),
    *(Row(403, extra=(name, ""), method="GET") for name in PROXY_HEADERS),
    Row(None, extra=("x-request-id", "1")),
]

PEER_ROWS = [
    *(Row(None, peer=peer) for peer in ("127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1")),
    *(
        Row(403, peer=peer)
        for peer in ("10.0.0.1", "192.168.1.5", "8.8.8.8", "0.0.0.0", "::", "fe80::1", "2001:db8::1")
    ),
    *(Row(403, peer=peer) for peer in (None, "", "garbage", "localhost", "127.0.0.1:80", "127.1", "::ffff:10.0.0.1")),
    *(Row(403, peer=peer) for peer in ("unix:", "testclient", "127.0.0.1, 8.8.8.8", "::127.0.0.1")),
    Row(421, port=None, host="localhost:8000"),
    Row(421, port=None, host="localhost:None"),
]

TABLE = [*HOST_ROWS, *ORIGIN_ROWS, *SITE_ROWS, *PROXY_ROWS, *PEER_ROWS]


@pytest.mark.parametrize("row", TABLE, ids=str)
def test_the_decision(row: Row) -> None:
    refusal = decide(row.headers(), row.peer, RequestTarget(row.method, row.scheme, row.port), AccessRule(hosts=HOSTS))
    assert (refusal.status if refusal else None) == row.expected
    assert refusal is None or refusal.reason


def test_the_table_is_large() -> None:
    assert len(TABLE) >= 100


# --- real requests ---


def request(port: int, *headers: str, line: str = "GET /jobs HTTP/1.1") -> bytes:
    return "\r\n".join([line, *(h.format(port=port) for h in headers), "Connection: close", "", ""]).encode("latin-1")


OWN = "Host: 127.0.0.1:{port}"
HTTP_ROWS = [
    (200, [OWN]),
    (200, ["Host: localhost:{port}", "Origin: http://localhost:{port}"]),
    (200, ["hOsT: 127.0.0.1:{port}"]),
    (421, ["Host: evil.example:{port}"]),
    (421, ["Host: localhost.evil.com:{port}"]),
    (421, ["Host: localhost"]),
    (421, ["Host: localhost.:{port}"]),
    (421, ["Host:"]),
    (421, ["Host: user@127.0.0.1:{port}"]),
    (403, [OWN, "Origin: http://evil.example"]),
    (403, [OWN, "Origin: null"]),
    (403, [OWN, "Origin: http://127.0.0.1:{port}", "Origin: http://evil.example"]),
    (403, [OWN, "X-Forwarded-For: 127.0.0.1"]),
    (403, [OWN, "X-FORWARDED-HOST: localhost"]),
    (403, [OWN, "Forwarded: for=127.0.0.1"]),
    (403, [OWN, "Via: 1.1 proxy"]),
    (403, [OWN, "X-Real-IP: 127.0.0.1"]),
    (200, [OWN, "Sec-Fetch-Site: cross-site"]),
]


@pytest.mark.parametrize(("status", "headers"), HTTP_ROWS)
async def test_http(server: Served, status: int, headers: list[str]) -> None:
    answer = await raw_request(server.port, request(server.port, *headers))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    if status != 200:
        assert b"application/problem+json" in answer
        assert b'"code":"refused"' in answer


async def test_two_hosts_are_refused(server: Served) -> None:
    for pair in ([OWN, "Host: evil.example"], ["Host: evil.example", OWN], [OWN, OWN]):
        answer = await raw_request(server.port, request(server.port, *pair))
        assert answer.split(b" ")[1] in (b"400", b"421")


async def test_an_absolute_uri_does_not_help(server: Served) -> None:
    own = f"GET http://127.0.0.1:{server.port}/jobs HTTP/1.1"
    evil = await raw_request(server.port, request(server.port, "Host: evil.example", line=own))
    assert evil.split(b" ")[1] in (b"400", b"404", b"421")
    other = await raw_request(server.port, request(server.port, OWN, line="GET http://evil.example/jobs HTTP/1.1"))
    assert b" 200 " not in other.splitlines()[0] or b'"items"' in other  # our own name asked: nobody was deceived


async def test_http_1_0_without_a_host_is_refused(server: Served) -> None:
    answer = await raw_request(server.port, b"GET /jobs HTTP/1.0\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
async def test_another_page_cannot_change_anything(client: httpx2.AsyncClient, queue: JobQueue, site: str) -> None:
    job_id = await queue.enqueue("echo", delay=60)
    calls = [("POST", "/jobs/echo"), ("DELETE", f"/jobs/{job_id}"), ("POST", f"/jobs/{job_id}/cancel")]
    for method, path in calls:
        for headers in ({"sec-fetch-site": site}, {"origin": "http://evil.example"}, {"origin": "null"}):
            answer = await client.request(method, path, headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (403, "refused")
    jobs = (await queue.list_jobs()).items
    assert [(job.id, job.status) for job in jobs] == [(job_id, "pending")]


async def test_no_cors_headers_invite_others(client: httpx2.AsyncClient, server: Served) -> None:
    for origin in (server.url, "http://evil.example"):
        answer = await client.get("/jobs", headers={"origin": origin})
        assert not [name for name in answer.headers if name.startswith("access-control")]


# --- real sockets ---

SOCKETS = ["/jobs/ws", "/jobs/known/ws", "/jobs/unknown/ws"]


@pytest.mark.parametrize("path", SOCKETS)
@pytest.mark.parametrize("headers", [headers for status, headers in HTTP_ROWS if status != 200])
async def test_a_socket_from_elsewhere_is_refused_before_accept(
    server: Served, queue: JobQueue, path: str, headers: list[str]
) -> None:
    await queue.enqueue("echo", job_id="known")
    answer = await raw_request(server.port, handshake(server.port, path, *headers))
    statuses = {400, 403} if len(headers) == 3 else {403}  # uvicorn itself refuses two Origins
    assert int(answer.split(b" ")[1]) in statuses


async def test_a_websocket_client_from_another_page_is_refused(server: Served) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await server.ws("/jobs/ws", origin="http://evil.example")
    assert refused.value.response.status_code == 403


async def test_a_socket_from_here_comes_in(server: Served, queue: JobQueue) -> None:
    job_id = await queue.enqueue("echo", delay=60)
    async with server.ws(f"/jobs/{job_id}/ws") as websocket:
        assert (await frame(websocket))["type"] == "status"
    async with server.ws(f"/jobs/{job_id}/ws", origin=server.url) as websocket:
        assert (await frame(websocket))["type"] == "status"


async def test_further_names_are_let_in_when_listed(queue: JobQueue) -> None:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=LocalOnly(hosts=["jobs.example"])), prefix="/jobs")
    async with serve(app) as server:
        named = await raw_request(server.port, request(server.port, "Host: jobs.example:{port}"))
        evil = await raw_request(server.port, request(server.port, "Host: evil.example:{port}"))
    assert named.startswith(b"HTTP/1.1 200 ")
    assert evil.startswith(b"HTTP/1.1 421 ")


# --- auth= ---


def test_without_auth_there_is_no_router(queue: JobQueue) -> None:
    with pytest.raises(TypeError, match="auth"):
        jobs_router(queue)  # type: ignore[call-arg]


@pytest.mark.parametrize("auth", [None, True, "secret", 5, Principal("me")])
def test_auth_has_to_be_callable(queue: JobQueue, auth: Any) -> None:
    with pytest.raises(TypeError, match="auth="):
        jobs_router(queue, auth=auth)


async def _wants_request(request: Request) -> None: ...


async def _wants_websocket(websocket: WebSocket) -> None: ...


async def _wants_it_below(user: Annotated[None, Depends(_wants_request)]) -> None: ...


async def _wants_it_far_below(user: Annotated[None, Depends(_wants_it_below)]) -> None: ...


class _WantsRequest:
    def __call__(self, request: Request) -> None: ...


REFUSED = [
    _wants_request,
    _wants_websocket,
    _wants_it_below,
    _wants_it_far_below,
    _WantsRequest(),
]
FASTAPIS_OWN = [HTTPBearer(), HTTPBasic(), OAuth2PasswordBearer("token"), APIKeyHeader(name="x-key")]


@pytest.mark.parametrize("auth", REFUSED)
def test_auth_that_sockets_cannot_use_is_refused(queue: JobQueue, auth: Any) -> None:
    with pytest.raises(TypeError, match="HTTPConnection") as refused:
        jobs_router(queue, auth=auth)
    assert "auth=" in str(refused.value)


@pytest.mark.parametrize("auth", FASTAPIS_OWN, ids=lambda auth: type(auth).__name__)
async def test_fastapis_own_classes_are_refused_or_guard_sockets_too(queue: JobQueue, auth: Any) -> None:
    """They asked for a Request for years, and for an HTTPConnection since."""

    def below(token: Any = Depends(auth)) -> Any:  # noqa: B008 (an annotation could not name a local variable)
        return token

    if "Request" in str(inspect.signature(type(auth).__call__)):
        for refused in (auth, below):
            with pytest.raises(TypeError, match="HTTPConnection"):
                jobs_router(queue, auth=refused)
        return
    for taken in (auth, below):
        async with serve(guarded(queue, taken)) as server:
            assert b" 401 " in (await raw_request(server.port, request(server.port, OWN))).splitlines()[0]
            assert await close_code(server, "/jobs/ws") == 4401


async def close_code(server: Served, path: str) -> int | None:
    async with server.ws(path) as websocket:
        with pytest.raises(ConnectionClosed):
            await frame(websocket)
    return websocket.close_code


class Guard:
    """Lets in who names the password; the others get ``status``."""

    def __init__(self, status: int) -> None:
        self.status = status

    async def __call__(self, connection: HTTPConnection) -> str:
        if connection.headers.get("authorization") != "Bearer right":
            raise HTTPException(self.status, "Say the word.", {"WWW-Authenticate": "Bearer"})
        return "me"


def _password(authorization: Annotated[str | None, Header()] = None) -> str | None:
    return authorization


def _guard_with_parts(connection: HTTPConnection, password: Annotated[str | None, Depends(_password)]) -> str:
    if password != "Bearer right":
        raise HTTPException(401, "Say the word.", {"WWW-Authenticate": "Bearer"})
    return "me"


async def _guard_that_cleans_up(connection: HTTPConnection) -> Any:
    if connection.headers.get("authorization") != "Bearer right":
        raise HTTPException(401, "Say the word.", {"WWW-Authenticate": "Bearer"})
    yield "me"


GUARDS = [(Guard(401), 401), (Guard(403), 403), (_guard_with_parts, 401), (_guard_that_cleans_up, 401)]
RIGHT = {"authorization": "Bearer right"}


def guarded(queue: JobQueue, auth: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=auth), prefix="/jobs")
    return app


@pytest.mark.parametrize(("auth", "status"), GUARDS)
async def test_ones_own_auth_on_every_route(queue: JobQueue, auth: Any, status: int) -> None:
    async with serve(guarded(queue, auth)) as server:
        job_id = await queue.enqueue("echo", delay=60)
        routes = [("GET", "/jobs"), ("POST", "/jobs/echo"), ("POST", "/jobs/nobody"), ("GET", f"/jobs/{job_id}")]
        routes += [("GET", "/jobs/nobody"), ("DELETE", f"/jobs/{job_id}"), ("POST", f"/jobs/{job_id}/cancel")]
        routes += [("GET", "/jobs?limit=-1"), ("POST", "/jobs/echo?delay=x")]
        async with server.client() as client:
            for method, path in routes:
                await _assert_refused(client, method, path, status)
            assert (await client.get(f"/jobs/{job_id}", headers=RIGHT)).json()["status"] == "pending"


async def _assert_refused(client: httpx2.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await client.request(method, path, headers={"authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["detail"]) == (status, "Say the word."), path
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("auth", "status"), GUARDS)
@pytest.mark.parametrize("path", ["/jobs/ws", "/jobs/known/ws", "/jobs/nobody/ws", "/jobs/ws?status=nonsense"])
async def test_ones_own_auth_on_sockets(queue: JobQueue, auth: Any, status: int, path: str) -> None:
    async with serve(guarded(queue, auth)) as server:
        await queue.enqueue("echo", job_id="known", delay=60)
        async with server.ws(path, additional_headers={"authorization": "Bearer wrong"}) as websocket:
            with pytest.raises(ConnectionClosed):
                await frame(websocket)
        assert (websocket.close_code, websocket.close_reason) == (4000 + status, "Say the word.")
        async with server.ws("/jobs/known/ws", additional_headers=RIGHT) as websocket:
            assert (await frame(websocket))["job"]["id"] == "known"


@pytest.mark.parametrize(("status", "close"), [(404, 4404), (429, 4429), (418, 4403), (499, 4403)])
async def test_other_refusals(queue: JobQueue, status: int, close: int) -> None:
    async with serve(guarded(queue, Guard(status))) as server:
        async with server.client() as client:
            await _assert_refused(client, "GET", "/jobs", status)
        assert await close_code(server, "/jobs/ws") == close


async def test_auth_that_breaks_lets_nobody_in(queue: JobQueue, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(connection: HTTPConnection) -> None:
        raise KeyError("a bug")

    async with serve(guarded(queue, broken)) as server:
        answer = await raw_request(server.port, request(server.port, OWN))
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"a bug" not in answer
        with pytest.raises(InvalidStatus):
            await server.ws("/jobs/ws")
    assert "a bug" in caplog.text


async def test_open_to_everyone_has_to_be_said(queue: JobQueue) -> None:
    async with serve(guarded(queue, insecure_open_to_everyone)) as server:
        answer = await raw_request(server.port, request(server.port, "Host: evil.example"))
        assert answer.startswith(b"HTTP/1.1 200 ")
        async with server.ws("/jobs/ws", origin="http://evil.example") as websocket:
            await websocket.ping()


async def test_a_long_reason_is_cut_for_sockets(queue: JobQueue) -> None:
    """A close frame holds 123 bytes, and not every character is one."""

    async def auth(connection: HTTPConnection) -> None:
        raise HTTPException(401, "Прошу: " + "Ж" * 200)

    async with serve(guarded(queue, auth)) as server:
        assert await close_code(server, "/jobs/ws") == 4401


@pytest.mark.parametrize("name", ["host", "origin"])
async def test_a_header_that_comes_twice_equals_nothing_that_is_allowed(name: str) -> None:
    """Asked directly, for servers that let two of them through (uvicorn does not)."""
    values = {"host": HERE, "origin": f"http://{HERE}"}
    headers = [
        (b"host", HERE.encode()),
        (name.encode(), b"http://evil.example"),
        (name.encode(), values[name].encode()),
    ]
    scope = {"type": "http", "method": "GET", "scheme": "http", "headers": headers}
    connection = HTTPConnection(scope | {"client": ("127.0.0.1", 5), "server": ("127.0.0.1", PORT)})
    with pytest.raises(HTTPException) as refused:
        await LocalOnly()(connection)
    assert refused.value.status_code in (403, 421)
