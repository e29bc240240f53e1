"""What the ledger tells of attempts: two at once, and one that began twice."""

from __future__ import annotations

import pytest

from dayjob.crashtest.ledger import Line, begun_twice, overlapping


def lines(text: str) -> list[Line]:
    """``begin a1 7`` is attempt 1 of job a in process 7."""
    parts = (each.split() for each in text.split(", "))
    return [Line(what, job[0], int(job[1:]), int(pid)) for what, job, pid in parts]


@pytest.mark.parametrize(
    ("happened", "found"),
    [
        ("begin a1 7, end a1 7, begin a2 8", []),
        ("begin a1 7, begin a2 8", ["a"]),
        ("begin a1 7, kill -0 7, begin a2 8", []),
        ("begin a1 7, kill -0 9, begin a2 8", ["a"]),
        ("begin a1 7, left a1 7, begin a2 7", []),
        ("stop -0 7, begin a2 8, begin a1 7, end a2 8", []),
        ("stop -0 7, begin a1 7, begin a2 8, end a1 7, end a2 8", []),
        ("stop -0 7, begin a2 8, begin a1 7, begin a3 9", ["a"]),
    ],
)
def test_two_attempts_at_once(happened: str, found: list[str]) -> None:
    assert overlapping(lines(happened)) == found


def test_an_attempt_that_was_begun_twice() -> None:
    assert begun_twice(lines("begin a1 7, kill -0 7, begin a1 8")) == [("a", 1)]
    assert begun_twice(lines("begin a1 7, power -0 7, begin a1 8")) == []
