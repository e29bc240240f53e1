"""Progress of a running job: cheap for the handler, at most two reports a second, the last one always delivered."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import operator
import threading
import time
from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator, Sized
from typing import Any, Generic, SupportsFloat, SupportsIndex, TypeVar

from .current import attempt_of, current_attempt
from .errors import NotInJob, Stopped
from .models import Progress, percent_of
from .redaction import Redact, as_it_is, shortened

log = logging.getLogger("dayjob.job")

INTERVAL = 0.5  # seconds between two reports of a job, unless the message or the stage is new
_STAGE_INTERVAL = 0.05  # seconds between two reports of new stages
_YIELD_AFTER = 0.01  # seconds that a coroutine may go on between two awaited updates before others get a turn
_MAX_MESSAGE = 1000  # characters
_MAX_STAGE = 200  # characters
_MOST = 2**63 - 1  # what a database's integer holds
T = TypeVar("T")
Number = SupportsIndex | SupportsFloat


def _progress_of(job_id: str) -> JobProgress:
    """The progress of the running job, for code of its handler; raises `NotInJob`.

    Pools and threads of a handler's own know no context, but the id. The event loop belongs to everybody: there only
    tasks of the job itself report.
    """
    attempt = current_attempt()
    if attempt is not None and attempt.job_id == job_id and attempt.progress is not None:
        return attempt.progress  # type: ignore[no-any-return]  # of a higher rank
    attempt = attempt_of(job_id)
    if attempt is None or attempt.progress is None or attempt.progress.home == threading.get_ident():
        raise NotInJob(
            f"Job '{job_id}' does not run here, so nobody can be told about its progress. "
            "In a test, use dayjob.testing.record_progress()."
        )
    return attempt.progress  # type: ignore[no-any-return]


class ProgressReporter:
    """How a handler tells how far it is. Make one in the handler; it writes to the job that is running there.

    >>> progress = ProgressReporter(job_id, total_items=1000)     # doctest: +SKIP
    >>> await progress.update(1, "first page")                    # doctest: +SKIP

    It may be made and used in any thread of the handler. Two reporters in one job count into the same number. Raises
    `NotInJob` when it is made outside a job.
    """

    def __init__(self, job_id: str, total_items: float | None = None) -> None:
        self.job_id = job_id
        self._progress = _progress_of(job_id)
        if total_items is not None:
            self._progress.update(0, None, total_items)

    @classmethod
    def to(cls, progress: JobProgress) -> ProgressReporter:
        """The reporter of ``progress``, wherever it is made."""
        made = cls.__new__(cls)
        made.job_id, made._progress = progress.job_id, progress
        return made

    @property
    def total_items(self) -> int | None:
        """How many items there are, or None while nobody knows."""
        return None if self._progress.total is None else _whole(self._progress.total)

    @property
    def processed_items(self) -> int:
        """How many items are done."""
        return _whole(self._progress.processed)

    def update(self, processed: Number = 1, message: object = None, *, total: Number | None = None) -> JobProgress:
        """Count ``processed`` more items, and say ``message``; ``total`` sets the number of all items.

        It takes effect when it is called, so a plain function just calls it (where it raises `Stopped` once the job
        has to stop). In a coroutine ``await`` it: now and then that lets others run, and lets a cancel in. Calling it
        for every item is fine: it costs microseconds.

        Numbers may be parts (0.5), and of any kind that has a value (numpy's, `Decimal`, `Fraction`); what is no text
        is shown as one. Progress fails no job: numbers that cannot be counted (NaN, infinite, negative, over 64 bits)
        are ignored, with one warning in the job's log.
        """
        self._progress.update(processed, message, total)
        return self._progress

    def stage(self, name: object, total: Number | None = None, *, share: Number | None = None) -> Stage:
        """Begin the part of the job called ``name``, which counts its own items, ``total`` of them.

        The call is enough; ``with`` (or ``async with``) also says when the stage is over. It takes up ``share`` percent
        of the whole job, or half of what is left if nobody says. So the job's percent never goes back, and it is
        a guess where no shares are given. Rate, time left and message are those of the stage. When an attempt was
        resumed inside this stage, it goes on where it stood. A share that is not 1 to 100 is ignored, with a warning.

        >>> with progress.stage("Scenes", total=250, share=80):      # doctest: +SKIP
        ...     for scene in progress.track(scenes):
        ...         copy(scene)
        """
        number = self._progress.begin_stage(name, total, share)
        return Stage(self._progress, number)

    def track(self, items: Iterable[T] | AsyncIterable[T], total: Number | None = None) -> Tracked[T]:
        """Go through ``items`` and count each when the loop's body is done with it, or makes a checkpoint.

        ``async for`` takes both kinds of iterables (and lets a cancel in, like an awaited `update`), ``for`` the plain
        kind. ``total`` is the number of all items, also of those that were counted before; without it, what ``items``
        has (if it has a length) is added to what was counted, unless a larger total is known.

        >>> async for page in progress.track(pages):                 # doctest: +SKIP
        ...     await import_page(page)
        """
        left = len(items) if isinstance(items, Sized) else None
        self._progress.begin_loop(left, total)
        if total is None and left is not None:
            total = max(self.total_items or 0, self.processed_items + left)
        if total is not None:
            self._progress.update(0, None, total)
        return Tracked(self._progress, items)


class Stage:
    """A part of a job, begun by `ProgressReporter.stage`; the end of a ``with`` is its end, unless that is an error."""

    def __init__(self, progress: JobProgress, number: int) -> None:
        self._progress = progress
        self._number = number

    def __enter__(self) -> None:
        """It has begun already."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._progress.end_stage(self._number)

    async def __aenter__(self) -> None:
        """It has begun already."""

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.__exit__(kind)


class Tracked(Generic[T]):
    """What `ProgressReporter.track` returns: made for one loop."""

    def __init__(self, progress: JobProgress, items: Iterable[T] | AsyncIterable[T]) -> None:
        self._progress = progress
        self._items = items
        self._in_hand = ItemInHand(progress)

    def __iter__(self) -> Iterator[T]:
        if not isinstance(self._items, Iterable):
            raise TypeError("These items come asynchronously; use `async for`.")
        for item in self._items:
            with self._in_hand:
                yield item
            self._count()

    async def __aiter__(self) -> AsyncIterator[T]:
        if isinstance(self._items, AsyncIterable):
            async for item in self._items:
                with self._in_hand:
                    yield item
                await self._count()
        else:
            for item in self._items:
                with self._in_hand:
                    yield item
                await self._count()

    def _count(self) -> JobProgress:
        self._progress.update(self._in_hand.uncounted, None, None)
        return self._progress


class ItemInHand:
    """While inside, the item that the body of a tracked loop works on; ``uncounted`` is 1 until it counts."""

    def __init__(self, progress: JobProgress) -> None:
        self.uncounted = 1
        self._progress = progress
        self._outer: ItemInHand | None = None

    def __enter__(self) -> None:
        self.uncounted = 1
        self._outer, self._progress.in_hand = self._progress.in_hand, self

    def __exit__(self, *_: object) -> None:
        self._progress.in_hand = self._outer


class JobProgress:
    """The progress of one running attempt, and the throttle in front of everybody who wants to know it.

    ``report`` is called on the event loop with a `Progress`: at once for a new message, else at most every half
    second, and always once more after the last update. ``check`` is called in a plain function's thread at every
    update and may raise. ``redact`` hides the secrets in texts that are too long, before they are cut. ``home`` is the
    thread of ``loop`` (default: the calling one).
    """

    def __init__(
        self,
        job_id: str,
        report: Callable[[Progress], None],
        loop: asyncio.AbstractEventLoop,
        check: Callable[[], None] | None = None,
        resumed: Progress | None = None,
        redact: Redact = as_it_is,
        home: int | None = None,
    ) -> None:
        self.job_id = job_id
        self._redact = redact
        self.processed: float = 0
        self.total: float | None = None
        self.message: str | None = None
        self.stage: str | None = None
        self.in_hand: ItemInHand | None = None  # of the innermost loop
        self._greeting: str | None = None  # what is said of a resumed attempt until it gets further
        self._share = (0, 100)  # percent of the whole at which the stage begins and ends
        self._least = 0  # percent that was reached and is not taken back
        self._stages = 0
        self._resumed = resumed
        self._report = report
        self._loop = loop
        self.home: int | None = home or threading.get_ident()
        self._check = check
        self._meter = Meter()
        self._reported_at = 0.0
        self._told_message: str | None = None
        self._told_at = 0.0
        self._told_stage = 0
        self._stage_told_at = 0.0
        self._due = False
        self._dirty = False
        self.touched = resumed is not None  # whether there was any progress at all
        self._closed = False
        self._yielded_at = 0.0
        self._warned = False
        if resumed is not None:
            self._resume(resumed)

    def update(self, processed: Number, message: object, total: Number | None) -> None:
        """Take in what `ProgressReporter.update` was given."""
        self._refuse_if_closed()
        if total is not None and (number := self._number(total, "total")) is not None:
            self.total = number
        room = _MOST - self.processed
        if type(processed) is int and 0 <= processed <= room:
            self._add(processed)
        elif (number := self._number(processed, "processed", room)) is not None:
            self._add(number)
        if message is not None and (cleaned := _clean(message, _MAX_MESSAGE, self._redact)) != self.message:
            self.message = cleaned
        self._changed()

    def _add(self, items: float) -> None:
        self.processed += items  # nothing is called in between, so threads of one job do not lose each other's items
        if items and self._greeting is not None:
            if self.message is self._greeting:
                self.message = None
            self._greeting = None

    def begin_loop(self, left: int | None, total: Number | None) -> None:
        """A loop begins over ``left`` items (None: nobody knows) of ``total``."""
        known = self.total if total is None else self._number(total, "total")
        if self._greeting is not None and left is not None and self.processed + left - 1 == known:
            self.processed -= 1  # the item that made the checkpoint was not done: it is among those that are left

    def count_in_hand(self) -> None:
        """A checkpoint is made: count the item whose loop body makes it, which the next attempt will not see again."""
        if self.in_hand is not None and self.in_hand.uncounted:
            self.in_hand.uncounted = 0
            self._add(1)
            self._dirty = self.touched = True

    def begin_stage(self, name: object, total: Number | None, share: Number | None) -> int:
        """Take in what `ProgressReporter.stage` was given; returns the number of the stage."""
        self._refuse_if_closed()
        called = _clean(name, _MAX_STAGE, self._redact)
        items = None if total is None else self._number(total, "total")
        resumed, begins = self._resumed, self._stage_begins()
        if resumed is not None and resumed.stage == called:
            self.processed, self._share, self._resumed = resumed.processed, resumed.share, None
            self.total = resumed.total if items is None else items
        else:
            left = 100 - begins
            self.processed, self.total = 0, items
            self._share = (begins, begins + min(left, self._percent(share) or (left + 1) // 2))
        self.stage, self.message, self._meter = called, None, Meter()
        self._stages += 1
        self._changed()
        return self._stages

    def end_stage(self, number: int) -> None:
        """The stage is done: its whole share is. Says nothing about a stage that another one has followed."""
        if number == self._stages and not self._closed:
            self._least = max(self._least, self._share[1])
            self._changed()

    def replace(self, progress: Progress) -> None:
        """Take over what was counted, and throttled, in another process."""
        self._take_over(progress)
        self.flush()

    def __await__(self) -> Generator[Any, None, None]:
        now = time.monotonic()
        if now - self._yielded_at >= _YIELD_AFTER:
            self._yielded_at = now
            yield

    def snapshot(self) -> Progress:
        """How far the attempt is now, in whole items; parts of items count for the percent."""
        rate, eta = self._meter.read(self.processed, self.total)
        # What was shown once is not taken back, also when the total grows.
        self._least = percent_of(self.processed, self.total, self._share, self._least)
        done, total = _whole(self.processed), None if self.total is None else _whole(self.total)
        return Progress(done, total, self.message, rate, eta, self.stage, self._share, self._least)

    def flush(self) -> None:
        """Report what was not reported yet; on the event loop, when an interval is over and when the handler ended."""
        self._due = False
        if not self._dirty:
            return
        self._dirty = False
        self._reported_at = time.monotonic()
        if self.message is not self._told_message:
            self._told_message, self._told_at = self.message, self._reported_at
        if self._stages != self._told_stage:
            self._told_stage, self._stage_told_at = self._stages, self._reported_at
        self._meter.feed(self._reported_at, self.processed)
        self._report(self.snapshot())

    def close(self) -> None:
        """The attempt ended: report what was not reported yet, and take nothing more."""
        self._closed = True
        if self._greeting is not None and self.message == self._greeting:
            self.message, self._dirty = None, True
        self.flush()
        self._report, self._check, self._redact = _nobody, None, as_it_is

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise NotInJob(f"Job '{self.job_id}' has ended; a task or thread that it left behind cannot report for it.")

    def _stage_begins(self) -> int:
        """At what percent of the whole a stage begins now: where the one before it ends, or where the job stands."""
        return self._share[1] if self._stages else self.snapshot().percent

    def _changed(self) -> None:
        self._dirty = self.touched = True
        if self._check is not None:
            self._check()
        if not self._due or self.message is not self._told_message or self._stages != self._told_stage:
            self._arrange(time.monotonic())

    def _resume(self, progress: Progress) -> None:
        self._take_over(progress)
        self.message = self._greeting = f"resumed at {progress.processed}"

    def _take_over(self, progress: Progress) -> None:
        if progress.stage != self.stage:
            self._meter = Meter()
        self.processed, self.total, self.message = progress.processed, progress.total, progress.message
        self.stage, self._share, self._least = progress.stage, progress.share, max(self._least, progress.least)
        self._dirty = self.touched = True

    def _arrange(self, now: float) -> None:
        """See to it that this update is reported in time: the only place that decides when."""
        # A new message passes at once, but messages that change with every item must not become a flood.
        news = self.message is not self._told_message and now - self._told_at >= INTERVAL
        wait = 0.0 if news else self._reported_at + INTERVAL - now
        if self._stages != self._told_stage:
            wait = min(wait, self._stage_told_at + _STAGE_INTERVAL - now)
        if wait > 0 and self._due:
            return
        self._due = True
        if threading.get_ident() != self.home:  # the loop's methods are not for threads
            self._arrange_there(max(0.0, wait))
        elif wait > 0:
            self._loop.call_later(wait, self.flush)
        else:
            self.flush()

    def _arrange_there(self, wait: float) -> None:
        try:
            self._loop.call_soon_threadsafe(self._loop.call_later, wait, self.flush)
        except RuntimeError:  # the app has ended, and this thread was left behind
            raise Stopped("shutdown") from None

    def _number(self, value: Number, what: str, most: float = _MOST, least: float = 0) -> float | None:
        """The value as a number that can be counted; None for what has to be ignored, which is said once."""
        number = _as_number(value)
        if number is not None and least <= number <= most:
            return number
        if not self._warned:
            self._warned = True
            shown = _text(value)[:80]
            with contextlib.suppress(Exception):  # a log handler of the app may raise anything
                log.warning("progress: %s=%s is ignored; use numbers from %d to %d", what, shown, least, most)
        return None

    def _percent(self, share: Number | None) -> int | None:
        number = None if share is None else self._number(share, "share", 100, 1)
        return None if number is None else int(number)


class Meter:
    """Items per second as a moving average over about ten seconds, and the seconds that are left.

    Both stay None until they mean something: after three seconds and 2 % or five items.
    """

    _WINDOW, _SETTLED = 10.0, 3.0  # seconds

    def __init__(self) -> None:
        self._began: tuple[float, float] | None = None
        self._last: tuple[float, float] = (0.0, 0)
        self._rate: float | None = None

    def feed(self, now: float, processed: float) -> None:
        """Note that ``processed`` items were done at ``now`` (seconds of a monotonic clock)."""
        if self._began is None or processed < self._last[1]:  # a new stage
            self._rate = None
            self._began = self._last = (now, processed)
            return
        seconds, items = now - self._last[0], processed - self._last[1]
        if seconds <= 0:
            return
        # Exponential smoothing whose weight follows the time that passed; the first value is taken as it is.
        weight = min(1.0, seconds / self._WINDOW)
        self._rate = items / seconds if self._rate is None else self._rate + weight * (items / seconds - self._rate)
        self._last = (now, processed)

    def read(self, processed: float, total: float | None) -> tuple[float | None, float | None]:
        """Items per second and seconds left, each None while it would be a guess."""
        if self._began is None or self._rate is None or self._last[0] - self._began[0] < self._SETTLED:
            return None, None
        rate = round(self._rate, 2)
        enough = processed >= 5 or (total and processed * 50 >= total)
        if not enough or not total or self._rate <= 0:
            return rate, None
        return rate, round(max(0.0, (total - processed) / self._rate), 1)


def _as_number(value: Any) -> float | None:
    """Any number as one of Python's: whole ones as int. None for what is none (a text, for one)."""
    with contextlib.suppress(Exception):  # a stranger's __index__
        return operator.index(value)
    with contextlib.suppress(Exception):  # a stranger's __float__; what no float holds
        if hasattr(type(value), "__float__"):
            number = float(value)
            return int(number) if number.is_integer() else number
    return None


def _whole(number: float) -> int:
    """The whole items in it: ten times a tenth is one, whatever floats make of it."""
    return number if type(number) is int else int(number + 1e-9)


def _clean(message: object, longest: int, redact: Redact) -> str:
    """A message that can be stored and sent, whatever texts of strangers are in it."""
    return shortened(_text(message), longest, redact).replace("\0", "�").encode(errors="replace").decode()


def _text(value: object) -> str:
    try:
        return str.__str__(value if issubclass(type(value), str) else str(value))
    except Exception:  # noqa: BLE001 (a stranger's __str__)
        return f"({type(value).__name__})"


def _nobody(_progress: Progress) -> None:
    """Who is told when the attempt has ended. A callback that was kept would keep the whole attempt, in a circle."""
