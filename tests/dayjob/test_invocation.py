"""The call of a handler: what it is given, and what its return comes to."""

from __future__ import annotations

from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from dayjob import Fail, InvalidArguments, JobContext
from dayjob.arguments import Arguments
from dayjob.invocation import Invocation
from dayjob.models import JobDefinition


def invocation(handler: Any, **args: Any) -> Invocation:
    attempt: Any = SimpleNamespace(job=JobDefinition("a", "copy", args, datetime.now(UTC), attempt=2))
    return Invocation(handler, Arguments(handler), attempt)


def test_a_handler_gets_what_it_asks_for_and_its_arguments_as_annotated() -> None:
    def handler(job_id: str, ctx: JobContext, day: date, n: int = 5) -> Any:
        return job_id, ctx.attempt, day, n

    assert invocation(handler, day="2026-01-31").call() == ("a", 2, date(2026, 1, 31), 5)
    assert invocation(lambda n: n, n=1).call() == 1


def test_arguments_that_do_not_fit_any_more_are_refused() -> None:
    with pytest.raises(InvalidArguments, match="missing"):
        invocation(lambda n: n)


def test_a_handler_that_was_to_wait_and_returned_has_failed() -> None:
    call = invocation(lambda ctx: ctx)
    ctx = call.call()
    assert call.result_of(1) == 1
    ctx.left_to_wait = True
    with pytest.raises(Fail, match=r"after ctx\.join"):
        call.result_of(1)
