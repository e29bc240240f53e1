"""Adds and looks up the children of one running attempt, for handlers on the event loop and for those in threads.

A handler that waited for its children is called again from the top, as in BullMQ (``moveToWaitingChildren``). There the
handler keeps a step to know what it did; here a child's id is made from its parent and from what is asked for, so the
same call finds the same child.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence

from ..context import ChildRequest
from ..errors import NotInJob, Stopped
from ..models import Ended, Handler, JobDefinition, NewJob, StopReason
from ..origin import Named
from ..registry import JobRegistry
from ..repository import JobRepository
from ..request import JobRequest
from .portal import Portal

NewChild = Callable[[ChildRequest], NewJob]


class Children:
    """Where ``ctx.enqueue_child`` and ``ctx.join`` go to.

    ``new_child`` makes the job that is asked for, with an id of its own; ``on_stop`` hears that ``job`` has to stop.
    """

    def __init__(
        self,
        job: JobDefinition,
        portal: Portal,
        repository: JobRepository,
        new_child: NewChild,
        on_stop: Callable[[StopReason], None],
    ) -> None:
        self._job = job
        self._portal = portal
        self._repository = repository
        self._new_child = new_child
        self._on_stop = on_stop
        self._calls: Counter[str] = Counter()
        self._closed = False

    def enqueue(self, asked: ChildRequest) -> Awaitable[str]:
        """`store`: on the event loop something to await; in any other thread it is done when this returns."""
        return self._portal.carry_out(self.store(asked))

    def read(self, children: Sequence[str]) -> Awaitable[list[Ended] | None]:
        """`look`, in the same manner."""
        return self._portal.carry_out(self.look(children))

    async def store(self, asked: ChildRequest) -> str:
        """Return the child's id when it is on disk; raises `Stopped` if the job is cancelled or lost."""
        self._check_open()
        new = self._as_child(self._new_child(asked), asked.key)
        stored = await self._repository.create_child(self._job, new)
        if isinstance(stored, StopReason):
            self._on_stop(stored)
            raise Stopped(stored.value)
        return stored.job_id

    async def look(self, children: Sequence[str]) -> list[Ended] | None:
        """How they ended, in their order; None if some of them have not."""
        self._check_open()
        return await self._repository.read_children(self._job.id, children)

    def close(self) -> None:
        """The attempt ended: what is left of its handler adds nothing any more."""
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise NotInJob(
                f"Attempt {self._job.attempt} of job '{self._job.id}' is over: children are added and joined by a "
                "handler while it runs. Elsewhere use queue.enqueue() and queue.result()."
            )

    def _as_child(self, new: NewJob, key: str | None) -> NewJob:
        identity = self._identity_of(new) if key is None else ["key", key]
        return new._replace(id=_digest([self._job.id, *identity]), parent_id=self._job.id)

    def _identity_of(self, new: NewJob) -> list[object]:
        """What tells a child without a key from its siblings: what it is, and the how-manyth of its kind it is."""
        if new.unique_key is not None:
            return ["unique", new.unique_key]  # asked for twice, it is one child
        call = _digest([new.type, new.essential(new.args)])
        self._calls[call] += 1
        return ["call", call, self._calls[call]]


def _digest(parts: list[object]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def child_job(
    repository: JobRepository,
    registry: JobRegistry,
    new_job: Callable[[JobRequest], NewJob],
    asked: ChildRequest,
) -> NewJob:
    """The job that a handler asks for, also while the queue stops and gives it time to end.

    ``new_job`` checks the request. Raises `StorageFull`, `UnknownJobType` and what ``new_job`` raises.
    """
    repository.check_room()
    return new_job(JobRequest(_type_of(registry, asked.job), asked.job_args, **asked.options))


def _type_of(registry: JobRegistry, job: str | Handler | Named) -> str:
    if isinstance(job, Named):
        return registry.name_of_named(job)
    return job if isinstance(job, str) else registry.name_of(job)
