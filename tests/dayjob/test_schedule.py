"""What a schedule is made of, and what is due: pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dayjob import InvalidArguments, JobRegistry
from dayjob.errors import InvalidName, InvalidSchedule
from dayjob.schedule import Schedule
from dayjob.schedules import Cron

PLANNED = datetime(2026, 1, 1, 3, 0, tzinfo=UTC)


def schedule(missed: str, expression: str = "every 1 minute") -> Schedule:
    return Schedule("s", "t", Cron(expression), "{}", missed)


def at(**late: float) -> datetime:
    return PLANNED + timedelta(**late)


@pytest.mark.parametrize("missed", ["skip", "once"])
@pytest.mark.parametrize("late", [0, 0.5, 30, 60])
def test_a_tick_of_the_last_minute_is_run_and_the_next_one_follows_it(missed: str, late: float) -> None:
    due = schedule(missed, "every 1 second").due(PLANNED, at(seconds=late))
    assert (due.occurrence, due.next) == (PLANNED, at(seconds=1))


@pytest.mark.parametrize("late", [61, 3600, 86_400])
def test_missed_ticks_are_skipped_up_to_the_last_minute(late: float) -> None:
    now = at(seconds=late)
    due = schedule("skip").due(PLANNED, now)
    assert due.occurrence is None
    assert now - timedelta(minutes=1) < due.next <= now


@pytest.mark.parametrize("late", [61, 3600, 86_400])
def test_missed_ticks_are_run_once(late: float) -> None:
    now = at(seconds=late)
    due = schedule("once").due(PLANNED, now)
    assert due.occurrence == PLANNED
    assert now < due.next <= now + timedelta(minutes=1)


async def handler(job_id: str, n: int, flag: bool = False) -> None: ...


def declare(**options: Any) -> Schedule:
    kind = JobRegistry().register("work", handler)
    return Schedule.of(kind, "every 1 hour", **({"args": {"n": 1}} | options))


def test_a_declared_schedule() -> None:
    made = declare()
    assert (made.name, made.type, made.args, made.missed) == ("work", "work", '{"n":1}', "skip")
    assert declare(name="other").name == "other"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"args": None}, InvalidArguments),
        ({"args": {"n": 1, "x": 2}}, InvalidArguments),
        ({"args": {"n": "x"}}, InvalidArguments),
        ({"missed": "all"}, InvalidSchedule),
        ({"time_zone": "Mars"}, InvalidSchedule),
        ({"name": "a/b"}, InvalidName),
        ({"name": "ws"}, InvalidName),
    ],
)
def test_what_cannot_be_declared(options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        declare(**options)


def test_a_type_whose_schedule_is_wrong_is_not_registered() -> None:
    registry = JobRegistry()
    with pytest.raises(InvalidSchedule):
        registry.job("daily", schedule="25 o'clock")(lambda: None)
    with pytest.raises(InvalidArguments):
        registry.job("work", schedule="@daily")(handler)
    assert (registry.job_types, registry.schedules) == ({}, {})
