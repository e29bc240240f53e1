"""What dayjob logs: nothing that is logged can move a cursor, or pass for another line."""

from __future__ import annotations

import logging

import pytest

from dayjob.logger import escaped, logger
from dayjob.logging import LineFormatter

FORGED = "an id\n2026-01-01 CRITICAL forged \x1b[2J\x9b\u202e\r"


@pytest.mark.parametrize("said", [FORGED, ValueError(FORGED)])
def test_names_and_errors_of_strangers_are_escaped(caplog: pytest.LogCaptureFixture, said: object) -> None:
    logger("dayjob.example").warning("job %s failed %d times after %g s", said, 3, 0.5)
    (record,) = caplog.records
    assert record.getMessage() == (
        r"job an id\n2026-01-01 CRITICAL forged \x1b[2J\x9b\u202e\r failed 3 times after 0.5 s"
    )


def test_ordinary_texts_stay_as_they_are() -> None:
    assert escaped("Grüße, 日本 and 😀") == "Grüße, 日本 and 😀"


def test_a_text_that_cannot_be_had_costs_its_line_only(caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Exception):
        def __str__(self) -> str:
            raise ValueError

    logger("dayjob.example").warning("it was %s", Broken())
    assert caplog.records == []


def test_the_lines_of_a_traceback_pass_for_no_others() -> None:
    try:
        raise ValueError(FORGED)
    except ValueError as error:
        record = logging.LogRecord("app", logging.ERROR, "", 1, "failed: %s", (FORGED,), (ValueError, error, None))
    first, *more = LineFormatter("%(levelname)s %(message)s").format(record).split("\n")
    assert first == "ERROR failed: an id"
    assert len(more) == 3
    assert all(line.startswith("    ") and line.isprintable() for line in more)
