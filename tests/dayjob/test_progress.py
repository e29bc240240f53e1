"""Progress: throttled, monotone, and the last update is always delivered."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import decimal
import fractions
import itertools
import json
import math
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import pytest
from tests.dayjob import child_handlers

from dayjob import JobContext, JobQueue, JobRegistry, ProgressReporter, Stopped
from dayjob.current import InAttempt, leave
from dayjob.errors import NotInJob
from dayjob.progress import INTERVAL, JobProgress, Meter
from dayjob.types import Progress


class Seen(list[Progress]):
    """What was reported, and on which thread."""

    def __init__(self) -> None:
        super().__init__()
        self.threads: set[int] = set()

    def __call__(self, progress: Progress) -> None:
        self.threads.add(threading.get_ident())
        self.append(progress)


@pytest.fixture
def seen() -> Seen:
    return Seen()


@pytest.fixture
async def progress(seen: Seen) -> JobProgress:
    return JobProgress("j", seen, asyncio.get_running_loop())


def attempt_with(progress: JobProgress) -> Any:
    return SimpleNamespace(job_id="j", progress=progress, log=None)


@pytest.fixture
def reporter(progress: JobProgress) -> Iterator[ProgressReporter]:
    with InAttempt(attempt_with(progress)):
        yield ProgressReporter("j", total_items=100)


async def test_a_reporter_outside_its_job_is_refused(progress: JobProgress) -> None:
    with pytest.raises(NotInJob, match="does not run here"):
        ProgressReporter("j")
    with InAttempt(attempt_with(progress)), pytest.raises(NotInJob):
        ProgressReporter("another")


@pytest.mark.parametrize("checks", [None, lambda: None])
async def test_threads_without_the_context_find_their_job_by_its_id(
    progress: JobProgress, seen: Seen, checks: Any
) -> None:
    def work(_number: int) -> None:
        for _ in range(1000):
            ProgressReporter("j").update(1)

    attempt = attempt_with(progress)
    with InAttempt(attempt), ThreadPoolExecutor(8) as pool:
        await asyncio.gather(*(asyncio.get_running_loop().run_in_executor(pool, work, n) for n in range(8)))
        progress.close()
        leave(attempt)
        assert (seen[-1].processed, seen.threads) == (8000, {threading.get_ident()})
        with pytest.raises(NotInJob, match="does not run here"):
            await asyncio.get_running_loop().run_in_executor(pool, work, 9)


@pytest.mark.parametrize("run_in", [None, "process"])
@pytest.mark.parametrize("handler", [child_handlers.pooled, child_handlers.pooled_in_task])
async def test_all_threads_of_a_handler_report(
    queue: JobQueue, registry: JobRegistry, handler: Any, run_in: str | None
) -> None:
    registry.register("pooled", handler, run_in=run_in)
    job = await queue.wait(await queue.enqueue("pooled"), timeout=30)
    assert (job.error, job.result, job.processed_items, job.total_items) == (None, 6, 8, 8)


async def test_what_is_ignored_is_in_the_log_of_the_job(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("odd")
    async def odd(ctx: JobContext) -> None:
        await ctx.progress.update(math.nan, "goes on")

    job = await queue.wait(await queue.enqueue("odd"), timeout=10)
    assert (job.status, job.message) == ("completed", "goes on")
    assert [line.level for line in await queue.get_logs(job.id)] == ["WARNING"]


async def test_a_job_that_runs_again_is_the_one_that_threads_find(seen: Seen) -> None:
    loop = asyncio.get_running_loop()
    older, newer = JobProgress("j", seen, loop), JobProgress("j", seen, loop)
    ended, running = attempt_with(older), attempt_with(newer)
    with InAttempt(ended), InAttempt(running), ThreadPoolExecutor(1) as pool:
        older.close()
        leave(ended)
        await loop.run_in_executor(pool, lambda: ProgressReporter("j").update(5))
    assert (older.processed, newer.processed) == (0, 5)
    newer.close()


async def test_updates_count_up(reporter: ProgressReporter) -> None:
    reporter.update()
    reporter.update(5, "five", total=50)
    assert (reporter.processed_items, reporter.total_items) == (6, 50)


async def test_two_reporters_count_into_one_number(reporter: ProgressReporter, progress: JobProgress) -> None:
    reporter.update(1)
    with InAttempt(attempt_with(progress)):
        ProgressReporter("j").update(2)
    assert reporter.processed_items == 3
    assert reporter.total_items == 100


class Numpyish:
    """As numpy's floats: no int, but it has a value."""

    def __init__(self, value: float) -> None:
        self._value = value

    def __float__(self) -> float:
        return self._value


