"""A source that is a server: an app with dayjob's routes, polled over HTTP."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Self, TypeVar
from urllib.parse import quote

from ..errors import JobFinished, JobNotFound, ScheduleNotFound
from ..ids import RESERVED, is_name
from ..models import AttemptRecord, JobStatus, LogLine
from ..options import options_to_json
from ..processes import DEAD_AFTER, Process
from ..repository import Finding, types_finding
from ..request import JobRequest
from ..schedule import ScheduleStatus
from ..states import Status
from ..stats import Stats
from .documents import decode
from .exits import WrongUse
from .http import Answer, HttpClient, not_dayjob
from .output import members_of
from .reports import processes_finding
from .source import WorkerStatus

T = TypeVar("T")
_Page = tuple[list[JobStatus], str | None]
_POLL = 0.5  # seconds: an app stores progress once a second
_PAGE = 200  # jobs, the most that a server sends at once


class ServerSource:
    """The server whose jobs are at ``url``."""

    def __init__(self, url: str, token: str | None = None) -> None:
        self._http = HttpClient(url, token)
        self._last: tuple[str | None, JobStatus] | None = None
        self._last_page: tuple[list[tuple[str, Any]], str | None, _Page] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Every request had its own connection."""

    async def list_jobs(
        self,
        statuses: Sequence[Status],
        types: Sequence[str],
        limit: int,
        parent: str | None = None,
        owner: str | None = None,
    ) -> list[JobStatus]:
        asked: list[tuple[str, Any]] = [("status", status.value) for status in statuses]
        asked += [("type", each) for each in types]
        asked += [(name, value) for name, value in (("parent", parent), ("owner", owner)) if value]
        found: list[JobStatus] = []
        cursor: list[tuple[str, Any]] = []
        while len(found) < limit:
            items, following = await self._page([*asked, ("limit", min(_PAGE, limit - len(found))), *cursor])
            found += items
            if following is None:
                break
            cursor = [("cursor", following)]
        return found

    async def get_job(self, job_id: str) -> JobStatus | None:
        """The job that was asked for last comes from memory while it did not change."""
        if not is_name(job_id) or job_id in RESERVED:
            return None
        etag, known = self._last if self._last and self._last[1].id == job_id else (None, None)
        try:
            answer = await self._http.get(f"/{job_id}", etag=etag)
        except JobNotFound:
            return None
        if answer.status == 304 and known is not None:
            return known
        job = self._decode(JobStatus, answer.document)
        self._last = (answer.etag, job)
        return job

    async def get_attempts(self, job_id: str) -> list[AttemptRecord]:
        return self._decode(list[AttemptRecord], (await self._http.get(f"/{job_id}/attempts")).document)

    async def get_logs(self, job_id: str, after: int, limit: int) -> list[LogLine]:
        answer = await self._http.get(f"/{job_id}/logs", [("after", after), ("limit", limit)])
        return self._decode(list[LogLine], self._member(answer, "items"))

    async def create(self, request: JobRequest) -> JobStatus:
        if request.job_id is not None:
            raise WrongUse("A server gives ids itself: use --idempotency-key in place of --id.")
        if not is_name(request.job_type):
            raise WrongUse(f"'{request.job_type}' cannot be a job type.")
        query = options_to_json(request.options)
        headers = {"Idempotency-Key": query.pop("idempotency_key")} if "idempotency_key" in query else {}
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise WrongUse("An idempotency key for a server has ASCII characters only.")
        return self._job(await self._http.post(f"/{request.job_type}", [*query.items()], request.job_args, headers))

    async def cancel(self, job_id: str) -> JobStatus:
        try:
            return self._job(await self._http.post(f"/{job_id}/cancel"))
        except JobFinished:
            if (job := await self.get_job(job_id)) is None:
                raise
            return job

    async def retry(self, job_id: str) -> JobStatus:
        return self._job(await self._http.post(f"/{job_id}/retry"))

    async def stats(self) -> Stats:
        return self._decode(Stats, (await self._http.get("/stats")).document)

    async def workers(self) -> list[WorkerStatus]:
        processes = self._decode(list[Process], (await self._http.get("/workers")).document)
        return [WorkerStatus(**members_of(process), alive=_is_alive(process)) for process in processes]

    async def schedules(self) -> list[ScheduleStatus]:
        return self._decode(list[ScheduleStatus], (await self._http.get("/schedules")).document)

    async def pause_schedule(self, name: str) -> ScheduleStatus:
        return self._decode(ScheduleStatus, (await self._change_schedule(name, "pause")).document)

    async def resume_schedule(self, name: str) -> ScheduleStatus:
        return self._decode(ScheduleStatus, (await self._change_schedule(name, "resume")).document)

    async def run_schedule(self, name: str) -> JobStatus:
        return self._job(await self._change_schedule(name, "run"))

    async def prune(self, *, dry_run: bool) -> Mapping[Status, int]:
        raise WrongUse("A server prunes by itself, once a minute. To do it now use --db or --app on its machine.")

    async def examine(self, *, thorough: bool) -> list[Finding]:
        if thorough:
            raise WrongUse("--thorough reads the database file: use --db or --app on the machine of the server.")
        begun = time.monotonic()
        workers = await self.workers()
        took = round((time.monotonic() - begun) * 1000)
        types = types_finding((await self.stats()).unknown_types)
        return [Finding("server", "ok", f"{self._http.url} answers in {took} ms"), types, processes_finding(workers)]

    async def fix(self) -> None:
        raise WrongUse("--fix changes the database file: use --db or --app on the machine of the server.")

    async def changes(self) -> AsyncIterator[None]:
        """Twice a second; an unchanged job, or list, costs an answer without a body."""
        while True:
            yield
            await asyncio.sleep(_POLL)

    async def _change_schedule(self, name: str, change: str) -> Answer:
        if not is_name(name):
            raise ScheduleNotFound(f"There is no schedule '{name:.130}'.")
        return await self._http.post(f"/schedules/{quote(name, safe='')}/{change}")

    async def _page(self, asked: list[tuple[str, Any]]) -> _Page:
        """The page that was asked for last comes from memory while it did not change."""
        etag, known = self._last_page[1:] if self._last_page and self._last_page[0] == asked else (None, None)
        answer = await self._http.get("", asked, etag=etag)
        if answer.status == 304 and known is not None:
            return known
        items = self._decode(list[dict[str, Any]], self._member(answer, "items"))
        page = [self._decode(JobStatus, {"result": None} | item) for item in items], self._member(answer, "next")
        self._last_page = (asked, answer.etag, page)
        return page

    def _member(self, answer: Answer, name: str) -> Any:
        if not isinstance(answer.document, dict) or name not in answer.document:
            raise not_dayjob(self._http.url)
        return answer.document[name]

    def _job(self, answer: Answer) -> JobStatus:
        return self._decode(JobStatus, answer.document)

    def _decode(self, kind: type[T], document: Any) -> T:
        try:
            value: T = decode(kind, document)
        except (ValueError, TypeError) as error:
            raise not_dayjob(self._http.url, f" ({error})") from error
        return value


def _is_alive(process: Process) -> bool | None:
    age = process.heartbeat_age_seconds
    return None if age is None else age < DEAD_AFTER
