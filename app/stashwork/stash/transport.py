"""One GraphQL request over HTTP: retries what may be retried and turns every failure into a `StashError`."""

import asyncio
import json
import logging
import os
import random
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn
from urllib.parse import urlsplit

import httpx2

from .errors import (
    StashAnswerTooLarge,
    StashError,
    StashRefusedQuery,
    StashServerError,
    StashUnauthorized,
    StashUnreachable,
)
from .readers import clean

log = logging.getLogger("stashwork.stash")

MAX_ANSWER_BYTES = 256 * 1024 * 1024
_MAX_QUOTED_CHARACTERS = 300
_PROBE = "query Probe { __typename }"


@dataclass(frozen=True, slots=True)
class Answer:
    """What GraphQL answered; with several aliased mutations, some may be in `data` and others in `errors`."""

    data: Mapping[str, Any]
    errors: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a query is tried, and how long to wait in between (seconds, doubling, with full jitter).

    `sleep` and `random` are there to be replaced by programs that have their own clock.
    """

    attempts: int = 4
    first_delay: float = 0.25
    longest_delay: float = 8.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    random: Callable[[], float] = random.random

    def delay(self, attempt: int) -> float:
        """The seconds to wait after attempt number `attempt` (from 1)."""
        ceiling = min(self.longest_delay, self.first_delay * 2.0 ** (attempt - 1))
        return ceiling * (0.5 + self.random() / 2)


class Transport:
    """Posts to one Stash. Redirects are not followed: the key goes to STASH_URL and nowhere else.

    A server that has answered once is known to be a Stash. From then on it gets `patience` instead of `retry`: a
    restart may take a minute, and the proxy before it may tell about that in HTML.
    """

    def __init__(
        self, url: str, api_key: str | None, *, timeout: float, retry: RetryPolicy, patience: RetryPolicy
    ) -> None:
        self.endpoint = url.strip().rstrip("/").removesuffix("/graphql").rstrip("/") + "/graphql"
        self.public_url = _without_password(self.endpoint.removesuffix("/graphql"))
        self._api_key = _check_key(api_key)
        self._timeout = timeout
        self._retry = retry
        self._patience = patience
        self._is_known = False
        self.date = ""  # of the last answer, as its header has it
        # The environment's proxies and passwords are ignored: they would see the key.
        self._http = httpx2.AsyncClient(timeout=timeout, follow_redirects=False, trust_env=False)

    def __repr__(self) -> str:
        return f"Transport({self.public_url!r})"

    async def aclose(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def post(
        self, document: str, variables: Mapping[str, object], *, may_retry: bool, limit: int = MAX_ANSWER_BYTES
    ) -> Answer:
        """Send one request; retry it only if `may_retry`, and only after failures that can pass.

        Raises StashAnswerTooLarge beyond `limit` bytes.
        """
        body = json.dumps({"query": document, "variables": variables}).encode()
        attempt = 1
        while True:
            policy = self._patience if self._is_known else self._retry
            try:
                return await self._attempt(body, limit)
            except StashError as error:
                if not (may_retry and error.retryable and attempt < policy.attempts):
                    raise
                delay = policy.delay(attempt)
                log.warning("%s Trying again in %.1f s (%d of %d).", error, delay, attempt, policy.attempts - 1)
            await policy.sleep(delay)
            attempt += 1

    async def _attempt(self, body: bytes, limit: int) -> Answer:
        status, answer = await self._exchange(body, self._api_key, limit)
        if status == 500:
            await self._raise_for_500(answer)
        self._raise_for_status(status, answer)
        read = self._read(answer)
        self._is_known = True
        return read

    async def _exchange(self, body: bytes, api_key: str | None, limit: int) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if api_key is not None:
            headers["ApiKey"] = api_key
        try:
            async with self._http.stream("POST", self.endpoint, content=body, headers=headers) as response:
                self.date = response.headers.get("date", "")
                return response.status_code, await self._read_bounded(response, limit)
        except (httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError) as error:
            raise StashUnreachable(f"{self.public_url!r} is no address of a Stash. {_CHECK_URL}") from error
        except httpx2.TimeoutException as error:
            raise self._timeout_error() from error
        except httpx2.RequestError as error:
            raise self._unreachable_error(error) from error

    async def _read_bounded(self, response: httpx2.Response, limit: int) -> bytes:
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > limit:
                raise StashAnswerTooLarge(
                    f"The answer of Stash at {self.public_url} is larger than {limit >> 20} MiB. Ask for less at once."
                )
        return bytes(body)

    def _timeout_error(self) -> StashUnreachable:
        return StashUnreachable(
            f"Stash at {self.public_url} did not answer within {self._timeout:g} s. "
            "Check that it is not busy or blocked by a firewall.",
            retryable=True,
        )

    def _unreachable_error(self, error: httpx2.RequestError) -> StashUnreachable:
        return StashUnreachable(
            f"Cannot reach Stash at {self.public_url}: {_reason(error)}. "
            "Check that Stash is running and that STASH_URL is right.",
            retryable=isinstance(error, httpx2.TransportError),
        )

    async def _raise_for_500(self, answer: bytes) -> NoReturn:
        """Tell a wrong key from a broken server: v0.22 answers 500 to both.

        Without a key, a server that wants one says 401; then the key is to blame, unless it was accepted before.
        The probe changes nothing.
        """
        if self._api_key is not None and not self._is_known and not _error_texts(_parse(answer)):
            status, _ = await self._exchange(json.dumps({"query": _PROBE}).encode(), None, MAX_ANSWER_BYTES)
            if status in (401, 403):
                raise self._unauthorized_error()
        raise StashServerError(
            f"Stash at {self.public_url} failed with HTTP 500{self._quote(answer)}. See the log of Stash."
        )

    def _raise_for_status(self, status: int, answer: bytes) -> None:
        if status == 200:
            return
        if status in (401, 403):
            raise self._unauthorized_error()
        if status >= 500:
            raise StashServerError(
                f"Stash at {self.public_url} is not available (HTTP {status}). Try again when it is up.",
                retryable=status in (502, 503, 504),
            )
        if status == 429:
            raise StashServerError(f"Stash at {self.public_url} is asked too often (HTTP 429).", retryable=True)
        if status in (400, 422) and _error_texts(_parse(answer)):
            raise self._refusal(_error_texts(_parse(answer)), is_invalid=True)
        raise self._not_a_stash_error(f"(HTTP {status}) is not a Stash")

    def _read(self, answer: bytes) -> Answer:
        parsed = _parse(answer)
        if parsed is None and answer.lstrip().startswith(b"{"):
            raise StashServerError(
                f"The answer of Stash at {self.public_url} is damaged or cut off (it is not whole JSON). "
                "Check what is between here and there, such as a proxy.",
                retryable=True,
            )
        if isinstance(parsed, dict):
            data, errors = parsed.get("data"), parsed.get("errors")
            if errors and not data:
                raise self._refusal(_error_texts(parsed))
            if isinstance(data, dict):
                known = tuple(error for error in errors or () if isinstance(error, dict))
                return Answer(data, known)
        raise self._not_a_stash_error("does not speak GraphQL")

    def _not_a_stash_error(self, problem: str) -> StashUnreachable:
        """The error for an answer that is no Stash's. From a known Stash it passes: its proxy fills in for it."""
        message = f"What answers at {self.public_url} {problem}. {_CHECK_URL}"
        return StashUnreachable(message, retryable=self._is_known)

    def raise_for_errors(self, answer: Answer) -> None:
        """Raise StashRefusedQuery if the answer is not whole."""
        if answer.errors:
            raise self._refusal(_error_texts({"errors": list(answer.errors)}))

    def _refusal(self, texts: list[str], *, is_invalid: bool = False) -> StashRefusedQuery:
        said = self._sanitize("; ".join(texts)) or "no reason given"
        message = f"Stash at {self.public_url} refused the request: {said}"
        # Its tasks (a scan, a clean) lock its database now and then.
        return StashRefusedQuery(message, is_invalid=is_invalid, retryable="database is locked" in said)

    def _unauthorized_error(self) -> StashUnauthorized:
        if self._api_key is None:
            problem = "wants an API key. Set STASH_API_KEY"
        else:
            problem = "does not accept the API key. Check STASH_API_KEY"
        return StashUnauthorized(f"Stash at {self.public_url} {problem} (in Stash: Settings, Security, API key).")

    def _quote(self, answer: bytes) -> str:
        texts = _error_texts(_parse(answer))
        return f": {self._sanitize('; '.join(texts))}" if texts else ""

    def _sanitize(self, text: str) -> str:
        """One line, bounded, storable, and without the key, should the server repeat it."""
        if self._api_key:
            text = text.replace(self._api_key, "***")
        line = re.sub(r"\s+", " ", clean(text)).strip()
        return line if len(line) <= _MAX_QUOTED_CHARACTERS else line[:_MAX_QUOTED_CHARACTERS] + " ..."