class NoNumber:
    def __index__(self) -> int:
        raise ValueError("no")

    __float__ = __str__ = __index__  # type: ignore[assignment]


BAD = [-1, -0.5, 2**63, 10**400, math.nan, math.inf, decimal.Decimal("NaN"), decimal.Decimal("1e400"), "1", None, [1]]


@pytest.mark.parametrize("value", [*BAD, NoNumber(), Numpyish(math.nan)], ids=lambda value: f"{type(value)}"[8:-2])
async def test_numbers_that_cannot_be_counted_are_ignored_with_one_warning(
    reporter: ProgressReporter, caplog: pytest.LogCaptureFixture, value: Any
) -> None:
    for _ in range(3):
        reporter.update(value, "goes on", total=NoNumber())  # type: ignore[arg-type]
        reporter.stage("a", total=value, share=value)
    assert (reporter.processed_items, reporter.total_items) == (0, None)
    (record,) = caplog.records
    assert (record.levelname, record.name) == ("WARNING", "dayjob.job")
    assert "use numbers from 0 to" in record.getMessage()


async def test_numbers_that_add_up_to_more_than_a_database_holds_are_ignored(reporter: ProgressReporter) -> None:
    reporter.update(2**62)
    reporter.update(2**62)
    assert reporter.processed_items == 2**62


@pytest.mark.parametrize(
    "one", [1.0, decimal.Decimal(1), fractions.Fraction(1), Numpyish(1.0), True], ids=lambda one: type(one).__name__
)
async def test_any_number_counts(reporter: ProgressReporter, progress: JobProgress, one: Any) -> None:
    reporter.update(one, total=one)
    snapshot = progress.snapshot()
    assert (snapshot.processed, snapshot.total) == (1, 1)
    assert type(snapshot.processed) is type(snapshot.total) is int


async def test_parts_of_items_add_up(reporter: ProgressReporter, progress: JobProgress) -> None:
    reporter.update(0, total=1)
    percents = []
    for _ in range(10):
        reporter.update(0.1)
        percents.append(progress.snapshot().percent)
    assert percents[4] == 50
    assert percents == sorted(percents)
    assert reporter.processed_items == 1
    reporter.update(fractions.Fraction(1, 3), total=4.5)
    assert (progress.snapshot().processed, progress.snapshot().total) == (1, 4)


@pytest.mark.parametrize(
    ("message", "shown"), [(7, "7"), (["a"], "['a']"), (ValueError("x"), "x"), (NoNumber(), "(NoNumber)"), ("", "")]
)
async def test_a_message_that_is_no_text_is_shown_as_one(
    reporter: ProgressReporter, progress: JobProgress, message: Any, shown: str
) -> None:
    reporter.update(1, message)
    assert progress.snapshot().message == shown
    reporter.stage(message)
    assert progress.snapshot().stage == shown


async def test_a_message_is_a_text_that_can_be_stored(reporter: ProgressReporter, progress: JobProgress) -> None:
    reporter.update(0, "a\0b\ud800" + "x" * 5000)
    message = progress.snapshot().message or ""
    assert message.startswith("a\ufffdb?x")
    assert len(message) == 1000


async def test_a_running_job_is_never_at_100_percent(reporter: ProgressReporter, progress: JobProgress) -> None:
    percents = [0]
    for _ in range(150):
        reporter.update(1)
        percents.append(progress.snapshot().percent)
    assert percents == sorted(percents)
    assert percents[50] == 50
    assert percents[-1] == 99


