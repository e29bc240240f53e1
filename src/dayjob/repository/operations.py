"""What becomes of jobs: created, claimed, settled, cancelled, pruned. One operation is one change, in a transaction.

Written once, over the seam (`transaction`): nothing here knows which database it is.
"""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

from ..clock import now_micros
from ..errors import DayjobError
from ..models import JobDefinition, JobStatus, NewJob, Settlement, StopReason
from ..states import Event, Status
from .children import as_child, cancel_family, tell_parent, wait_for
from .claiming import ClaimRequest, eligible
from .creation import Accepted, create_or_find, creating, drive
from .logs import add_lines
from .rows import DefinitionRow, Health, JobRow, WorkerRow, attempt_values, new_row
from .transaction import Hold, Transaction


@dataclass(frozen=True, slots=True)
class Claim:
    """Jobs that now belong to this process, and when the next scheduled one is due (microseconds, None: none)."""

    jobs: list[JobDefinition]
    next_run_at: int | None


class HeartbeatReply(NamedTuple):
    """What a process runs according to the database, and all processes there are."""

    running: list[JobDefinition]
    workers: list[WorkerRow]


# --- create ---


def create_all(tx: Transaction, news: Sequence[NewJob]) -> list[Accepted]:
    """All or none. Jobs that are all new are stored several times faster than one by one."""
    if not any(map(_has_rules, news)):
        with contextlib.suppress(_NotAll), tx.atomic():
            created = tx.insert_jobs(news)
            if len(created) < len(news):
                raise _NotAll
            return [Accepted(new.id, partial(new_row, new, created[new.id]), created=True) for new in news]
    with tx.atomic():
        return [create(tx, new) for new in news]


def create_each(tx: Transaction, news: Sequence[NewJob]) -> list[Accepted | BaseException]:
    """Each for itself, but at once if all are new."""
    try:
        return list(create_all(tx, news))
    except (DayjobError, tx.Error):
        if tx.is_over:
            raise
    return tx.each(partial(create, tx, new) for new in news)


class _NotAll(Exception):
    """Not all jobs were new."""


def _has_rules(new: NewJob) -> bool:
    """Whether more has to be asked than whether the job is new."""
    return bool(new.idempotency or new.max_pending or new.max_pending_in_all)


def create(tx: Transaction, new: NewJob) -> Accepted:
    """Store a job as pending, or find the one that the request stands for."""
    stored = drive(creating(new), partial(_step, tx))
    if stored.created:
        tx.note_created([new])
    return stored


def create_child(tx: Transaction, parent: JobDefinition, new: NewJob) -> Accepted | StopReason:
    """Store a job that the running attempt ``parent`` adds, or why that attempt has to stop."""
    tx.hold(Hold.PARENT, [parent.id])
    child = as_child(tx, parent, new)
    return child if isinstance(child, StopReason) else create(tx, child)


def create_by_id(tx: Transaction, new: NewJob) -> tuple[JobRow, bool]:
    """Store a job as pending, or find the one with its id or unique key, whatever that one is."""
    row, created = drive(create_or_find(new), partial(_step, tx))
    if created:
        tx.note_created([new])
    return row, created


def _step(tx: Transaction, statement: str, values: dict[str, Any]) -> list[Any]:
    """A step of `creation`: what waits is counted once for many who come at once."""
    match statement:
        case "hold_pending":
            tx.hold(Hold.PENDING, [values["type"]])
            return []
        case "count_pending":
            return [(tx.count_pending(),)]
        case "count_pending_of_type":
            return [(tx.count_pending_of_type(values["type"], values["limit"]),)]
        case "add_to_count":  # once for all, with the commit
            return []
        case "create_jobs":
            return tx.run(statement, tx.stamp(values))
    return tx.run(statement, values)


# --- claim ---


