"""The line of ready jobs: which of them a process may claim now, under the limits of their types.

Permits are not kept anywhere: what is taken is what runs, counted anew in each claim's own transaction. So a limit
holds over all processes of a database, and a crash leaks nothing.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

from .. import payload
from .base import Order
from .writer import Transaction

_WINDOW = 1000  # jobs of a type that are looked at one by one, before it is done key by key
_MOST_KEYS = 5000  # of a type that are looked at in one claim. More are never without room: so many do not run
_MOST_SUSPECTS = 64  # of a type that are looked at in one claim


class _Candidate(NamedTuple):
    turn: int  # with `seq` the order that is promised: by priority, then by arrival
    seq: int
    type: str
    key: str | None
    suspect: bool


def first_in_line(tx: Transaction, order: Order) -> list[int]:
    """The ``seq`` of the jobs that ``order`` may claim now, in order."""
    return _Line(tx, order).first()


class _Line:
    def __init__(self, tx: Transaction, order: Order) -> None:
        self._tx = tx
        self._order = order
        self._taken: Counter[str] = Counter()
        if order.limits:
            types = payload.encode(list(order.limits), what="list of types", limit=payload.MAX_RESULT)
            for job_type, key in tx.run("running_limited", {"types": types}):
                self._taken[job_type] += 1
                self._taken[_group(job_type, key)] += 1

    def first(self) -> list[int]:
        chosen: list[int] = []
        suspects = self._suspects()
        for candidate in heapq.merge(*map(self._of_type, self._order.types), suspects):
            if len(chosen) == self._order.limit:
                break
            if self._room(candidate.type, candidate.key) <= 0:
                continue
            if (candidate.suspect or candidate.type in self._order.at_once) and len(chosen) >= self._order.free:
                break  # it may not wait in this process, and who comes after it may not overtake it for ever
            self._take(candidate)
            chosen.append(candidate.seq)
        return chosen

    def _take(self, candidate: _Candidate) -> None:
        if candidate.type in self._order.limits:
            self._taken[candidate.type] += 1
            self._taken[_group(candidate.type, candidate.key)] += 1

    def _room(self, job_type: str, key: str | None) -> int:
        """How many more jobs of this type and key may run; as many as are wanted if there is no limit."""
        limit = self._order.limits.get(job_type)
        if limit is None:
            return self._order.limit
        return limit.running - self._taken[_group(job_type, key) if limit.per_key else job_type]

    def _of_type(self, job_type: str) -> list[_Candidate]:
        limit = self._order.limits.get(job_type)
        if limit is not None and limit.per_key:
            return self._of_keyed_type(job_type)
        most = min(self._order.limit, self._room(job_type, None))
        return self._read("ready_of_type", job_type, most) if most > 0 else []

    def _of_keyed_type(self, job_type: str) -> list[_Candidate]:
        """Those that have room: from the head of the line, or, if that is full of jobs without, from each key's."""
        found: list[_Candidate] = []
        mine: Counter[str | None] = Counter()
        looked_at = 0
        with closing(self._tx.open("ready_of_type", {"type": job_type, "limit": _WINDOW})) as rows:
            for candidate in _candidates(rows, job_type):
                looked_at += 1
                if self._room(job_type, candidate.key) > mine[candidate.key]:
                    mine[candidate.key] += 1
                    found.append(candidate)
                if len(found) == self._order.limit:
                    return found
        if looked_at < _WINDOW:
            return found
        # Jobs from before the type had keys are in no index of keys.
        keyless = [candidate for candidate in found if candidate.key is None]
        return sorted(keyless + self._of_keys(job_type))

    def _of_keys(self, job_type: str) -> list[_Candidate]:
        heads = [head for head in self._read("ready_keys", job_type, _MOST_KEYS) if self._room(job_type, head.key) > 0]
        # The first n jobs are of the n keys whose first jobs come first.
        found: list[_Candidate] = []
        for head in heapq.nsmallest(self._order.limit, heads):
            most = min(self._order.limit, self._room(job_type, head.key))
            found += self._read("ready_of_key", job_type, most, key=head.key) if most > 1 else [head]
        return sorted(found)

    def _suspects(self) -> list[_Candidate]:
        """At most one, and only if none runs in this process: should it die again, it is clear by whom."""
        found = [c for name in self._order.types for c in self._read("ready_suspects", name, _MOST_SUSPECTS)]
        ready = [c._replace(suspect=True) for c in found if self._room(c.type, c.key) > 0]
        if not ready or self._tx.run("running_suspect", {"worker": self._order.worker}):
            return []
        return [min(ready)]

    def _read(self, statement: str, job_type: str, limit: int, **values: Any) -> list[_Candidate]:
        return list(_candidates(self._tx.run(statement, {"type": job_type, "limit": limit, **values}), job_type))


def _candidates(rows: Iterable[Any], job_type: str) -> Iterator[_Candidate]:
    return (_Candidate(-priority, seq, job_type, key, False) for priority, seq, key in rows)


def _group(job_type: str, key: str | None) -> str:
    """What a limit per key is counted by. A job from before its type had keys is one with the key ''."""
    return f"{job_type} " if key is None else key
