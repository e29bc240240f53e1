"""Helpers for tests of applications: run a handler without a queue, see its progress, drain a queue, have every job
run where it is added, let time pass, run an app with its queue on a temporary database."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import heapq
import itertools
import math
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypedDict

from . import payload
from .arguments import Arguments
from .awaitable import awaited
from .clock import Clock, Timer, now_micros, use_clock
from .context import ChildRequest, Done
from .current import InAttempt, current_attempt, leave
from .errors import JobExists
from .events import JobEvent, StatusChanged
from .invocation import Invocation
from .job_log import JobLog
from .job_queue import JobQueue
from .models import Ended, Handler, JobDefinition, JobStatus, Progress, StopReason
from .outcome import describe
from .progress import JobProgress
from .repository import to_datetime, to_micros
from .states import Status

__all__ = [
    "LOCAL",
    "FakeClock",
    "Local",
    "ProgressRecorder",
    "drain",
    "fake_clock",
    "inline",
    "record_progress",
    "run_handler",
    "running_app",
    "temporary_database",
]


class ProgressRecorder(JobProgress):
    """Every update of a handler under test, in ``updates``, every checkpoint, in ``checkpoints``, and what it asked for
    with ``ctx.enqueue_child``, in ``children`` (with ``job``, ``job_args`` and the options).

    Nothing is throttled, and nothing is written anywhere.
    """

    def __init__(self, job_id: str) -> None:
        self.updates: list[Progress] = []
        self.checkpoints: list[Any] = []
        self.children: list[ChildRequest] = []
        super().__init__(job_id, self.updates.append, loop=None)  # type: ignore[arg-type]  # nothing is put off here

    def keep(self, checkpoint: str) -> Awaitable[None]:
        """Take a checkpoint (JSON), as the database would."""
        self.count_in_hand()
        self.checkpoints.append(payload.decode(checkpoint))
        return Done(None)

    def _arrange(self, now: float) -> None:
        self.flush()


@contextlib.contextmanager
def record_progress(job_id: str = "test") -> Iterator[ProgressRecorder]:
    """Make `ProgressReporter` work outside a job, and record what it is told.

    >>> from dayjob import ProgressReporter
    >>> with record_progress("test") as recorded:
    ...     _ = ProgressReporter("test", total_items=2).update(1, "half")
    >>> recorded.updates[-1].percent, recorded.updates[-1].message
    (50, 'half')
    """
    recorder = ProgressRecorder(job_id)
    with _recording(_Attempt(JobDefinition(job_id, "test", {}, datetime.now(UTC)), recorder, {})):
        yield recorder


async def run_handler(
    handler: Callable[..., Any],
    *,
    job_id: str = "test",
    attempt: int = 1,
    restored: Any = None,
    recorder: ProgressRecorder | None = None,
    children: Mapping[str | Handler, Any] | None = None,
    **args: Any,
) -> Any:
    """Call a handler as a worker would (arguments checked, ``job_id`` and ``ctx`` injected) and return its result.

    ``restored`` is what it finds in ``ctx.restored``, as after a crash. ``recorder`` (of the same job id) shows
    afterwards what it reported, the checkpoints that it made, and the children that it added. ``children`` has their
    results: for a type, or a handler, as ``ctx.enqueue_child`` gets it, the result of all of them, or a plain function
    that makes it from their arguments; what it raises is the child's failure. For children that are not in it
    ``ctx.join`` raises `Waiting`, as in the first run of a job.

    No queue and no database take part. A plain function runs right here, not in a thread. What the handler raises
    comes through. Raises `InvalidArguments`.

    >>> async def test_greeting():
    ...     assert await run_handler(greet, name="Ada") == "Hello Ada"
    >>> async def test_it_goes_on_where_it_stood():
    ...     recorder = ProgressRecorder("test")
    ...     await run_handler(import_pages, restored={"page": 7}, recorder=recorder, pages=9)
    ...     assert recorder.checkpoints == [{"page": 8}, {"page": 9}]
    >>> async def test_it_adds_up_what_its_children_found():
    ...     assert await run_handler(count_all, children={"count": lambda page: page * 2}, pages=3) == 12
    """
    arguments = Arguments(handler)
    recorder = recorder or ProgressRecorder(job_id)
    job = JobDefinition(job_id, "test", arguments.validate(args), datetime.now(UTC), handler, attempt=attempt)
    if restored is not None:
        job.checkpoint = payload.encode(restored, what="checkpoint", limit=payload.MAX_CHECKPOINT)
    tested = _Attempt(job, recorder, children or {})
    invocation = Invocation(handler, arguments, tested)
    with _recording(tested):
        return invocation.result_of(await awaited(invocation.call()))


class _Attempt:
    """The attempt that code under test belongs to. Nobody asks it to stop, and its log lines go where the app's do."""

    stop_reason: StopReason | None = None
    log: JobLog | None = None

    def __init__(self, job: JobDefinition, recorder: ProgressRecorder, children: Mapping[str | Handler, Any]) -> None:
        self.job = job
        self.job_id = job.id
        self.progress = recorder
        self.keep = recorder.keep
        self.children = _Children(children, recorder.children)

    def redact(self, text: str) -> str:
        return text


