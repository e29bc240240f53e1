"""A clock that a test turns, so that nothing waits for real time."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import heapq
import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ..clock import Clock, Timer, now_micros, use_clock
from ..events import JobEvent, StatusChanged
from ..job_queue import JobQueue
from ..repository import to_datetime, to_micros
from ..states import Status
from .queues import drain, jobs_of


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
        due = [job.run_at async for job in jobs_of(self._queue, Status.PENDING) if job.waits_for is None]
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
