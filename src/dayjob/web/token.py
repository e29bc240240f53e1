"""`Token`: whoever knows a secret comes in. Scripts send it with every request, browsers once, on a page."""

# No postponed annotations here: FastAPI before 0.116 cannot read those of callable objects.

import hmac
import logging
import secrets
import time
from collections import deque
from collections.abc import Iterable, Mapping
from html import escape
from urllib.parse import parse_qs, quote

from fastapi import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .security import (
    SAFE_METHODS,
    AccessRule,
    Principal,
    Refusal,
    address_of,
    ask,
    key_of,
    method_of,
    page_headers,
    session_of,
    to_error,
)

log = logging.getLogger("dayjob.web")

_SHORTEST = 16  # characters of a token
_TRIES, _MINUTE = 10, 60.0  # wrong ones of an address, in so many seconds
_MOST_ADDRESSES = 1000
_LONGEST_FORM = 4096  # bytes
_MONTH = 30 * 86_400  # seconds that a browser stays signed in
_LINK = 300.0  # seconds that a one-time link is good for
_MOST_LINKS = 20
LOGIN_PATH = "/ui/login"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sign in</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<link rel="icon" href="icon.svg"><script src="theme.js"></script>
<link rel="stylesheet" href="base.css"><link rel="stylesheet" href="sign-in.css"></head>
<body><main class="panel sign-in"><img src="icon.svg" alt="" width="40" height="40"><h1>Sign in</h1>
<form method="post" class="form"><p role="alert" class="field-fault">{message}</p>
<div class="field"><label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus></div>
<button class="button primary">Sign in</button></form></main></body></html>
"""


class Token:
    """Lets in whoever shows one of ``tokens``: as ``Authorization: Bearer``, or after the page ``{prefix}/ui/login``.

    That page sets a cookie that scripts cannot read and other sites cannot use (HttpOnly, SameSite=Strict). A token
    has at least 16 characters; more than ten wrong ones in a minute from an address are answered with 429.
    ``hosts`` are names under which the app may be asked for (None: any; the cookie is bound to a name anyway);
    ``local`` lets in this machine only, like `LocalOnly`.

    >>> auth = Token("a-long-and-random-text")      # secrets.token_urlsafe() makes one

    Raises `ValueError` for a token that is too short, or none at all.
    """

    def __init__(self, *tokens: str, hosts: Iterable[str] | None = None, local: bool = False) -> None:
        if not tokens or any(len(token) < _SHORTEST for token in tokens):
            raise ValueError(f"A token has at least {_SHORTEST} characters; secrets.token_urlsafe() makes a good one.")
        keys = tuple(key_of(token) for token in tokens)
        # Browsers send cookies to all ports of a host: apps with other tokens need other names.
        cookie = "dayjob_" + session_of(keys[0])[:8]
        names = None if hosts is None else frozenset({"127.0.0.1", "localhost", "[::1]", *hosts})
        self._rule = AccessRule(local=local, hosts=names, keys=keys, cookie=cookie)
        self._wrong: dict[str, deque[float]] = {}
        self._links: dict[str, float] = {}

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """The FastAPI dependency: a `Principal`, or the refusal; a browser that wants a page is sent to sign in."""
        if "authorization" in connection.headers:
            self._check_tries(connection)
        refusal = ask(connection, self._rule)
        if refusal is None:
            return Principal("token")
        if refusal.status == 401 and "authorization" in connection.headers:
            self._count_wrong(connection)
        if refusal.status == 401 and (login := _login_path(connection)):
            raise HTTPException(303, refusal.reason, {"Location": login})
        raise to_error(connection, refusal)

    def one_time_link(self) -> str:
        """What to append to the address of the jobs (``/jobs``) to be signed in: once, within five minutes."""
        while len(self._links) >= _MOST_LINKS:
            del self._links[next(iter(self._links))]
        code = secrets.token_urlsafe()
        self._links[code] = time.monotonic() + _LINK
        return f"{LOGIN_PATH}?code={code}"

    async def login(self, request: Request) -> Response:
        """The page ``/ui/login``: GET shows it (or takes a one-time link), POST takes the token."""
        if refusal := self._refuse_by_origin(request):
            return _login_page(refusal.reason, refusal.status)
        code = request.query_params.get("code")
        if code is not None:  # not counted: any page can have a browser ask this, and nobody guesses 256 bits
            return self._sign_in(request) if self._use_link(code) else _login_page("This link was used.", 401)
        if request.method in SAFE_METHODS:
            return _login_page("")
        try:
            self._check_tries(request)
        except HTTPException as error:
            return _login_page(str(error.detail), error.status_code, error.headers)
        key = key_of(await _read_token(request))
        right = sum([hmac.compare_digest(key, each) for each in self._rule.keys])
        return self._sign_in(request) if right else self._refuse(request, "This is not the token.")

    def _refuse_by_origin(self, request: Request) -> Refusal | None:
        """The door without its lock: where the page may be asked for, and from where."""
        return ask(request, AccessRule(self._rule.local, self._rule.hosts))

    def _sign_in(self, request: Request) -> Response:
        answer = RedirectResponse("./", 303, page_headers())
        secure = request.url.scheme == "https"
        session = session_of(self._rule.keys[0])
        answer.set_cookie(self._rule.cookie, session, _MONTH, httponly=True, samesite="strict", secure=secure)
        answer.headers["Cache-Control"] = "no-store"
        return answer

    def _refuse(self, request: Request, message: str) -> Response:
        self._count_wrong(request)
        return _login_page(message, 401)

    def _use_link(self, code: str) -> bool:
        now = time.monotonic()
        return self._links.pop(code, 0.0) > now

    def _check_tries(self, connection: HTTPConnection) -> None:
        """Raise `HTTPException` (429) where too much was guessed, also for a right guess: it must not be told apart."""
        tries = self._wrong.get(address_of(connection) or "")
        while tries and tries[0] < time.monotonic() - _MINUTE:
            tries.popleft()
        if tries and len(tries) >= _TRIES:
            raise HTTPException(429, "Too many wrong tokens; wait a minute.", {"Retry-After": "60"})

    def _count_wrong(self, connection: HTTPConnection) -> None:
        address = address_of(connection) or ""
        log.warning("a wrong token was sent by %s", address)
        while len(self._wrong) >= _MOST_ADDRESSES and address not in self._wrong:
            del self._wrong[next(iter(self._wrong))]
        self._wrong.setdefault(address, deque(maxlen=_TRIES)).append(time.monotonic())


def _login_path(connection: HTTPConnection) -> str | None:
    """The page to sign in at, for a browser that asks for one of our pages."""
    if connection.scope["type"] != "http" or method_of(connection) != "GET":
        return None
    before, ui, _ = connection.scope["path"].rpartition("/ui/")
    if not ui or "text/html" not in connection.headers.get("accept", ""):
        return None
    root = connection.scope.get("root_path", "")
    return quote((before if before.startswith(root) else root + before) + LOGIN_PATH, safe="/")


def _login_page(message: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    all_headers = {**page_headers(), "Cache-Control": "no-store", **(headers or {})}
    return HTMLResponse(_PAGE.replace("{message}", escape(message)), status, all_headers)


async def _read_token(request: Request) -> str:
    """The token in a form; an empty one if there is none, or if it is too long to be one."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LONGEST_FORM:
            return ""
    fields = parse_qs(body.decode(errors="replace"), max_num_fields=5) if body.count(b"&") < 5 else {}
    return fields.get("token", [""])[0].strip()
