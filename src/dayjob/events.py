"""What happened, told inside this process: the bus between the queue and everybody who watches.

A publisher never waits. Whoever needs time puts a `mailbox.Mailbox` between.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .logger import logger
from .models import JobStatus, Progress

__all__ = ["EventBus", "JobEvent", "Listener", "LogWritten", "ProgressMade", "StatusChanged"]

log = logger("dayjob.events")


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
