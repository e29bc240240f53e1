"""Processes that died, as the database knows them, and a queue that finds them."""

from __future__ import annotations

from pathlib import Path

from tests.support import new_job, query, worker_row

from dayjob import JobQueue, JobRegistry
from dayjob.host import host_name
from dayjob.repository import JobRepository

HOST = host_name()


async def done(job_id: str) -> str:
    return "done"


async def orphan(repository: JobRepository, job_id: str = "a", *, worker: str = "dead", host: str = HOST) -> None:
    """A job that runs in a process which is registered, and whose lock is free."""
    if worker not in {row.id for row in await repository.list_workers()}:
        await die(repository, worker, host)
    await repository.create_job(new_job(job_id))
    assert (await repository.claim(worker, ["copy"], 1)).jobs


async def die(repository: JobRepository, worker: str, host: str = HOST) -> None:
    """A process that was there and is not any more."""
    await repository.register_worker(worker_row(worker, host))
    folder = repository.database.path.with_name(f"{repository.database.path.name}.workers")
    folder.mkdir(exist_ok=True)
    (folder / worker).touch()


def queue_on(path: Path, registry: JobRegistry, max_workers: int = 3) -> JobQueue:
    return JobQueue(f"sqlite:///{path}", registry=registry, max_workers=max_workers, grace=0.5, durability="process")


def workers(path: Path) -> set[str]:
    return {row[0] for row in query(path, "SELECT id FROM dayjob_worker")}
