"""How log lines come to the disk."""

from __future__ import annotations

from pathlib import Path

from tests.repository.test_logs import fail, lines, running, texts
from tests.support import new_job, worker_row

from dayjob.models import AttemptReport
from dayjob.repository import open_repository


async def test_lines_do_not_wait_for_the_disk_and_the_end_takes_them_along(tmp_path: Path) -> None:
    repository = open_repository(tmp_path / "jobs.db")
    await repository.open()
    await repository.create_job(new_job("b", "other"))
    seen: list[str] = []
    repository._writer.connection._connection.set_trace_callback(seen.append)
    await repository.register_worker(worker_row("w"))
    job = await running(repository)
    seen.clear()
    await repository.add_logs(job, lines("one"))
    assert "PRAGMA synchronous = FULL" not in seen
    seen.clear()
    await repository.settle(job, fail(), AttemptReport(log=lines("two"), traceback="t"))
    assert sum(statement.startswith("COMMIT") for statement in seen) == 1
    assert [text for _, text in await texts(repository)] == ["one", "two"]
    assert len(await repository.list_attempts("a")) == 1
    await repository.close()
