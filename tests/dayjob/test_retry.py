from __future__ import annotations

import pytest

from dayjob import constant, exponential


def test_waits_double_and_are_capped() -> None:
    wait = exponential(1.0, longest=10.0, jitter=0)
    assert [wait(failures) for failures in (1, 2, 3, 4, 5, 6)] == [1, 2, 4, 8, 10, 10]


def test_a_thousand_failures_do_not_overflow() -> None:
    assert exponential(jitter=0)(1000) == 3600.0


def test_jitter_spreads_by_its_share_only() -> None:
    wait = exponential(100.0, jitter=0.25)
    waits = [wait(1) for _ in range(500)]
    assert all(75 <= seconds <= 125 for seconds in waits)
    assert max(waits) - min(waits) > 10


@pytest.mark.parametrize("failures", [1, 2, 1000])
def test_constant_waits_are_constant(failures: int) -> None:
    assert constant(30)(failures) == 30