@contextlib.contextmanager
def _recording(attempt: _Attempt) -> Iterator[None]:
    try:
        with InAttempt(attempt):
            yield
    finally:
        leave(attempt)


class _Children:
    """Children of a handler under test: written down, and ended as soon as there is a result for them."""

    def __init__(self, results: Mapping[str | Handler, Any], asked: list[ChildRequest]) -> None:
        self._results = results
        self._asked = asked
        self._keyed: dict[str, tuple[Any, dict[str, Any]]] = {}
        self._ended: dict[str, Ended | None] = {}

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        args = dict(asked.job_args) if isinstance(asked.job, str) else _validated(asked.job, asked.job_args)
        payload.encode(args, what="arguments", limit=payload.MAX_ARGS)
        if asked.key is not None and (known := self._keyed.get(asked.key)) is not None:
            if known != (asked.job, args):
                raise JobExists(f"A child with the key '{asked.key}' exists already, with another type or arguments.")
            return Done(f"key-{asked.key}")
        child_id = f"child-{len(self._asked)}" if asked.key is None else f"key-{asked.key}"
        if asked.key is not None:
            self._keyed[asked.key] = asked.job, args
        self._asked.append(asked)
        self._ended[child_id] = self._end(child_id, asked.job, args)
        return Done(child_id)

    def read(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        ended = [self._ended[child] for child in children]
        return Done(None if None in ended else [child for child in ended if child is not None])

    def _end(self, child_id: str, job: Any, args: dict[str, Any]) -> Ended | None:
        if job not in self._results:
            return None
        result = self._results[job]
        try:
            made = result(**args) if callable(result) else result
            text = payload.encode_result(made)
        except Exception as error:  # noqa: BLE001 (whatever a child raises is its failure)
            return Ended(child_id, Status.FAILED, None, describe(error))
        return Ended(child_id, Status.COMPLETED, text, None)


def _validated(job: Any, args: Mapping[str, Any]) -> dict[str, Any]:
    return Arguments(job).validate(args)


async def drain(queue: JobQueue, timeout: float = 30.0) -> None:
    """Wait until a started queue has nothing more to run now: no job runs, and none is ready.

    Jobs that wait for a time (``delay``, a retry) are not waited for, nor those that wait for such jobs. Raises
    `TimeoutError` after ``timeout`` seconds.

    >>> async def test_everything():
    ...     async with JobQueue(url) as queue:
    ...         await queue.enqueue("sync_all")
    ...         await drain(queue)
    """
    changed = asyncio.Event()

    def listener(_event: JobEvent) -> None:
        changed.set()

    unlisten = queue.bus.listen(listener)
    try:
        async with asyncio.timeout(timeout):
            while await _is_busy(queue) or changed.is_set():  # a job may move between two looks
                await changed.wait()
                changed.clear()
    finally:
        unlisten()


@contextlib.contextmanager
def inline(queue: JobQueue, timeout: float = 30.0) -> Iterator[None]:
    """While inside, whoever adds a job to ``queue`` goes on when it has ended, and so has all that it added itself.

    It is a started queue with its database and its workers all the same, so everything else is as in production: a
    job that fails does so for itself, and raises only where its result is asked for. What handlers add runs beside
    them and is waited for with them. Jobs for later are not waited for, nor those that are part of a caller's
    transaction (``db``), which begin after its commit. After ``timeout`` seconds `TimeoutError` is raised where the
    job was added. Raises `ValueError` for a queue without workers. The idea is that of Oban's inline testing mode.

    >>> async def test_everybody_is_greeted():
    ...     async with JobQueue(url) as queue:
    ...         with inline(queue):
    ...             await sign_up("Ada")                   # which enqueues a job that sends a mail
    ...         assert outbox == ["Hello Ada"]
    """
    if queue.max_workers == 0:
        raise ValueError("A queue with max_workers=0 runs no jobs, so nothing can run inline; give it workers.")

    async def drain_unless_in_a_job() -> None:
        if not _in_a_slot():  # a job may hold the only slot: who added it waits for all
            await drain(queue, timeout)

    before, queue._after_adding = queue._after_adding, drain_unless_in_a_job
    try:
        yield
    finally:
        queue._after_adding = before


def _in_a_slot() -> bool:
    attempt = current_attempt()
    return attempt is not None and not isinstance(attempt, _Attempt)


class Local(TypedDict):
    """Options of a test client; see `LOCAL`."""

    base_url: str
    client: tuple[str, int]


LOCAL = Local(base_url="http://localhost", client=("127.0.0.1", 50_000))
"""For ``TestClient(app, **LOCAL)``: a client on this machine, which `dayjob.web.LocalOnly` lets in.

The client's own defaults are the names ``testclient`` and ``testserver``, which no machine has.
"""

_App = Callable[[Any, Any, Any], Awaitable[None]]


@contextlib.asynccontextmanager
async def running_app(app: _App) -> AsyncIterator[_App]:
    """Run the lifespan of an ASGI app, and with it the queue of its ``jobs_router``, in the event loop of the test.

    What it gives is the app for ``httpx.ASGITransport``, which runs no lifespan itself. Whatever the lifespan raises
    is raised here.

    >>> async def test_a_report_is_made():
    ...     async with running_app(app) as running:
    ...         transport = httpx.ASGITransport(app=running)
    ...         async with httpx.AsyncClient(transport=transport, base_url=LOCAL["base_url"]) as client:
    ...             answer = await client.post("/jobs/report", json={"year": 2026})
    ...         await drain(queue)
    """
    life = _Life(app)
    await life.begin()
    try:
        yield life.app
    finally:
        await life.end()


class _Life:
    """The server's side of the lifespan protocol of ASGI."""

    def __init__(self, app: _App) -> None:
        self._app = app
        self._state: dict[str, Any] = {}
        self._asked: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._said: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def app(self, scope: Any, receive: Any, send: Any) -> None:
        """The app, with what its lifespan left for requests."""
        await self._app({**scope, "state": dict(self._state)}, receive, send)

    async def begin(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": self._state}
        self._task = asyncio.create_task(self._live(scope))
        await self._ask("startup")

    async def end(self) -> None:
        await self._ask("shutdown")
        await self._task

    async def _live(self, scope: dict[str, Any]) -> None:
        await self._app(scope, self._asked.get, self._said.put)

    async def _ask(self, what: str) -> None:
        self._asked.put_nowait({"type": f"lifespan.{what}"})
        answer = asyncio.create_task(self._said.get())
        await asyncio.wait([answer, self._task], return_when=asyncio.FIRST_COMPLETED)
        if answer.done() and answer.result()["type"] == f"lifespan.{what}.complete":
            return
        answer.cancel()
        await self._task  # raises what the app did
        raise RuntimeError(f"The app ended its lifespan at {what}, without an error.")


@contextlib.contextmanager
def temporary_database(queue: JobQueue) -> Iterator[None]:
    """Let a queue, as that of a module, use an empty database in a temporary folder, which is removed afterwards.

    To be entered before the queue starts, and left after it has stopped. Raises `RuntimeError` otherwise.

    >>> def test_the_first_page():
    ...     with temporary_database(main.queue), TestClient(main.app, **LOCAL) as client:
    ...         assert client.get("/jobs").json()["items"] == []
    """
    _check_stopped(queue)
    before = queue.path, queue._durability
    with tempfile.TemporaryDirectory(prefix="dayjob-") as folder:
        queue.path, queue._durability = Path(folder) / "jobs.db", "process"
        try:
            yield
            _check_stopped(queue)
        finally:
            queue.path, queue._durability = before


def _check_stopped(queue: JobQueue) -> None:
    if queue.running:
        raise RuntimeError(
            "The queue is running: enter temporary_database() before its start, leave it after its stop."
        )


@contextlib.contextmanager
def fake_clock(queue: JobQueue, at: datetime | None = None) -> Iterator[FakeClock]:
    """Let time stand still for all queues of this process, and pass for ``queue`` when the test says so.

    Delays, retries, schedules, timeouts, ``stalled_after`` and retention go by this clock; what handlers do
    themselves (``asyncio.sleep``, child processes) does not, nor does the grace period of a handler that has to stop.
    ``at`` (aware) is when it begins; default: now. Raises `ValueError` for a time without a time zone.

    >>> async def test_the_reminder_comes_after_an_hour():
    ...     async with JobQueue(url) as queue:
    ...         with fake_clock(queue) as clock:
    ...             job_id = await queue.enqueue("remind", delay=3600)
    ...             await clock.advance(minutes=59)
    ...             assert (await queue.get_job_status(job_id)).status == "pending"
    ...             await clock.advance(minutes=1)
    ...             assert (await queue.get_job_status(job_id)).status == "completed"
    """
    clock = FakeClock(queue, now_micros() if at is None else to_micros(at))
    try:
        with use_clock(clock):
            yield clock
    finally:
        clock.hand_over()


@dataclass(order=True)
class _Timer:
    due: int  # in microseconds of the clock that only goes forward
    number: int
    call: Callable[[], None] = field(compare=False)
    loop: asyncio.AbstractEventLoop = field(compare=False)
    cancelled: bool = field(default=False, compare=False)

    def cancel(self) -> None:
        self.cancelled = True


_LONGEST = 2**62  # microseconds


class FakeClock(Clock):
    """A clock that a test turns; made by `fake_clock`."""

    PATIENCE = 0.1  # real seconds without news after which a job that still runs is taken for one that waits for time

    def __init__(self, queue: JobQueue, at: int) -> None:
        self._queue = queue
        self._at = at
        self._passed = 0
        self._timers: list[_Timer] = []
        self._numbers = itertools.count()

    @property
    def now(self) -> datetime:
        """What time it is (aware, in UTC)."""
        return to_datetime(self._at)

    async def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Let this much time pass, and all happen that falls into it: each at its time, in order.

        Returns when the jobs that became due have ended, and so has what they enqueued. A job that still runs and from
        which nothing is heard for a tenth of a (real) second is not waited for: it may be meant to reach its timeout.
        Raises `TimeoutError` if there is no end to the jobs for 30 real seconds.
        """
        left = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // timedelta(microseconds=1)
        if left < 0:
            raise ValueError("Time only goes forward; use jump() for a wall clock that is put back.")
        await self._settle()
        while left > 0:
            step = min(left, await self._until_next())
            left -= step
            self._at += step
            self._passed += step
            self._fire()
            await self._settle()
        if self._queue.max_workers:
            await self._queue.prune()

    async def jump(self, *, days: float = 0, hours: float = 0, minutes: float = 0, seconds: float = 0) -> None:
        """Put the wall clock forward or (negative) back, as a correction of the machine's clock does.

        No time passes: timeouts come no nearer. What is due by the new time happens before this returns.
        """
        self._at += timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds) // timedelta(microseconds=1)
        await self._settle()

    def micros(self) -> int:
        return self._at

    def seconds(self) -> float:
        return self._passed / 1_000_000

    def call_later(self, seconds: float, callback: Callable[..., None], *args: Any) -> Timer:
        due, loop = self._passed + max(0, math.ceil(seconds * 1_000_000)), asyncio.get_running_loop()
        timer = _Timer(due, next(self._numbers), functools.partial(callback, *args), loop)
        heapq.heappush(self._timers, timer)
        return timer

    def hand_over(self) -> None:
        """The test is over: what was to come later comes by the real clock."""
        for timer in self._timers:
            if not timer.cancelled and not timer.loop.is_closed():
                timer.loop.call_later((timer.due - self._passed) / 1_000_000, timer.call)
        self._timers.clear()

    def _fire(self) -> None:
        while self._timers and self._timers[0].due <= self._passed:
            timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                timer.call()

    async def _until_next(self) -> int:
        """Microseconds until something is due."""
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        waits = [timer.due - self._passed for timer in self._timers[:1]]
        due = [job.run_at async for job in _jobs(self._queue, Status.PENDING) if job.waits_for is None]
        due += [schedule.next_run_at for schedule in await self._queue.schedules() if not schedule.paused]
        waits += [to_micros(moment) - self._at for moment in due if moment is not None]
        return min((wait for wait in waits if wait > 0), default=_LONGEST)

    async def _settle(self) -> None:
        """Have everything done that is due now."""
        news = 0

        def listener(event: JobEvent) -> None:
            nonlocal news
            news += isinstance(event, StatusChanged)

        unlisten = self._queue.bus.listen(listener)
        try:
            async with asyncio.timeout(30):
                before = -1
                while news > before:
                    before = news
                    await self._look_again()
                    with contextlib.suppress(TimeoutError):
                        await drain(self._queue, self.PATIENCE)
        finally:
            unlisten()

    async def _look_again(self) -> None:
        engine = self._queue._get_engine()
        engine.pool.wake()
        if self._queue.max_workers:
            while await engine.scheduler.step() <= 0:
                pass


async def _is_busy(queue: JobQueue) -> bool:
    now = to_datetime(now_micros())
    async for job in _jobs(queue, Status.PENDING, Status.RUNNING):
        if _is_due(job, now):
            return True
    return False


async def _jobs(queue: JobQueue, *statuses: Status) -> AsyncIterator[JobStatus]:
    before = None
    while True:
        page = await queue.list_jobs(statuses, list(queue.registry.job_types), 200, before)
        for job in page.items:
            yield job
        if page.next is None:
            return
        before = page.next


def _is_due(job: JobStatus, now: datetime) -> bool:
    waits = job.waits_for is not None or (job.run_at is not None and job.run_at > now)
    return job.status is Status.RUNNING or not waits
