"""Who may come in. One pure function decides for HTTP and for WebSocket alike; the rest carries its answer out.

``@app.middleware("http")`` does not see WebSockets, and a check of ``Host == Origin`` does not stop DNS rebinding.
Hence: a dependency over ``HTTPConnection`` on every route, and exact lists of names.
"""

# No postponed annotations here: FastAPI before 0.116 cannot read those of callable objects.

import contextlib
import hmac
import inspect
import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from http.cookies import CookieError, SimpleCookie
from typing import Any, get_type_hints

from fastapi import HTTPException, WebSocketException
from fastapi.security import APIKeyQuery
from starlette.requests import HTTPConnection

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "via", "x-real-ip")
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
)


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. What a user's own ``auth`` callable returns may be anything else as well."""

    name: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status (401: who are you; 403: not from here; 421: not under this name) and a sentence with the fix."""

    status: int
    reason: str


@dataclass(frozen=True, slots=True)
class RequestTarget:
    """What was asked for, at which door: the method (GET for a WebSocket), the scheme, the port that we listen on."""

    method: str = "GET"
    scheme: str = "http"
    port: int | None = None


@dataclass(frozen=True, slots=True)
class AccessRule:
    """How a door is closed.

    ``local``: only for this machine, and without proxies. ``hosts``: names without a port under which we may be asked
    for (None: any). ``keys``: SHA-256 of the tokens of which one has to be shown (empty: none has to be), as
    ``Authorization: Bearer`` or, by browsers, as `session_of` it in the cookie called ``cookie``.
    """

    local: bool = True
    hosts: frozenset[str] | None = frozenset({"127.0.0.1", "localhost", "[::1]"})
    keys: tuple[bytes, ...] = ()
    cookie: str = ""


def decide(headers: Mapping[str, str], peer: str | None, target: RequestTarget, rule: AccessRule) -> Refusal | None:
    """Whether a request is let in (None) or refused. Pure.

    ``headers`` have lower-case names; ``peer`` is the address of the other end.
    """
    if rule.local and (refusal := _refuse_remote(headers, peer)):
        return refusal
    host = headers.get("host", "")
    if rule.hosts is not None and host not in _names(rule.hosts, target):
        return Refusal(421, "The Host header names another machine. Add the name to hosts=[...] if it is yours.")
    if not rule.keys:
        return _refuse_other_pages(headers, target, rule)
    if "authorization" in headers:  # other pages cannot send this header, so it does not matter where it comes from
        return None if _is_bearer(headers["authorization"], rule.keys) else _WRONG_TOKEN
    if not _is_session(headers.get("cookie", ""), rule):
        return _NO_TOKEN
    return _refuse_other_pages(headers, target, rule)


_NO_TOKEN = Refusal(401, "Sign in, or send the token as Authorization: Bearer.")
_WRONG_TOKEN = Refusal(401, "This is not the token.")


def _refuse_remote(headers: Mapping[str, str], peer: str | None) -> Refusal | None:
    if not _is_loopback(peer):
        return Refusal(403, "Only this machine may come in. Give jobs_router another auth= to let others in.")
    if any(name in _FORWARDED or name.startswith("x-forwarded-") for name in headers):
        return Refusal(403, "The request came through a proxy, and LocalOnly is not for use behind one.")
    return None


def _refuse_other_pages(headers: Mapping[str, str], target: RequestTarget, rule: AccessRule) -> Refusal | None:
    """Whether another web page is behind the request; a browser sends our cookie, and reaches this machine, for it."""
    names = {headers.get("host", "")} if rule.hosts is None else _names(rule.hosts, target)
    origin = headers.get("origin")
    if origin is not None and origin not in {f"{_web_scheme(target.scheme)}://{name}" for name in names}:
        return Refusal(403, "The page that asks comes from elsewhere (Origin).")
    if target.method not in SAFE_METHODS and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return Refusal(403, "The page that asks comes from elsewhere (Sec-Fetch-Site).")
    return None


def key_of(token: str) -> bytes:
    """What is kept of a token: nobody can read it from memory dumps or logs, and all have the same length."""
    return sha256(token.encode(errors="surrogateescape")).digest()


def session_of(key: bytes) -> str:
    """What a browser gets in place of the token, and keeps in a cookie. It ends when the token is another one."""
    return hmac.new(key, b"dayjob session", sha256).hexdigest()


def _is_bearer(authorization: str, keys: Iterable[bytes]) -> bool:
    scheme, _, token = authorization.partition(" ")
    given = key_of(token.strip())
    # All are compared, each in constant time: how long it takes tells nothing.
    return bool(sum([hmac.compare_digest(given, key) for key in keys])) and scheme.lower() == "bearer"


def _is_session(cookies: str, rule: AccessRule) -> bool:
    try:
        morsel = SimpleCookie(cookies).get(rule.cookie)
    except CookieError:
        return False
    given = morsel.value.encode(errors="replace") if morsel else b""
    return bool(sum([hmac.compare_digest(given, session_of(key).encode()) for key in rule.keys]))


def page_headers() -> dict[str, str]:
    """Headers for every HTML page, script and style that we serve: nothing inline, nothing from elsewhere, no frames.

    A new dict each time; ``Content-Security-Policy`` also lets a page open sockets to its own host only.
    """
    return {
        "Content-Security-Policy": "; ".join(_CONTENT_SECURITY_POLICY),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }


class LocalOnly:
    """Lets in whoever sits at this machine and nobody else; not for use behind a proxy.

    The peer has to be on loopback, ``Host`` one of 127.0.0.1, localhost, [::1] or ``hosts`` (exactly, with our port:
    this stops DNS rebinding), ``Origin`` absent or one of the same names (this stops other web pages).

    >>> auth = LocalOnly(hosts=["jobs.localhost"])
    """

    def __init__(self, hosts: Iterable[str] = ()) -> None:
        self._rule = AccessRule(hosts=frozenset({"127.0.0.1", "localhost", "[::1]", *hosts}))

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """The FastAPI dependency: a `Principal`, or the refusal in the words of the connection's protocol."""
        refusal = ask(connection, self._rule)
        if refusal is not None:
            raise to_error(connection, refusal)
        return Principal("local")


