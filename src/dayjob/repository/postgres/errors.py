"""What becomes of an error of PostgreSQL, by its SQLSTATE."""

from __future__ import annotations

import psycopg

from ...errors import DayjobError, StorageError, StorageFull
from ..transaction import TransactionEnded

_FULL = "53100"
# Connection, resources, an operator, the system, a server that only reads: none is over in a moment.
_LASTING = ("08", "25006", "53", "57", "58", "XX")


def is_of_moment(error: BaseException) -> bool:
    """Whether another try may go well: a lock, a deadlock, a conflict, or an error of one operation among others."""
    state = _state(error)
    return bool(state) and not state.startswith(_LASTING)


def may_succeed(error: BaseException) -> bool:
    """Whether it is the database's trouble, and not that of what was asked."""
    return isinstance(error, (psycopg.OperationalError, psycopg.InternalError, TransactionEnded, OSError))


def explain(error: BaseException, name: str) -> BaseException:
    """What a caller hears of an error in the database ``name``."""
    if isinstance(error, DayjobError):
        return error
    if _state(error) == _FULL:
        return StorageFull(f"The disk of the job database {name} is full. Make room; nothing needs to be restarted.")
    if isinstance(error, (psycopg.Error, OSError, TransactionEnded)):
        return StorageError(f"The job database {name} cannot be used: {str(error).strip()}.")
    return error


def _state(error: BaseException) -> str:
    found = error if isinstance(error, psycopg.Error) else error.__cause__
    return (found.sqlstate or "") if isinstance(found, psycopg.Error) else ""
