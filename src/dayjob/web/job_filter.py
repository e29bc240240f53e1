"""Which jobs a socket of all jobs wants to hear of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from ..models import JobStatus
from ..states import TRANSITIONS, Status

RUNNING = frozenset({Status.RUNNING})


@dataclass(frozen=True, slots=True)
class JobFilter:
    """Which jobs an all-jobs socket wants; empty means all."""

    statuses: frozenset[Status] = frozenset()
    types: frozenset[str] = frozenset()

    def wants(self, job_type: str, statuses: Collection[Status]) -> bool:
        """Whether a job of this type, with one of these statuses, passes."""
        return (not self.types or job_type in self.types) and (
            not self.statuses or not self.statuses.isdisjoint(statuses)
        )


def concerned_statuses(job: JobStatus) -> set[Status]:
    """The status of a job, and those that it can have come from: that it left a filter has to be told, too."""
    earlier = {old for (old, _event), new in TRANSITIONS.items() if old is not None and new is job.status}
    # Before its first attempt a job was never running.
    return {job.status, *(earlier if job.attempt else earlier - {Status.RUNNING})}