_CHECK_URL = "Check STASH_URL."


def _check_key(api_key: str | None) -> str | None:
    if not api_key:
        return None
    if not (api_key.isascii() and api_key.isprintable() and api_key.strip() == api_key):
        raise StashUnauthorized(
            "The Stash API key holds characters that no HTTP header can carry. Copy it again from Stash."
        )
    return api_key


def _without_password(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return "STASH_URL"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def _parse(answer: bytes) -> object:
    """Decode an answer; None if it is not JSON. Bytes that are not UTF-8 become U+FFFD."""
    try:
        return json.loads(answer.decode("utf-8", "replace"), strict=False)
    except (ValueError, RecursionError):
        return None


def _error_texts(parsed: object) -> list[str]:
    errors = parsed.get("errors") if isinstance(parsed, dict) else None
    if not isinstance(errors, list):
        return []
    return [str(error.get("message", ""))[:1000] for error in errors[:10] if isinstance(error, dict)]


def _reason(error: BaseException) -> str:
    for cause in _causes(error):
        if isinstance(cause, socket.gaierror):
            return "the host name is unknown"
        if isinstance(cause, ssl.SSLError):
            return f"no secure connection ({cause.reason or 'TLS'})"
        if isinstance(cause, OSError) and cause.errno:
            return os.strerror(cause.errno).lower()
    return "the connection was dropped" if isinstance(error, httpx2.ProtocolError) else "the connection failed"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__
