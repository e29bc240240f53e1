"""The jobs that were claimed for this process and wait for a slot: the one book of them."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable

from ..models import JobDefinition

_LONGEST_WAIT = 1.0  # seconds that jobs are kept while no slot takes one


class Prefetched(asyncio.Queue[JobDefinition | None]):
    """A queue that jobs can be taken out of again; a None ends the slot that gets it. ``jobs`` are by their ids.

    ``give_back`` is called for each job when no slot took any for a second: long jobs have all slots then, and another
    process may have a free one.
    """

    def __init__(self, give_back: Callable[[JobDefinition], None]) -> None:
        super().__init__()
        self._give_back = give_back
        self._taken = 0
        self._timer: asyncio.TimerHandle | None = None

    def put_all(self, jobs: Iterable[JobDefinition]) -> None:
        """Take in jobs that were claimed."""
        for job in jobs:
            self.put_nowait(job)
        self._return_later()

    def empty(self) -> bool:
        """Whether nothing waits."""
        return not self.jobs and not self._ends

    def qsize(self) -> int:
        """How many jobs wait (and how many slots are to end)."""
        return len(self.jobs) + self._ends

    def _init(self, maxsize: int) -> None:
        self.jobs: OrderedDict[str, JobDefinition] = OrderedDict()
        self._ends = 0

    def _put(self, item: JobDefinition | None) -> None:
        if item is None:
            self._ends += 1
        else:
            self.jobs[item.id] = item

    def _get(self) -> JobDefinition | None:
        if self.jobs:
            self._taken += 1
            return self.jobs.popitem(last=False)[1]
        self._ends -= 1
        return None

    def _return_later(self) -> None:
        if self.jobs and self._timer is None:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(_LONGEST_WAIT, self._return_if_stuck, self._taken)

    def _return_if_stuck(self, taken: int) -> None:
        self._timer = None
        if taken == self._taken:
            for job in list(self.jobs.values()):
                self._give_back(job)
        self._return_later()