@pytest.mark.parametrize("total", [None, 0])
def test_percent_without_a_total_is_0(total: int | None) -> None:
    assert Progress(processed=7, total=total).percent == 0


async def test_many_updates_are_few_reports_and_the_last_one_is_delivered(
    reporter: ProgressReporter, progress: JobProgress, seen: Seen
) -> None:
    for _ in range(10_000):
        reporter.update(1)
    assert len(seen) <= 2
    progress.close()
    assert seen[-1].processed == 10_000


async def test_ten_updates_in_little_more_than_a_second_end_with_the_last_one(
    reporter: ProgressReporter, seen: Seen
) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for n in range(10):
        reporter.update(1)
        await asyncio.sleep(began + 0.12 * (n + 1) - loop.time())
    await asyncio.sleep(INTERVAL + 0.1)  # no more updates: the throttle itself has to deliver
    assert seen[-1].processed == 10
    assert len(seen) <= 5
    assert [p.processed for p in seen] == sorted(p.processed for p in seen)


async def test_nothing_is_reported_twice(reporter: ProgressReporter, progress: JobProgress, seen: Seen) -> None:
    reporter.update(1)
    progress.flush()
    count = len(seen)
    progress.flush()
    progress.close()
    assert len(seen) == count


async def test_a_new_message_passes_at_once(reporter: ProgressReporter, seen: Seen) -> None:
    reporter.update(1, "downloading")
    assert seen[-1].message == "downloading"


async def test_messages_that_change_with_every_item_do_not_become_a_flood(
    reporter: ProgressReporter, progress: JobProgress, seen: Seen
) -> None:
    for n in range(1000):
        reporter.update(1, f"item {n}")
    assert len(seen) <= 3
    progress.close()
    assert seen[-1].message == "item 999"


async def test_an_update_after_the_end_is_refused(
    reporter: ProgressReporter, progress: JobProgress, seen: Seen
) -> None:
    progress.close()
    count = len(seen)
    with pytest.raises(NotInJob, match="has ended"):
        reporter.update(1)
    assert len(seen) == count
    assert reporter.processed_items == 0


async def test_an_awaited_update_lets_others_run_and_a_cancel_in(reporter: ProgressReporter) -> None:
    async def busy() -> None:
        while True:
            await reporter.update(1)

    task = asyncio.create_task(busy())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_thread_may_update_and_reports_come_on_the_loop(seen: Seen) -> None:
    loop = asyncio.get_running_loop()
    progress = JobProgress("j", seen, loop, check=lambda: None)
    with InAttempt(attempt_with(progress)):
        await asyncio.to_thread(lambda: [ProgressReporter("j").update(1) for _ in range(1000)])
    progress.close()
    assert seen[-1].processed == 1000
    assert seen.threads == {threading.get_ident()}


async def test_a_coroutine_handler_may_update_from_threads_too(reporter: ProgressReporter, seen: Seen) -> None:
    def work() -> None:
        for n in range(100):
            reporter.update(1, f"n {n}")

    await asyncio.gather(*(asyncio.to_thread(work) for _ in range(4)))
    await asyncio.sleep(0)
    assert reporter.processed_items == 400
    assert seen.threads == {threading.get_ident()}


