"""What happened, told inside this process: the bus between the queue and everybody who watches.

A publisher never waits. Whoever needs time puts a `Mailbox` between: it keeps the newest event of each job, so its
size is bounded by the number of jobs that somebody can look at, not by how slowly they look.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from .models import JobStatus, Progress
from .own_log import own_log

log = own_log("dayjob.events")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """A change of a job was committed; ``status`` is the job as it is now."""

    status: JobStatus

    @property
    def job_id(self) -> str:
        return self.status.id


@dataclass(frozen=True, slots=True)
class ProgressMade:
    """A running job got further (soft: the database follows within a second). ``rev`` is the last committed one."""

    job_id: str
    type: str
    rev: int
    progress: Progress


@dataclass(frozen=True, slots=True)
class LogWritten:
    """Lines of a job were committed; `JobQueue.get_logs` has them. In other processes it is a `StatusChanged`."""

    job_id: str
    type: str


JobEvent = StatusChanged | ProgressMade | LogWritten
Listener = Callable[[JobEvent], None]


class EventBus:
    """Calls listeners, on the event loop, in the order of what happened. A listener that raises is logged and stays."""

    def __init__(self) -> None:
        self._everything: list[Listener] = []
        self._by_job: dict[str, list[Listener]] = {}

    def listen(self, listener: Listener, job_id: str | None = None) -> Callable[[], None]:
        """Have ``listener`` called for one job (or all); call what is returned to end it."""
        listeners = self._everything if job_id is None else self._by_job.setdefault(job_id, [])
        listeners.append(listener)

        def unlisten() -> None:
            listeners.remove(listener)
            if job_id is not None and not listeners and self._by_job.get(job_id) is listeners:
                del self._by_job[job_id]

        return unlisten

    @property
    def listening(self) -> bool:
        """Whether anybody listens to anything."""
        return bool(self._everything or self._by_job)

    def wants(self, job_id: str) -> bool:
        """Whether anybody listens to this job: events that nobody wants need not be made."""
        return bool(self._everything) or job_id in self._by_job

    def publish(self, event: JobEvent) -> None:
        """Tell everybody who listens. Never blocks, never raises."""
        for listener in (*self._everything, *self._by_job.get(event.job_id, ())):
            try:
                listener(event)
            except Exception:  # one listener's bug must not keep the news from the others; it is logged
                log.exception("a listener failed at %s", event)


class Mailbox(Generic[T]):
    """The newest item per key, for one reader that takes its time.

    At most ``slots`` keys and ``size`` bytes; what would not fit empties the box and sets ``overflowed``, which tells
    the reader that it missed something and has to look at the whole again.
    """

    def __init__(self, slots: int = 256, size: int = 64 * 1024) -> None:
        self.overflowed = False
        self._slots = slots
        self._size = size
        self._items: dict[str, tuple[T, int]] = {}
        self._used = 0
        self._filled = asyncio.Event()

    def put(self, key: str, item: T, size: int = 0) -> None:
        """Lay ``item`` (of ``size`` bytes) in; it takes the place, and the turn, of an older one with this key."""
        replaced = self._items.get(key)
        self._used += size - (replaced[1] if replaced else 0)
        others = len(self._items) - bool(replaced)
        if others and (others + 1 > self._slots or self._used > self._size):
            self._items.clear()
            self._used = size
            self.overflowed = True
        self._items[key] = (item, size)
        self._filled.set()

    async def get(self) -> T:
        """The oldest item; waits for one."""
        while not self._items:
            self._filled.clear()
            await self._filled.wait()
        key = next(iter(self._items))
        item, size = self._items.pop(key)
        self._used -= size
        return item

    def discard(self, key: str) -> None:
        """Take the item of ``key`` out, if there is one."""
        if (item := self._items.pop(key, None)) is not None:
            self._used -= item[1]

    def drop(self, unwanted: Callable[[T], bool]) -> None:
        """Take out all items that are ``unwanted``."""
        for key in [key for key, (item, _) in self._items.items() if unwanted(item)]:
            self.discard(key)

    def __len__(self) -> int:
        return len(self._items)
