"""Rate and time left of a job that somebody looks at from outside."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dayjob import JobStatus
from dayjob.cli.pace import Pace
from dayjob.states import Status

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
JOB = JobStatus("id", "t", Status.RUNNING, 0, 1000, 0, None, None, None, BEGAN, BEGAN, None, 1, 1)


def at(seconds: float, *, timed: bool) -> JobStatus:
    """A job that does ten items a second and stores them once a second."""
    stored = int(seconds)
    when = BEGAN + timedelta(seconds=stored) if timed else None
    return replace(JOB, processed_items=stored * 10, progressed_at=when)


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("first", [20.0, 20.9])
def test_it_is_right_from_the_start_however_often_somebody_looks(timed: bool, first: float) -> None:
    pace = Pace()
    for look in range(21):
        now = first + look / 4
        rate, left = pace.read(at(now, timed=timed), now)
        if rate is not None:
            assert 9 <= rate <= 11
            assert left == pytest.approx((1000 - int(now) * 10) / rate, abs=1)
    assert rate is not None


def test_after_a_while_without_progress_nothing_is_said() -> None:
    pace = Pace()
    for now in range(20, 26):
        rate, _ = pace.read(at(now, timed=True), now)
    assert rate is not None
    assert pace.read(at(25, timed=True), 34)[0] is not None
    assert pace.read(at(25, timed=True), 36) == (None, None)
