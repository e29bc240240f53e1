"""Which of the ready jobs a process may claim now: by priority and arrival, within the capacity of their types.

Permits are not kept anywhere: what is taken is what runs, counted anew in each claim's own transaction. So a limit
holds over all processes of a database, and a crash leaks nothing.
"""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .. import payload
from ..models import Limit
from .transaction import Hold, Transaction

_WINDOW = 1000  # jobs of a type that are looked at one by one, before it is done key by key
_MOST_KEYS = 5000  # of a type that are looked at in one claim. More are never without capacity: so many do not run
_MOST_QUARANTINED = 64  # jobs of a type that are looked at in one claim


@dataclass(frozen=True, slots=True)
class ClaimRequest:
    """What a process wants to claim: up to ``limit`` jobs of ``types``, within the limits that some types have.

    Only ``free`` of the jobs would start at once, the others are prefetched; never those of the types ``no_prefetch``.
    ``max_attempts`` of the types is for jobs that were added by who did not know theirs.
    """

    worker: str
    types: Sequence[str]
    limit: int
    free: int
    limits: Mapping[str, Limit] = field(default_factory=dict)
    no_prefetch: Collection[str] = ()
    max_attempts: Mapping[str, int] = field(default_factory=dict)


class _Candidate(NamedTuple):
    turn: int  # with `seq` the order that is promised: by priority, then by arrival
    seq: int
    type: str
    key: str | None
    quarantined: bool


def eligible(tx: Transaction, request: ClaimRequest) -> list[int]:
    """The ``seq`` of the jobs that may be claimed now, in order; until the end of the transaction nobody else can."""
    return _Claiming(tx, request).choose()


class _Claiming:
    def __init__(self, tx: Transaction, request: ClaimRequest) -> None:
        self._tx = tx
        self._request = request
        self._taken: Counter[str] = Counter()
        if request.limits:
            # A key may be one limit for several types, of which this process need not know all.
            keyed = [""] if any(limit.per_key for limit in request.limits.values()) else []
            tx.hold(Hold.LIMITS, [*keyed, *request.limits])
            types = payload.encode(list(request.limits), what="list of types", limit=payload.MAX_RESULT)
            for job_type, key in tx.run("running_limited", {"types": types}):
                self._taken[job_type] += 1
                self._taken[_group(job_type, key)] += 1

    def choose(self) -> list[int]:
        chosen: list[int] = []
        for candidate in heapq.merge(*self._by_type(), self._quarantined_candidates()):
            if len(chosen) == self._request.limit:
                break
            if self._capacity(candidate.type, candidate.key) <= 0:
                continue
            if self._has_to_start(candidate) and len(chosen) >= self._request.free:
                break  # it may not wait in this process, and who comes after it may not overtake it for ever
            self._take(candidate)
            chosen.append(candidate.seq)
        return chosen

    def _has_to_start(self, candidate: _Candidate) -> bool:
        return candidate.quarantined or candidate.type in self._request.no_prefetch

    def _take(self, candidate: _Candidate) -> None:
        if candidate.type in self._request.limits:
            self._taken[candidate.type] += 1
            self._taken[_group(candidate.type, candidate.key)] += 1

    def _capacity(self, job_type: str, key: str | None) -> int:
        """How many more jobs of this type and key may run; as many as are wanted if there is no limit."""
        limit = self._request.limits.get(job_type)
        if limit is None:
            return self._request.limit
        return limit.running - self._taken[_group(job_type, key) if limit.per_key else job_type]

    def _by_type(self) -> Iterator[Iterable[_Candidate]]:
        types = [name for name in self._request.types if not self._is_keyed(name)]
        most = lambda name: min(self._request.limit, self._capacity(name, None))  # noqa: E731
        ready = self._tx.claimable("ready_of_type", types, most)
        yield from map(_candidates, ready, types)
        yield from map(self._of_keyed_type, filter(self._is_keyed, self._request.types))

    def _is_keyed(self, job_type: str) -> bool:
        limit = self._request.limits.get(job_type)
        return limit is not None and limit.per_key

    def _of_keyed_type(self, job_type: str) -> list[_Candidate]:
        """Those that have capacity: of the first, or, if there are too many of those without, of each key's first."""
        found: list[_Candidate] = []
        mine: Counter[str | None] = Counter()
        looked_at = 0
        with closing(self._tx.open("ready_of_type", {"type": job_type, "limit": _WINDOW})) as rows:
            for candidate in _candidates(rows, job_type):
                looked_at += 1
                if self._capacity(job_type, candidate.key) > mine[candidate.key]:
                    mine[candidate.key] += 1
                    found.append(candidate)
                if len(found) == self._request.limit:
                    return found
        if looked_at < _WINDOW:
            return found
        # Jobs from before the type had keys are in no index of keys.
        keyless = [candidate for candidate in found if candidate.key is None]
        return sorted(keyless + self._of_keys(job_type))

    def _of_keys(self, job_type: str) -> list[_Candidate]:
        heads = self._read("ready_keys", job_type, _MOST_KEYS)
        free = [head for head in heads if self._capacity(job_type, head.key) > 0]
        # The first n jobs are of the n keys whose first jobs come first.
        found: list[_Candidate] = []
        for head in heapq.nsmallest(self._request.limit, free):
            most = min(self._request.limit, self._capacity(job_type, head.key))
            found += self._read("ready_of_key", job_type, most, key=head.key) if most > 1 else [head]
        return sorted(found)

    def _quarantined_candidates(self) -> list[_Candidate]:
        """At most one, and only if none runs in this process: should it die again, it is clear by whom."""
        if not self._tx.run("any_quarantined"):
            return []
        types = self._request.types
        found = self._tx.claimable("ready_quarantined", types, lambda _name: _MOST_QUARANTINED)
        jobs = (job for rows, name in zip(found, types, strict=True) for job in _candidates(rows, name))
        free = [job._replace(quarantined=True) for job in jobs if self._capacity(job.type, job.key) > 0]
        if not free or self._tx.run("running_quarantined", {"worker": self._request.worker}):
            return []
        return [min(free)]

    def _read(self, statement: str, job_type: str, limit: int, **values: Any) -> list[_Candidate]:
        return list(_candidates(self._tx.run(statement, {"type": job_type, "limit": limit, **values}), job_type))


def _candidates(rows: Iterable[Any], job_type: str) -> Iterator[_Candidate]:
    return (_Candidate(-priority, seq, job_type, key, False) for priority, seq, key in rows)


def _group(job_type: str, key: str | None) -> str:
    """What a limit per key is counted by. A job from before its type had keys is one with the key ''."""
    return f"{job_type} " if key is None else key
