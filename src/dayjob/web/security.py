"""Who may come in. One pure function decides for HTTP and for WebSocket alike; the rest carries its answer out.

``@app.middleware("http")`` does not see WebSockets, and a check of ``Host == Origin`` does not stop DNS rebinding.
Hence: a dependency over ``HTTPConnection`` on every route, and exact lists of names.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import HTTPException, WebSocketException
from starlette.requests import HTTPConnection

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_FORWARDED = ("forwarded", "via", "x-real-ip")
_CONTENT_SECURITY_POLICY = (
    "default-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "object-src 'none'",
)
_DEFAULT_PORTS = {"http": 80, "ws": 80, "https": 443, "wss": 443}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is asking. What a user's own ``auth`` callable returns may be anything else as well."""

    name: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """An HTTP status (403: not from here; 421: not under this name) and a sentence with the fix."""

    status: int
    reason: str


def decide(
    *, method: str, scheme: str, headers: Mapping[str, str], peer: str | None, port: int | None, hosts: frozenset[str]
) -> Refusal | None:
    """Whether a request to a local service is let in (None) or refused. Pure.

    ``headers`` have lower-case names; ``peer`` is the address of the other end, ``port`` the one we listen on;
    ``hosts`` are names without a port under which we may be asked for. For a WebSocket, ``method`` is GET.
    """
    if not _is_loopback(peer):
        return Refusal(403, "Only this machine may come in. Give jobs_router another auth= to let others in.")
    if any(name in _FORWARDED or name.startswith("x-forwarded-") for name in headers):
        return Refusal(403, "The request came through a proxy, and LocalOnly is not for use behind one.")
    names = {name for host in hosts for name in _with_port(host, scheme, port)}
    if headers.get("host", "") not in names:
        return Refusal(
            421, "The Host header names another machine. Add the name to LocalOnly(hosts=[...]) if it is yours."
        )
    origin = headers.get("origin")
    if origin is not None and origin not in {f"{_web_scheme(scheme)}://{name}" for name in names}:
        return Refusal(403, "The page that asks comes from elsewhere (Origin).")
    if method not in _SAFE_METHODS and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        return Refusal(403, "The page that asks comes from elsewhere (Sec-Fetch-Site).")
    return None


def page_headers() -> dict[str, str]:
    """Headers for every HTML page, script and style that we serve: nothing inline, nothing from elsewhere, no frames.

    A new dict each time; ``Content-Security-Policy`` also lets a page open sockets to its own host only.
    """
    return {
        "Content-Security-Policy": "; ".join(_CONTENT_SECURITY_POLICY),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
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
        self._hosts = frozenset({"127.0.0.1", "localhost", "[::1]", *hosts})

    async def __call__(self, connection: HTTPConnection) -> Principal:
        """The FastAPI dependency: a `Principal`, or the refusal in the words of the connection's protocol."""
        scope = connection.scope
        refusal = decide(
            method=scope.get("method", "GET"),
            scheme=scope["scheme"],
            headers=_headers(connection),
            peer=scope["client"][0] if scope.get("client") else None,
            port=scope["server"][1] if scope.get("server") else None,
            hosts=self._hosts,
        )
        if refusal is None:
            return Principal("local")
        if scope["type"] == "websocket":
            raise WebSocketException(1008, refusal.reason)  # before accept: the server answers HTTP 403
        raise HTTPException(refusal.status, refusal.reason)


async def insecure_open_to_everyone(connection: HTTPConnection) -> Principal:
    """No check at all: whoever reaches the port may run jobs. Only behind a door of your own."""
    return Principal("anyone")


def check_auth(auth: Any) -> None:
    """Raise `TypeError` for an ``auth`` that would fail, or be left out, on WebSockets."""
    if not callable(auth):
        raise TypeError("auth= is a callable over HTTPConnection, such as LocalOnly(); see dayjob.web.security.")
    for call in _calls(auth):
        raise TypeError(
            f"auth= asks for a Request ({getattr(call, '__name__', type(call).__name__)}), but sockets have none. "
            "Take `connection: HTTPConnection` (from starlette.requests) instead: it has headers, cookies and client. "
            "In place of HTTPBearer and its like, read connection.headers.get('authorization')."
        )


def _calls(auth: Any) -> list[Any]:
    """The callables behind ``auth``, itself included, that want a Request or a WebSocket."""
    from fastapi.dependencies.utils import get_dependant  # noqa: PLC0415 (not a public module: used here only)

    found, pending = [], [get_dependant(path="/", call=auth)]
    while pending:
        dependant = pending.pop()
        pending += dependant.dependencies
        if dependant.request_param_name or dependant.websocket_param_name:
            found.append(dependant.call)
    return found


def _headers(connection: HTTPConnection) -> dict[str, str]:
    """Headers by lower-case name. Those that come twice are joined, and so equal none of the values that we allow."""
    joined: dict[str, str] = {}
    for name, value in connection.headers.items():
        joined[name] = f"{joined[name]}, {value}" if name in joined else value
    return joined


def _is_loopback(peer: str | None) -> bool:
    try:
        address = ipaddress.ip_address(peer or "")
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (mapped or address).is_loopback


def _with_port(host: str, scheme: str, port: int | None) -> set[str]:
    bare = {host} if port is None or port == _DEFAULT_PORTS.get(scheme) else set()
    return bare if port is None else bare | {f"{host}:{port}"}


def _web_scheme(scheme: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)
