"""The change number of a SQLite database: what it is raised for, and what is found by it."""

from __future__ import annotations

from tests.repository.test_logs import lines
from tests.repository.test_repository import claim, end, running
from tests.support import new_job

from dayjob.models import AttemptReport, JobDefinition
from dayjob.repository import JobRepository, JobRow
from dayjob.repository.sqlite.transaction import Span
from dayjob.states import Event


async def test_what_changes_nothing_has_no_number(repository: JobRepository) -> None:
    # Otherwise idle processes would wake each other up for ever: each looks for work when a number is new.
    row, _ = await repository.create_job(new_job("a", "who_knows"))
    heard: list[JobRow] = []
    repository.listener.on_changed = heard.extend
    assert await claim(repository) == []
    await repository.request_cancel("nope")
    await repository.create_job(new_job("a"))
    job = JobDefinition("a", "t", {}, None, worker="w")  # type: ignore[arg-type]
    await repository.settle(job, end(Event.COMPLETE), AttemptReport())
    fresh, _ = await repository.create_job(new_job("b"))
    assert [r.id for r in heard] == ["b"]
    assert fresh.rev == row.rev + 1


async def test_changes_between_two_numbers_are_listed_in_order(repository: JobRepository) -> None:
    rows = [(await repository.create_job(new_job(f"j{n}")))[0] for n in range(5)]
    listed = await repository.list_changed(Span(rows[0].rev, rows[3].rev))
    assert [row.id for row in listed] == ["j1", "j2", "j3"]


async def test_lines_are_a_change_of_the_job(repository: JobRepository) -> None:
    job = await running(repository)
    await repository.add_logs(job, lines("one"))
    (changed,) = await repository.list_changed(Span(job.rev, job.rev + 10))
    assert changed.id == "a"
