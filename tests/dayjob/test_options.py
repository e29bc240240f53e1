"""Options are checked where they are given: by type and range, with the option, the value and the fix in the error."""

from __future__ import annotations

import asyncio
import inspect
import json
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from dayjob import (
    InvalidArguments,
    JobContext,
    JobQueue,
    JobRegistry,
    JobRequest,
    Keep,
    Retention,
    Retry,
    Status,
    constant,
    exponential,
)
from dayjob.cli.parser import make_parser
from dayjob.errors import InvalidName, InvalidOption, InvalidSchedule
from dayjob.options import JOB_OPTIONS as JOB_KINDS
from dayjob.options import (
    RUN_OPTIONS,
    JobOptions,
    RunOptions,
    check_options,
    options_from_json,
    options_to_json,
)
from dayjob.web.run_options import read_run_options

HOUR = timedelta(hours=1)


class Whole:
    """An integer of another library, as numpy's are."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


class Level(IntEnum):
    HIGH = 7


async def handler(n: int = 1) -> int:
    return n


async def no_key(args: dict[str, Any]) -> str:
    return ""


NO_COUNTS = [0, -1, 1.5, 2.0, "2", True, math.inf, math.nan, [1], timedelta(1)]
NO_SECONDS = ["60", True, math.nan, math.inf, -1, 10**400, Decimal("NaN"), -HOUR, [60], datetime.now(UTC), 1j]
NO_PAUSES = [value for value in NO_SECONDS if not isinstance(value, list)]
NO_TIMES = [*NO_SECONDS, 0, timedelta(0)]
TYPE_OPTIONS = {
    "max_attempts": [*NO_COUNTS, None],
    "timeout": NO_TIMES,
    "backoff": [*NO_PAUSES, [], ["60"], [60, None], lambda: 60, lambda a, b: 60, no_key],
    "unique": [1, 0, ["a"], "", "a\0b", "\ud800", lambda: "key", no_key],
    "on_orphan": ["ignore", None, True, ["retry"]],
    "stalled_after": NO_TIMES,
    "run_in": ["thread", "", True, 1],
    "max_concurrency": NO_COUNTS,
    "max_pending": NO_COUNTS,
}


@pytest.mark.parametrize(("option", "value"), [(o, v) for o, values in TYPE_OPTIONS.items() for v in values])
def test_an_option_of_a_type_that_makes_no_sense_is_refused(registry: JobRegistry, option: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{option} is .*use "):
        registry.register("count", handler, **{option: value})
    assert not registry.job_types


@pytest.mark.parametrize("value", [5, "", ["a"], lambda: "key", no_key])
def test_a_concurrency_key_is_a_text_or_a_function(registry: JobRegistry, value: Any) -> None:
    with pytest.raises(InvalidOption, match=r"^concurrency_key is .*use "):
        registry.register("count", handler, max_concurrency=1, concurrency_key=value)


@pytest.mark.parametrize(("option", "value"), [("schedule", 60), ("schedule", HOUR), ("time_zone", UTC), ("missed", 1)])
def test_a_schedule_is_made_of_texts(registry: JobRegistry, option: str, value: Any) -> None:
    options: dict[str, Any] = {"schedule": "every 1 hour", option: value}
    with pytest.raises(InvalidSchedule, match=f"^{option} is .*use "):
        registry.register("count", handler, **options)


@pytest.mark.parametrize("option", [{"time_zone": "UTC"}, {"missed": "once"}])
def test_an_option_without_the_one_that_it_belongs_to_is_refused(registry: JobRegistry, option: Any) -> None:
    with pytest.raises(InvalidOption, match="give schedule, too"):
        registry.register("count", handler, **option)


def test_an_option_that_there_is_not_is_told_with_those_that_there_are(registry: JobRegistry) -> None:
    with pytest.raises(TypeError, match=r"no option retries; known are .*max_attempts"):
        registry.register("count", handler, **{"retries": 3})  # type: ignore[arg-type]


def test_a_description_is_a_text(registry: JobRegistry) -> None:
    with pytest.raises(InvalidOption, match="description is"):
        registry.job("count", handler)(handler)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [90, 90.0, timedelta(seconds=90), Whole(90), Decimal(90), Fraction(90)])
def test_seconds_are_any_number_or_a_timedelta(registry: JobRegistry, value: Any) -> None:
    made = registry.register("count", handler, timeout=value, stalled_after=value, backoff=value)
    kept = (made.timeout, made.stalled_after, made.backoff(3))
    assert kept == (90.0, 90.0, 90.0)
    assert {type(each) for each in kept} == {float}
    assert JobRequest("count", delay=value, timeout=value) == JobRequest("count", delay=90.0, timeout=90.0)
    assert Retry(after=value).after == 90.0
    assert JobQueue(grace=value).grace == 90.0


@pytest.mark.parametrize("value", [Whole(7), Level.HIGH])
def test_what_stands_for_a_whole_number_is_one(registry: JobRegistry, value: Any) -> None:
    made = registry.register("count", handler, max_attempts=value, max_concurrency=value, max_pending=value)
    queue = JobQueue(max_workers=value, max_pending=value)
    kept = [made.max_attempts, made.max_concurrency, made.max_pending, queue.max_workers, queue.max_pending]
    kept += [Keep(count=value).count, JobRequest("count", priority=value).options["priority"]]
    assert {(type(each), each) for each in kept} == {(int, 7)}


@pytest.mark.parametrize(
    ("backoff", "pauses"),
    [
        (3600, [3600, 3600, 3600]),
        (HOUR, [3600, 3600, 3600]),
        ([60, HOUR], [60, 3600, 3600]),
        ((1, 2, 3), [1, 2, 3]),
        (lambda failures: failures * 10, [10, 20, 30]),
        (constant(HOUR), [3600, 3600, 3600]),
        (exponential(HOUR, longest=timedelta(hours=2), jitter=0), [3600, 7200, 7200]),
    ],
)
def test_a_back_off_is_a_pause_or_several_or_a_function(registry: JobRegistry, backoff: Any, pauses: Any) -> None:
    made = registry.register("count", handler, backoff=backoff)
    assert [made.backoff(failures) for failures in (1, 2, 3)] == pauses


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({"backoff": HOUR}, 3600),
        ({"backoff": lambda failures: HOUR}, 3600),
        ({"backoff": [60, 3600]}, 60),
    ],
)
async def test_the_pause_that_was_asked_for_is_made(
    queue: JobQueue, registry: JobRegistry, options: Any, seconds: float
) -> None:
    failed = asyncio.Event()

    @registry.job("fail", max_attempts=2, **options)
    async def fail() -> None:
        failed.set()
        raise ConnectionError

    assert await pause_after(queue, "fail") == pytest.approx(seconds, abs=30)


@pytest.mark.parametrize(("after", "seconds"), [(HOUR, 3600), (-HOUR, 0), (-3.5, 0), (None, 7200)])
async def test_a_retry_waits_as_long_as_it_asked(
    queue: JobQueue, registry: JobRegistry, after: Any, seconds: float
) -> None:
    @registry.job("busy", max_attempts=2, backoff=7200)
    async def busy(ctx: JobContext) -> None:
        if ctx.attempt == 1:
            raise Retry("busy", after=after)

    if seconds:
        assert await pause_after(queue, "busy") == pytest.approx(seconds, abs=30)
    else:
        assert (await queue.wait(await queue.enqueue("busy"), 20)).status is Status.COMPLETED


async def pause_after(queue: JobQueue, job_type: str) -> float:
    """Seconds until the second attempt of a job."""
    job_id = await queue.enqueue(job_type)
    async for job in queue.updates(job_id):
        if job.failures:
            break
    await queue.cancel_job(job_id)
    assert job.run_at is not None
    return (job.run_at - datetime.now(UTC)).total_seconds()


@pytest.mark.parametrize("after", ["3600", "Wed, 21 Oct 2026 07:28:00 GMT", True, math.nan, math.inf, 1e300])
async def test_a_retry_after_what_is_no_time_says_so(queue: JobQueue, registry: JobRegistry, after: Any) -> None:
    @registry.job("busy")
    async def busy() -> None:
        raise Retry("busy", after=after)

    job = await queue.wait(await queue.enqueue("busy"), 20)
    assert (job.error or "").startswith("InvalidOption: after is ")


@pytest.mark.parametrize(
    ("backoff", "said"), [(lambda _: "soon", "no number"), (lambda n: [1][n], "raised IndexError")]
)
async def test_a_back_off_with_a_bug_is_told(
    queue: JobQueue, registry: JobRegistry, caplog: pytest.LogCaptureFixture, backoff: Any, said: str
) -> None:
    async def fail() -> None:
        raise ConnectionError

    registry.register("fail", fail, max_attempts=2, backoff=backoff)
    await queue.wait(await queue.enqueue("fail"), 20)
    assert "the back-off of 'fail'" in caplog.text
    assert said in caplog.text


@pytest.mark.parametrize(
    "make",
    [
        lambda value: constant(value),
        lambda value: exponential(value),
        lambda value: exponential(longest=value),
        lambda value: exponential(factor=value),
        lambda value: exponential(jitter=value),
    ],
)
@pytest.mark.parametrize("value", ["2", True, math.nan, -1])
def test_the_parts_of_a_back_off_are_numbers(make: Callable[[Any], Any], value: Any) -> None:
    with pytest.raises(InvalidOption, match="use "):
        make(value)


QUEUE_OPTIONS = {
    "max_workers": [-1, 1.5, "3", True, None, 10_001],
    "grace": NO_SECONDS,
    "durability": ["disk", None, True],
    "registry": [{}, "registry", JobRegistry],
    "retention": [Keep(), timedelta(7), 7, {}],
    "max_pending": NO_COUNTS,
}


@pytest.mark.parametrize(("option", "value"), [(o, v) for o, values in QUEUE_OPTIONS.items() for v in values])
def test_an_option_of_a_queue_that_makes_no_sense_is_refused(option: str, value: Any) -> None:
    with pytest.raises(InvalidOption, match=f"^{option} is .*use "):
        JobQueue(**{option: value})


@pytest.mark.parametrize("option", ["age", "count"])
@pytest.mark.parametrize("value", [7, -1, True, "7 days", timedelta(-1), timedelta.max, math.inf])
def test_what_is_kept_is_said_by_age_and_count(option: str, value: Any) -> None:
    if option == "count" and value == 7:
        return
    with pytest.raises(InvalidOption, match=f"^{option} is .*use "):
        Keep(**{option: value})


@pytest.mark.parametrize("status", ["completed", "failed", "cancelled"])
def test_a_retention_is_made_of_keeps(status: str) -> None:
    with pytest.raises(InvalidOption, match=rf"^{status} is .*Retention\({status}=Keep"):
        Retention(**{status: timedelta(days=7)})  # type: ignore[arg-type]


JOB_OPTIONS = {
    "priority": [1.0, "high", True, None, 1001, -1001],
    "delay": NO_SECONDS,
    "run_at": [datetime.now(), "2030-01-01T00:00:00Z", 1_900_000_000, HOUR],
    "timeout": NO_TIMES,
}
OWN_OPTIONS = {"unique_key": ["", 5, "k" * 256, "a\0b", "\ud800"], "idempotency_key": ["", 5, "k" * 256]}
EACH = [(option, value) for options in (JOB_OPTIONS, OWN_OPTIONS) for option in options for value in options[option]]


@pytest.mark.parametrize(("option", "value"), EACH)
async def test_an_option_of_a_job_that_makes_no_sense_is_refused(
    queue: JobQueue, registry: JobRegistry, option: str, value: Any
) -> None:
    registry.register("count", handler)
    given = {option: value}
    refused = pytest.raises(InvalidOption, match=f"^{option} is .*use ")
    with refused:
        JobRequest("count", **given)
    with refused:
        queue.configure(**given)
    with refused:
        await queue.enqueue("count", **given)
    assert not (await queue.list_jobs()).items


async def test_the_same_holds_for_children_in_every_runner(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("count", handler)

    @registry.job("parent")
    async def parent(ctx: JobContext) -> list[str]:
        return [refusal(ctx, option, value) for option, value in ((o, v) for o, vs in JOB_OPTIONS.items() for v in vs)]

    def refusal(ctx: JobContext, option: str, value: Any) -> str:
        with pytest.raises(InvalidOption, match=f"^{option} is .*use ") as caught:
            ctx.enqueue_child("count", **{option: value})
        return str(caught.value)

    assert len(await queue.result(await queue.enqueue("parent"), 20)) == sum(map(len, JOB_OPTIONS.values()))


async def test_a_child_may_wait_for_a_timedelta(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("count", handler)

    @registry.job("parent")
    async def parent(ctx: JobContext) -> str:
        return (await ctx.enqueue_child("count", delay=HOUR, timeout=HOUR)).id

    child = await queue.get_job_status(await queue.result(await queue.enqueue("parent"), 20))
    assert child is not None
    assert child.timeout == 3600.0
    assert child.run_at is not None
    assert (child.run_at - datetime.now(UTC)).total_seconds() == pytest.approx(3600, abs=30)


async def test_a_job_waits_and_is_stopped_by_timedeltas(queue: JobQueue, registry: JobRegistry) -> None:
    @registry.job("sleep")
    async def sleep() -> None:
        await asyncio.sleep(600)

    limited = await queue.enqueue("sleep", timeout=timedelta(milliseconds=1))
    assert "timeout" in ((await queue.wait(limited, timedelta(seconds=20))).error or "")
    later = await queue.enqueue("sleep", delay=HOUR)
    with pytest.raises(TimeoutError):
        await queue.wait(later, timeout=timedelta(milliseconds=1))
    with pytest.raises(InvalidOption, match="timeout is '1'"):
        await queue.wait(later, timeout="1")  # type: ignore[arg-type]


async def test_seconds_as_a_number_or_a_timedelta_are_the_same_request(queue: JobQueue, registry: JobRegistry) -> None:
    registry.register("count", handler)
    given = [await queue.enqueue("count", delay=delay, idempotency_key="k") for delay in (3600, 3600.0, HOUR)]
    assert len(set(given)) == 1


async def test_run_at_and_delay_exclude_each_other() -> None:
    with pytest.raises(InvalidOption, match="run_at or delay"):
        JobRequest("count", run_at=datetime.now(UTC), delay=1)


def test_an_id_that_cannot_be_one_is_refused_where_it_is_given() -> None:
    with pytest.raises(InvalidName):
        JobRequest("count", job_id="a b")


async def test_a_stop_within_a_timedelta(path: Path, registry: JobRegistry) -> None:
    queue = JobQueue(f"sqlite:///{path}", registry=registry)
    await queue.start()
    with pytest.raises(InvalidOption, match="grace is '5'"):
        await queue.stop("5")  # type: ignore[arg-type]
    assert queue.running
    await queue.stop(timedelta(seconds=1))
    assert not queue.running


class TestArguments:
    @pytest.fixture(autouse=True)
    def _type(self, registry: JobRegistry) -> None:
        registry.register("count", handler)

    async def test_they_may_stand_behind_the_type_or_behind_the_function(self, queue: JobQueue) -> None:
        ids = [
            await queue.enqueue("count", {"n": 4}),
            await queue.enqueue("count", handler, {"n": 4}),
            await queue.enqueue("count", None, {"n": 4}),
            await queue.enqueue("count", job_args={"n": 4}),
            await queue.enqueue("count", job_func=handler, job_args={"n": 4}),
            (await queue.configure(priority=1).enqueue("count", {"n": 4})).id,
        ]
        assert [await queue.result(job_id, 20) for job_id in ids] == [4] * 6

    async def test_without_any_the_defaults_hold(self, queue: JobQueue) -> None:
        assert await queue.result(await queue.enqueue("count", {}), 20) == 1
        assert JobRequest("count", None).job_args == {}  # type: ignore[arg-type]

    @pytest.mark.parametrize("args", [[1, 2], [], "text", "", 5, 0, False, {1, 2}])
    async def test_what_is_no_mapping_gets_a_sentence(self, queue: JobQueue, args: Any) -> None:
        sentence = pytest.raises(InvalidArguments, match=r"job_args is .*use a mapping from the names of arguments")
        with sentence:
            await queue.enqueue("count", job_args=args)
        with sentence:
            await queue.enqueue("count", args)
        with sentence:
            await queue.configure().enqueue("count", args)
        with sentence:
            JobRequest("count", args)

    async def test_given_twice_they_are_refused(self, queue: JobQueue) -> None:
        with pytest.raises(InvalidArguments, match="job_args are given already"):
            await queue.enqueue("count", {"n": 1}, {"n": 2})

    async def test_those_of_children_too(self, queue: JobQueue, registry: JobRegistry) -> None:
        @registry.job("parent")
        async def parent(ctx: JobContext) -> None:
            await ctx.enqueue_child("count", [1, 2])  # type: ignore[call-overload]

        job = await queue.wait(await queue.enqueue("parent"), 20)
        assert "job_args is [1, 2]; use a mapping" in (job.error or "")

    async def test_those_of_a_schedule_too(self, queue: JobQueue) -> None:
        with pytest.raises(InvalidArguments, match=r"args is \[1, 2\]; use a mapping"):
            queue.schedule("count", "every 1 hour", args=[1, 2])  # type: ignore[arg-type]


class TestLists:
    async def test_statuses_may_be_texts(self, queue: JobQueue, registry: JobRegistry) -> None:
        registry.register("count", handler)
        job_id = await queue.enqueue("count", delay=60)
        await queue.cancel_job(job_id)
        for statuses in (["cancelled"], "cancelled", [Status.CANCELLED], ("failed", "cancelled")):
            assert [job.id for job in (await queue.list_jobs(statuses)).items] == [job_id]
        assert not (await queue.list_jobs(["failed"])).items
        assert len((await queue.list_jobs(types="count")).items) == 1

    @pytest.mark.parametrize(
        "given",
        [
            {"statuses": ["done"]},
            {"statuses": [1]},
            {"types": [handler]},
            {"limit": 0},
            {"limit": -1},
            {"limit": "5"},
            {"before": "x"},
        ],
    )
    async def test_what_is_none_is_told(self, queue: JobQueue, given: dict[str, Any]) -> None:
        with pytest.raises(InvalidOption, match=f"{next(iter(given))} is .*use "):
            await queue.list_jobs(**given)


EACH = {"priority": 7, "run_at": datetime(2026, 1, 1, tzinfo=UTC), "delay": HOUR, "timeout": HOUR}


def test_each_option_of_a_run_is_tried_below() -> None:
    assert EACH.keys() == RUN_OPTIONS.keys() == RunOptions.__annotations__.keys()
    assert JOB_KINDS.keys() == JobOptions.__annotations__.keys()


@pytest.mark.parametrize("name", EACH)
def test_each_option_goes_through_json(name: str) -> None:
    options = JobRequest("count", **{name: EACH[name]}).options
    assert options.keys() == {name}
    through = json.loads(json.dumps(options_to_json(options)))
    assert check_options(options_from_json(through), RUN_OPTIONS) == options


@pytest.mark.parametrize("name", EACH)
def test_what_says_nothing_is_left_out(name: str) -> None:
    assert JobRequest("count", **{name: 0 if name == "priority" else None}) == JobRequest("count")


@pytest.mark.parametrize("name", EACH)
def test_each_option_is_a_parameter_of_the_routes_and_of_the_command(name: str) -> None:
    assert name in inspect.signature(read_run_options).parameters
    texts = {"priority": "7", "run_at": "2026-01-01T00:00:00Z", "delay": "3600", "timeout": "3600.0"}
    parsed = make_parser().parse_args(["run", "count", f"--{name.replace('_', '-')}", texts[name]])
    assert JobRequest("count", **{name: getattr(parsed, name)}) == JobRequest("count", **{name: EACH[name]})


async def test_an_option_that_there_is_not_is_refused_by_whoever_adds_a_job(queue: JobQueue) -> None:
    wrong: Any = {"urgency": 3}
    refused = pytest.raises(TypeError, match=r"no option urgency; known are .*unique_key")
    with refused:
        JobRequest("count", **wrong)
    with refused:
        queue.configure(**wrong)
    with refused:
        await queue.enqueue("count", **wrong)
