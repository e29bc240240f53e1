"""Who comes in, with a token or without: where a request comes from and what it carries, over http and ws.

The right answers are written here as rules in the order in which a person would say them; they share no code with
``decide``. The same rows are asked of the pure function, and a choice of them of a real server.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from tests.dayjob.web.support import Served, handshake, raw_request, serve

from dayjob import JobQueue
from dayjob.web import LocalOnly, Token, jobs_router
from dayjob.web.security import AccessRule, Refusal, RequestTarget, decide, key_of, session_of
from dayjob.web.token import LOGIN_PATH

TOKEN = "the-right-token-of-this-test"
COOKIE = "dayjob_test"
PORT = 8000
OWN_HOSTS = ("127.0.0.1:8000", "localhost:8000", "[::1]:8000")
# What DNS rebinding, typing errors and attackers make of a name.
OTHER_HOSTS = ("evil.example:8000", "localhost.evil.example:8000", "127.0.0.1.evil.example:8000", "localhost")
OTHER_HOSTS += (
    "localhost.:8000",
    "LOCALHOST:8000",
    "a@localhost:8000",
    "127.0.0.1:80",
    "0.0.0.0:8000",
    "127.1:8000",
    "",
)
OWN_ORIGINS = ("http://127.0.0.1:8000", "http://localhost:8000")
OTHER_ORIGINS = ("http://evil.example", "null", "https://localhost:8000", "http://localhost:9000")
SITES = (None, "same-origin", "none", "same-site", "cross-site")
GOOD_BEARERS, BAD_BEARERS = (f"Bearer {TOKEN}", f"bearer {TOKEN}"), ("Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer ")
GOOD_COOKIE = f"other=1; {COOKIE}={session_of(key_of(TOKEN))}"
BAD_COOKIES = (
    f"{COOKIE}=wrong",
    f"{COOKIE}={TOKEN}",
    f"{COOKIE}=",
    "other=1",
    f"{COOKIE}x={session_of(key_of(TOKEN))}",
)


@dataclass(frozen=True)
class Row:
    """A request. ``kind`` is ``ws`` or the method of an http request."""

    kind: str = "GET"
    host: str = OWN_HOSTS[0]
    origin: str | None = None
    site: str | None = None
    cookie: str | None = None
    bearer: str | None = None
    peer: str = "127.0.0.1"
    proxy: bool = False

    @property
    def headers(self) -> dict[str, str]:
        pairs = {"host": self.host, "origin": self.origin, "sec-fetch-site": self.site, "cookie": self.cookie}
        pairs |= {"authorization": self.bearer, "x-forwarded-for": "127.0.0.1" if self.proxy else None}
        return {name: value for name, value in pairs.items() if value is not None}

    @property
    def target(self) -> RequestTarget:
        return RequestTarget("GET", "ws", PORT) if self.kind == "ws" else RequestTarget(self.kind, "http", PORT)


def comes_from_another_page(row: Row) -> bool:
    """Browsers say so with Origin; their Sec-Fetch-Site matters only for what changes something."""
    if row.origin is not None and row.origin not in OWN_ORIGINS:
        return True
    return row.kind in ("POST", "DELETE") and row.site in ("same-site", "cross-site")


def right_answer_locally(row: Row) -> int | None:
    if row.peer not in ("127.0.0.1", "::1") or row.proxy:
        return 403
    if row.host not in OWN_HOSTS:
        return 421
    return 403 if comes_from_another_page(row) else None


def right_answer_with_token(row: Row) -> int | None:
    if row.host not in OWN_HOSTS:
        return 421
    if row.bearer is not None:
        return None if row.bearer in GOOD_BEARERS else 401
    if row.cookie != GOOD_COOKIE:
        return 401
    return 403 if comes_from_another_page(row) else None


def rows() -> list[Row]:
    """Each part against each other part, and the full product of those that decide about browsers."""
    origins = (None, *OWN_ORIGINS, *OTHER_ORIGINS)
    product = [
        Row(kind, host, origin, site, cookie)
        for kind, host, origin, site, cookie in itertools.product(
            ("GET", "POST", "ws"), (OWN_HOSTS[0], OTHER_HOSTS[0]), origins, SITES, (None, GOOD_COOKIE, BAD_COOKIES[0])
        )
    ]
    for kind in ("GET", "POST", "DELETE", "ws"):
        product += [Row(kind, host, cookie=GOOD_COOKIE) for host in (*OWN_HOSTS, *OTHER_HOSTS)]
        product += [Row(kind, cookie=cookie) for cookie in BAD_COOKIES]
        for bearer in (*GOOD_BEARERS, *BAD_BEARERS):
            product += [Row(kind, bearer=bearer), Row(kind, bearer=bearer, cookie=GOOD_COOKIE)]
            product += [Row(kind, bearer=bearer, origin=OTHER_ORIGINS[0], site="cross-site")]
        for peer in ("127.0.0.1", "::1", "10.0.0.1", "8.8.8.8", "fe80::1", "testclient"):
            product += [Row(kind, peer=peer, cookie=GOOD_COOKIE), Row(kind, peer=peer, proxy=True)]
    return product


ROWS = rows()
LOCAL = AccessRule()
LOCKED = AccessRule(
    local=False, hosts=AccessRule().hosts, keys=(key_of("another-token-of-this-test"), key_of(TOKEN)), cookie=COOKIE
)


def test_the_table_is_large() -> None:
    assert len(set(ROWS)) >= 200
    for right in (right_answer_locally, right_answer_with_token):
        assert len({right(row) for row in ROWS}) >= 3  # of the answers that there are, none is missing


@pytest.mark.parametrize("kind", ["GET", "POST", "DELETE", "ws"])
def test_only_this_machine(kind: str) -> None:
    wrong = [
        (row, right_answer_locally(row))
        for row in ROWS
        if row.kind == kind and status_of(row, LOCAL) != right_answer_locally(row)
    ]
    assert wrong == []


@pytest.mark.parametrize("kind", ["GET", "POST", "DELETE", "ws"])
def test_only_with_the_token(kind: str) -> None:
    wrong = [
        (row, right_answer_with_token(row))
        for row in ROWS
        if row.kind == kind and status_of(row, LOCKED) != right_answer_with_token(row)
    ]
    assert wrong == []


def status_of(row: Row, rule: AccessRule) -> int | None:
    refusal: Refusal | None = decide(row.headers, row.peer, row.target, rule)
    return refusal.status if refusal else None


# --- the same over real connections ---


@pytest.fixture
async def locked(queue: JobQueue) -> AsyncIterator[tuple[Served, Token]]:
    token = Token(TOKEN, hosts=[])
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=token), prefix="/jobs")
    async with serve(app) as served:
        yield served, token


def over_the_wire(row: Row, port: int, cookie: str) -> list[str]:
    """The headers of a row as a client sends them to a server at this port."""
    return [
        f"{name}: {value.replace(f':{PORT}', f':{port}').replace(COOKIE, cookie)}"
        for name, value in row.headers.items()
    ]


REAL = [row for row in ROWS if row.peer == "127.0.0.1" and not row.proxy and row.kind in ("GET", "ws")][::7]


async def test_real_connections_get_the_same_answers(locked: tuple[Served, Token]) -> None:
    served, token = locked
    cookie = token._rule.cookie
    wrong = []
    for row in REAL:
        headers = over_the_wire(row, served.port, cookie)
        if row.kind == "ws":
            # Refused before accept, but for who could sign in: a browser sees the code of a close, not a status.
            right = {None: 101, 401: 101}.get(right_answer_with_token(row), 403)
            answer = await first_line(served.port, handshake(served.port, "/jobs/ws", *headers))
        else:
            right = right_answer_with_token(row) or 200
            request = "\r\n".join(["GET /jobs HTTP/1.1", *headers, "Connection: close", "", ""])
            answer = (await raw_request(served.port, request.encode()))[:12]
        if (
            int(answer.split(b" ")[1]) != right and row.bearer not in BAD_BEARERS
        ):  # many wrong ones are a matter of its own
            wrong.append((row, answer, right))
    assert len(REAL) >= 50
    assert wrong == []


async def first_line(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    line = await reader.readline()
    writer.close()
    await writer.wait_closed()
    return line


async def test_a_browser_signs_in(locked: tuple[Served, Token], caplog: pytest.LogCaptureFixture) -> None:
    served, _ = locked
    async with served.client() as browser:
        assert (await browser.get("/jobs")).status_code == 401
        page = await browser.get(f"/jobs{LOGIN_PATH}")
        assert page.status_code == 200
        assert "<script>" not in page.text
        assert "style=" not in page.text
        assert "default-src 'self'" in page.headers["content-security-policy"]
        assert (await browser.post(f"/jobs{LOGIN_PATH}", data={"token": "wrong"})).status_code == 401
        elsewhere = await browser.post(
            f"/jobs{LOGIN_PATH}", data={"token": TOKEN}, headers={"origin": "http://evil.example"}
        )
        assert elsewhere.status_code == 403
        signed_in = await browser.post(f"/jobs{LOGIN_PATH}", data={"token": TOKEN})
        assert (signed_in.status_code, signed_in.headers["location"]) == (303, "./")
        cookie = signed_in.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert TOKEN not in cookie
        assert (await browser.get("/jobs")).status_code == 200
        assert (await browser.post("/jobs/echo")).status_code == 202
        other = {"origin": "http://evil.example"}
        assert (await browser.post("/jobs/echo", headers=other)).status_code == 403
    assert TOKEN not in caplog.text


async def test_a_page_sends_to_the_login(locked: tuple[Served, Token]) -> None:
    served, _ = locked
    async with served.client() as browser:
        answer = await browser.get("/jobs/types", headers={"accept": "text/html"})
        assert answer.status_code == 401  # no page: scripts are not sent around
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_one_time_link_works_once(locked: tuple[Served, Token]) -> None:
    served, token = locked
    link = token.one_time_link()
    async with served.client() as browser:
        assert (await browser.get(f"/jobs{link}")).status_code == 303
        assert (await browser.get("/jobs")).status_code == 200
    async with served.client() as thief:
        assert (await thief.get(f"/jobs{link}")).status_code == 401
        assert (await thief.get(f"/jobs{LOGIN_PATH}?code=")).status_code == 401
        assert (await thief.get("/jobs")).status_code == 401


async def test_guessing_is_bounded(locked: tuple[Served, Token]) -> None:
    served, token = locked
    async with served.client() as client:
        signed_in = {"cookie": f"{token._rule.cookie}={session_of(key_of(TOKEN))}"}
        guesses = [(await client.get("/jobs", headers={"authorization": f"Bearer {n}"})).status_code for n in range(14)]
        assert guesses == [401] * 10 + [429] * 4
        right = await client.get("/jobs", headers={"authorization": f"Bearer {TOKEN}"})
        assert (right.status_code, right.headers["retry-after"]) == (429, "60")  # not told apart
        assert (await client.post(f"/jobs{LOGIN_PATH}", data={"token": TOKEN})).status_code == 429
        assert (await client.get("/jobs", headers=signed_in)).status_code == 200  # who was in stays in


@pytest.mark.parametrize("tokens", [(), ("",), ("short",), ("x" * 16, "short")])
def test_a_token_is_long(tokens: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="16 characters"):
        Token(*tokens)


async def test_overrides_hold_for_sockets_too(queue: JobQueue) -> None:
    door = LocalOnly(hosts=["never.asked"])
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=door), prefix="/jobs")
    app.dependency_overrides[door] = lambda: "a test"
    async with serve(app) as served:
        evil = "Host: evil.example"
        assert b" 101 " in await first_line(served.port, handshake(served.port, "/jobs/ws", evil))
        request = f"GET /jobs HTTP/1.1\r\n{evil}\r\nConnection: close\r\n\r\n"
        assert b" 200 " in (await raw_request(served.port, request.encode())).splitlines()[0]
