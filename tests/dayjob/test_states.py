"""The table of moves, and the same table as triggers in the database."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest

from dayjob import Status
from dayjob.errors import IllegalTransition
from dayjob.repository.sqlite.migrate import migrate
from dayjob.states import TERMINAL, TRANSITIONS, next_status
from dayjob.types import Event

MOVES = {(old, new) for (old, _), new in TRANSITIONS.items() if old is not None}


def with_job(status: Status) -> sqlite3.Connection:
    """A database with one job in ``status`` (a row may begin anywhere: only changes are moves)."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    connection.execute(
        "INSERT INTO dayjob_job (id, type, status, args, priority, run_at, ready, max_attempts, created_at, rev)"
        " VALUES ('a', 't', ?, '{}', 0, 0, 1, 1, 0, 1)",
        (status.value,),
    )
    return connection


def test_there_are_five_statuses_and_three_are_terminal() -> None:
    assert [s.value for s in Status] == ["pending", "running", "completed", "failed", "cancelled"]
    assert {s.value for s in TERMINAL} == {"completed", "failed", "cancelled"}


@pytest.mark.parametrize("event", Event)
@pytest.mark.parametrize("status", [None, *Status])
def test_every_pair_moves_as_the_table_says_or_is_refused(status: Status | None, event: Event) -> None:
    if (status, event) in TRANSITIONS:
        assert next_status(status, event) is TRANSITIONS[status, event]
    else:
        with pytest.raises(IllegalTransition):
            next_status(status, event)


def test_nothing_leaves_a_terminal_status() -> None:
    assert not [old for old, _ in MOVES if old in TERMINAL]


def test_the_table_cannot_be_changed() -> None:
    with pytest.raises(TypeError):
        TRANSITIONS[Status.FAILED, Event.RETRY] = Status.PENDING  # type: ignore[index]


@pytest.mark.parametrize("new", Status)
@pytest.mark.parametrize("old", Status)
def test_the_database_accepts_exactly_the_moves_of_the_table(old: Status, new: Status) -> None:
    with closing(with_job(old)) as connection:
        move = "UPDATE dayjob_job SET status = ? WHERE id = 'a'"
        if (old, new) in MOVES or (old is new and old not in TERMINAL):
            connection.execute(move, (new.value,))
        else:
            with pytest.raises(sqlite3.IntegrityError, match=r"illegal transition|immutable"):
                connection.execute(move, (new.value,))
            assert connection.execute("SELECT status FROM dayjob_job").fetchone() == (old.value,)


@pytest.mark.parametrize("column", ["result", "error", "message", "args", "rev", "worker", "attempt"])
@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_finished_job_is_immutable_in_the_database(status: Status, column: str) -> None:
    with closing(with_job(status)) as connection, pytest.raises(sqlite3.IntegrityError, match="immutable"):
        connection.execute(f"UPDATE dayjob_job SET {column} = 7")


@pytest.mark.parametrize("status", sorted(TERMINAL))
def test_a_finished_job_can_be_deleted_as_a_whole(status: Status) -> None:
    with closing(with_job(status)) as connection:
        connection.execute("DELETE FROM dayjob_job")
        assert connection.execute("SELECT count(*) FROM dayjob_job").fetchone() == (0,)


def test_no_other_word_can_be_a_status() -> None:
    with closing(with_job(Status.PENDING)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute("UPDATE dayjob_job SET status = 'retrying'")
