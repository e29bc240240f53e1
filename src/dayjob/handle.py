"""`JobHandle`: one job, as the caller who submitted it holds it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import Any, Generic, Protocol, TypeVar

from .errors import JobNotFound
from .models import JobStatus
from .options import Seconds
from .return_type import ReturnType

T = TypeVar("T")


class Source(Protocol):
    """What a handle needs of a queue."""

    async def get_job_status(self, job_id: str) -> JobStatus | None: ...
    async def cancel_job(self, job_id: str) -> bool: ...
    async def result(self, job_id: str, timeout: Seconds | None = None) -> Any: ...
    def updates(self, job_id: str) -> AsyncGenerator[JobStatus, None]: ...


class JobHandle(Generic[T]):
    """A job whose result is a ``T``. It holds the id and no state: ask as often as you like.

    >>> async def main(queue: JobQueue) -> None:
    ...     handle = await queue.submit(resize, paths=["a.png"])
    ...     async for status in handle.updates():
    ...         print(status.status, status.progress)
    ...     print(await handle.result())
    """

    def __init__(self, source: Source, job_id: str, returns: ReturnType | None = None) -> None:
        self._source = source
        self._returns = returns
        self.id = job_id

    async def status(self) -> JobStatus:
        """The job as the database has it. Raises `JobNotFound` (its transaction is not committed, or it is pruned)."""
        job = await self._source.get_job_status(self.id)
        if job is None:
            raise JobNotFound(f"There is no job '{self.id}'.")
        return job

    async def result(self, timeout: Seconds | None = None) -> T:
        """Wait for the result, at most ``timeout`` seconds.

        Raises `JobFailed` with the job's error if it failed or was cancelled, `TimeoutError`, `JobNotFound`,
        and `QueueNotRunning` when the queue is stopped meanwhile. Of a handle that `submit` gave, the value is what the
        handler is annotated to return (`InvalidPayload` if the handler returned something else); of others it is JSON.
        """
        value = await self._source.result(self.id, timeout)
        result: T = value if self._returns is None else self._returns.of_json(value)
        return result

    async def cancel(self) -> bool:
        """Cancel the job, or ask it to stop if it runs; see `JobQueue.cancel_job` for what is returned."""
        return await self._source.cancel_job(self.id)

    def updates(self) -> AsyncGenerator[JobStatus, None]:
        """The job now, then whenever it changed or got further, up to its end; see `JobQueue.updates`."""
        return self._source.updates(self.id)

    def __repr__(self) -> str:
        return f"<JobHandle {self.id}>"
