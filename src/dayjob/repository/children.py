"""Children of jobs: who may add one, what a waiting parent waits for, and whom a cancel reaches."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing

from ..errors import InvalidArguments, PayloadTooLarge
from ..models import Ended, JobDefinition, NewJob, StopReason
from ..states import TERMINAL, Status
from .rows import JobRow
from .transaction import Hold, Reader, Rows, Transaction

MAX_CHILDREN = 10_000  # of one job
MAX_JOINED = 16 * 1024 * 1024  # characters of JSON: the results of one join


def as_child(tx: Transaction, parent: JobDefinition, new: NewJob) -> NewJob | StopReason:
    """``new`` with its parent's owner, or why the attempt ``parent`` has to stop instead of adding it.

    Raises `InvalidArguments` if it has too many.
    """
    found = tx.run("get_parent", {"id": parent.id, "worker": parent.worker, "attempt": parent.attempt})
    if not found:
        return StopReason.LEASE_LOST
    cancel_requested_at, owner = found[0]
    if cancel_requested_at is not None:
        return StopReason.CANCELLED
    children = tx.run("count_children", {"parent": parent.id, "limit": MAX_CHILDREN})[0][0]
    if children >= MAX_CHILDREN and not tx.run("get_job", {"id": new.id}):
        raise InvalidArguments(
            f"Job '{parent.id}' has {MAX_CHILDREN:,} children, and more are not kept. Give each more work to do, "
            "or add children that have children of their own."
        )
    return new._replace(owner=owner)


def wait_for(tx: Transaction, job: JobRow, children: Sequence[str]) -> None:
    """Have a job that was just made pending wait, unless all ``children`` have ended."""
    left = len(tx.run("await_children", {"parent": job.id, "children": _as_json(children)}))
    if left:
        tx.update_jobs("wait_for_children", {"id": job.id, "waits_for": left})


def tell_parent(tx: Transaction, job: JobRow) -> None:
    """If ``job`` has ended, its parent has one child less to wait for. Nothing to do for jobs that nobody waits for."""
    if job.awaited and job.status in TERMINAL:
        tx.update_jobs("child_ended", {"parent": job.parent_id})


def cancel_family(tx: Transaction, job_id: str, now: int) -> None:
    """Cancel a job and all that it added, directly or not: what waits at once, what runs is asked to stop."""
    values = {"ids": _as_json(_hold_family(tx, job_id)), "now": now}
    for row in tx.update_jobs("cancel_pending", values):
        tx.counts.update({Status.PENDING: -1, Status.CANCELLED: 1})
        if row.id == job_id:  # only its own parent can be outside of the family
            tell_parent(tx, row)
    tx.update_jobs("request_cancel", values)


def _hold_family(tx: Transaction, job_id: str) -> list[str]:
    """Those of a job and its descendants that have not ended, and that nobody can add a child to until the end."""
    held: set[str] = set()
    family = [job_id]
    while tx.hold(Hold.PARENT, [member for member in family if member not in held]):
        held.update(family)
        family = _list_family(tx, job_id)
        if held.issuperset(family):
            return family
    return _list_family(tx, job_id)


def _list_family(tx: Transaction, job_id: str) -> list[str]:
    return [row[0] for row in tx.run("list_descendants", {"id": job_id})]


def read_ended(reader: Reader, parent_id: str, children: Sequence[str]) -> list[Ended] | None:
    """How ``children`` ended, in their order; None if some have not. Raises `InvalidArguments`, `PayloadTooLarge`."""
    values = {"parent": parent_id, "children": _as_json(children)}
    ((found, unended),) = reader.run("count_unended_children", values)
    if found < len(set(children)):
        raise InvalidArguments(f"Only children of job '{parent_id}' can be joined by it.")
    if unended:
        return None
    with closing(reader.open("list_ended_children", values)) as rows:
        return _in_order(rows, children)


def _in_order(rows: Rows, children: Sequence[str]) -> list[Ended]:
    ended: dict[str, Ended] = {}
    size = 0
    for child in map(Ended._make, rows):
        size += len(child.result or "")
        if size > MAX_JOINED:
            raise PayloadTooLarge(
                f"The results of these children are larger than {MAX_JOINED >> 20} MiB; join fewer of them at a time."
            )
        ended[child.id] = child
    return [ended[child_id] for child_id in children]


def _as_json(ids: Sequence[str]) -> str:
    return json.dumps(list(ids))
