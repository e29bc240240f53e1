"""What scripts learn from exit codes."""

from __future__ import annotations

import pytest

from dayjob import errors
from dayjob.cli.exits import OF_STATUS, Refused, Unreachable, WrongUse, exit_code
from dayjob.states import TERMINAL


@pytest.mark.parametrize(
    ("error", "code"),
    [
        *((errors.JobActive, 1), (errors.JobExists, 1), (errors.IdempotencyConflict, 1), (errors.JobFinished, 1)),
        *((errors.InvalidArguments, 2), (errors.InvalidName, 2), (errors.MalformedJSON, 2), (WrongUse, 2)),
        *((ValueError, 2), (errors.PayloadTooLarge, 2), (errors.InvalidSchedule, 2), (errors.WrongDatabase, 2)),
        *((errors.JobNotFound, 3), (errors.UnknownJobType, 3), (errors.ScheduleNotFound, 3)),
        *((errors.StorageError, 4), (errors.StorageFull, 4), (errors.SchemaTooNew, 4), (errors.QueueNotRunning, 4)),
        *((errors.QueueFull, 4), (Unreachable, 4), (Refused, 4)),
    ],
)
def test_the_code_of_an_error(error: type[Exception], code: int) -> None:
    assert exit_code(error("no")) == code


def test_every_end_has_a_code() -> None:
    assert set(OF_STATUS) == set(TERMINAL)