def claim(tx: Transaction, request: ClaimRequest) -> Claim:
    """Make ready jobs attempts of a process."""
    next_run_at = tx.make_ready(now_micros())
    tx.hold(Hold.WORKER, [request.worker])
    seqs = eligible(tx, request)
    tx.ready &= len(seqs) == request.limit  # there is no more for this process, whatever was added before
    jobs = tx.claim_jobs(request.worker, seqs) if seqs else []
    tx.move([job.id for job in jobs], Status.PENDING, Status.RUNNING)
    for job in jobs:
        if not job.max_attempts:
            job.max_attempts = request.max_attempts.get(job.type, 1)
            tx.run("set_max_attempts", {"seq": job.seq, "max_attempts": job.max_attempts})
    return Claim(jobs, next_run_at)


# --- settle ---


def settle_all(tx: Transaction, ends: Sequence[Settlement]) -> list[bool | BaseException]:
    """All at once, which is fast; if that cannot be, each for itself."""
    if len({end.job.worker for end in ends}) == 1:
        with contextlib.suppress(tx.Refused), tx.atomic():
            return list(_settle(tx, ends))
    return tx.each(partial(_settle_one, tx, end) for end in ends)


def _settle_one(tx: Transaction, end: Settlement) -> bool:
    with tx.atomic():
        (settled,) = _settle(tx, [end])
    return bool(settled)


def _settle(tx: Transaction, ends: Sequence[Settlement]) -> list[bool]:
    """Of attempts of one process."""
    for end in ends:
        if end.report.log:
            add_lines(tx, end.job, end.report.log)  # before the end, since only running attempts may write
    ended = tx.end_attempts(ends[0].job.worker, ends)
    for status, moved in _by_status(ended).items():
        tx.move(moved, Status.RUNNING, status)
    for end in ended:
        if end.transition.event is not Event.COMPLETE:  # of that the job itself tells
            tx.run("add_attempt", attempt_values(end))
        if end.transition.status is Status.PENDING or end.job.parent_id is not None:
            _follow_up(tx, end)
    if len(ended) == len(ends):
        return [True] * len(ends)
    settled = {id(end) for end in ended}
    return [id(end) in settled for end in ends]


def _follow_up(tx: Transaction, end: Settlement) -> None:
    """What else becomes of a job and its family, now that the end of the attempt is written."""
    job = _read(tx, end.job.id)
    if job.status == Status.PENDING and job.cancel_requested_at is not None:
        cancel_family(tx, job.id, end.transition.now)  # asked for when it was decided already how the job goes on
    elif end.transition.event is Event.WAIT:
        wait_for(tx, job, end.transition.children)
    else:
        tell_parent(tx, job)


def _by_status(ends: Sequence[Settlement]) -> dict[Status, list[str]]:
    found: dict[Status, list[str]] = {}
    for end in ends:
        found.setdefault(end.transition.status, []).append(end.job.id)
    return found


# --- cancel, prune, beat ---


def cancel(tx: Transaction, job_id: str) -> JobStatus | None:
    """Cancel a job and its family; the job as it is then."""
    cancel_family(tx, job_id, now_micros())
    found = tx.run("get_job", {"id": job_id})
    return JobRow(*found[0]).status_of_job() if found else None


def prune(tx: Transaction, status: Status, before: int, keep: int, limit: int) -> int:
    """Delete the oldest jobs that ended with a status."""
    tx.store_counts()  # which say how many are to stay
    values = {"status": status.value, "before": before, "keep": keep, "limit": limit}
    pruned = len(tx.run("prune", values))
    tx.counts[status] -= pruned
    return pruned


def beat(tx: Transaction, worker: str, health: Health) -> HeartbeatReply:
    """Note that a process lives, and how it is."""
    tx.run("beat", {"id": worker, **health._asdict()})
    running = [DefinitionRow(*row).definition() for row in tx.run("list_running_of", {"worker": worker})]
    return HeartbeatReply(running, [WorkerRow(*row) for row in tx.run("list_workers")])


def remove_worker(tx: Transaction, worker: str) -> bool:
    """Forget a process, unless jobs are still running there."""
    tx.hold(Hold.REMOVAL, [worker])
    return bool(tx.run("remove_worker", {"id": worker}))


def _read(tx: Transaction, job_id: str) -> JobRow:
    return JobRow(*tx.run("get_job", {"id": job_id})[0])