async def insecure_open_to_everyone(connection: HTTPConnection) -> Principal:
    """No check at all: whoever reaches the port may run jobs. Only behind a door of your own."""
    return Principal("anyone")


def ask(connection: HTTPConnection, rule: AccessRule) -> Refusal | None:
    """`decide` about a connection."""
    scope = connection.scope
    port = scope["server"][1] if scope.get("server") else None
    return decide(
        _join_headers(connection),
        address_of(connection),
        RequestTarget(method_of(connection), scope["scheme"], port),
        rule,
    )


def to_error(connection: HTTPConnection, refusal: Refusal) -> Exception:
    """A refusal as what FastAPI knows to answer. Sockets from elsewhere are refused before they are accepted."""
    if connection.scope["type"] == "websocket" and refusal.status != 401:
        return WebSocketException(1008, refusal.reason)  # the server answers HTTP 403
    headers = {"WWW-Authenticate": "Bearer"} if refusal.status == 401 else None
    return HTTPException(refusal.status, refusal.reason, headers)


def method_of(connection: HTTPConnection) -> str:
    """The method of a request; GET for a WebSocket."""
    return str(connection.scope.get("method", "GET"))


def address_of(connection: HTTPConnection) -> str | None:
    """The address of the other end."""
    return connection.client.host if connection.client else None


def check_auth(auth: Any) -> None:
    """Raise `TypeError` for an ``auth`` that would fail, or be left out, on WebSockets."""
    if not callable(auth):
        raise TypeError("auth= is a callable over HTTPConnection, such as LocalOnly(); see dayjob.web.security.")
    _resolve_annotations(auth)
    for dependant in _dependants(auth):
        name = getattr(dependant.call, "__name__", type(dependant.call).__name__)
        if dependant.request_param_name or dependant.websocket_param_name:
            raise TypeError(
                f"auth= asks for a Request ({name}), but sockets have none. "
                "Take `connection: HTTPConnection` (from starlette.requests) instead: it has headers, cookies and "
                "client. In place of HTTPBearer and its like, read connection.headers.get('authorization')."
            )
        if dependant.query_params or dependant.body_params or isinstance(dependant.call, APIKeyQuery):
            raise TypeError(
                f"auth= reads the query or the body ({name}). Sockets have no body, and what stands in a URL is kept "
                "in logs and histories. Take `connection: HTTPConnection`, and read a header or a cookie."
            )


def _resolve_annotations(auth: Any) -> None:
    """FastAPI before 0.116 cannot read postponed annotations of callable objects, so they are put in place for it."""
    call = type(auth).__call__
    if inspect.isfunction(call):
        with contextlib.suppress(NameError):  # of a name that is there for type checkers only: FastAPI decides
            call.__annotations__ = get_type_hints(call, include_extras=True)


def _dependants(auth: Any) -> Iterator[Any]:
    """What FastAPI knows about ``auth`` and all that it depends on."""
    from fastapi.dependencies.utils import get_dependant  # noqa: PLC0415 (not a public module: used here only)

    pending = [get_dependant(path="/", call=auth)]
    while pending:
        dependant = pending.pop()
        pending += dependant.dependencies
        yield dependant


def _join_headers(connection: HTTPConnection) -> dict[str, str]:
    """Headers by lower-case name. Those that come twice are joined, and so equal none of the values that we allow."""
    joined: dict[str, str] = {}
    for name, value in connection.headers.items():
        joined[name] = f"{joined[name]}{'; ' if name == 'cookie' else ', '}{value}" if name in joined else value
    return joined


def _is_loopback(peer: str | None) -> bool:
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _names(hosts: Iterable[str], target: RequestTarget) -> set[str]:
    return {name for host in hosts for name in _with_port(host, target.scheme, target.port)}


def _with_port(host: str, scheme: str, port: int | None) -> set[str]:
    bare = {host} if port is None or port == _DEFAULT_PORTS.get(scheme) else set()
    return bare if port is None else bare | {f"{host}:{port}"}


def _web_scheme(scheme: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
