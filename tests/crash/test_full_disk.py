"""A disk that is really full: nothing false is promised, nothing is lost, and it heals by itself."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI

from dayjob import JobQueue, JobRegistry, Status
from dayjob.errors import StorageError, StorageFull
from dayjob.repository.sqlite import space
from dayjob.web import health_router, insecure_open_to_everyone, jobs_router

pytestmark = [
    pytest.mark.root,
    pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small file system"),
]
MIB = 1024 * 1024


class Disk:
    """A file system in memory that can be filled and made larger."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.url = f"sqlite:///{path}/jobs.db"

    def resize(self, mib: int) -> None:
        subprocess.run(["mount", "-o", f"remount,size={mib}m", str(self.path)], check=True)

    def fill(self) -> None:
        with contextlib.suppress(OSError), (self.path / "ballast").open("ab", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)

    def make_room(self) -> None:
        (self.path / "ballast").unlink()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)], check=False)
    if mounted.returncode:
        pytest.skip("this machine does not let root mount a tmpfs")
    yield Disk(place)
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
async def queue(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[JobQueue]:
    monkeypatch.setattr(space, "_SPARE", 0)  # these tests want to see the disk itself say no
    registry = JobRegistry()
    gate = asyncio.Event()

    @registry.job("gated")
    async def gated(job_id: str) -> str:
        await gate.wait()
        return "x" * 500_000

    @registry.job("quick")
    async def quick(job_id: str, text: str = "") -> int:
        return len(text)

    registry.gate = gate  # type: ignore[attr-defined]
    async with JobQueue(disk.url, registry=registry) as queue:
        yield queue


async def test_on_a_full_disk_no_job_is_accepted_and_all_accepted_ones_are_there(disk: Disk, queue: JobQueue) -> None:
    disk.fill()
    accepted = await enqueue_until_refused(queue)
    disk.make_room()
    for job_id in accepted:
        assert (await queue.wait(job_id, timeout=30)).status is Status.COMPLETED
    assert len((await queue.list_jobs(limit=200)).items) == len(accepted)


async def enqueue_until_refused(queue: JobQueue) -> list[str]:
    accepted: list[str] = []
    while len(accepted) < 1000:
        try:
            accepted += [await queue.enqueue("quick", job_args={"text": "x" * 20_000})]
        except StorageFull:
            return accepted
    raise AssertionError("the disk was never full")


async def test_a_result_that_finds_no_room_is_kept_and_stored_later(disk: Disk, queue: JobQueue) -> None:
    job_id = await queue.enqueue("gated")
    while not queue._get_engine().executions.running:
        await asyncio.sleep(0.01)
    disk.fill()
    queue.registry.gate.set()  # type: ignore[attr-defined]
    while queue.trouble is None:
        await asyncio.sleep(0.01)
    job = await queue.get_job_status(job_id)
    assert job is not None
    assert job.status is Status.RUNNING
    disk.make_room()
    assert len(await queue.result(job_id, timeout=30)) == 500_000
    assert queue.trouble is None


async def test_room_is_kept_for_what_runs(disk: Disk, queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(space, "_SPARE", 64 * MIB)
    with pytest.raises(StorageFull, match="are kept for"):
        await queue.enqueue("quick")
    disk.resize(80)
    assert await queue.result(await queue.enqueue("quick"), timeout=30) == 0


async def test_over_http_it_is_507_and_not_ready(disk: Disk, queue: JobQueue, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FastAPI()
    app.include_router(jobs_router(queue, auth=insecure_open_to_everyone), prefix="/jobs")
    app.include_router(health_router(queue))
    transport = httpx2.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx2.AsyncClient(transport=transport, base_url="http://app") as client,
    ):
        assert (await client.get("/readyz")).json() == {"status": "ok"}
        monkeypatch.setattr(space, "_SPARE", 64 * MIB)
        answer = await client.post("/jobs/quick")
        assert (answer.status_code, answer.json()["code"]) == (507, "storage_full")
        assert answer.headers["retry-after"] == "5"
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.json()) == (503, {"status": "not ready", "code": "storage_full"})
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/jobs")).status_code == 200


async def test_a_folder_that_cannot_be_written_is_a_clear_error(disk: Disk) -> None:
    subprocess.run(["mount", "-o", "remount,ro", str(disk.path)], check=True)
    queue = JobQueue(disk.url, registry=JobRegistry())
    with pytest.raises(StorageError, match="cannot be used"):
        await queue.start()
    assert not queue.running