async def test_threads_that_update_together_lose_nothing(seen: Seen) -> None:
    progress = JobProgress("j", seen, asyncio.get_running_loop(), check=lambda: None)

    def work() -> None:
        reporter = ProgressReporter("j")
        for _ in range(2000):
            reporter.update(1)

    with InAttempt(attempt_with(progress)):
        context = contextvars.copy_context()
        threads = [threading.Thread(target=context.copy().run, args=(work,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    await asyncio.to_thread(lambda: [thread.join() for thread in threads])
    progress.close()
    assert seen[-1].processed == 8000


async def test_an_update_in_a_thread_stops_the_handler_once_it_has_to_stop(seen: Seen) -> None:
    def check() -> None:
        raise Stopped

    progress = JobProgress("j", seen, asyncio.get_running_loop(), check=check)
    with InAttempt(attempt_with(progress)), pytest.raises(Stopped):
        ProgressReporter("j").update(1)
    assert progress.processed == 1  # the item was done, so it counts


def test_the_meter_says_nothing_before_it_means_something() -> None:
    meter = Meter()
    assert meter.read(0, 100) == (None, None)
    meter.feed(0.0, 0)
    meter.feed(1.0, 10)
    assert meter.read(10, 100) == (None, None)


def test_the_meter_tells_rate_and_time_left() -> None:
    meter = Meter()
    for second in range(11):
        meter.feed(100.0 + second, second * 10)
    assert meter.read(100, 1000) == (10.0, 90.0)
    assert meter.read(100, None) == (10.0, None)
    assert meter.read(2000, 1000) == (10.0, 0.0)


def test_the_meter_follows_a_change_of_speed_smoothly() -> None:
    meter = Meter()
    for second in range(10):
        meter.feed(second, second * 10)
    meter.feed(10.0, 90)
    rate, _ = meter.read(90, 1000)
    assert rate == 9.0  # one slow second of ten weighs a tenth


def test_the_meter_guesses_no_end_from_few_items_or_from_a_standstill() -> None:
    meter = Meter()
    meter.feed(0.0, 0)
    meter.feed(4.0, 1)
    assert meter.read(1, 1000) == (0.25, None)
    still = Meter()
    still.feed(0.0, 10)
    still.feed(4.0, 10)
    assert still.read(10, 100) == (0.0, None)


def test_the_meter_takes_two_reports_at_the_same_moment() -> None:
    meter = Meter()
    meter.feed(1.0, 0)
    meter.feed(1.0, 5)
    assert meter.read(5, 10) == (None, None)


class TestStages:
    async def test_a_stage_counts_its_own_items(self, reporter: ProgressReporter, seen: Seen) -> None:
        reporter.update(30, "preparing")
        reporter.stage("Scenes", total=4)
        reporter.update(1, "first")
        progress = reporter._progress.snapshot()
        assert (progress.stage, progress.processed, progress.total, progress.message) == ("Scenes", 1, 4, "first")
        assert progress.percent == 30 + 35 // 4

    async def test_shares_add_up_and_a_stage_without_items_fills_its_own_at_its_end(
        self, reporter: ProgressReporter
    ) -> None:
        percents = []
        for name, share in (("Tags", 10), ("Scenes", 60), ("Images", 30)):
            with reporter.stage(name, share=share):
                percents.append(reporter._progress.snapshot().percent)
            percents.append(reporter._progress.snapshot().percent)
        assert percents == [0, 10, 10, 70, 70, 99]

    async def test_without_shares_each_takes_half_of_what_is_left(self, reporter: ProgressReporter) -> None:
        percents = []
        for number in range(6):
            reporter.stage(f"stage {number}", total=1)
            reporter.update(1)
            percents.append(reporter._progress.snapshot().percent)
        assert percents == [50, 75, 88, 94, 97, 99]

    async def test_shares_of_more_than_the_whole_end_at_99(self, reporter: ProgressReporter) -> None:
        for number in range(5):
            async with reporter.stage(f"stage {number}", total=1, share=60):
                reporter.update(1)
        assert reporter._progress.snapshot().percent == 99

    async def test_percent_never_goes_back_whatever_is_done(self, reporter: ProgressReporter) -> None:
        percents = []
        for number in range(200):
            if number % 40 == 20:
                reporter.stage(f"stage {number}", total=number % 7, share=1 + number % 90)
            reporter.update(number % 3, total=(number * 37) % 101 if number % 5 == 0 else None)
            percents.append(reporter._progress.snapshot().percent)
        assert percents == sorted(percents)
        assert percents[-1] > percents[0]

    async def test_an_error_does_not_fill_the_share(self, reporter: ProgressReporter) -> None:
        with contextlib.suppress(KeyError), reporter.stage("Scenes", total=10, share=50):
            reporter.update(1)
            raise KeyError
        assert reporter._progress.snapshot().percent == 5

    async def test_the_end_of_a_stage_that_was_followed_changes_nothing(self, reporter: ProgressReporter) -> None:
        with reporter.stage("outer", share=50):
            reporter.stage("inner", total=10, share=50)
        assert reporter._progress.snapshot().percent == 50
        assert reporter._progress.stage == "inner"

    async def test_a_new_stage_passes_at_once(self, reporter: ProgressReporter, seen: Seen) -> None:
        reporter.update(1, "downloading")
        reporter.stage("Scenes")
        assert seen[-1].stage == "Scenes"
        assert seen[-1].message is None

    async def test_stages_that_change_with_every_item_do_not_become_a_flood(
        self, reporter: ProgressReporter, progress: JobProgress, seen: Seen
    ) -> None:
        for number in range(1000):
            reporter.stage(f"stage {number}")
        assert len(seen) <= 10
        progress.close()
        assert seen[-1].stage == "stage 999"

    @pytest.mark.parametrize(("share", "taken"), [(0, 50), (-1, 50), (101, 50), (33.4, 33), (Numpyish(20.0), 20)])
    async def test_a_share_is_1_to_100(self, reporter: ProgressReporter, share: Any, taken: int) -> None:
        with reporter.stage("x", share=share):
            pass
        assert reporter._progress.snapshot().percent == taken

    async def test_a_thread_may_begin_stages(self, seen: Seen) -> None:
        progress = JobProgress("j", seen, asyncio.get_running_loop(), check=lambda: None)

        def work() -> None:
            reporter = ProgressReporter("j")
            with reporter.stage("Scenes", total=3):
                for _ in reporter.track([1, 2, 3]):
                    pass

        with InAttempt(attempt_with(progress)):
            await asyncio.to_thread(work)
        progress.close()
        assert (seen[-1].stage, seen[-1].processed, seen[-1].total) == ("Scenes", 3, 3)
        assert seen.threads == {threading.get_ident()}

    async def test_a_stage_after_the_end_is_refused(self, reporter: ProgressReporter, progress: JobProgress) -> None:
        progress.close()
        with pytest.raises(NotInJob, match="has ended"):
            reporter.stage("late")


class TestResumed:
    def resumed(self, seen: Seen, at: Progress) -> ProgressReporter:
        # Through JSON, as it is stored.
        counts = json.loads(json.dumps(at.counts()))
        progress = JobProgress("j", seen, asyncio.get_running_loop(), resumed=Progress.of_counts(counts))
        progress.flush()
        with InAttempt(attempt_with(progress)):
            return ProgressReporter("j", total_items=1000)

    async def test_it_counts_on(self, seen: Seen) -> None:
        reporter = self.resumed(seen, Progress(370, 1000, "page 37"))
        assert (seen[0].processed, seen[0].total, seen[0].percent) == (370, 1000, 37)
        assert seen[0].message == "resumed at 370"
        reporter.update(130)
        assert reporter._progress.snapshot().percent == 50
        assert reporter._progress.snapshot().message is None  # it is old news by now

    async def test_where_it_was_resumed_is_not_what_is_left_of_it(self, seen: Seen) -> None:
        reporter = self.resumed(seen, Progress(9, 20))
        reporter._progress.close()
        assert (seen[-1].processed, seen[-1].message) == (9, None)

    @pytest.mark.parametrize("before_the_work", [False, True])
    @pytest.mark.parametrize("sized", [False, True])
    async def test_a_loop_with_a_checkpoint_in_its_body_counts_right_after_it(
        self, seen: Seen, sized: bool, before_the_work: bool
    ) -> None:
        def items(start: int) -> Any:
            left = range(start, 400)
            return left if sized else iter(left)

        reporter = self.resumed(seen, Progress(0, None))
        restored = 0
        for crash in (7, 8, 200, 399, 400):
            for number in reporter.track(items(restored), total=400):
                done = number if before_the_work and sized else number + 1
                reporter._progress.count_in_hand()
                at = reporter._progress.snapshot()
                if done >= crash:
                    break
            restored = done
            reporter = self.resumed(seen, at)
        for _ in reporter.track(items(restored), total=400):
            pass
        assert (reporter.processed_items, reporter.total_items) == (400, 400)

    async def test_a_stage_that_is_begun_again_goes_on_where_it_stood(self, seen: Seen) -> None:
        reporter = self.resumed(seen, Progress(50, 100, None, None, None, "Scenes", (10, 90), 50))
        reporter.stage("Scenes", total=100, share=80)
        assert reporter.processed_items == 50
        reporter.update(25)
        assert reporter._progress.snapshot().percent == 70
        reporter.stage("Scenes", total=10)  # another one of that name begins at nothing
        assert reporter.processed_items == 0

    async def test_another_stage_begins_at_nothing_and_where_the_job_stands(self, seen: Seen) -> None:
        reporter = self.resumed(seen, Progress(100, 100, None, None, None, "Tags", (0, 40), 40))
        reporter.stage("Scenes", total=10, share=60)
        reporter.update(5)
        assert reporter.processed_items == 5
        assert reporter._progress.snapshot().percent == 70


class TestTrack:
    async def test_a_checkpoint_counts_the_item_in_whose_body_it_is_made(self, reporter: ProgressReporter) -> None:
        counted = []
        for outer in reporter.track(range(2), total=6):
            reporter._progress.count_in_hand()
            reporter._progress.count_in_hand()  # once
            for _ in reporter.track(range(2), total=6):
                if outer:
                    reporter._progress.count_in_hand()
                counted.append(reporter.processed_items)
        reporter._progress.count_in_hand()  # nothing is in hand
        assert counted == [1, 2, 5, 6]
        assert reporter.processed_items == 6

    async def test_an_item_counts_when_the_body_is_done_with_it(self, reporter: ProgressReporter) -> None:
        counted = [reporter.processed_items for _ in reporter.track("abc")]
        assert counted == [0, 1, 2]
        assert reporter.processed_items == 3

    async def test_an_item_whose_body_fails_does_not_count(self, reporter: ProgressReporter) -> None:
        with contextlib.suppress(KeyError):
            for item in reporter.track([1, 2, 3]):
                if item == 2:
                    raise KeyError
        assert reporter.processed_items == 1

    async def test_async_for_takes_both_kinds(self, reporter: ProgressReporter) -> None:
        async def pages() -> AsyncIterator[int]:
            for number in range(4):
                yield number

        assert [page async for page in reporter.track(pages())] == [0, 1, 2, 3]
        assert [page async for page in reporter.track([4, 5])] == [4, 5]
        assert reporter.processed_items == 6

    async def test_for_takes_no_async_items(self, reporter: ProgressReporter) -> None:
        async def pages() -> AsyncIterator[int]:
            yield 1

        with pytest.raises(TypeError, match="async for"):
            for _ in reporter.track(pages()):
                pass

    async def test_the_length_becomes_the_total(self, progress: JobProgress) -> None:
        with InAttempt(attempt_with(progress)):
            reporter = ProgressReporter("j")
        reporter.track([1, 2, 3])
        assert reporter.total_items == 3
        reporter.update(2)
        reporter.track([3, 4, 5, 6])
        assert reporter.total_items == 6, "what was counted before belongs to the whole"

    async def test_a_larger_total_is_kept_and_a_given_one_is_taken(self, reporter: ProgressReporter) -> None:
        reporter.track([1, 2, 3])
        assert reporter.total_items == 100
        reporter.track([1, 2, 3], total=5)
        assert reporter.total_items == 5
        reporter.track(iter([1]))
        assert reporter.total_items == 5

    async def test_async_for_lets_a_cancel_in(self, reporter: ProgressReporter) -> None:
        async def busy() -> None:
            async for _ in reporter.track(itertools.count()):
                pass

        task = asyncio.create_task(busy())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


def test_the_meter_begins_anew_with_a_new_stage() -> None:
    meter = Meter()
    for second in range(10):
        meter.feed(second, second * 10)
    meter.feed(10.0, 0)
    assert meter.read(0, 100) == (None, None)
