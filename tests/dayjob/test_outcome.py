"""Every way an attempt can end, times every reason to stop it, times what is left of its attempts."""

from __future__ import annotations

import asyncio
import concurrent.futures
import itertools
import math
from datetime import UTC, datetime
from typing import Any

import pytest

from dayjob import Fail, Retry, Status, Stopped, StopReason, constant, payload
from dayjob.models import JobDefinition
from dayjob.outcome import (
    MAX_ORPHANS,
    START_AGAIN,
    Abandoned,
    Ending,
    NotStarted,
    Orphaned,
    Policy,
    Raised,
    Returned,
    decide,
)
from dayjob.types import Event

NOW = 1_700_000_000_000_000
POLICY = Policy(constant(30))
ENDINGS: dict[str, Ending] = {
    "returned": Returned({"n": 1}),
    "raised": Raised(RuntimeError("boom")),
    "raised Stopped": Raised(Stopped()),
    "raised CancelledError": Raised(asyncio.CancelledError()),
    "raised Fail": Raised(Fail("Key refused.")),
    "raised Retry": Raised(Retry("Later.", after=5)),
    "abandoned": Abandoned(2.0),
    "orphaned": Orphaned(),
    "not started": NotStarted(),
}
STOPS = [None, StopReason.CANCELLED, StopReason.SHUTDOWN, StopReason.TIMEOUT]
LEFT = {"last attempt": 1, "more attempts": 3}


def a_job(**values: Any) -> JobDefinition:
    return JobDefinition("j", "t", {}, datetime(2026, 1, 1, tzinfo=UTC), worker="w", **values)


def expected(ending: str, stop: StopReason | None, max_attempts: int) -> Event:
    """The rules in the order of their rank, written down a second time and independently."""
    if ending == "returned":
        return Event.COMPLETE
    if stop is StopReason.CANCELLED:
        return Event.CANCEL
    if ending in ("not started", "orphaned") or stop is StopReason.SHUTDOWN:
        return Event.RELEASE
    if ending == "raised Fail" or max_attempts == 1:
        return Event.FAIL
    return Event.RETRY


TABLE = list(itertools.product(ENDINGS, STOPS, LEFT))


@pytest.mark.parametrize(("ending", "stop", "left"), TABLE)
def test_every_combination_ends_as_the_rules_say(ending: str, stop: StopReason | None, left: str) -> None:
    job = a_job(max_attempts=LEFT[left])
    moved = decide(job, ENDINGS[ending], stop, NOW, POLICY)
    event = expected(ending, stop, job.max_attempts)
    assert moved.event is event
    assert moved.failures == (1 if event in (Event.FAIL, Event.RETRY) else 0)
    assert moved.orphans == (1 if ending == "orphaned" and stop in (None, StopReason.TIMEOUT) else 0)
    assert (moved.run_at is not None) == (event is Event.RETRY)  # what was interrupted keeps the time it was meant for
    assert moved.now == NOW
    assert bool(moved.error) or event not in (Event.FAIL, Event.RETRY)


@pytest.mark.parametrize(("ending", "stop", "left"), TABLE)
def test_a_cancel_that_was_asked_for_counts_whatever_stopped_the_handler(
    ending: str, stop: StopReason | None, left: str
) -> None:
    moved = decide(a_job(max_attempts=LEFT[left], cancel_requested=True), ENDINGS[ending], stop, NOW, POLICY)
    assert moved.status is (Status.COMPLETED if ending == "returned" else Status.CANCELLED)


def test_a_result_is_stored_as_json_and_a_cancel_that_came_too_late_is_told() -> None:
    assert decide(a_job(), Returned([1]), None, NOW).result == "[1]"
    assert decide(a_job(), Returned(None), None, NOW).message is None
    late = decide(a_job(cancel_requested=True), Returned(None), StopReason.CANCELLED, NOW)
    assert (late.status, late.message) == (Status.COMPLETED, "The cancel came too late: the work was done.")


def circular() -> list[Any]:
    made: list[Any] = []
    made.append(made)
    return made


class HostileDict(dict[str, Any]):
    def items(self) -> Any:
        raise RuntimeError("no items today")

    def __len__(self) -> int:
        return 1


class HostileKey(str):
    hashed = 0

    def __hash__(self) -> int:
        HostileKey.hashed += 1
        if HostileKey.hashed > 1:
            raise SystemExit("no hash today")
        return 1


class HostileNumber:
    def __float__(self) -> float:
        raise SystemExit("no number today")


