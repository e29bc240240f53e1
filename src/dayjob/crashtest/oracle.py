"""The observer: compares a database with a ledger, by SQL of its own, and says what is not as promised.

It reads the tables from outside. Nothing of the library takes part, since it is the library that is on trial.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from .ledger import Line, begun_twice, jobs_noted, overlapping, read_ledger

_FINAL = ("completed", "failed", "cancelled")
_FINALS = {"failed": [["fail"]], "cancelled": [["cancel"], []]}  # none: it was cancelled while it waited
_MOST_DEATHS = 3  # after which a job is given up, as promised
_IS_MADE = "SELECT 1 FROM sqlite_master WHERE name = 'dayjob_attempt'"
_JOBS = "SELECT seq, id, status, attempt, orphans, result, error, rev FROM dayjob_job"


class Row(NamedTuple):
    """What matters of a row of ``dayjob_job``."""

    seq: int
    id: str
    status: str
    attempt: int
    orphans: int
    result: str | None
    error: str | None
    rev: int


@dataclass(frozen=True, slots=True)
class State:
    """A database as of one moment."""

    rows: dict[str, Row]
    attempts: dict[int, list[tuple[int, str]]]
    counts: dict[str, int]
    damage: list[str]

    @property
    def unfinished(self) -> int:
        """How many jobs wait or run."""
        return sum(row.status not in _FINAL for row in self.rows.values())


def read_state(database: Path) -> State:
    """All jobs, attempts and counts in one transaction, and what ``PRAGMA quick_check`` has to say."""
    try:
        return _read(database, "ro")
    except sqlite3.OperationalError as error:
        if "readonly" not in str(error):
            raise
        return _read(database, "rw")  # the death of its maker left a rollback journal, which only writers may undo


def _read(database: Path, mode: str) -> State:
    with closing(_connect(database, mode)) as connection:
        connection.execute("BEGIN")
        if connection.execute(_IS_MADE).fetchone() is None:  # its maker died before it had made the tables
            return State({}, {}, {}, [])
        rows = {row[1]: Row(*row) for row in connection.execute(_JOBS)}
        attempts: dict[int, list[tuple[int, str]]] = {}
        for job, attempt, outcome in connection.execute("SELECT job, attempt, outcome FROM dayjob_attempt"):
            attempts.setdefault(job, []).append((attempt, outcome))
        counts = dict(connection.execute("SELECT status, jobs FROM dayjob_count").fetchall())
        told = [row[0] for row in connection.execute("PRAGMA quick_check(10)")]
        connection.execute("ROLLBACK")
    return State(rows, attempts, counts, [] if told == ["ok"] else told)


def count_unfinished(database: Path) -> int:
    """How many jobs wait or run; cheaper than `read_state`."""
    with closing(_connect(database, "ro")) as connection:
        counted = connection.execute("SELECT count(*) FROM dayjob_job WHERE status IN ('pending', 'running')")
        return int(counted.fetchone()[0])


def _connect(database: Path, mode: str) -> sqlite3.Connection:
    # Read-only if possible, so that the last one to close does not checkpoint: repairing is left to those on trial.
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode={mode}", uri=True, timeout=30, isolation_level=None)


class Oracle:
    """Looks at one database as often as wanted; remembers what was final, which must never change again."""

    def __init__(self, database: Path, ledger: Path) -> None:
        self._database = database
        self._ledger = ledger
        self._final: dict[str, Row] = {}

    def look(self, *, over: bool = False) -> list[str]:
        """What is wrong now, in words; ``over``: nothing runs any more, so every job has to be final."""
        before = read_ledger(self._ledger)  # what was promised by now has to be in what is read next
        if not self._database.exists():
            return [f"{job_id} was accepted, and there is no database" for job_id in jobs_noted(before, "accepted")]
        state = read_state(self._database)
        after = read_ledger(self._ledger)  # what was read has to have been done by now
        wrong = [f"quick_check: {text}" for text in state.damage]
        wrong += _promises(state, before)
        wrong += self._finality(state, jobs_noted(after, "removable"))
        wrong += _counts(state)
        wrong += [text for row in state.rows.values() for text in _history(row, state.attempts.get(row.seq, []))]
        wrong += _effects(state, after)
        wrong += [f"attempt {attempt} of {job_id} was begun twice" for job_id, attempt in begun_twice(after)]
        wrong += [f"{job_id} ran twice at the same time" for job_id in overlapping(after)]
        if over:
            wrong += [f"{row.id} is {row.status} for ever" for row in state.rows.values() if row.status not in _FINAL]
        return wrong

    def _finality(self, state: State, removable: set[str]) -> Iterator[str]:
        for job_id, before in self._final.items():
            if state.rows.get(job_id) != before and (job_id in state.rows or job_id not in removable):
                yield f"{job_id} was {before.status}, and changed afterwards: {state.rows.get(job_id)}"
        self._final |= {row.id: row for row in state.rows.values() if row.status in _FINAL}


def _promises(state: State, lines: list[Line]) -> Iterator[str]:
    """``accepted``: the job is there. ``completed``, ``cancelled``: that is what it is, and stays."""
    for line in lines:
        if line.what not in ("accepted", "completed", "cancelled"):
            continue
        row = state.rows.get(line.job_id)
        if row is None:
            yield f"{line.job_id} was {line.what} and is lost"
        elif line.what != "accepted" and row.status != line.what:
            yield f"{line.job_id} was told to be {line.what}, and is {row.status}"


def _counts(state: State) -> Iterator[str]:
    for status, counted in state.counts.items():
        real = sum(row.status == status for row in state.rows.values())
        if real != counted:
            yield f"{counted} jobs are counted as {status}, and there are {real}"


def _history(row: Row, attempts: list[tuple[int, str]]) -> Iterator[str]:
    """Every attempt that ended has its one row, but for the one that completed the job; none ends it twice."""
    ended = row.attempt - (row.status in ("running", "completed"))
    numbers = sorted(number for number, _ in attempts)
    if numbers != list(range(1, ended + 1)):
        yield f"{row.id} is {row.status} in attempt {row.attempt}, with rows for the attempts {numbers}"
    finals = [outcome for _, outcome in attempts if outcome in ("complete", "fail", "cancel")]
    if finals not in _FINALS.get(row.status, [[]]):
        yield f"{row.id} is {row.status}, with the ends {finals}"


def _effects(state: State, lines: list[Line]) -> Iterator[str]:
    """A result says which attempt made it, in which process: so a late write of a process that lost the job shows."""
    ended = {(line.job_id, line.attempt, line.pid) for line in lines if line.what == "end"}
    asked, unwanted = jobs_noted(lines, "asked"), jobs_noted(lines, "unwanted")
    for row in state.rows.values():
        if row.id not in asked:
            yield f"{row.id} was never asked for"
        if row.status == "completed":
            attempt, pid = json.loads(row.result or "[0, 0]")
            if attempt != row.attempt:
                yield f"{row.id} has the result of attempt {attempt}, and was completed in attempt {row.attempt}"
            if (row.id, attempt, pid) not in ended:
                yield f"{row.id} is completed, but attempt {attempt} never came to its end"
        elif row.status == "failed" and row.orphans < _MOST_DEATHS:
            yield f"{row.id} failed: {row.error}"
        elif row.status == "cancelled" and row.id not in unwanted:
            yield f"{row.id} is cancelled, and nobody asked for it"
