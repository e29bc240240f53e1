"""What must hold, checked from the outside: by what is committed, and by what handlers did.

Triggers of the test (not of dayjob) write down every change of a job within its transaction. Each commit is checked at
once (`Audit.committed`), and so is the end of a run (`Audit.ended_well`).
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dayjob import JobFailed
from dayjob.events import JobEvent, StatusChanged

from .scheduler import Violation

COLUMNS = (
    "n", "id", "type", "args", "old", "new", "attempt", "old_attempt", "worker", "failures", "old_failures", "orphans",
    "old_orphans", "cancel", "result", "error", "unique_key", "message", "processed", "old_processed", "checkpoint",
    "parent", "waits_for",
)  # fmt: skip
TERMINAL = ("completed", "failed", "cancelled")
TRANSITIONS = (
    "enqueue", "claim", "complete", "fail", "fail as orphan", "cancel waiting", "cancel running", "retry", "release",
    "rescue", "wait",
)  # fmt: skip
LIMITS = {"limited": 2, "keyed": 1}
MAX_ORPHANS = 3

_NEW = """NEW.id, NEW.type, NEW.args, {old}, NEW.status, NEW.attempt, {old_attempt}, NEW.worker, NEW.failures,
 {old_failures}, NEW.orphans, {old_orphans}, NEW.cancel_requested_at, NEW.result, NEW.error, NEW.unique_key,
 NEW.message, NEW.processed_items, {old_processed}, NEW.checkpoint, NEW.parent_id, NEW.waits_for"""
_BEFORE = {"old": "OLD.status", "old_processed": "OLD.processed_items"} | {
    f"old_{name}": f"OLD.{name}" for name in ("attempt", "failures", "orphans")
}
_NOTHING = {"old": "''", "old_attempt": "0", "old_failures": "0", "old_orphans": "0", "old_processed": "0"}
_INTO = f"INSERT INTO sim_audit ({', '.join(COLUMNS[1:])})"
TRIGGERS = f"""
CREATE TABLE sim_audit (n INTEGER PRIMARY KEY AUTOINCREMENT, {", ".join(COLUMNS[1:])});
CREATE TRIGGER sim_created AFTER INSERT ON dayjob_job BEGIN {_INTO} VALUES ({_NEW.format(**_NOTHING)}); END;
CREATE TRIGGER sim_changed AFTER UPDATE ON dayjob_job
WHEN NEW.ready IS OLD.ready OR NEW.status IS NOT OLD.status OR NEW.waits_for IS NOT OLD.waits_for
BEGIN {_INTO} VALUES ({_NEW.format(**_BEFORE)}); END;
CREATE TRIGGER sim_removed AFTER DELETE ON dayjob_job
BEGIN INSERT INTO sim_audit (id, old, new, parent) VALUES (OLD.id, OLD.status, 'removed', OLD.parent_id); END;
"""


class Change(NamedTuple):
    """A row of ``sim_audit``: a job before and after a statement."""

    n: int
    id: str
    type: str
    args: str
    old: str
    new: str
    attempt: int
    old_attempt: int
    worker: str | None
    failures: int
    old_failures: int
    orphans: int
    old_orphans: int
    cancel: int | None
    result: str | None
    error: str | None
    unique_key: str | None
    message: str | None
    processed: int
    old_processed: int
    checkpoint: str | None
    parent: str | None
    waits_for: int | None

    @property
    def transition(self) -> str | None:
        """Which of `TRANSITIONS` it is, by the row alone (`Audit.transition`); None: the status stayed.

        Raises `Violation` for one that may not be.
        """
        if self.old == self.new or self.new == "removed":
            return None
        failed, orphaned = self.failures - self.old_failures, self.orphans - self.old_orphans
        known = {
            ("", "pending", 0, 0): "enqueue",
            ("pending", "running", 0, 0): "claim",
            ("pending", "cancelled", 0, 0): "cancel waiting",
            ("running", "completed", 0, 0): "complete",
            ("running", "failed", 1, 0): "fail",
            ("running", "failed", 0, 1): "fail as orphan",
            ("running", "cancelled", 0, 0): "cancel running",
            ("running", "pending", 1, 0): "retry",
            ("running", "pending", 0, 0): "release",
            ("running", "pending", 0, 1): "rescue",
        }.get((self.old, self.new, failed, orphaned))
        if known is None:
            raise Violation(f"job {self.id}: {self.old} -> {self.new}, failures +{failed}, orphans +{orphaned}")
        return known


@dataclass
class Run:
    """One attempt, as its handler saw it."""

    host: Any
    how: str = "running"  # or returned, raised, stopped, waits


@dataclass
class Job:
    """What is committed about a job."""

    id: str
    type: str
    token: int
    status: str = ""
    attempt: int = 0
    failures: int = 0
    orphans: int = 0
    unique_key: str | None = None
    worker: str | None = None
    message: str | None = None
    changed_at: float = 0.0
    cancelled: bool = False  # its cancel was accepted before its last claim
    to_cancel: bool = False
    moved_by: str = ""  # the last transition
    parent: str | None = None
    waits_for: int | None = None
    children: list[Job] = field(default_factory=list)  # that are not removed


@dataclass
class Audit:
    """The outside view of one run. ``world`` gives the time, the processes, and takes violations and counts."""

    world: Any
    last: int = 0
    jobs: dict[str, Job] = field(default_factory=dict)
    removed: set[str] = field(default_factory=set)
    runs: dict[tuple[str, int], Run] = field(default_factory=dict)
    asked: dict[int, float] = field(default_factory=dict)  # when each token was
    stored: dict[int, str] = field(default_factory=dict)  # the job of each token
    accepted: dict[int, str] = field(default_factory=dict)
    followers: dict[int, tuple[Any, str]] = field(default_factory=dict)

    # --- what is committed ---

    def committed(self, changes: list[Change], host: Any) -> None:
        for change in changes:
            self._check(change.n == self.last + 1, f"change {change.n} follows {self.last}")
            self.last = change.n
            self._apply(change, host)
        for job_id in {job_id for change in changes for job_id in (change.id, change.parent)}:
            if job_id in self.jobs:
                self._family_holds(self.jobs[job_id])
        if any(change.transition == "claim" for change in changes):
            self._limits_hold()

    def _apply(self, change: Change, host: Any) -> None:
        if change.new == "removed":
            self._check(change.old in TERMINAL, f"job {change.id} was removed although it was {change.old}")
            self._removed(self.jobs.pop(change.id))
            return
        transition = self.transition(change)
        token = json.loads(change.args).get("token", 0)
        job = self.jobs.get(change.id)
        if job is None:
            self._check(transition == "enqueue", f"job {change.id} changed before it was there")
            job = self.jobs[change.id] = Job(change.id, change.type, token, changed_at=self.asked.get(token, 0.0))
            self._arrived(job, change)
        self._check(
            (change.old, change.old_attempt, change.old_failures, change.old_orphans)
            == (job.status, job.attempt, job.failures, job.orphans),
            f"job {job.id} was changed behind the back of everybody",
        )
        self._check(job.status not in TERMINAL, f"job {job.id} changed after it was {job.status}")
        if transition is None:
            self._same_status(job, change)
        else:
            self.world.moved(transition, job, change, host)
            getattr(self, "_on_" + transition.replace(" ", "_"))(job, change, host)
            job.changed_at, job.moved_by = self.world.scheduler.now, transition
        job.status, job.attempt, job.failures, job.orphans = change.new, change.attempt, change.failures, change.orphans
        job.worker, job.message = change.worker, change.message
        job.to_cancel, job.waits_for = change.cancel is not None, change.waits_for

    def transition(self, change: Change) -> str | None:
        """Which of `TRANSITIONS` it is: how the handler ended tells a job that waits from one that was given back."""
        run = self.runs.get((change.id, change.attempt))
        waits = change.transition == "release" and run is not None and run.how == "waits"
        return "wait" if waits else change.transition

    def _removed(self, job: Job) -> None:
        self.removed.add(job.id)
        parent = self.jobs.get(job.parent or "")
        if parent is not None:
            self._check(parent.status in TERMINAL, f"job {job.id} was removed, and its parent may still ask for it")
            parent.children.remove(job)

    def _family_holds(self, job: Job) -> None:
        """A parent waits for exactly the children that have not ended, and what is to be cancelled has no others."""
        left = [child for child in job.children if child.status not in TERMINAL]
        if job.waits_for is not None:
            self._check(job.status == "pending", f"job {job.id} is {job.status}, and waits for {job.waits_for}")
            self._check(job.waits_for == len(left), f"job {job.id} waits for {job.waits_for} children, not for {left}")
        elif job.moved_by == "wait" and not job.to_cancel:
            self._check(not left, f"job {job.id} does not wait for {left}")
        if job.to_cancel:
            spared = [child for child in left if not child.to_cancel]
            self._check(not spared, f"the cancel of job {job.id} did not reach {spared}")

    def _arrived(self, job: Job, change: Change) -> None:
        job.unique_key, job.parent = change.unique_key, change.parent
        if job.parent is not None:
            parent = self.jobs[job.parent]
            may = parent.status == "running" and not parent.to_cancel
            self._check(may, f"job {job.id} was added by job {parent.id}, which is {parent.status}, or to be cancelled")
            parent.children.append(job)
        if job.type == "tick":
            return
        self._check(job.token in self.asked, f"job {job.id} was never submitted")
        self._check(
            job.token not in self.stored, f"request {job.token} made two jobs: {self.stored.get(job.token)}, {job.id}"
        )
        self.stored[job.token] = job.id
        if change.unique_key:
            twins = [
                j.id
                for j in self.jobs.values()
                if j.unique_key == change.unique_key and j.status in ("pending", "running")
            ]
            self._check(not twins, f"jobs {twins} and {job.id} have the same unique key")

    def _same_status(self, job: Job, change: Change) -> None:
        self._check(change.attempt == job.attempt, f"job {job.id}: its attempt changed without a claim")
        writer = (change.message or "").partition(":")[0]
        if change.new == "running" and writer.isdigit() and change.message != job.message:
            self._check(
                int(writer) == change.attempt, f"job {job.id}: attempt {writer} wrote into attempt {change.attempt}"
            )
        if change.new == "running":
            self._check(change.processed >= change.old_processed, f"job {job.id}: its progress went back")
        if change.checkpoint:
            self._check(
                json.loads(change.checkpoint)["attempt"] <= change.attempt, f"job {job.id}: a checkpoint of the future"
            )

    def _on_enqueue(self, job: Job, change: Change, host: Any) -> None: ...

    def _on_claim(self, job: Job, change: Change, host: Any) -> None:
        self._check(change.attempt == job.attempt + 1, f"job {job.id}: attempt {job.attempt} -> {change.attempt}")
        self._check(job.waits_for is None, f"job {job.id} was claimed while it waits for {job.waits_for} children")
        job.cancelled = change.cancel is not None
        self._check(self.world.host_of(change.worker) is host, f"job {job.id} was claimed for another process")
        self._check(change.orphans < MAX_ORPHANS, f"job {job.id} was claimed after {change.orphans} orphans")

    def _on_complete(self, job: Job, change: Change, host: Any) -> None:
        run = self._ended(job, change, "returned")
        self._check(run.host is host, f"job {job.id}: completed by a process that did not run it")
        said = json.loads(change.result or "{}").get("attempt")
        self._check(said == change.attempt, f"job {job.id}: attempt {change.attempt} has the result of attempt {said}")

    def _on_fail(self, job: Job, change: Change, host: Any) -> None:
        self._failed(job, change)

    def _on_retry(self, job: Job, change: Change, host: Any) -> None:
        self._failed(job, change)

    def _failed(self, job: Job, change: Change) -> None:
        too_long = "longer than its timeout" in (change.error or "")  # which may come before the handler's first step
        if not (_written_off(change) or (too_long and (job.id, change.attempt) not in self.runs)):
            self._ended(job, change, "raised", "stopped")

    def _on_fail_as_orphan(self, job: Job, change: Change, host: Any) -> None:
        self._orphaned(job)

    def _on_rescue(self, job: Job, change: Change, host: Any) -> None:
        self._orphaned(job)

    def _orphaned(self, job: Job) -> None:
        """Only who died, or was away or cut off from the database for seconds, loses its jobs."""
        host = self.world.host_of(job.worker)
        is_over = host.dead or host.ended
        self._check(is_over or host.had_trouble(), f"job {job.id} was taken from process {host}, which was well")

    def _on_release(self, job: Job, change: Change, host: Any) -> None:
        run = self.runs.get((job.id, job.attempt))
        owner = self.world.host_of(job.worker)
        # Who stops gives back; who has no slot for so long, too, but only what has not begun.
        may = run is None or owner.stopping or owner.dead
        self._check(may, f"job {job.id} began, and was given back by process {owner}, which does not stop")
        self._check(run is None or run.how != "running" or change.worker is not None, f"job {job.id} runs on")

    def _on_wait(self, job: Job, change: Change, host: Any) -> None:
        run = self._ended(job, change, "waits")
        self._check(run.host is host, f"job {job.id}: sent to wait by a process that did not run it")

    def _on_cancel_waiting(self, job: Job, change: Change, host: Any) -> None:
        self._check((job.id, job.attempt + 1) not in self.runs, f"job {job.id} was cancelled while waiting, but runs")

    def _on_cancel_running(self, job: Job, change: Change, host: Any) -> None:
        self._check(change.cancel is not None, f"job {job.id} was cancelled although nobody asked")
        run = self.runs.get((job.id, job.attempt))
        owner = self.world.host_of(job.worker)
        over = run is None or run.how != "running" or _written_off(change) or owner.dead or owner.had_trouble()
        self._check(over, f"job {job.id} is cancelled, and its code runs")

    def _ended(self, job: Job, change: Change, *ways: str) -> Run:
        run = self.runs.get((job.id, change.attempt))
        if run is None or run.how not in ways:
            raise Violation(f"job {job.id} attempt {change.attempt}: {change.new}, but its handler: {run and run.how}")
        return run

    def _limits_hold(self) -> None:
        for kind, most in LIMITS.items():
            running = sum(1 for job in self.jobs.values() if job.type == kind and job.status == "running")
            self._check(running <= most, f"{running} jobs of type {kind} run, and {most} may")

    # --- what handlers and clients see ---

    def began(self, job_id: str, attempt: int, host: Any) -> Run:
        self.world.say(host, "runs", job_id, attempt)
        other = self.runs.get((job_id, attempt))
        self._check(other is None, f"job {job_id} attempt {attempt} runs twice, on {other and other.host} and {host}")
        job = self.jobs.get(job_id)
        self._check(job is not None and job.attempt >= attempt, f"job {job_id} attempt {attempt} runs unclaimed")
        self._check(job is None or not job.cancelled, f"job {job_id} runs although its cancel was accepted before")
        run = self.runs[job_id, attempt] = Run(host)
        return run

    def asks(self, token: int) -> None:
        self.asked.setdefault(token, self.world.scheduler.now)

    def accept(self, token: int, job_id: str, unique_key: str | None) -> None:
        job = self.jobs.get(job_id)
        self._check(
            job is not None or job_id in self.removed, f"request {token} was acknowledged, but {job_id} is not stored"
        )
        if unique_key is None:
            self._check(self.stored.get(token) == job_id, f"request {token} was answered with the job of another one")
            self._check(
                self.accepted.setdefault(token, job_id) == job_id, f"request {token} was answered with two jobs"
            )
        elif job is not None:
            same = (job.unique_key or "").endswith(unique_key)
            self._check(same, f"request {token} was answered with a job of another unique key")

    def joined(self, job_id: str, tokens: list[int], results: list[Any]) -> None:
        """What a parent got for the children that it asked for."""
        for token, result in zip(tokens, results, strict=True):
            child = self.jobs.get(self.stored.get(token, ""))
            self._check(
                child is not None and child.parent == job_id and child.status in TERMINAL,
                f"job {job_id} joined its child {token}, which is {child}",
            )
            own = isinstance(result, JobFailed) or result["token"] == token
            self._check(own, f"job {job_id} was given {result} for its child {token}")
            failed = child is not None and child.status != "completed"
            self._check(failed == isinstance(result, JobFailed), f"job {job_id} was given {result} for {child}")

    def told(self, event: JobEvent) -> None:
        """A listener of a bus: nothing may be told that is not committed."""
        if not isinstance(event, StatusChanged):
            return
        status, job = event.status, self.jobs.get(event.job_id)
        known = event.job_id in self.removed or (job is not None and job.attempt >= status.attempt)
        self._check(known, f"job {event.job_id} attempt {status.attempt} was told before it was committed")
        ended = job is None or not status.finished or job.status == status.status.value
        self._check(ended, f"job {event.job_id} was told to be {status.status}, and it is {job and job.status}")

    def followed_to(self, job_id: str, status: str) -> None:
        self._check(status in TERMINAL, f"who followed job {job_id} was left at {status}")
        job = self.jobs.get(job_id)
        self._check(
            job is None or job.status == status, f"who followed job {job_id} heard {status}, not {job and job.status}"
        )

    # --- the end ---

    def unfinished(self) -> list[Job]:
        return [job for job in self.jobs.values() if job.status in ("pending", "running")]

    def ended_well(self, path: Any) -> None:
        """All is at rest: compare with what is in the file."""
        self._check(not self.unfinished(), f"these jobs never ended: {self.unfinished()}")
        for token, job_id in self.accepted.items():
            self._check(
                job_id in self.jobs or job_id in self.removed, f"request {token} was accepted, and {job_id} is lost"
            )
        connection = sqlite3.connect(path)
        try:
            self._compare(connection)
        finally:
            connection.close()

    def _compare(self, connection: sqlite3.Connection) -> None:
        found = dict(connection.execute("SELECT id, status FROM dayjob_job"))
        self._check(
            found == {job.id: job.status for job in self.jobs.values()}, "the file has other jobs than were committed"
        )
        counted = {s: n for s, n in connection.execute("SELECT status, jobs FROM dayjob_count") if n}
        real = dict(connection.execute("SELECT status, count(*) FROM dayjob_job GROUP BY status"))
        self._check(counted == real, f"the counters say {counted}, and it is {real}")
        for job_id, attempt, ended in connection.execute(
            # An attempt that completed its job has no row.
            "SELECT id, attempt, (SELECT count(*) FROM dayjob_attempt a WHERE a.job = j.seq) + (status = 'completed')"
            " FROM dayjob_job j"
        ):
            self._check(attempt == ended, f"job {job_id} has {attempt} attempts, and {ended} of them ended")
        (sick,) = connection.execute("PRAGMA integrity_check").fetchone()
        self._check(sick == "ok", sick)

    def _check(self, holds: bool, what: str) -> None:
        if not holds:
            self.world.violated(what)


def _written_off(change: Change) -> bool:
    return "did not stop within" in (change.error or "")