class HostileList(list[Any]):
    def __iter__(self) -> Any:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "result",
    [
        float("nan"),
        {b"x"},
        circular(),
        "x" * (payload.MAX_RESULT + 1),
        {1: 2, "1": 3},
        "\ud800",
        object(),
        HostileDict({HostileKey("a"): 1}),
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_result_that_cannot_be_stored_fails_the_job_for_good(result: Any) -> None:
    moved = decide(a_job(max_attempts=5), Returned(result), None, NOW)
    assert (moved.status, moved.result, moved.failures) == (Status.FAILED, None, 1)
    assert moved.error
    assert len(moved.error) < 5000


def test_of_a_hostile_result_what_its_base_class_has_is_stored() -> None:
    moved = decide(a_job(), Returned([HostileDict(a=HostileList([1]))]), None, NOW)
    assert (moved.status, moved.result) == (Status.COMPLETED, '[{"a":[1]}]')


@pytest.mark.parametrize("after", ["soon", math.nan, HostileNumber()])
def test_a_hostile_pause_is_no_pause(after: Any) -> None:
    retry = Retry("later")
    retry.after = after
    moved = decide(a_job(max_attempts=5), Raised(retry), None, NOW)
    assert moved.status is Status.PENDING
    assert moved.run_at is not None
    assert NOW <= moved.run_at < NOW + 60_000_000


def test_failures_add_up_until_no_attempt_is_left() -> None:
    for failures, event in ((0, Event.RETRY), (1, Event.RETRY), (2, Event.FAIL)):
        moved = decide(a_job(failures=failures, max_attempts=3), ENDINGS["raised"], None, NOW, POLICY)
        assert (moved.event, moved.failures) == (event, failures + 1)


def test_a_retry_waits_for_the_backoff_or_as_long_as_it_asked() -> None:
    job = a_job(max_attempts=3)
    assert decide(job, ENDINGS["raised"], None, NOW, POLICY).run_at == NOW + 30_000_000
    assert decide(job, ENDINGS["raised Retry"], None, NOW, POLICY).run_at == NOW + 5_000_000


def test_the_backoff_gets_the_number_of_failures() -> None:
    moved = decide(a_job(failures=3, max_attempts=9), ENDINGS["raised"], None, NOW, Policy(lambda n: n * 10.0))
    assert moved.run_at == NOW + 40_000_000


def no_backoff(_failures: int) -> float:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    "backoff",
    [no_backoff, *(lambda _n, s=s: s for s in (float("nan"), float("inf"), -5.0, 1e300, None, "soon"))],
    ids=["raises", "nan", "inf", "negative", "huge", "None", "text"],
)
def test_a_backoff_that_makes_no_sense_still_gives_a_time(backoff: Any) -> None:
    moved = decide(a_job(max_attempts=2), ENDINGS["raised"], None, NOW, Policy(backoff))
    assert moved.event is Event.RETRY
    assert moved.run_at is not None
    assert NOW <= moved.run_at < 2**62


