"""Percents never lie: a job that runs is not at 100, and nothing goes back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from dayjob.models import NewLines, Progress, percent_of


@pytest.mark.parametrize(
    ("processed", "total", "share", "least", "percent"),
    [
        (0, 10, (0, 100), 0, 0),
        (4, 10, (0, 100), 0, 40),
        (10, 10, (0, 100), 0, 99),  # until it is completed
        (11, 10, (0, 100), 0, 99),
        (5, None, (0, 100), 0, 0),
        (5, 0, (0, 100), 0, 0),
        (5, None, (30, 60), 0, 30),
        (5, 10, (30, 60), 0, 45),
        (10, 10, (30, 60), 0, 60),
        (0, 10, (30, 60), 50, 50),  # it was there already
        (1, 3, (0, 100), 0, 33),  # rounded down
    ],
)
def test_percent(processed: int, total: int | None, share: tuple[int, int], least: int, percent: int) -> None:
    assert percent_of(processed, total, share, least) == percent


def test_another_attempt_goes_on_from_what_counts_tell() -> None:
    progress = Progress(4, 10, "four", rate=2.0, eta=3.0, stage="Tags", share=(50, 100), least=60)
    told = Progress.of_counts(json.loads(json.dumps(progress.counts())))
    assert told == replace(progress, rate=None, eta=None, least=progress.percent)
    assert told.percent == progress.percent == 70


def test_lines_that_were_dropped_are_news_as_well() -> None:
    assert not NewLines()
    assert NewLines(dropped=1)
    assert NewLines(((0, "INFO", "text"),))
