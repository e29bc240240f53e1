"""What a claim costs on SQLite."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.repository.test_claiming import claim, create
from tests.support import query

from dayjob.models import Limit
from dayjob.repository import JobRepository


async def steps_of_a_claim(repository: JobRepository, **options: Any) -> int:
    """Hundreds of steps of SQLite's machine: a measure that does not depend on the clock."""
    count = 0

    def tick() -> int:
        nonlocal count
        count += 1
        return 0

    def watch(on: bool) -> Any:
        return lambda tx: tx._connection.set_progress_handler(tick if on else None, 100)

    await repository._writer.submit(watch(True))
    await claim(repository, 3, **options)
    await repository._writer.submit(watch(False))
    return count


def fill(path: Path, count: int, job_type: str, status: str = "pending", **values: Any) -> None:
    row = {"concurrency_key": None, "run_at": 0, "ready": 1, **values}
    query(
        path,
        "INSERT INTO dayjob_job (id, type, status, args, priority, run_at, ready, max_attempts, created_at, rev,"
        " concurrency_key) WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?)"
        " SELECT ? || i, ?, ?, '{}', 9, ?, ?, 1, 0, 0, replace(?, '#', i % 100) FROM n",
        *(count, f"{job_type}-{status}-{row['ready']}-", job_type, status),
        *(row["run_at"], row["ready"], row["concurrency_key"]),
    )


async def test_a_claim_does_not_slow_down_with_who_has_no_room_is_unknown_waits_or_is_finished(
    repository: JobRepository,
) -> None:
    limits = {"copy": Limit(1), "scan": Limit(1, per_key=True)}
    await create(repository, "first", job_type="copy", priority=10)
    await create(repository, "second", job_type="scan", concurrency_key="scan 1", priority=10)
    assert len(await claim(repository, limits=limits)) == 2
    await create(repository, *(f"m{n}" for n in range(6)), job_type="move")
    alone = await steps_of_a_claim(repository, limits=limits)
    for job_type, status, values in (
        ("copy", "pending", {}),
        ("unknown", "pending", {}),
        ("move", "completed", {}),
        ("move", "pending", {"ready": 0, "run_at": 2**60}),
    ):
        fill(repository.database.path, 5000, job_type, status, **values)
    assert await steps_of_a_claim(repository, limits=limits) <= alone + 10
    fill(repository.database.path, 5000, "scan", concurrency_key="scan 1")
    assert await steps_of_a_claim(repository, limits=limits) <= alone + 500