@pytest.mark.parametrize("after", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_retry_after_a_time_that_makes_no_sense_still_gives_a_time(after: float) -> None:
    retry = Retry()
    retry.after = after
    moved = decide(a_job(max_attempts=2), Raised(retry), None, NOW, POLICY)
    assert moved.run_at is not None
    assert NOW <= moved.run_at < 2**62


def test_a_process_that_died_counts_as_an_orphan_and_not_as_a_failure() -> None:
    moved = decide(a_job(failures=1, orphans=1, max_attempts=2), Orphaned(), None, NOW)
    assert (moved.status, moved.failures, moved.orphans, moved.run_at) == (Status.PENDING, 1, 2, None)


def test_a_job_under_which_three_processes_died_is_not_run_again() -> None:
    moved = decide(a_job(orphans=MAX_ORPHANS - 1, max_attempts=99), Orphaned(), None, NOW)
    assert (moved.status, moved.orphans) == (Status.FAILED, 3)
    assert "3 processes died" in (moved.error or "")


def test_a_type_may_refuse_a_second_run_after_a_crash() -> None:
    moved = decide(a_job(max_attempts=99), Orphaned(), None, NOW, Policy(on_orphan="fail"))
    assert (moved.status, moved.error) == (Status.FAILED, "The process that ran the job died.")


def test_a_shutdown_keeps_all_counters() -> None:
    moved = decide(a_job(failures=1, orphans=2, max_attempts=3), Raised(Stopped()), StopReason.SHUTDOWN, NOW)
    assert (moved.status, moved.failures, moved.orphans, moved.error) == (Status.PENDING, 1, 2, None)


@pytest.mark.parametrize("stop", [None, StopReason.TIMEOUT, StopReason.CANCELLED])
def test_a_slot_that_was_written_off_says_so(stop: StopReason | None) -> None:
    assert "written off" in (decide(a_job(), Abandoned(2.5), stop, NOW).error or "")


def test_a_timeout_is_told_and_not_what_the_handler_made_of_it() -> None:
    assert decide(a_job(), Raised(Stopped()), StopReason.TIMEOUT, NOW).error == "The job ran longer than its timeout."


@pytest.mark.parametrize("error", [asyncio.CancelledError(), concurrent.futures.CancelledError(), Stopped()])
def test_a_cancelled_job_tells_an_error_only_if_the_handler_raised_another_one(error: BaseException) -> None:
    assert decide(a_job(), Raised(error), StopReason.CANCELLED, NOW).error is None
    assert decide(a_job(), Raised(OSError("disk")), StopReason.CANCELLED, NOW).error == "OSError: disk"


@pytest.mark.parametrize("error", [asyncio.CancelledError(), Stopped()])
def test_a_handler_that_stops_itself_failed(error: BaseException) -> None:
    assert "nobody had asked" in (decide(a_job(), Raised(error), None, NOW).error or "")


class StrRaises(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


class StrExits(Exception):
    def __str__(self) -> str:
        raise SystemExit


class StrIsNoText(Exception):
    def __str__(self) -> str:
        return 7  # type: ignore[return-value]


HOSTILE: dict[str, BaseException] = {
    "__str__ raises": StrRaises(),
    "__str__ exits": StrExits(),
    "__str__ gives no text": StrIsNoText(),
    "100 MB": ValueError("x" * 100_000_000),
    "surrogates": ValueError("a\ud800b"),
    "NUL": ValueError("a\0b"),
    "huge name": type("E" * 1_000_000, (Exception,), {})(),
    "group": ExceptionGroup("many", [ValueError(str(n)) for n in range(1000)]),
    "base class": BaseException("bare"),
    "SystemExit": SystemExit(3),
    "KeyboardInterrupt": KeyboardInterrupt(),
    "GeneratorExit": GeneratorExit(),
    "RecursionError": RecursionError("maximum recursion depth exceeded"),
    "no text": ValueError(),
    "Fail without text": Fail(),
    "Fail with a surrogate": Fail("\udfff"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_any_exception_gives_one_bounded_text_that_can_be_stored(name: str) -> None:
    moved = decide(a_job(), Raised(HOSTILE[name]), None, NOW)
    assert moved.status is Status.FAILED
    assert moved.error
    assert len(moved.error) <= 4200
    assert "\0" not in moved.error
    moved.error.encode()


def group(*inside: BaseException) -> BaseException:
    return BaseExceptionGroup("unhandled errors in a TaskGroup", inside)


def test_fail_anywhere_in_a_group_is_final() -> None:
    moved = decide(a_job(max_attempts=5), Raised(group(KeyError("a"), group(Fail("Key refused.")))), None, NOW, POLICY)
    assert (moved.event, moved.error) == (Event.FAIL, "KeyError: 'a', Key refused.")


def test_of_several_retries_in_a_group_the_longest_pause_counts() -> None:
    three = Retry("three")
    three.after = math.nan
    error = group(Retry("one", after=5), group(Retry("two", after=3600), three), OSError("x"))
    moved = decide(a_job(max_attempts=5), Raised(error), None, NOW, POLICY)
    assert (moved.event, moved.run_at) == (Event.RETRY, NOW + 3_600_000_000)
    assert moved.error == "one, two, three, OSError: x"


@pytest.mark.parametrize("error", [group(Stopped(), group(asyncio.CancelledError())), group(Stopped())])
def test_a_group_of_stops_is_a_stop(error: BaseException) -> None:
    assert decide(a_job(), Raised(error), StopReason.CANCELLED, NOW).error is None
    assert decide(a_job(), Raised(error), None, NOW).error == (
        "Stopped: the handler stopped itself although nobody had asked it to."
    )


def test_a_cancel_with_a_failure_beside_it_tells_the_failure_only() -> None:
    moved = decide(a_job(), Raised(group(Stopped(), OSError("disk"))), StopReason.CANCELLED, NOW)
    assert (moved.status, moved.error) == (Status.CANCELLED, "OSError: disk")


def test_the_error_of_a_group_names_what_is_in_it() -> None:
    few = group(ValueError("a"), ValueError("a"), group(KeyError("b")))
    assert decide(a_job(), Raised(few), None, NOW).error == "ValueError: a, KeyError: 'b'"
    many = group(*(ValueError(str(number)) for number in range(1000)))
    assert str(decide(a_job(), Raised(many), None, NOW).error).endswith("ValueError: 9, and 990 more")


def test_a_group_that_says_it_is_another_one_is_taken_for_what_it_is() -> None:
    class Liar(ExceptionGroup[Any]):
        exceptions = property(lambda _self: 1 / 0)  # type: ignore[assignment]

        def split(self, *_: Any) -> Any:
            raise SystemExit

    moved = decide(a_job(max_attempts=5), Raised(Liar("lies", [Fail("Key refused.")])), None, NOW)
    assert (moved.event, moved.error) == (Event.FAIL, "Key refused.")


def test_a_few_groups_in_each_other_that_stand_for_billions_are_looked_at_once() -> None:
    error: BaseException = ValueError("one")
    for _ in range(64):
        error = group(error, error)
    assert decide(a_job(), Raised(error), None, NOW).error == "ValueError: one"


def test_what_could_not_begin_is_tried_again_a_little_later_and_is_no_failure() -> None:
    moved = decide(a_job(failures=1), NotStarted("No thread."), None, NOW)
    assert (moved.status, moved.failures, moved.run_at) == (Status.PENDING, 1, NOW + START_AGAIN)


def test_fail_and_retry_are_told_in_the_words_of_the_handler() -> None:
    assert decide(a_job(), ENDINGS["raised Fail"], None, NOW).error == "Key refused."
    assert decide(a_job(), ENDINGS["raised Retry"], None, NOW).error == "Later."
    assert decide(a_job(), ENDINGS["raised"], None, NOW).error == "RuntimeError: boom"
