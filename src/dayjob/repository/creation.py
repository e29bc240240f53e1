"""How a job comes into being: the rules and their order, without a connection.

The steps are the same in our own transactions and in a caller's, which may be asynchronous. So they are written as a
generator that yields statements with their values and is sent rows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, NamedTuple, TypeVar

from ..errors import IdempotencyConflict, JobExists, JobNotFound, QueueFull
from ..models import Idempotency, JobStatus, NewJob
from ..states import Status
from .rows import JobRow, new_job_values, new_row

T = TypeVar("T")
Steps = Generator[tuple[str, dict[str, Any]], list[Any], T]


class Accepted(NamedTuple):
    """What became of a request: a new job, one that was there, or (``replayed``) that of its idempotency key.

    ``row`` gives the job's row, or None if its idempotency key outlived it.
    """

    job_id: str
    row: Callable[[], JobRow | None]
    created: bool = False
    replayed: bool = False

    def status(self) -> JobStatus:
        """The job as it is stored. Raises `JobNotFound` if it was removed before its idempotency key was forgotten."""
        if (row := self.row()) is None:
            raise JobNotFound(f"Job '{self.job_id}', which this idempotency key stands for, is not kept any more.")
        return row.status_of_job()


def creating(new: NewJob) -> Steps[Accepted]:
    """Idempotency key, job id, unique key, in this order; then a new job."""
    key = new.idempotency
    if key is not None:
        for job_id, used_for in (yield "get_idempotency", _place(key) | {"now": new.created_at}):
            return (yield from _replay(key, job_id, used_for))
    row, created = yield from create_or_find(new)
    if not created and row.id == new.id and not _same(row, new):
        raise JobExists(f"Job '{new.id}' exists already, with another type, other arguments or another owner.")
    if not created and new.parent_id is not None and (row.id, row.parent_id) != (new.id, new.parent_id):
        # It would be a child in this run and another job in the next one.
        raise JobExists(f"Job '{row.id}' is active with the same unique key, so '{new.parent_id}' cannot add a child.")
    if key is not None:
        values = {"hash": key.hash, "job_id": row.id, "expires_at": key.expires_at}
        yield "save_idempotency", _place(key) | values
    return Accepted(row.id, lambda: row, created)


def create_or_find(new: NewJob) -> Steps[tuple[JobRow, bool]]:
    """A new job, or the one that has its id or its unique key, whatever that one is. Raises `QueueFull`."""
    while True:
        full = yield from _why_full(new)
        if not full and (created := (yield "create_jobs", {"news": new_job_values([new])})):
            yield "add_to_count", {"status": Status.PENDING, "by": 1}
            return new_row(new, created[0][1]), True
        if found := (yield "get_job", {"id": new.id}) or (yield "get_active_by_key", _key_of(new)):
            return JobRow(*found[0]), False  # what is there already needs no room
        if full:
            raise QueueFull(full)
        # What was in the way has ended, or was removed, meanwhile: on databases where others write at the same time.


def _why_full(new: NewJob) -> Steps[str]:
    """Why there is no room for one more job; empty if there is. It counts what waits, and up to the limit only."""
    if new.max_pending is not None:
        yield "hold_pending", {"type": new.type}
        values = {"type": new.type, "limit": new.max_pending}
        if (yield "count_pending_of_type", values)[0][0] >= new.max_pending:
            return _full(new.max_pending, f"jobs of type '{new.type}'")
    if new.max_pending_in_all is not None:
        yield "hold_pending", {"type": ""}
        if (yield "count_pending", {})[0][0] >= new.max_pending_in_all:
            return _full(new.max_pending_in_all, "jobs")
    return ""


def _full(most: int, what: str) -> str:
    return f"{most} {what} wait already; try again when some have begun."


def drive(steps: Steps[T], run: Callable[[str, dict[str, Any]], list[Any]]) -> T:
    """Take the steps with a ``run`` that does not wait."""
    rows: list[Any] | None = None
    while True:
        try:
            statement, values = next(steps) if rows is None else steps.send(rows)
        except StopIteration as end:
            result: T = end.value
            return result
        rows = run(statement, values)


def _replay(key: Idempotency, job_id: str, used_for: str) -> Steps[Accepted]:
    if used_for != key.hash:
        raise IdempotencyConflict(
            f"The idempotency key '{key.key}' was used for another request. Use a new key for each request, "
            "and the same one only to repeat it."
        )
    rows = yield "get_job", {"id": job_id}
    return Accepted(job_id, lambda: JobRow(*rows[0]) if rows else None, replayed=True)


def _place(key: Idempotency) -> dict[str, Any]:
    return {"scope": key.scope, "key": key.key}


def _key_of(new: NewJob) -> dict[str, Any]:
    return {"unique_key": new.unique_key, "owner": new.owner}


def _same(row: JobRow, new: NewJob) -> bool:
    return row.owner == new.owner and new.is_like(row.type, row.args)
