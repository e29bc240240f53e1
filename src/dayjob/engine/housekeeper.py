"""What is done once a minute: idempotency keys that expired are removed, and types that nobody knows are warned of."""

from __future__ import annotations

from ..clock import now_micros
from ..logger import logger
from ..loop import Loop
from ..repository import JobRepository
from ..supervision import Supervisor

log = logger("dayjob.housekeeper")

TIDY_EVERY = 60.0  # seconds
_FIRST_AFTER = 2.0  # seconds: who only adds a job and leaves writes nothing else
KEYS_AT_ONCE = 500  # that are removed in one transaction
UNKNOWN_AFTER = 30_000_000  # microseconds that a job may wait for a process that knows its type, without a warning


class Housekeeper:
    """The housekeeping of a database. ``warns``: whether this process, which then runs jobs, warns of unknown types."""

    def __init__(self, repository: JobRepository, *, warns: bool, supervisor: Supervisor) -> None:
        self._repository = repository
        self._warns = warns
        self._warned: set[str] = set()
        self._loop = Loop("housekeeper", self._step, supervisor)
        self._is_first = True

    def start(self) -> None:
        """Begin, with the first look in a moment."""
        self._loop.start()

    async def stop(self) -> None:
        """End after the look under way."""
        await self._loop.stop()

    async def tidy(self) -> float:
        """Look once; the seconds until the next look, which are few while many keys are left."""
        if self._warns:
            await self._warn_of_unknown_types()
        removed = await self._repository.forget_keys(now_micros(), KEYS_AT_ONCE)
        return 0.0 if removed >= KEYS_AT_ONCE else TIDY_EVERY

    async def _step(self) -> float:
        if self._is_first:
            self._is_first = False
            return min(_FIRST_AFTER, TIDY_EVERY)
        return await self.tidy()

    async def _warn_of_unknown_types(self) -> None:
        """Once for each, and only if it lasts: in a deploy the new process may come after the new jobs."""
        unknown = await self._repository.list_unknown_types()
        late = now_micros() - UNKNOWN_AFTER
        news = {job_type for job_type, since in unknown.items() if since <= late} - self._warned
        self._warned = (self._warned & unknown.keys()) | news
        for job_type in sorted(news):
            log.warning("jobs of the type '%s' wait, and no running process knows it: was it renamed?", job_type)
