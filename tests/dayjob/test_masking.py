"""What people see of a job has the values of its secret arguments nowhere, and everything else as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from dayjob import JobStatus, Status
from dayjob.masking import mask_attempts, mask_job, mask_lines
from dayjob.models import AttemptRecord, LogLine
from dayjob.redaction import MASK
from dayjob.states import Event

NOW = datetime(2026, 3, 12, tzinfo=UTC)
CANARY = "S3CR3T-canary-xyz"
TEXT = f"used {CANARY} twice: {CANARY}"
MASKED = TEXT.replace(CANARY, MASK)


def job(**values: object) -> JobStatus:
    made = JobStatus(
        "a", "copy", Status.FAILED, 10, None, 0, TEXT, {"used": [TEXT]}, TEXT, NOW, None, None, 1, 1, stage=TEXT
    )
    return replace(made, **{"args": {"api_key": CANARY, "n": 5}, **values})


def test_a_secret_is_masked_wherever_it_is_in_the_job() -> None:
    shown = mask_job(job())
    assert shown.args == {"api_key": MASK, "n": 5}
    assert (shown.message, shown.stage, shown.error, shown.result) == (MASKED, MASKED, MASKED, {"used": [MASKED]})
    assert replace(shown, args={}, message=None, stage=None, error=None, result=None) == replace(
        job(), args={}, message=None, stage=None, error=None, result=None
    )


def test_what_the_type_marked_is_secret_under_any_name() -> None:
    plain = job(args={"harmless": CANARY})
    assert mask_job(plain) == plain
    assert mask_job(plain, ["harmless"]).args == {"harmless": MASK}
    assert mask_job(plain, ["harmless"]).error == MASKED


def test_lines_and_attempts_of_it() -> None:
    line = LogLine(1, 1, NOW, "INFO", TEXT)
    record = AttemptRecord(1, "w", NOW, NOW, Event.FAIL, TEXT, f"Traceback\n{TEXT}")
    assert mask_lines(job(), [line]) == [replace(line, text=MASKED)]
    (shown,) = mask_attempts(job(), [record])
    assert (shown.error, shown.traceback) == (MASKED, f"Traceback\n{MASKED}")
    (silent,) = mask_attempts(job(), [replace(record, error=None, traceback=None)])
    assert (silent.error, silent.traceback) == (None, None)
