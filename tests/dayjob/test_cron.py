"""When a schedule runs, without a clock: expressions, time zones, and the two nights a year that are odd."""

from __future__ import annotations

import doctest
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dayjob import cron
from dayjob.errors import InvalidSchedule
from dayjob.schedules import Cron


def run(expression: str, zone: str, start: str, count: int) -> list[str]:
    """The next times after the local time ``start``, as local times with their offsets."""
    schedule, local = Cron(expression, zone), ZoneInfo(zone)
    moment, times = datetime.fromisoformat(start).replace(tzinfo=local), []
    for _ in range(count):
        later = schedule.after(moment)
        assert later > moment
        assert later.utcoffset() == timedelta(0)
        moment = later
        times.append(moment.astimezone(local).strftime("%m-%d %H:%M:%S %z"))
    return times


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 3 * * *", "2026-01-02 03:00:00"),
        ("*/15 * * * *", "2026-01-01 12:45:00"),
        ("*/10 * * * * *", "2026-01-01 12:34:10"),
        ("0 9 * * MON", "2026-01-05 09:00:00"),
        ("0 0 L * *", "2026-01-31 00:00:00"),
        ("@hourly", "2026-01-01 13:00:00"),
        ("@daily", "2026-01-02 00:00:00"),
        ("@weekly", "2026-01-04 00:00:00"),
        ("@monthly", "2026-02-01 00:00:00"),
        ("@yearly", "2027-01-01 00:00:00"),
        ("every second", "2026-01-01 12:34:06"),
        ("every 30 seconds", "2026-01-01 12:34:30"),
        ("every 5 minutes", "2026-01-01 12:35:00"),
        ("EVERY 2 Hours", "2026-01-01 14:00:00"),
    ],
)
def test_the_next_time(expression: str, expected: str) -> None:
    after = Cron(expression).after(datetime(2026, 1, 1, 12, 34, 5, 999_999, tzinfo=UTC))
    assert str(after) == expected + "+00:00"


@pytest.mark.parametrize(
    "expression",
    ["", " ", "x", "* * * *", "60 * * * *", "0 0 31 2 *", "every 0 seconds", "every -1 seconds", "every", "every 5",
     "@reboot", "@", "a b c d e", "0 3 * * * * *", "\0", "*/0 * * * *", "² * * * *", "1" * 201,
     "every 99999999 hours"],
)  # fmt: skip
def test_what_is_no_expression(expression: str) -> None:
    with pytest.raises(InvalidSchedule):
        Cron(expression)


@pytest.mark.parametrize("zone", ["", "Nowhere", "Europe", "../../etc/passwd", "/etc/localtime", "Europe/Berlin\0"])
def test_what_is_no_time_zone(zone: str) -> None:
    with pytest.raises(InvalidSchedule, match="time zone"):
        Cron("every second", zone)


# (zone, a wall time that the clock leaves out in spring, when that night's run is, the same for autumn's double time)
NIGHTS = [
    ("Europe/Berlin", "30 2", "2026-03-28T12:00", "03-29 03:00:00 +0200", "2026-10-24T12:00", "10-25 02:30:00 +0200"),
    ("America/New_York", "30 2", "2026-03-07T12:00", "03-08 03:00:00 -0400", "2026-10-31T12:00", None),
    ("America/New_York", "30 1", "2026-03-07T12:00", None, "2026-10-31T12:00", "11-01 01:30:00 -0400"),
    ("Australia/Lord_Howe", "15 2", "2026-10-03T12:00", "10-04 02:30:00 +1100", "2026-04-04T12:00", None),
    ("Australia/Lord_Howe", "45 1", "2026-10-03T12:00", None, "2026-04-04T12:00", "04-05 01:45:00 +1100"),
]


@pytest.mark.parametrize(("zone", "time", "spring", "in_spring", "autumn", "in_autumn"), NIGHTS)
@pytest.mark.parametrize("seconds", ["", "0 "], ids=["five-fields", "six-fields"])
def test_a_daily_time_comes_once_a_day_in_both_nights(
    zone: str, time: str, spring: str, in_spring: str | None, autumn: str, in_autumn: str | None, seconds: str
) -> None:
    for start, expected in ((spring, in_spring), (autumn, in_autumn)):
        times = run(f"{seconds}{time} * * *", zone, start, 3)
        days = [date.fromisoformat(f"2026-{t[:5]}") for t in times]
        assert [later - day for day, later in pairwise(days)] == [timedelta(days=1)] * 2
        assert expected is None or times[0] == expected


def test_between_two_equal_times_the_second_one_does_not_count() -> None:
    between = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))
    assert str(Cron("30 2 * * *", "Europe/Berlin").after(between)) == "2026-10-26 01:30:00+00:00"


def test_every_hour_goes_on_evenly_through_the_nights() -> None:
    for start in ("2026-03-28T23:30", "2026-10-24T23:30"):
        moment, schedule = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo("Europe/Berlin")), Cron("0 * * * *")
        times = [moment := schedule.after(moment) for _ in range(6)]
        assert {later - time for time, later in pairwise(times)} == {timedelta(hours=1)}


def test_every_second_hour_is_a_time_on_the_wall() -> None:
    autumn = run("0 */2 * * *", "Europe/Berlin", "2026-10-25T01:00", 2)
    assert autumn == ["10-25 02:00:00 +0200", "10-25 04:00:00 +0100"]
    spring = run("0 */2 * * *", "Europe/Berlin", "2026-03-29T01:00", 2)
    assert spring == ["03-29 03:00:00 +0200", "03-29 04:00:00 +0200"]


EXPRESSIONS = ["30 2 * * *", "0 * * * *", "*/20 * * * *", "15 1,2,3 * * *", "0 */3 * * *", "0 30 2 * * *", "* 2 * * *"]
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))


@given(st.sampled_from(EXPRESSIONS), st.sampled_from([night[0] for night in NIGHTS]), MOMENTS)
def test_the_next_time_is_later_and_the_first(expression: str, zone: str, moment: datetime) -> None:
    schedule = Cron(expression, zone)
    later = schedule.after(moment)
    assert later > moment
    assert schedule.after(later - timedelta(microseconds=1)) == later
    assert schedule.after(moment + (later - moment) / 2) == later


def test_words() -> None:
    assert Cron("0 3 * * *").words == "At 03:00 every day"
    assert Cron("@daily").words == "At 00:00 every day"
    assert Cron("every 90 seconds").words == "Every 90 seconds"


def test_examples() -> None:
    results = doctest.testmod(cron)
    assert (results.failed, results.attempted) == (0, 2)


WITHOUT = """
import sys
sys.modules["cronsim"] = None
from dayjob.schedules import Cron
print(Cron("every 5 minutes").words)
Cron("0 3 * * *")
"""


def test_without_cronsim_the_error_says_what_to_install() -> None:
    done: Any = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, timeout=60)
    assert done.stdout == "Every 5 minutes\n"
    assert 'CronMissing: Cron expressions need cronsim: pip install "dayjob[cron]"' in done.stderr
