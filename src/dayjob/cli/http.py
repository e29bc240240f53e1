"""Requests to a server, with the standard library only, and its answers and problem documents."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import ipaddress
import json
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any, NamedTuple, TypeVar

from ..errors import DayjobError
from ..version import __version__
from .exits import Refused, Unreachable, WrongUse
from .output import notice

T = TypeVar("T")
_TIMEOUT = 15.0  # seconds that a server may be silent
_LONGEST = 64 * 1024 * 1024  # bytes of an answer
_PATIENCE = 60.0  # seconds that a server which answered before may be away, as for a restart
_PAUSE = 0.5  # seconds
_WRONG_USE = frozenset({400, 405, 413, 415, 422})


class Answer(NamedTuple):
    """Its status, its ``ETag``, and its JSON; 304 has none."""

    status: int
    etag: str | None
    document: Any


class HttpClient:
    """Talks to the server at ``url``, the address of the jobs; ``token`` goes with every request.

    Never follows a redirect: the token would go elsewhere. Raises `WrongUse` for a URL or a token that is none, and
    from every request `Unreachable`, `Refused`, or what the server says went wrong.
    """

    def __init__(self, url: str, token: str | None = None) -> None:
        self.url = _check_url(url)
        self._headers = {"Accept": "application/json", "User-Agent": f"dayjob/{__version__}"}
        if token and (token := token.strip()):
            if not (token.isascii() and token.isprintable()):
                raise WrongUse("The token has characters that cannot be sent.")
            self._headers["Authorization"] = f"Bearer {token}"
        self._opener = urllib.request.build_opener(_NoRedirects, *_proxies(self.url))
        self._answered = False

    async def get(self, path: str, query: Sequence[tuple[str, Any]] = (), etag: str | None = None) -> Answer:
        """Read something; a server that answered before is waited for."""
        request = self._request("GET", path, query, headers={"If-None-Match": etag} if etag else {})
        patient_until = time.monotonic() + _PATIENCE
        waiting = False
        while True:
            try:
                return await self._send(request)
            except Unreachable as error:
                if not self._answered or time.monotonic() > patient_until:
                    raise
                if not waiting:
                    notice(f"{error} Trying again for {_PATIENCE:.0f} s ...")
                waiting = True
            await asyncio.sleep(_PAUSE)

    async def post(
        self,
        path: str,
        query: Sequence[tuple[str, Any]] = (),
        body: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Have something done, once."""
        data = json.dumps(body or {}).encode()
        sent = {"Content-Type": "application/json", **(headers or {})}
        return await self._send(self._request("POST", path, query, data, sent))

    def _request(
        self,
        method: str,
        path: str,
        query: Sequence[tuple[str, Any]],
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> urllib.request.Request:
        address = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        every = {**self._headers, **(headers or {})}
        return urllib.request.Request(address, data, every, method=method)  # noqa: S310 (the scheme was checked)

    async def _send(self, request: urllib.request.Request) -> Answer:
        answer = await _in_daemon_thread(lambda: self._exchange(request))
        self._answered = True
        return answer

    def _exchange(self, request: urllib.request.Request) -> Answer:
        try:
            with self._opener.open(request, timeout=_TIMEOUT) as response:
                return Answer(response.status, response.headers.get("ETag"), _json(_read(response)))
        except urllib.error.HTTPError as error:
            with error:
                if error.code == http.HTTPStatus.NOT_MODIFIED:
                    return Answer(error.code, error.headers.get("ETag"), None)
                raise _problem(error, self.url) from None
        except (OSError, http.client.HTTPException) as error:
            reason = getattr(error, "reason", None) or error
            raise Unreachable(f"{self.url} cannot be reached: {reason}.") from None
        except ValueError:
            raise not_dayjob(self.url) from None


def not_dayjob(url: str, what: str = "") -> Unreachable:
    """The error for an answer that dayjob would not give."""
    return Unreachable(
        f"{url} does not answer like dayjob{what}. The URL has to be that of the jobs, as in "
        "http://127.0.0.1:8000/jobs."
    )


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _check_url(url: str) -> str:
    parts = urllib.parse.urlsplit(url.strip())
    if parts.port == 0 or parts.scheme not in ("http", "https") or not parts.hostname or not url.strip().isascii():
        raise WrongUse(f"'{url}' is not the URL of a server: use one as in http://127.0.0.1:8000/jobs.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise WrongUse("The URL holds more than scheme, host, port and path; a token goes into --token.")
    return urllib.parse.urlunsplit((parts.scheme, parts.netloc, parts.path.rstrip("/"), "", ""))


def _proxies(url: str) -> list[urllib.request.BaseHandler]:
    """None on the way to this machine, whatever the environment says: `LocalOnly` refuses what came through one."""
    host = urllib.parse.urlsplit(url).hostname or ""
    with contextlib.suppress(ValueError):
        if host == "localhost" or ipaddress.ip_address(host).is_loopback:
            return [urllib.request.ProxyHandler({})]
    return []


def _problem(error: urllib.error.HTTPError, url: str) -> DayjobError:
    """What a server says went wrong: a problem document, as the error that it was there."""
    if 300 <= error.code < 400:
        return not_dayjob(url, f" (it redirects to {error.headers.get('Location', 'nowhere')})")
    try:
        document = _json(_read(error))
        code, detail = str(document["code"]), str(document["detail"])
    except (ValueError, KeyError, TypeError, OSError, http.client.HTTPException):
        hint = ", it wants a token: use --token or DAYJOB_TOKEN" if error.code == http.HTTPStatus.UNAUTHORIZED else ""
        return not_dayjob(url, f" ({error.code} {error.reason}{hint})")
    return _error(error.code, code, " ".join([detail, *_faults(document, detail)]))


def _error(status: int, code: str, message: str) -> DayjobError:
    if code == Refused.code:
        hint = " Use --token or DAYJOB_TOKEN." if status == http.HTTPStatus.UNAUTHORIZED else ""
        return Refused(f"The server refuses ({status}): {message}{hint}")
    told = DayjobError.of_code(code, message)
    return WrongUse(message) if type(told) is DayjobError and status in _WRONG_USE else told


def _faults(document: Mapping[str, Any], detail: str) -> list[str]:
    """The single faults, as far as the sentence does not have them."""
    faults = document.get("errors")
    found = [each for each in faults if isinstance(each, dict)] if isinstance(faults, list) else []
    told = [(each.get("parameter") or each.get("pointer") or "", str(each.get("detail", ""))) for each in found]
    return [f"{where}: {what}." for where, what in told if what and what not in detail]


def _json(content: bytes) -> Any:
    return json.loads(content)


def _read(response: IO[bytes]) -> bytes:
    content = response.read(_LONGEST + 1)
    if len(content) > _LONGEST:
        raise ValueError("the answer is too long")
    return content


async def _in_daemon_thread(call: Callable[[], T]) -> T:
    """What ``call``, which blocks, returns or raises. Ctrl-C need not wait for it: the thread ends with the process."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def tell(set_it: Callable[[Any], None], value: Any) -> None:
        with contextlib.suppress(RuntimeError):  # the loop ended before: nobody waits any more
            loop.call_soon_threadsafe(lambda: None if answer.done() else set_it(value))

    def run() -> None:
        try:
            result = call()
        except Exception as error:  # noqa: BLE001 (it is raised where the answer is awaited)
            tell(answer.set_exception, error)
        else:
            tell(answer.set_result, result)

    threading.Thread(target=run, name="dayjob-http", daemon=True).start()
    return await answer
