"""JSON documents become the values that they were made from, or are refused."""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from dayjob import JobStatus
from dayjob.cli.documents import decode
from dayjob.processes import Process, RunningJob
from dayjob.states import Status
from dayjob.stats import Stats

NOW = datetime(2026, 1, 1, tzinfo=UTC)
JOB = JobStatus("id", "t", Status.FAILED, 5, None, 3, "m", {"a": [1]}, "e", NOW, None, NOW, 1, 7, {"x": None})
PROCESS = Process("w", "host", 1, "1.0", 3, ["t"], [RunningJob("id", "t")], 0.5, NOW, None, [], 0, None)
STATS = Stats({Status.FAILED: 1}, {"t": {Status.FAILED: 1}}, 2, {Status.FAILED: [0, 1]})


@pytest.mark.parametrize("value", [JOB, PROCESS, STATS])
def test_there_and_back(value: Any) -> None:
    document = json.loads(json.dumps(dataclasses.asdict(value), default=datetime.isoformat))
    assert decode(type(value), document) == value
    assert decode(type(value), document | {"of_a_newer_server": 1}) == value
    assert decode(list[type(value)], [document]) == [value]


@pytest.mark.parametrize(
    "change",
    [
        *({"id": 5}, {"progress": "5"}, {"progress": True}, {"progress": 1.5}, {"status": "done"}, {"status": None}),
        *({"created_at": None}, {"created_at": "today"}, {"created_at": 5}, {"completed_at": "x"}, {"args": []}),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any]) -> None:
    document = json.loads(json.dumps(dataclasses.asdict(JOB), default=datetime.isoformat))
    with pytest.raises((ValueError, TypeError)):
        decode(JobStatus, document | change)


@pytest.mark.parametrize("document", [None, [], "x", {}])
def test_what_is_no_job_is_refused(document: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        decode(JobStatus, document)
