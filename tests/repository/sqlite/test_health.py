"""What the doctor sees: each sickness that it is there for, and that it changes nothing."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from tests.support import new_job, query

from dayjob.repository import JobRepository, examine
from dayjob.repository.sqlite.health import Finding, filesystem_type, has_wal_reset_bug, read_workers


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.name: finding.level for finding in findings if finding.name != "sqlite"}


async def test_a_healthy_database(repository: JobRepository, path: Path) -> None:
    await repository.create_job(new_job("a"))
    found = levels(examine(path, thorough=True))
    assert found.pop("types") == "warning", "the workers of these tests know no types"
    assert set(found.values()) == {"ok"}
    assert {"journal mode", "schema", "clock", "free space", "file system", "integrity"} <= set(found)
    assert {row.id for row in read_workers(path)} == {"v", "w"}


@pytest.mark.parametrize(
    ("version", "sick"),
    [
        ((3, 51, 3), False),
        ((3, 51, 2), True),
        ((3, 50, 7), False),
        ((3, 50, 6), True),
        ((3, 44, 6), False),
        ((3, 44, 5), True),
        ((3, 45, 0), True),
        ((3, 49, 9), True),
        ((3, 52, 0), False),
        ((4, 0, 0), False),
        ((3, 6, 23), False),
    ],
)
def test_which_sqlite_has_the_wal_reset_bug(version: tuple[int, ...], sick: bool) -> None:
    assert has_wal_reset_bug(version) is sick


async def test_a_clock_that_went_back_is_told(repository: JobRepository, path: Path) -> None:
    await repository.create_job(new_job("a"))
    query(path, "UPDATE dayjob_job SET created_at = created_at + 3600 * 1000000")
    assert levels(examine(path))["clock"] == "warning"


async def test_a_newer_schema_and_another_journal_mode_are_told(repository: JobRepository, path: Path) -> None:
    await repository.close()
    query(path, "INSERT INTO dayjob_schema VALUES (99, '0099_future', '')")
    query(path, "PRAGMA journal_mode = DELETE")
    found = levels(examine(path))
    assert (found["schema"], found["journal mode"]) == ("error", "error")


def test_an_older_or_foreign_database_is_left_as_it_is(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE mine (x)")
    before = path.read_bytes()
    assert levels(examine(path))["schema"] == "error"
    assert path.read_bytes() == before


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_bytes(b"no database at all" * 100)
    assert levels(examine(path))["database"] == "error"


async def test_a_damaged_page_is_found(repository: JobRepository, path: Path) -> None:
    for n in range(200):
        await repository.create_job(new_job(f"j{n}", args='{"x":"' + "y" * 500 + '"}'))
    await repository.close()
    query(path, "PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(data)
    assert {f.level for f in examine(path, thorough=True) if f.name in ("integrity", "database")} == {"error"}


def test_the_file_system_is_that_of_the_longest_mount_point(tmp_path: Path) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 8:1 / / rw - ext4 /dev/a rw\n"
        f"2 1 0:1 / {tmp_path} rw shared:1 - nfs4 server:/ rw\n"
        f"3 1 0:2 / {tmp_path}-other rw - tmpfs tmpfs rw\n"
        "garbage\n"
    )
    assert filesystem_type(tmp_path / "jobs.db", mounts) == "nfs4"
    assert filesystem_type(Path("/"), mounts) == "ext4"
    assert filesystem_type(tmp_path, tmp_path / "nothing") is None
